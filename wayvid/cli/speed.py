"""`wayvid speed`: play slower or faster."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.numbers import between
from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import SpeedRequest

__all__ = ["run"]

DESCRIPTION = """\
Play slower or faster, from where it is. 1 is as recorded.
"""
EXAMPLES = """
wayvid speed 0.5                    half as fast
wayvid speed 1 -o DP-1              as recorded, on one screen
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("speed", DESCRIPTION, EXAMPLES)
    parser.add_argument("speed", metavar="SPEED", type=between(0.01, 100), help="from 0.01 to 100")
    parser.add_outputs()
    options = parser.parse_args(argv)
    ask(SpeedRequest(options.speed, outputs=tuple(options.output)))
    return 0
