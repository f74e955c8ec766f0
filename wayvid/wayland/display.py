"""Where the compositor is, by the environment; found without loading libwayland."""

from __future__ import annotations

import os

from wayvid.errors import CompositorUnavailable

__all__ = ["socket_path"]

_ADVICE = "start wayvid inside a Wayland session, or try 'wayvid desk --shots shots -- wayvid run'"


def socket_path() -> str:
    """Path of the compositor's socket.

    Raises:
        CompositorUnavailable: the environment names none, or there is no such socket.
    """
    display = os.environ.get("WAYLAND_DISPLAY", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not display:
        raise CompositorUnavailable(f"WAYLAND_DISPLAY is not set, so there is no compositor to draw on; {_ADVICE}")
    path = display
    if not os.path.isabs(path):
        if not runtime:
            raise CompositorUnavailable(
                f"XDG_RUNTIME_DIR is not set, so the socket {display!r} cannot be found; {_ADVICE}"
            )
        path = os.path.join(runtime, display)
    if not os.path.exists(path):
        raise CompositorUnavailable(f"no compositor listens at {path} (from WAYLAND_DISPLAY); {_ADVICE}")
    return path
