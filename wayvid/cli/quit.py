"""`wayvid quit`: end the wallpaper."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import QuitRequest

__all__ = ["run"]

DESCRIPTION = """\
End the running wallpaper. It says nothing, and is done when the pictures are off
the screens and both processes have ended what they do.
"""
EXAMPLES = """
wayvid quit
wayvid quit; wayvid run waves.mp4
"""
# A player that hangs is killed after two.
ENDED_WITHIN_S = 10.0


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    CommandParser("quit", DESCRIPTION, EXAMPLES).parse_args(argv)
    ask(QuitRequest(), ENDED_WITHIN_S)
    return 0
