"""`wayvid resume`: undo `wayvid pause`."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import ResumeRequest

__all__ = ["run"]

DESCRIPTION = """\
Have a paused wallpaper go on where it stopped. It says nothing when it is done.
"""
EXAMPLES = """
wayvid resume                       after 'wayvid pause'
wayvid resume -o 'DP-*'             the screens whose names begin so
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("resume", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    ask(ResumeRequest(outputs=tuple(parser.parse_args(argv).output)))
    return 0
