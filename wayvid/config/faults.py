"""What is wrong with a config file's values, in words: decided from the model, reading no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_letters, digits
from typing import Any, get_type_hints

import msgspec

from wayvid.config.model import Config, Range
from wayvid.errors import ConfigFault

__all__ = ["config_faults"]

_BARE = frozenset(ascii_letters + digits + "-_")  # TOML 1.0, "Keys": these need no quotes
_SHOWN_CHARACTERS = 40
# What TOML may have given for a key of that type, and the word for a number of it.
_KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), ""),
    str: ((str,), ""),
}
_READABLE_NUMBER = 10**18  # Python refuses to write out an integer of more than 4300 digits


def config_faults(tables: Mapping[str, Any]) -> Iterator[ConfigFault]:
    """Everything that keeps a file's content from being a Config, in the file's order.

    Args:
        tables: as tomllib returns them.
    """
    return _table_faults(tables, Config, "")


def _table_faults(table: Mapping[str, Any], model: type[msgspec.Struct], prefix: str) -> Iterator[ConfigFault]:
    hints = get_type_hints(model, include_extras=True)
    for name, value in table.items():
        key = prefix + _key_word(name)
        hint = hints.get(name)
        if hint is None:
            kind = "table" if isinstance(value, dict) else "key"
            yield ConfigFault(key, f"there is no such {kind}; {_advice(name, hints, prefix)}")
        elif not _is_table(hint):
            yield from _value_faults(key, value, hint)
        elif isinstance(value, dict):
            yield from _table_faults(value, hint, f"{key}.")
        else:
            yield ConfigFault(key, f"{_value_words(value)} is not a table; write [{key}], and its keys below that")


def _value_faults(key: str, value: object, hint: Any) -> Iterator[ConfigFault]:
    (allowed,) = hint.__metadata__
    kinds, kind = _KINDS[hint.__origin__]
    if type(value) in kinds and allowed.has(value):
        return
    words = f"{kind} {allowed}" if isinstance(allowed, Range) else str(allowed)
    yield ConfigFault(key, f"{_value_words(value)} is not allowed; give {words}")


def _advice(name: str, hints: Mapping[str, Any], prefix: str) -> str:
    from difflib import get_close_matches

    places = {one.rpartition(".")[2]: one for one in _known_keys(Config, "") if not prefix.startswith(f"{one}.")}
    places |= {one: prefix + one for one in hints}  # rather within its table than elsewhere
    near = get_close_matches(name, places, n=1)
    if near:
        return f"did you mean {places[near[0]]}?"
    return f"{f'[{prefix[:-1]}]' if prefix else 'the file'} may have {', '.join(hints)}"


def _known_keys(model: type[msgspec.Struct], prefix: str) -> Iterator[str]:
    for name, hint in get_type_hints(model, include_extras=True).items():
        yield prefix + name
        if _is_table(hint):
            yield from _known_keys(hint, f"{prefix}{name}.")


def _is_table(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


def _key_word(name: str) -> str:
    """One part of a dotted key, as it would be written in the file."""
    shown = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}..."
    return shown if name and _BARE.issuperset(name) else repr(shown)


def _value_words(value: object) -> str:
    """A value in one short line, near to how the file has it."""
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            return repr(value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}...")
        case int() if abs(value) > _READABLE_NUMBER:
            return "so large a number"
        case _:
            return str(value)
