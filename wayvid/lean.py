"""Loads what both processes need without what that loads and they do not need."""

import importlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

__all__ = ["load_logging", "load_msgspec", "without_tracebacks"]

# What msgspec's core takes from them to read and write such values, which no message and no config of ours has.
TYPES: dict[str, dict[str, object]] = {
    "decimal": {"Decimal": type("Decimal", (), {})},
    "uuid": {"UUID": type("UUID", (), {}), "SafeUUID": SimpleNamespace(unknown=None)},
}
# What of msgspec itself is used by client commands at most, with the names that others of its modules take from it.
PARTS: dict[str, dict[str, object]] = {
    "msgspec.inspect": {},
    "msgspec.toml": {},
    "msgspec.yaml": {},
    "msgspec._json_schema": {"schema": None, "schema_components": None},
}
TRACEBACK = "traceback"
# Its compiled half has all that msgspec takes from it.
DATETIME, DATETIME_CORE = "datetime", "_datetime"


class _Later(ModuleType):
    """A module that is loaded when something of it is used."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:  # used while it still stands in
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextmanager
def without_tracebacks() -> Iterator[None]:
    """What is imported within gets the module that prints tracebacks when it first uses it: 0.4 MB."""
    stand_in = _Later(TRACEBACK)
    sys.modules.setdefault(TRACEBACK, stand_in)
    try:
        yield
    finally:
        if sys.modules.get(TRACEBACK) is stand_in:
            del sys.modules[TRACEBACK]


def load_logging() -> None:
    """Import logging, which has tracebacks at hand for each error; call it before anything else does."""
    with without_tracebacks():
        import logging  # noqa: F401


def load_msgspec() -> None:
    """Import msgspec; call it before anything else does.

    It takes two names from typing_extensions where that is installed, and the same
    two from Python's own typing where it is not. In an environment with other
    programs it often is: 1.6 MB in each process, for nothing. The types of
    decimals and UUIDs, datetime's half in Python and the parts for TOML, YAML and
    schemas are 1.3 MB more. All are there for whoever imports them later.
    """
    before = set(sys.modules)
    stand_ins: dict[str, ModuleType | None] = {"typing_extensions": None}  # "import" raises ImportError
    for name, taken in (TYPES | PARTS).items():
        stand_ins[name] = module = ModuleType(name)
        vars(module).update(taken)
    stand_ins[DATETIME] = __import__(DATETIME_CORE)
    stand_ins = {name: module for name, module in stand_ins.items() if name not in before}
    sys.modules.update(stand_ins)  # type: ignore[arg-type]
    try:
        import msgspec
    except (ImportError, AttributeError):  # another msgspec wants more of them
        _forget(name for name in set(sys.modules) - before if name.partition(".")[0] == "msgspec")
        _forget(name for name in stand_ins if name in sys.modules)
        import msgspec  # noqa: F401
    else:
        _forget(stand_ins)


def _forget(names: Iterable[str]) -> None:
    for name in tuple(names):
        del sys.modules[name]
