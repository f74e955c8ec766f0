"""Where the compositor is, by the environment; found without loading libwayland."""

from __future__ import annotations

import os
from pathlib import Path

from wayvid.errors import CompositorUnavailable

__all__ = ["socket_path"]

_ADVICE = "start wayvid inside a Wayland session, or try 'wayvid desk -- wayvid run'"


def socket_path() -> Path:
    """Path of the compositor's socket.

    Raises:
        CompositorUnavailable: the environment names none, or there is no such socket.
    """
    display = os.environ.get("WAYLAND_DISPLAY", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not display:
        raise CompositorUnavailable(f"WAYLAND_DISPLAY is not set, so there is no compositor to draw on; {_ADVICE}")
    path = Path(display)
    if not path.is_absolute():
        if not runtime:
            raise CompositorUnavailable(
                f"XDG_RUNTIME_DIR is not set, so the socket {display!r} cannot be found; {_ADVICE}"
            )
        path = Path(runtime, display)
    if not path.exists():
        raise CompositorUnavailable(f"no compositor listens at {path} (from WAYLAND_DISPLAY); {_ADVICE}")
    return path
