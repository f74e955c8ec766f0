"""`wayvid status`: what the running wallpaper shows and holds."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

import msgspec

from wayvid.cli.events import about
from wayvid.cli.parser import CommandParser
from wayvid.cli.report import report
from wayvid.ipc.client import ask, events, status_of
from wayvid.ipc.messages import StatusRequest

__all__ = ["run"]

DESCRIPTION = """\
Say what the running wallpaper shows, which processes and streams it has, what
memory they hold and what was done about it. docs/status.md explains each figure.
"""
EXAMPLES = """
wayvid status                                     a report
wayvid status -o DP-1                             of one screen, and what it shows
wayvid status --json | jq .memory.pss_bytes       one figure
wayvid status --json --watch >> wayvid.jsonl      an object a line, at each change
"""
WIDEST = 110
CLEAR = "\033[H\033[J"  # ECMA-48: cursor to the upper left, erase to the end


def run(argv: Sequence[str]) -> int:
    """Print the status once, or at each change until Ctrl-C, which is the usual end then."""
    parser = CommandParser("status", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    parser.add_argument("--json", action="store_true", help="print an object, keys as in docs/status.md")
    parser.add_argument("--watch", action="store_true", help="again whenever something changes, until Ctrl-C")
    options = parser.parse_args(argv)
    request = StatusRequest(outputs=tuple(options.output))
    if not options.watch:
        data = ask(request)
        print(msgspec.json.format(data, indent=2).decode() if options.json else _text(data))
        return 0
    try:
        if options.output:  # else a name that is misspelt would be waited for in silence
            ask(request)
        for lines in events():
            if about(lines, options.output):
                _print_next(ask(request), options.json)
    except KeyboardInterrupt:
        pass
    return 0


def _print_next(data: msgspec.Raw, is_json: bool) -> None:
    if is_json:
        print(msgspec.json.format(data, indent=-1).decode(), flush=True)
    elif sys.stdout.isatty():
        print(CLEAR + _text(data), end="", flush=True)
    else:
        print(_text(data) + "\n", flush=True)


def _text(data: msgspec.Raw) -> str:
    return report(status_of(data), min(shutil.get_terminal_size().columns, WIDEST))
