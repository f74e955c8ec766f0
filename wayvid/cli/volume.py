"""`wayvid volume`: make it louder or softer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from wayvid.cli.parser import CommandParser
from wayvid.errors import UsageError
from wayvid.ipc.client import ask
from wayvid.ipc.messages import Heard, VolumeRequest

__all__ = ["run", "volume"]

DESCRIPTION = """\
Set how loud the wallpaper is when it is not muted; at first it is. Where screens
share a stream the loudest of them counts.
"""
EXAMPLES = """
wayvid volume 30 && wayvid mute off     to be heard, and not loud
wayvid volume +10                       louder, each screen from where it is
wayvid volume -10 -o DP-1               softer, on one screen
"""
MOST_DIGITS = 4
LOUDEST = 100


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("volume", DESCRIPTION, EXAMPLES)
    parser.take_negative(r"-\d+%?")
    parser.add_argument("volume", metavar="VOLUME", help="0 to 100; with + or - from where it is")
    parser.add_outputs()
    options = parser.parse_args(argv)
    to, unit = volume(options.volume)
    if msgspec.json.decode(ask(VolumeRequest(to, unit, outputs=tuple(options.output))), type=Heard).muted:
        print("it is muted; 'wayvid mute off' has it be heard")
    return 0


def volume(text: str) -> tuple[int, Literal["%", "+%"]]:
    """A volume as it is sent: a number, and its unit.

    Raises:
        UsageError: it is none.
    """
    digits = text.removesuffix("%").lstrip("+-")
    if not (digits.isascii() and digits.isdecimal()) or len(text) > MOST_DIGITS + 1 or "+-" in text or "-+" in text:
        raise UsageError(f"{text!r} is no volume; examples: 30, +10, -10")
    number = int(digits)
    if text.startswith(("+", "-")):
        return (-number if text.startswith("-") else number), "+%"
    if number > LOUDEST:
        raise UsageError(f"{text!r} is no volume: it is from 0 to {LOUDEST}, which is as recorded")
    return number, "%"
