"""`wayvid why`: what each screen does, and which condition made it so."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wayvid.cli.parser import CommandParser
from wayvid.cli.report import NO_SCREEN, doing_words, span_words
from wayvid.cli.text import clean
from wayvid.ipc.client import answer_of, ask
from wayvid.ipc.messages import WhyRequest
from wayvid.ipc.status import Why

__all__ = ["run", "why_words"]

DESCRIPTION = """\
Say what each screen does, and which condition or command made it so: a line a
screen, and a last one with the conditions that a rule wants to know and nothing
here can tell. docs/rest.md has the rules.
"""
EXAMPLES = """
wayvid why                        all screens
wayvid why -o DP-1                one
wayvid why --json                 an object, keys as in docs/status.md
"""


def run(argv: Sequence[str]) -> int:
    """Print it; 0 when the daemon has answered."""
    parser = CommandParser("why", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    parser.add_argument("--json", action="store_true", help="print an object, keys as in docs/status.md")
    options = parser.parse_args(argv)
    data = ask(WhyRequest(outputs=tuple(options.output)))
    if options.json:
        print(msgspec.json.format(data, indent=2).decode())
    else:
        print(*why_words(answer_of(data, Why)), sep="\n")
    return 0


def why_words(why: Why) -> list[str]:
    """The answer as lines for people."""
    lines = [
        f"{clean(output.name)}: {doing_words(output)}"
        + (f"; it shows the part {span_words(output.span)}" if output.span is not None else "")
        for output in why.outputs
    ] or [NO_SCREEN]
    untold = dict.fromkeys(clean(condition.name) for condition in why.conditions if condition.is_on is None)
    if untold:
        lines.append(f"not known here: {', '.join(untold)} ('wayvid check' says why)")
    return lines
