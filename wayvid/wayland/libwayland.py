"""One libwayland-client per process.

pywayland's wheel carries its own copy; EGL and libmpv bind to the system's
unless the wheel's is in the global symbol scope before they load. A wl_display
of one copy handed to the other crashes.
"""

from __future__ import annotations

import ctypes
from importlib.machinery import PathFinder
from pathlib import Path

__all__ = ["bundled_library", "use_one_libwayland"]


def bundled_library() -> Path | None:
    """The libwayland-client inside pywayland's wheel; None when pywayland uses the system's."""
    spec = PathFinder.find_spec("pywayland")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent.parent / "pywayland.libs"
    return next(iter(sorted(folder.glob("libwayland-client-*.so*"))), None)


def use_one_libwayland() -> None:
    """Make every library loaded from now on bind to pywayland's libwayland-client.

    Call before libmpv or EGL is loaded. Source: dlopen(3), RTLD_GLOBAL.
    """
    bundled = bundled_library()
    if bundled is not None:
        ctypes.CDLL(str(bundled), mode=ctypes.RTLD_GLOBAL)
