"""One output's pipeline where pictures are drawn with OpenGL."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

from wayvid.errors import GraphicsError
from wayvid.geometry import Laid
from wayvid.player.output import OutputView
from wayvid.render.gl import GlFrame
from wayvid.render.renderer import Frame
from wayvid.wayland.drawn import DrawnSurface
from wayvid.wayland.shm import SharedMemory
from wayvid.wayland.surface import WallpaperSurface

log = logging.getLogger(__name__)

__all__ = ["DrawnOutputView"]


class DrawnOutputView(OutputView):
    """A stream on an output, drawn from its texture."""

    def _open_surface(self) -> WallpaperSurface:
        return DrawnSurface(self._connection, self.output, self._on_ready, self._on_surface_closed)

    def _put(self, frame: Frame, laid: Laid, before_commit: Callable[[Any], None] | None) -> None:
        drawing = cast(GlFrame, frame)  # or a mixture, which is drawn as one
        assert isinstance(self._surface, DrawnSurface)
        try:
            self._surface.present_drawn(drawing, laid, drawing.is_native, self._on_frame, before_commit)
        except GraphicsError as exc:
            if exc.is_context_lost:
                raise
            log.error("%s: nothing is drawn on it any more: %s", self.output.name, exc)
            self._surface.close()

    def forget_memory(self, memory: SharedMemory) -> None:
        """Nothing of it is on the screen."""
