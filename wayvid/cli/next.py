"""`wayvid next`: the next file of a folder."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import NextRequest

__all__ = ["run"]

DESCRIPTION = """\
Go to the next file of a folder that is shown. It ends when its picture is there.
"""
EXAMPLES = """
wayvid next                         on all screens
wayvid next -o DP-1                 on one
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("next", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    options = parser.parse_args(argv)
    ask(NextRequest(outputs=tuple(options.output)))
    return 0
