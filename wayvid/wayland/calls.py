"""Where pywayland's objects and libwayland's functions are in memory, for compiled code."""

from __future__ import annotations

from typing import Any

from pywayland import ffi, lib

from wayvid._core.wlframe import CALLS

__all__ = ["CALL_ADDRESSES", "address_of"]

# In the copy of libwayland-client that pywayland uses.
CALL_ADDRESSES = {name: int(ffi.cast("uintptr_t", ffi.addressof(lib, name))) for name in CALLS}


def address_of(thing: Any) -> int:
    """Where a proxy of pywayland's, or the wl_interface of one of its classes, is in memory."""
    return int(ffi.cast("uintptr_t", thing._ptr))
