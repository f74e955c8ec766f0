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

AV_LOG_QUIET = -8  # libavutil, log.h


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
        import mpv
    finally:
        del sys.modules[SEARCH], vars(ctypes)["util"]
    _hush_ffmpeg(mpv.backend)


def _hush_ffmpeg(libmpv: ctypes.CDLL) -> None:
    """Have ffmpeg print nothing itself: it says all to the first core, and prints it once that has gone."""
    set_level = getattr(libmpv, "av_log_set_level", None)  # dlsym looks through what libmpv is linked with
    if set_level is not None:
        set_level(AV_LOG_QUIET)


def _is_loadable(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
