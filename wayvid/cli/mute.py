"""`wayvid mute`: have it be silent, or heard."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import MuteRequest

__all__ = ["run"]

DESCRIPTION = """\
Have the wallpaper be silent, as it is at first, or heard. While it is muted no
sound is decoded and no sound device is open. It says nothing when it is done;
'wayvid status' says why something is not heard.
"""
EXAMPLES = """
wayvid mute off                     with sound, as loud as 'wayvid volume' says
wayvid mute                         silent again
wayvid mute toggle -o DP-1          for a key, one screen
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("mute", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "mute", nargs="?", choices=("on", "off", "toggle"), default="on", help="silent, heard, or the other one"
    )
    parser.add_outputs()
    options = parser.parse_args(argv)
    ask(MuteRequest(options.mute, outputs=tuple(options.output)))
    return 0
