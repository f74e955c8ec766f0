"""The socket's requests and the keys of its answers, from the types that read and write them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec

from tools.docs.docstrings import meaning, told
from tools.docs.kinds import json_words, structs_in
from tools.docs.tables import table
from wayvid.ipc.events import Event
from wayvid.ipc.messages import Pictured, Request
from wayvid.ipc.status import Status

__all__ = ["events", "picture", "requests", "status"]

_IN_EVERY_REQUEST = ("v",)


def requests() -> str:
    """A row for each command."""
    rows = []
    for kind in get_args(Request):
        words = told(kind)
        hints = get_type_hints(kind)
        keys = [name for name in kind.__struct_fields__ if name not in _IN_EVERY_REQUEST]
        needs = "; ".join(f"`{name}` ({json_words(hints[name])}): {_lower(meaning(kind, name))}" for name in keys)
        does = f"{words.summary} {words.body}".strip()
        command = kind.__struct_config__.tag
        rows.append((f"`{command}`", needs, does, words.sections.get("Answer", "`{}`")))
    return table(("command", "with", "what it does", "`data` of the answer"), rows)


def events() -> str:
    """A table of keys for each kind of line."""
    parts = []
    for kind in get_args(Event):
        words = told(kind)
        parts += [f"{words.summary} {words.body}".strip(), _keys(kind)]
    return "\n\n".join(parts)


def picture() -> str:
    """A table of keys of the answer to `snapshot`."""
    return _keys(Pictured)


def _keys(kind: type[msgspec.Struct]) -> str:
    hints = get_type_hints(kind)
    rows = [(f"`{name}`", json_words(hints[name]), meaning(kind, name)) for name in kind.__struct_fields__]
    return table(("key", "type", "meaning"), rows)


def status(model: type[msgspec.Struct] = Status) -> str:
    """A table of keys for the answer to `status`, and one for each object in it."""
    parts = []
    for path, kind in _objects(model, ""):
        if path:
            parts += [f"### `{path}`", told(kind).summary if not path.startswith("memory.") else ""]
        parts.append(_keys(kind))
    return "\n\n".join(filter(None, parts))


def _objects(kind: type[msgspec.Struct], path: str) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    yield path, kind
    hints: dict[str, Any] = get_type_hints(kind)
    for name in kind.__struct_fields__:
        for inner in structs_in(hints[name]):
            many = "[]" if "list" in json_words(hints[name]) else ""
            yield from _objects(inner, f"{path}{'.' if path else ''}{name}{many}")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")
