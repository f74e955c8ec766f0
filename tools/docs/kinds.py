"""Types as users read them: "whole number, 1 to 16", "list of texts"."""

from __future__ import annotations

import enum
import json
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from wayvid.config.model import Range, Words

__all__ = ["Unknown", "kind_words", "structs_in", "value_words", "json_words"]

_CONFIG_WORDS: dict[Any, str] = {int: "whole number", float: "number", str: "text", bool: "true or false"}
_JSON_WORDS: dict[Any, str] = {int: "int", float: "float", str: "string", bool: "bool", type(None): "null"}
_META_WORDS = {"ge": "at least {}", "gt": "more than {}", "le": "at most {}", "lt": "less than {}",
               "pattern": "like `{}`", "min_length": "at least {} long", "max_length": "at most {} long"}  # fmt: skip


class Unknown(Exception):
    """A type that the tables have no words for."""


def kind_words(hint: Any) -> str:
    """What a key of the config file takes."""
    hint, notes = _bare(hint)
    words = _plain(hint)
    for note in notes:
        if isinstance(note, Range):
            zero = f"; 0: {note.zero}" if note.zero else ""
            words += f", {note.lowest} to {note.highest}{zero}"
        elif isinstance(note, Words):
            words = f"{note}"
        elif isinstance(note, msgspec.Meta):
            words += "".join(
                f", {form.format(getattr(note, name))}"
                for name, form in _META_WORDS.items()
                if getattr(note, name) is not None
            )
        else:
            words += f", {note}"
    return words


def json_words(hint: Any) -> str:
    """The type of a key in an answer, as JSON has it."""
    hint, _notes = _bare(hint)
    if hint in _JSON_WORDS:
        return _JSON_WORDS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(json_words(one) for one in args)
    if origin is Literal:
        return "string"
    if origin in (list, tuple):
        return f"list of {json_words(args[0])}" if not structs_in(args[0]) else "list of objects"
    if origin is dict:
        return f"object of {json_words(args[1])}"
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return "object"
    raise Unknown(f"there are no words for the type {hint!r}; give it some in tools/docs/kinds.py")


def structs_in(hint: Any) -> list[type[msgspec.Struct]]:
    """The tables that a key may have, in order; empty for a plain value."""
    hint, _notes = _bare(hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [one for arg in get_args(hint) if arg is not Ellipsis for one in structs_in(arg)]


def value_words(value: Any) -> str:
    """A default as the file has it."""
    if value is None:
        return "-"
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return json.dumps(value, ensure_ascii=False)


def _bare(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is Annotated:
        first, *notes = get_args(hint)
        return first, tuple(notes)
    return hint, ()


def _plain(hint: Any) -> str:
    origin, args = get_origin(hint), get_args(hint)
    words = _CONFIG_WORDS.get(hint)
    if origin is Literal:
        words = ", ".join(f"`{one}`" for one in args)
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        words = ", ".join(f"`{one.value}`" for one in hint)
    elif origin in (Union, types.UnionType):
        words = " or ".join(kind_words(one) for one in args if one not in (type(None), msgspec.UnsetType))
    elif origin in (list, tuple, set, frozenset):
        words = f"list of: {kind_words(args[0])}"
    elif origin is dict:
        words = f"table of: {kind_words(args[1])}"
    if words is None:
        raise Unknown(f"there are no words for the type {hint!r}; give it some in tools/docs/kinds.py")
    return words
