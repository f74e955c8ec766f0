"""Where the daemon of a display listens."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wayvid.errors import IpcError

__all__ = ["socket_address"]

# A socket's path is at most 107 bytes and a zero (unix(7), sun_path).
MAX_PATH_BYTES = 107


def socket_address(environ: Mapping[str, str]) -> str:
    """Path of the socket of the daemon that belongs to a display.

    Args:
        environ: for XDG_RUNTIME_DIR and WAYLAND_DISPLAY.

    Raises:
        IpcError: one of the two is missing, or the path would be too long for a socket.
    """
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    display = os.path.basename(environ.get("WAYLAND_DISPLAY", ""))
    if not display:
        raise IpcError(
            "WAYLAND_DISPLAY is not set, so it is unknown which display's wayvid is meant; "
            "call wayvid inside a Wayland session, or set it, such as to wayland-1"
        )
    if not os.path.isabs(runtime):
        raise IpcError(
            "XDG_RUNTIME_DIR is not set, so wayvid's socket cannot be found; "
            f"call wayvid inside a Wayland session, or set it, such as to /run/user/{os.getuid()}"
        )
    path = os.path.join(runtime, f"wayvid-{display}.sock")
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise IpcError(f"{path} is too long for a socket ({MAX_PATH_BYTES} bytes); set a shorter XDG_RUNTIME_DIR")
    return path
