"""The config reference and the example file, from the model that reads the file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from tools.docs.docstrings import meaning, told
from tools.docs.kinds import kind_words, structs_in, value_words
from tools.docs.tables import table
from wayvid.config.model import Config

__all__ = ["reference", "example"]

_WIDTH = 92
HEAD = """\
# Every key that wayvid knows, with its default. Leave out what you do not change.
# Goes to ~/.config/wayvid/config.toml, or is named with `wayvid run -c FILE`.
# Made from wayvid/config/model.py by `python -m tools.docs`. docs/config.md says more.
"""


def reference(model: type[msgspec.Struct] = Config) -> str:
    """A heading and a table of keys for each table of the file."""
    parts = []
    for path, kind, own in _tables(model, ""):
        if path:
            parts.append(f"## {_header(path)}")
            words = told(kind)
            parts.append(f"{words.summary}{f' {words.body}' if words.body else ''}")
        rows = [
            (f"`{name}`", _first_upper(kind_words(hint)), default or "required", meaning(kind, name))
            for name, hint, default in own
        ]
        if rows:
            parts.append(table(("key", "value", "default", "what it does"), rows))
    return "\n\n".join(parts)


def example(model: type[msgspec.Struct] = Config) -> str:
    """A config file that has every key with its default, and says what each is for."""
    parts = [HEAD]
    for path, kind, own in _tables(model, ""):
        is_one = "NAME" not in path and not path.endswith("[]")
        mark = "" if is_one else "# "  # a table of a name or a list: there is none unless somebody writes it
        if path:
            parts.append(f"{mark}{_header(path)}")
        for name, hint, default in own:
            words = f"{meaning(kind, name)} {_first_upper(kind_words(hint))}."
            parts += [f"# {line}" for line in textwrap.wrap(words, _WIDTH)]
            shown = "" if default in ("", "-") else f" {default}"
            parts += [f"{mark or '# ' * (not shown)}{name} ={shown}", ""]
    return "\n".join(parts).rstrip("\n") + "\n"


_Key = tuple[str, Any, str]


def _tables(model: type[msgspec.Struct], path: str) -> Iterator[tuple[str, type[msgspec.Struct], list[_Key]]]:
    """Each table's path, its model, and its keys that are no tables: name, type, default in words ("": none)."""
    hints = get_type_hints(model, include_extras=True)
    own: list[_Key] = []
    below: list[tuple[str, type[msgspec.Struct]]] = []
    for field in msgspec.structs.fields(model):
        inner = structs_in(hints[field.name])
        if not inner:
            own.append((field.encode_name, hints[field.name], _default(field)))
            continue
        meaning(model, field.name)
        for kind in inner:
            below.append((f"{path}{'.' if path else ''}{field.encode_name}{_many(hints[field.name])}", kind))
    yield path, model, own
    for deeper, kind in below:
        yield from _tables(kind, deeper)


def _many(hint: Any) -> str:
    """What is behind a table's name when there may be several: one for each name, or a list."""
    while get_origin(hint) not in (None, list, tuple, dict):
        hint = get_args(hint)[0]
    origin = get_origin(hint)
    return ".NAME" if origin is dict else "[]" if origin in (list, tuple) else ""


def _header(path: str) -> str:
    return f"[[{path.removesuffix('[]')}]]" if path.endswith("[]") else f"[{path}]"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return value_words(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return value_words(msgspec.to_builtins(field.default_factory()))
    return ""


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
