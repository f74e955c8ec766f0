"""`wayvid resume`: undo `wayvid pause`."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.cli.report import doing_words
from wayvid.cli.text import clean
from wayvid.conditions import BY_COMMAND
from wayvid.ipc.client import answer_of, ask
from wayvid.ipc.messages import ResumeRequest, WhyRequest
from wayvid.ipc.status import Why

__all__ = ["run"]

DESCRIPTION = """\
Have a paused wallpaper go on where it stopped. It says nothing when it is done,
but which screens something else goes on to stop, such as a rule for rest.
"""
EXAMPLES = """
wayvid resume                       after 'wayvid pause'
wayvid resume -o 'DP-*'             the screens whose names begin so
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("resume", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    outputs = tuple(parser.parse_args(argv).output)
    ask(ResumeRequest(outputs=outputs))
    for output in answer_of(ask(WhyRequest(outputs=outputs)), Why).outputs:
        if output.does in ("paused", "held") and output.because not in ("", BY_COMMAND):
            print(f"{clean(output.name)}: still {doing_words(output)}; resume undoes 'wayvid pause' alone")
    return 0
