"""`wayvid toggle`: pause, or go on."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import ToggleRequest

__all__ = ["run"]

DESCRIPTION = """\
Pause what plays, or have it go on when all of it is paused: for a key.
"""
EXAMPLES = """
wayvid toggle                       pause, and with the next call go on
wayvid toggle -o DP-1               one screen
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("toggle", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    options = parser.parse_args(argv)
    ask(ToggleRequest(outputs=tuple(options.output)))
    return 0
