"""`wayvid pause`: stop all that moves."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import PauseRequest

__all__ = ["run"]

DESCRIPTION = """\
Stop the running wallpaper: its picture stays, nothing is decoded. It says
nothing when it is done.
"""
EXAMPLES = """
wayvid pause                        until 'wayvid resume'
wayvid pause -o DP-1                one screen; the others play on
wayvid pause && make; wayvid resume
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("pause", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    ask(PauseRequest(outputs=tuple(parser.parse_args(argv).output)))
    return 0
