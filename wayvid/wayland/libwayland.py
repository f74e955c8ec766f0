"""One libwayland-client per process.

pywayland's wheel carries its own copy; EGL and libmpv bind to the system's
unless the wheel's is in the global symbol scope before they load. A wl_display
of one copy handed to the other crashes.
"""

from __future__ import annotations

import ctypes
import os
from importlib.machinery import PathFinder

__all__ = ["bundled_library", "hush_libwayland", "use_one_libwayland"]


def bundled_library() -> str | None:
    """The libwayland-client inside pywayland's wheel; None when pywayland uses the system's."""
    spec = PathFinder.find_spec("pywayland")
    if spec is None or spec.origin is None:
        return None
    folder = os.path.join(os.path.dirname(os.path.dirname(spec.origin)), "pywayland.libs")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return next((os.path.join(folder, name) for name in names if name.startswith("libwayland-client-")), None)


def use_one_libwayland() -> None:
    """Make every library loaded from now on bind to pywayland's libwayland-client.

    Call before libmpv or EGL is loaded. Source: dlopen(3), RTLD_GLOBAL.
    """
    bundled = bundled_library()
    if bundled is not None:
        ctypes.CDLL(bundled, mode=ctypes.RTLD_GLOBAL)


def hush_libwayland() -> None:
    """Have libwayland not complain of what Mesa does at its end; call it before EGL starts."""
    from wayvid._core.waylog import hush

    library = ctypes.CDLL(bundled_library() or "libwayland-client.so.0")
    hush(ctypes.cast(library.wl_log_set_handler_client, ctypes.c_void_p).value or 0)
