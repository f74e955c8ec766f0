"""A wl_surface's requests for each frame: here by pywayland, as any other request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class FrameSurface:
    """Twin of wayvid._core.wlframe.FrameSurface; it takes pywayland's own surface and buffers."""

    __slots__ = ("_callback", "_on_frame", "_surface")

    def __init__(self, surface: Any, on_frame: Callable[[int], None]) -> None:
        self._surface = surface
        self._on_frame = on_frame
        self._callback: Any = None

    def attach(self, buffer: Any, width_px: int, height_px: int) -> None:
        self._surface.attach(buffer, 0, 0)
        self._surface.damage_buffer(0, 0, width_px, height_px)

    def ask_frame(self) -> None:
        self.forget_frame()
        self._callback = self._surface.frame()
        self._callback.dispatcher["done"] = self._on_done

    def forget_frame(self) -> None:
        callback, self._callback = self._callback, None
        if callback is not None:
            callback._destroy()

    def commit(self) -> None:
        self._surface.commit()

    def _on_done(self, _proxy: Any, time_ms: int) -> None:
        self.forget_frame()
        self._on_frame(time_ms)
