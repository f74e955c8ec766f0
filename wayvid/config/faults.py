"""What is wrong with a config file's values, in words: decided from the model, reading no file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from string import ascii_letters, digits
from types import NoneType
from typing import Any, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints

import msgspec

from wayvid.config.model import Config, Range
from wayvid.errors import ConfigFault

__all__ = ["KeyPath", "LineOf", "config_faults", "key_words"]

# Where something is in a file: the names of keys, and the places in lists, from 0.
KeyPath: TypeAlias = tuple[str | int, ...]
# The line of a key, from 1; that of the table where the key is not there; 0: unknown.
LineOf: TypeAlias = Callable[[KeyPath], int]

_BARE = frozenset(ascii_letters + digits + "-_")  # TOML 1.0, "Keys": these need no quotes
_SHOWN_CHARACTERS = 40
# What a file may have given for a key of that type, and the word for a number of it.
_KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    bool: ((bool,), ""),
    str: ((str,), ""),
}
_READABLE_NUMBER = 10**18  # Python refuses to write out an integer of more than 4300 digits


def config_faults(
    tables: Mapping[str, Any], line_of: LineOf = lambda _path: 0, model: type[msgspec.Struct] = Config
) -> Iterator[ConfigFault]:
    """Everything that keeps a file's content from being of a model, in the file's order.

    Args:
        tables: as tomllib returns them.
        line_of: where the keys are.
        model: of the whole file.
    """
    return _Faults(line_of, model).in_table(tables, model, ())


def key_words(path: KeyPath) -> str:
    """A key as users read it: "power.max_buffers", "output[2].speed"; places in lists count from 1."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f"{'.' * bool(words)}{_key_word(part)}"
    return words


class _Shape(NamedTuple):
    """What a key's type is made of.

    Attributes:
        structs: the tables it may be, told apart by their tags if there are several.
        is_list: there may be several of them, or of other values, in a row.
        is_named: there may be several, each with a name.
    """

    structs: tuple[type[msgspec.Struct], ...]
    is_list: bool
    is_named: bool


