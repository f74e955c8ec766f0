"""`wayvid seek`: go to another position."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, nan
from typing import Literal

from wayvid.cli.numbers import number
from wayvid.cli.parser import CommandParser
from wayvid.errors import UsageError
from wayvid.ipc.client import ask
from wayvid.ipc.messages import SeekRequest

__all__ = ["position", "run"]

DESCRIPTION = """\
Go to another position in the clip that is shown. Screens that are told the same
position of the same clip share one decoder from then on.
"""
EXAMPLES = """
wayvid seek 90                      a minute and a half from the beginning
wayvid seek 1:30                    the same
wayvid seek +10                     ten seconds on
wayvid seek 50% -o DP-1             to the middle, on one screen
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("seek", DESCRIPTION, EXAMPLES)
    parser.take_negative(r"-[\d.:]+%?")
    parser.add_argument(
        "position",
        metavar="POSITION",
        help="seconds or [H:]M:SS from the beginning; with + or - from where it is; with %% of the length",
    )
    parser.add_outputs()
    options = parser.parse_args(argv)
    to, unit = position(options.position)
    ask(SeekRequest(to, unit, outputs=tuple(options.output)))
    return 0


def position(text: str) -> tuple[float, Literal["s", "+s", "%"]]:
    """A position as it is sent: a number, and its unit.

    Raises:
        UsageError: it is none.
    """
    digits = text[1:] if text[:1] in ("+", "-") else text
    is_percent, is_relative = digits.endswith("%"), digits != text
    value = 0.0
    for part in [digits[:-1]] if is_percent else digits.split(":"):
        value = value * 60 + (number(part) if part[:1] != "-" else nan)
    if not isfinite(value) or (is_percent and value > 100):
        raise UsageError(f"{text!r} is no position; examples: 90, 1:30, +10, -10, 50%")
    if is_percent and is_relative:
        raise UsageError(f"{text!r}: percent are of the whole length; say such as 50%, or +10 for seconds from here")
    return (-value if text.startswith("-") else value), "%" if is_percent else "+s" if is_relative else "s"
