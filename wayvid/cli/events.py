"""`wayvid events`: what changes, as it does."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from wayvid.cli.parser import CommandParser
from wayvid.cli.text import clean, duration
from wayvid.errors import RequestFailed, UnknownOutput
from wayvid.ipc.client import ask, events
from wayvid.ipc.messages import WhyRequest

__all__ = ["about", "event_line", "run"]

DESCRIPTION = """\
Say what changes, a line for each screen and change, until Ctrl-C. It begins with
how things are now. A screen that is not there is waited for. docs/ipc.md has the
keys of --json.
"""
EXAMPLES = """
wayvid events                                                    for people
wayvid events -o DP-1                                            of one screen
wayvid events --json                                             an object a line, for scripts and bars
wayvid events --json | jq -r --unbuffered '.state // empty'      the state alone
"""


def run(argv: Sequence[str]) -> int:
    """Print lines until Ctrl-C, which is the usual end."""
    parser = CommandParser("events", DESCRIPTION, EXAMPLES)
    parser.add_outputs()
    parser.add_argument("--json", action="store_true", help="print an object a line, keys as in docs/ipc.md")
    options = parser.parse_args(argv)
    try:
        _tell_unknown(options.output)
        for told in events():
            lines = about(told, options.output)
            text = b"".join(lines).decode("utf-8", "replace") if options.json else "".join(map(_line, lines))
            print(text, end="", flush=True)
            if sys.stdout is None:  # `wayvid events >&-`
                break
    except KeyboardInterrupt:
        pass
    return 0


def _tell_unknown(outputs: Sequence[str]) -> None:
    """Say which of these names and globs mean no screen now: one that is misspelt would be waited for in silence."""
    for name in outputs:
        try:
            ask(WhyRequest(outputs=(name,)))
        except RequestFailed as error:
            if error.exit_code != UnknownOutput.exit_code:
                raise
            print(f"wayvid events: {error}; it is waited for", file=sys.stderr, flush=True)


def about(lines: Iterable[bytes], outputs: Sequence[str]) -> list[bytes]:
    """Those of the lines that concern outputs, by names and globs; without any: all. Some are about no output."""
    if not outputs:
        return list(lines)
    names = [(line, msgspec.json.decode(line).get("output")) for line in lines]
    return [line for line, name in names if name is None or any(fnmatchcase(name, pattern) for pattern in outputs)]


def _line(line: bytes) -> str:
    return f"{time.strftime('%H:%M:%S')}  {event_line(msgspec.json.decode(line))}\n"


def event_line(event: dict[str, Any]) -> str:
    """An event in words, with its screen first."""
    match event:
        case {"event": "config", "error": str(error), "path": str(path)}:
            return clean(f"config: {error}" if error else f"config: {path or 'the default'} is in force")
        case {"event": "missed"}:
            return "missed: this terminal was too slow, and lines are missing here"
        case {"event": "removed", "output": str(name)}:
            return clean(f"{name}: gone")
        case {"event": str(), "output": str(name)}:
            words = [str(event.get("state"))]
            if event.get("position_s"):
                words.append(f"at {duration(event['position_s'])}")
            words += [str(event[key]) for key in ("reason", "layout") if event.get(key)]
            if event.get("speed", 1) != 1:
                words.append(f"speed {event['speed']:g}")
            changed = ", ".join(event.get("changed", ()))
            shown = event.get("file") or event.get("source")
            return clean(f"{name}: {', '.join(words)}: {shown}" + (f" ({changed})" if changed else ""))
    return clean(str(event))
