"""The config reference and the example file, from the model that reads the file."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from tools.docs.docstrings import meaning, told
from tools.docs.kinds import kind_words, structs_in, value_words
from tools.docs.tables import table
from wayvid.config.model import Config, LayoutWords, Range, SourceWords, Words
from wayvid.geometry import LAYOUT_ALIASES

__all__ = ["reference", "example", "schema"]

_WIDTH = 92
_JSON_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
_PRINTABLE = "^[^\u0000-\u001f\u007f]+$"
HEAD = """\
# Every key that wayvid knows, with its default. Leave out what you do not change.
# Goes to ~/.config/wayvid/config.toml, or is named with `wayvid run -c FILE`.
# `wayvid config example` prints this; `wayvid config check` says what is wrong in yours.
"""


def reference(model: type[msgspec.Struct] = Config) -> str:
    """A heading and a table of keys for each table of the file."""
    parts = []
    for path, kind, own in (*_tables(model, ""), *_in_place(model)):
        if path:
            parts.append(f"## {_header(path)}")
            words = told(kind)
            parts.append(f"{words.summary}{f' {words.body}' if words.body else ''}")
        rows = [
            (f"`{name}`", _first_upper(kind_words(hint)), _default_words(default, path), meaning(kind, name))
            for name, hint, default in own
        ]
        if rows:
            parts.append(table(("key", "value", "default", "what it does"), rows))
    return "\n\n".join(parts)


def _in_place(model: type[msgspec.Struct]) -> Iterator[tuple[str, type[msgspec.Struct], list[_Key]]]:
    """As _tables(): what a key of the first table may be in place of a text."""
    for name, hint in get_type_hints(model, include_extras=True).items():
        for kind in [note.table for note in getattr(hint, "__metadata__", ()) if isinstance(note, SourceWords)]:
            yield from _tables(kind, name)


def example(model: type[msgspec.Struct] = Config) -> str:
    """A config file that has every key with its default, and says what each is for."""
    parts = [HEAD]
    for path, kind, own in _tables(model, ""):
        is_one = "NAME" not in path and "[]" not in path
        mark = "" if is_one else "# "  # a table of a name or a list: there is none unless somebody writes it
        if path:
            parts.append(f"{mark}{_header(path)}")
        for name, hint, default in own:
            words = f"{_unlinked(meaning(kind, name))} {_first_upper(kind_words(hint))}."
            parts += [f"# {line}" for line in textwrap.wrap(words, _WIDTH, break_on_hyphens=False)]
            shown = default if default not in ("", "-") else _sample(path, name, hint) if mark else ""
            parts += [f"{mark or '# ' * (not shown)}{name} = {shown}".rstrip(), ""]
    return "\n".join(parts).rstrip("\n") + "\n"


def schema(model: type[msgspec.Struct] = Config) -> str:
    """JSON Schema (2020-12) of the file, for editors."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "wayvid's config.toml"}
    return json.dumps(head | _table_schema(model), indent=1) + "\n"


def _table_schema(model: type[msgspec.Struct]) -> dict[str, Any]:
    hints = get_type_hints(model, include_extras=True)
    properties = {}
    for field in msgspec.structs.fields(model):
        own = _schema(hints[field.name]) | {"description": _unlinked(meaning(model, field.name))}
        if not structs_in(hints[field.name]) and field.default not in (msgspec.NODEFAULT, None):
            own["default"] = field.default
        properties[field.encode_name] = own
    required = [field.encode_name for field in msgspec.structs.fields(model) if field.required]
    table: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return table | ({"required": required} if required else {})


def _schema(hint: Any) -> dict[str, Any]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _table_schema(hint)
    if get_origin(hint) in (list, tuple):
        return {"type": "array", "items": _schema(get_args(hint)[0])}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _schema(get_args(hint)[1])}
    if get_origin(hint) is not Annotated:  # may be left out
        return _schema(next(one for one in get_args(hint) if one is not type(None)))
    return _leaf_schema(*get_args(hint))


def _leaf_schema(kind: type, allowed: Range | Words) -> dict[str, Any]:
    kinds = {"type": _JSON_TYPES[kind]}
    if isinstance(allowed, Words):
        aliases = LAYOUT_ALIASES if isinstance(allowed, LayoutWords) else ()
        known = {"enum": [*allowed.known, *aliases]}
        other = {**kinds, "pattern": _PRINTABLE}
        if not allowed.other:
            return {**kinds, **known}
        if isinstance(allowed, SourceWords):
            return {"anyOf": [known, other, _table_schema(allowed.table)]}
        return {"anyOf": [known, other]} if allowed.known else other
    within = {**kinds, "minimum": allowed.lowest, "maximum": allowed.highest}
    return {"anyOf": [within, {"const": 0}]} if allowed.zero and allowed.lowest > 0 else within


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
    return f"[[{path.removesuffix('[]')}]]" if path.endswith("[]") else f"[{path.replace('[]', '')}]"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is not msgspec.NODEFAULT:
        return value_words(field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return value_words(msgspec.to_builtins(field.default_factory()))
    return ""


def _default_words(default: str, path: str) -> str:
    return {"": "required", "-": "as for all" if "[]" in path else "-"}.get(default, default)


def _sample(path: str, name: str, hint: Any) -> str:
    """A value for a key of a rule, which has no default: that of all screens."""
    _rule, _, table = path.partition("[].")
    general = getattr(Config(), table) if table else Config()
    if hasattr(general, name):
        return value_words(getattr(general, name))
    return '["DP-*"]' if get_origin(hint) is tuple else '"DP-*"'


def _unlinked(text: str) -> str:
    """Words for where no link can be followed: the page by its name."""
    return re.sub(r"\[([^\]]+\.md)\]\([^)]*\)", r"docs/\1", text)


def _first_upper(text: str) -> str:
    return text if text.startswith("true") else text[:1].upper() + text[1:]  # TOML has no True
