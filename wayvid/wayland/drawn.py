"""A background surface whose picture is drawn with OpenGL instead of being attached from memory."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from typing import Any, Protocol

from wayvid.geometry import SCALE_STEPS, Crop, Laid, Size, placed
from wayvid.link.messages import Picture
from wayvid.wayland.calls import address_of
from wayvid.wayland.connection import Connection
from wayvid.wayland.surface import WallpaperSurface, part_of, seen_size

__all__ = ["Canvas", "Drawing", "DrawnSurface", "display_address"]


def display_address(connection: Connection) -> int:
    """Address of the wl_display, for libraries that share the connection."""
    return address_of(connection.display)


class Canvas(Protocol):
    """What a picture is drawn into, on one wl_surface."""

    def resize(self, size: Size) -> None:
        """Another size in pixels, from the next drawing on."""

    def close(self) -> None:
        """Before the wl_surface goes."""


class Drawing(Protocol):
    """A picture that can be drawn."""

    @property
    def picture(self) -> Picture:
        """Its size and shape."""

    def open_window(self, wl_surface: int, size: Size) -> Any:
        """A canvas for it, on the wl_surface of that address."""

    def draw(self, window: Any, part: Crop) -> None:
        """Draw a part of it over a canvas, and commit the wl_surface."""


class DrawnSurface(WallpaperSurface):
    """The layer surface of one output; its picture is drawn by a Drawing."""

    _canvas: Canvas | None = None
    _canvas_pane: object = None  # that the canvas is on
    _canvas_px = Size(1, 1)
    _part = Crop(0.0, 0.0, 1.0, 1.0)

    def present_drawn(
        self,
        drawing: Drawing,
        laid: Laid,
        is_native: bool,
        on_frame: Callable[[], None] | None,
        before_commit: Callable[[Any], None] | None = None,
    ) -> bool:
        """Draw a picture and show it.

        Args:
            drawing: the picture.
            laid: how to place it.
            is_native: whether to draw as many pixels as the screen has, also where the picture has fewer.
            on_frame: called once when the next frame may be drawn; None: do not ask.
            before_commit: called with the wl_surface that gets the picture, for requests that go with this commit.

        Returns:
            False, with nothing done, when the surface has no size yet.
        """
        if self.size is None:
            return False
        picture = drawing.picture
        wanted = (picture, laid, self.size, self.steps, is_native)
        if wanted != self._applied:
            self._place_drawn(picture, laid, is_native)
            self._applied = wanted
        if self._is_black:
            self._present_black(on_frame)
            return True
        pane = self._inset or self._base
        if self._canvas is None:
            self._canvas = drawing.open_window(address_of(pane.surface), self._canvas_px)
            self._canvas_pane = pane
        else:
            self._canvas.resize(self._canvas_px)
        if on_frame is not None:
            self._request_frame(pane, on_frame)
        if before_commit is not None:
            before_commit(pane.surface)
        drawing.draw(self._canvas, self._part)
        if pane is not self._base:  # a synchronized subsurface is shown by its parent's commit
            self._base.frames.commit()
        return True

    def _place_drawn(self, picture: Picture, laid: Laid, is_native: bool) -> None:
        assert self.size is not None
        placement = placed(seen_size(picture), self.size, laid, self.steps)
        destination = placement.destination
        if not placement.covers(self.size) and self._inset is None:
            self._close_canvas()  # the surface is to be black, and attached to by hand
        pane = self._pane_for(placement)
        if self._canvas_pane is not pane or self._is_black:
            self._close_canvas()
        if self._is_black:
            return
        pane.surface.set_buffer_transform(0)
        pane.set_view(None, Size(destination.width, destination.height))
        self._part = part = part_of(placement.source, picture)
        device = Size(*(max(1, ceil(side * self.steps / SCALE_STEPS - 1e-6)) for side in destination[2:]))
        has = Size(max(1, round(part.width)), max(1, round(part.height)))
        if picture.rotation in (90, 270):
            has = has.turned()
        # The compositor scales up for less than we could: never more pixels than the picture has.
        self._canvas_px = device if is_native else Size(min(device.width, has.width), min(device.height, has.height))

    def _close_canvas(self) -> None:
        canvas, self._canvas, self._canvas_pane = self._canvas, None, None
        if canvas is not None:
            canvas.close()

    def _close_inset(self) -> None:
        if self._inset is not None and self._canvas_pane is self._inset:
            self._close_canvas()
        super()._close_inset()

    def close(self) -> None:
        """See WallpaperSurface."""
        self._close_canvas()
        super().close()