class _Faults(NamedTuple):
    """Looks for faults in a file of one model."""

    line_of: LineOf
    model: type[msgspec.Struct]

    def in_table(self, table: Mapping[str, Any], model: type[msgspec.Struct], path: KeyPath) -> Iterator[ConfigFault]:
        hints = _hints(model)
        tag = model.__struct_config__.tag_field
        for name, value in table.items():
            here = (*path, name)
            if name in hints:
                yield from self._in_value(value, hints[name], here)
            elif name != tag:
                is_table = isinstance(value[0] if isinstance(value, list) and value else value, dict)
                kind = "table" if is_table else "key"
                yield self._at(here, f"there is no such {kind}; {self._advice(name, hints, path)}")
        clash: Callable[[Mapping[str, Any]], tuple[str, str] | None] = getattr(model, "clash", lambda _table: None)
        if found := clash(table):
            yield self._at((*path, found[0]), found[1])
        for field in msgspec.structs.fields(model):
            if field.required and field.encode_name not in table:
                word = _leaf(hints[field.name]).__metadata__[0]
                yield self._at((*path, field.encode_name), f"it is missing; give {word}")

    def _at(self, path: KeyPath, reason: str) -> ConfigFault:
        return ConfigFault(key_words(path), reason, self.line_of(path))

    def _in_value(self, value: object, hint: Any, path: KeyPath) -> Iterator[ConfigFault]:
        shape = _shape(hint)
        if value is None and (NoneType in get_args(hint) or shape.structs):
            return  # YAML's word for what is left out
        header = key_words(path)
        if not shape.structs and not shape.is_list:
            yield from self._in_leaf(value, _leaf(hint), path)
        elif not shape.structs:
            yield from self._in_list(value, _leaf(hint), path)
        elif shape.is_list:
            if isinstance(value, list):
                for index, row in enumerate(value):
                    yield from self._in_struct(row, shape.structs, (*path, index), f"[[{header}]]")
            else:
                yield self._at(path, f"{_value_words(value)} is not a list of tables; write [[{header}]]")
        elif shape.is_named and isinstance(value, dict):
            for name, one in value.items():
                yield from self._in_struct(one, shape.structs, (*path, name), f"[{header}.{_key_word(name)}]")
        else:
            yield from self._in_struct(value, shape.structs, path, f"[{header}]")

    def _in_struct(
        self, value: object, structs: tuple[type[msgspec.Struct], ...], path: KeyPath, header: str
    ) -> Iterator[ConfigFault]:
        tag = structs[0].__struct_config__.tag_field
        if value is None:
            return  # likewise
        if not isinstance(value, dict):
            advice = f"write {header}, and its keys below that" if self.model is Config else "give it keys, further in"
            yield self._at(path, f"{_value_words(value)} is not a table; {advice}")
        elif tag is None:
            yield from self.in_table(value, structs[0], path)
        else:
            kinds = {str(one.__struct_config__.tag): one for one in structs}
            told = value.get(tag)
            if isinstance(told, str) and told in kinds:
                yield from self.in_table(value, kinds[told], path)
            else:
                what = f"{_value_words(told)} is not allowed" if tag in value else "it is missing"
                yield self._at((*path, tag), f"{what}; give {', '.join(kinds)}")

    def _in_list(self, value: object, hint: Any, path: KeyPath) -> Iterator[ConfigFault]:
        if isinstance(value, list) and value:
            for index, one in enumerate(value):
                yield from self._in_leaf(one, hint, (*path, index))
        else:
            what = "an empty list" if value == [] else _value_words(value)
            yield self._at(path, f"{what} is not allowed; write {path[-1]} = [...] with {hint.__metadata__[0]} in it")

    def _in_leaf(self, value: object, hint: Any, path: KeyPath) -> Iterator[ConfigFault]:
        (allowed,) = hint.__metadata__
        table = getattr(allowed, "table", None)
        if table is not None and isinstance(value, dict):
            yield from self.in_table(value, table, path)
            return
        kinds, kind = _KINDS[hint.__origin__]
        if type(value) in kinds and allowed.has(value):
            return
        words = f"{kind} {allowed}" if isinstance(allowed, Range) else str(allowed)
        yield self._at(path, f"{_value_words(value)} is not allowed; give {words}")

    def _advice(self, name: str, hints: Mapping[str, Any], path: KeyPath) -> str:
        from difflib import get_close_matches

        above = key_words(path)
        prefix = f"{above}." if above else ""
        places = {one.rpartition(".")[2]: one for one in _known_keys(self.model) if not prefix.startswith(f"{one}.")}
        places |= {one: prefix + one for one in hints}  # rather within its table than elsewhere
        near = get_close_matches(name, places, n=1)
        if near:
            meant = places[near[0]]
            is_toml, shape = self.model is Config, _shape(_hints(self.model)[meant]) if "." not in meant else None
            if is_toml and shape and shape.structs and shape.is_list:
                return f"did you mean [[{meant}]]?"
            if is_toml and meant == name:  # TOML has a key belong to the table above it
                return f"it is for all screens: write {meant} above the first [table]"
            return f"did you mean {meant}?"
        return f"{f'[{above}]' if above else 'the file'} may have {', '.join(hints)}"


def _known_keys(model: type[msgspec.Struct], prefix: str = "") -> Iterator[str]:
    for name, hint in _hints(model).items():
        yield prefix + name
        shape = _shape(hint)
        if shape.structs and not shape.is_list and not shape.is_named:
            for kind in shape.structs:
                yield from _known_keys(kind, f"{prefix}{name}.")


@cache
def _hints(model: type[msgspec.Struct]) -> dict[str, Any]:
    """The types of a model's keys; a file of many unknown keys asks for all of them each time."""
    return get_type_hints(model, include_extras=True)


def _shape(hint: Any) -> _Shape:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return _Shape((hint,), False, False)
    inside = [_shape(one) for one in get_args(hint) if one is not Ellipsis]
    origin = get_origin(hint)
    structs = tuple(struct for one in inside for struct in one.structs)
    return _Shape(structs, origin in (list, tuple), origin is dict)


def _leaf(hint: Any) -> Any:
    """The type of a value, without the None of a key that may be left out."""
    return next((one for one in get_args(hint) if get_origin(hint) is not dict and hasattr(one, "__metadata__")), hint)


def _key_word(name: str) -> str:
    """One part of a dotted key, as it would be written in the file."""
    shown = name if len(name) <= _SHOWN_CHARACTERS else f"{name[:_SHOWN_CHARACTERS]}..."
    return shown if name and _BARE.issuperset(name) else repr(shown)


def _value_words(value: object) -> str:
    """A value in one short line, near to how the file has it."""
    match value:
        case None | bool():
            return {None: "nothing", True: "true", False: "false"}[value]
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
