"""`wayvid layout`: lay the pictures out in another way."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.layouts import LAYOUTS, layout_word
from wayvid.cli.parser import CommandParser
from wayvid.ipc.client import ask
from wayvid.ipc.messages import LayoutRequest

__all__ = ["run"]

DESCRIPTION = """\
Lay the pictures of the running wallpaper out in another way. What other programs
call center, fit, crop or zoom is understood, too.
"""
EXAMPLES = """
wayvid layout contain               whole, with bars, on all screens
wayvid layout fill -o HDMI-A-1      cropped, on one
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("layout", DESCRIPTION, EXAMPLES)
    parser.add_argument("layout", type=layout_word, choices=LAYOUTS, help="how to lay them out")
    parser.add_outputs()
    options = parser.parse_args(argv)
    ask(LayoutRequest(options.layout, outputs=tuple(options.output)))
    return 0
