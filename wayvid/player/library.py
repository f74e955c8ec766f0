"""python-mpv without the search for its library.

The search runs ldconfig or a compiler, and for that imports subprocess, tempfile
and shutil with their compression libraries: 30 modules, 1 MB (docs/memory.md).
"""

from __future__ import annotations

import ctypes
import sys
from types import ModuleType

__all__ = ["load_libmpv"]

SEARCH = "ctypes.util"
# The library of client API 2, then of 1. Source: libmpv's SONAME.
NAMES = ("libmpv.so.2", "libmpv.so.1")


def load_libmpv() -> None:
    """Import python-mpv with the libmpv that the linker finds; where it finds none, nothing is done.

    Then whoever imports python-mpv has it search.
    """
    name = next(filter(_is_loadable, NAMES), None)
    if name is None or SEARCH in sys.modules:
        return
    found = ModuleType(SEARCH)
    vars(found)["find_library"] = lambda _name: name
    sys.modules[SEARCH] = found
    vars(ctypes)["util"] = found
    try:
        import mpv  # noqa: F401
    finally:
        del sys.modules[SEARCH], vars(ctypes)["util"]


def _is_loadable(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
