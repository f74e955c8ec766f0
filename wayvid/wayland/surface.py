"""A background surface on one output: places a picture by its layout, never copies it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from pywayland.protocol.fractional_scale_v1 import WpFractionalScaleManagerV1
from pywayland.protocol.viewporter import WpViewporter
from pywayland.protocol.wayland import WlCallback, WlCompositor, WlSubcompositor

from wayvid._core.wlframe import FrameSurface
from wayvid.geometry import SCALE_STEPS, Crop, Laid, Placement, Rect, Size, cut, placed, scale_steps, turned
from wayvid.link.messages import Picture
from wayvid.wayland.calls import CALL_ADDRESSES, address_of
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.protocols import ANCHOR_ALL, LAYER_BACKGROUND, LAYER_BOTTOM, ZwlrLayerShellV1
from wayvid.wayland.shm import BLACK_BYTES, BLACK_SIDE_PX, BlackBuffer, BufferSlot, SharedMemory

__all__ = ["COVERED_AFTER_S", "WallpaperSurface", "part_of", "seen_size"]

NAMESPACE = "wayvid"
# KWin has it. Plasma's own desktop is in the background layer, and of two there the one that came last is on top;
# in the layer above wayvid is seen whichever comes first.
PLASMA = "org_kde_plasma_shell"
# The compositor has had time to draw what it has handled, also where something covers it and it asks for no frame.
COVERED_AFTER_S = 0.15
EXCLUSIVE_ZONE_NONE = -1  # keep the whole output, also under panels
# wl_output.transform by which a picture was turned away, for the degrees by which it must be turned back.
BUFFER_TRANSFORMS = {0: 0, 90: 1, 180: 2, 270: 3}
UNSET = -1


def seen_size(picture: Picture) -> Size:
    """Size in which the video of a picture wants to be seen, rotation applied."""
    size = Size(picture.video_width_px, picture.video_height_px)
    return size.turned() if picture.rotation in (90, 270) else size


def part_of(crop: Crop, picture: Picture) -> Crop:
    """A crop of the video, as it is seen, in the pixels of its picture, as that is."""
    seen = seen_size(picture)
    buffer = Size(picture.width_px, picture.height_px)
    upright = buffer.turned() if picture.rotation in (90, 270) else buffer
    ratio_x, ratio_y = upright.width / seen.width, upright.height / seen.height
    part = Crop(crop.x * ratio_x, crop.y * ratio_y, crop.width * ratio_x, crop.height * ratio_y)
    return turned(part, upright, -picture.rotation % 360)


def _view(crop: Crop, picture: Picture) -> tuple[Rect, Crop | None]:
    """A crop of the video as the rectangle of its picture that becomes a wl_buffer, and as viewport source in that.

    Cutting whole pixels with the buffer leaves the compositor less to upload, and
    is right also where a compositor forgets the origin of a viewport's source (the
    pixman renderer of wlroots up to 0.15).
    """
    rect, rest = cut(part_of(crop, picture), Size(picture.width_px, picture.height_px))
    if rest is not None:
        rest = turned(rest, Size(rect.width, rect.height), picture.rotation)
    return rect, rest


class _Pane:
    """A wl_surface with its viewport and its buffers.

    Args:
        connection: where it lives.
        on_frame: called with the compositor's time in ms when it asks for the next frame.
    """

    def __init__(self, connection: Connection, on_frame: Callable[[int], None]) -> None:
        compositor = connection.bound(WlCompositor)
        self.surface = compositor.create_surface()
        self.frames = FrameSurface(CALL_ADDRESSES, address_of(WlCallback), address_of(self.surface), on_frame)
        self.viewport = connection.bound(WpViewporter).get_viewport(self.surface)
        self.slots: dict[SharedMemory, BufferSlot] = {}
        nowhere = compositor.create_region()
        self.surface.set_input_region(nowhere)
        nowhere.destroy()

    def slot(self, memory: SharedMemory) -> BufferSlot:
        slot = self.slots.get(memory)
        if slot is None:
            slot = self.slots[memory] = BufferSlot(memory)
        return slot

    def set_view(self, source: Crop | None, destination: Size) -> None:
        self.viewport.set_source(*(map(float, source) if source else (UNSET,) * 4))
        self.viewport.set_destination(*destination)

    def close(self) -> None:
        self.frames.close()
        self.viewport.destroy()
        self.surface.destroy()
        for slot in self.slots.values():
            slot.close()
        self.slots.clear()


class WallpaperSurface:
    """The layer surface of one output, and within it the picture where its layout wants it.

    A picture that covers the output is attached to the layer surface itself;
    one that leaves bars is a subsurface above a black one.

    Args:
        connection: where it lives.
        output: the screen.
        on_ready: called after each configure or change of scale: draw now.
        on_closed: called when the compositor took the surface away.
    """

    def __init__(
        self,
        connection: Connection,
        output: Output,
        on_ready: Callable[[], None],
        on_closed: Callable[[], None],
    ) -> None:
        self.output = output
        self.size: Size | None = None  # logical, once configured
        self.frame_time_ms = 0  # of the last frame callback, on the compositor's own clock
        self._connection = connection
        self._on_ready = on_ready
        self._on_closed = on_closed
        self._preferred_steps = 0
        self._applied: object = None
        self._rect = Rect(0, 0, 0, 0)  # of the picture that is seen
        self._is_black = False  # nothing of it is seen
        self._inset: _Pane | None = None
        self._subsurface: Any = None
        self._black_memory: SharedMemory | None = None
        self._black: BlackBuffer | None = None
        self._asked: FrameSurface | None = None  # for the next frame's time
        self._on_frame: Callable[[], None] | None = None
        self._on_frame_time = connection.guard(self._on_frame_done)
        self._base = _Pane(connection, self._on_frame_time)
        self._fractional: Any = None
        manager = connection.bound(WpFractionalScaleManagerV1)
        if manager is not None:
            self._fractional = manager.get_fractional_scale(self._base.surface)
            self._fractional.dispatcher["preferred_scale"] = connection.guard(self._on_preferred_scale)
        shell = connection.bound(ZwlrLayerShellV1)
        layer = LAYER_BOTTOM if PLASMA in connection.globals else LAYER_BACKGROUND
        self._layer = shell.get_layer_surface(self._base.surface, output.proxy, layer, NAMESPACE)
        self._layer.dispatcher["configure"] = connection.guard(self._on_configure)
        self._layer.dispatcher["closed"] = connection.guard(self._on_closed_event)
        self._layer.set_size(0, 0)
        self._layer.set_anchor(ANCHOR_ALL)
        self._layer.set_exclusive_zone(EXCLUSIVE_ZONE_NONE)
        self._layer.set_keyboard_interactivity(0)
        self._base.surface.commit()

    @property
    def steps(self) -> int:
        """Scale in 120ths, as exactly as the compositor tells it."""
        if self._preferred_steps:
            return self._preferred_steps
        if self.size is not None and min(self.output.device) > 0:
            return scale_steps(self.size, self.output.device)
        return self.output.scale_steps

    @property
    def awaits_frame(self) -> bool:
        """Whether the compositor has not yet asked for the next frame."""
        return self._asked is not None

    def placement(self, video: Size, laid: Laid) -> Placement | None:
        """Where a video would go; None before the first configure."""
        return placed(video, self.size, laid, self.steps) if self.size else None

    def present(
        self,
        memory: SharedMemory,
        picture: Picture,
        laid: Laid,
        on_released: Callable[[], None],
        on_frame: Callable[[], None] | None,
        before_commit: Callable[[Any], None] | None = None,
    ) -> bool:
        """Show a picture.

        Args:
            memory: where it is.
            picture: its shape.
            laid: how to place it.
            on_released: called once when the compositor reads the memory no more.
            on_frame: called once when the next frame may be drawn; None: do not ask.
            before_commit: called with the wl_surface that gets the picture, for requests that go with this commit.

        Returns:
            False, with nothing done, when the surface has no size yet.
        """
        if self.size is None:
            return False
        shape = (picture.width_px, picture.height_px, picture.video_width_px, picture.video_height_px, picture.rotation)
        wanted = (shape, laid, self.size, self.steps)
        if wanted != self._applied:
            self._place(picture, laid)
            self._applied = wanted
        if self._is_black:
            on_released()
            self._present_black(on_frame)
            return True
        pane = self._inset or self._base
        frames = pane.frames
        buffer = pane.slot(memory).take(self._rect, picture.stride_bytes, on_released)
        frames.attach(buffer, self._rect.width, self._rect.height)
        if on_frame is not None:
            self._request_frame(pane, on_frame)
        if before_commit is not None:
            before_commit(pane.surface)
        frames.commit()
        if pane is not self._base:  # a synchronized subsurface is shown by its parent's commit
            self._base.frames.commit()
        return True

    def _present_black(self, on_frame: Callable[[], None] | None) -> None:
        """Show nothing of a picture, at its pace."""
        self._attach_black()
        if on_frame is not None:
            self._request_frame(self._base, on_frame)
        self._base.frames.commit()

    def _request_frame(self, pane: _Pane, on_frame: Callable[[], None]) -> None:
        self._forget_frame()
        self._on_frame = on_frame
        self._asked = pane.frames
        pane.frames.ask_frame()

    def _forget_frame(self) -> None:
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.forget_frame()

    def _on_frame_done(self, time_ms: int) -> None:
        self._asked = None
        self.frame_time_ms = time_ms
        if self._on_frame is not None:
            self._on_frame()

    # Geometry.

    def _place(self, picture: Picture, laid: Laid) -> None:
        """Set viewports, bars and transform for a picture; applied by the commit that follows."""
        assert self.size is not None
        placement = placed(seen_size(picture), self.size, laid, self.steps)
        pane = self._pane_for(placement)
        if placement.is_nothing:
            return
        self._rect, source = _view(placement.source, picture)
        pane.surface.set_buffer_transform(BUFFER_TRANSFORMS[picture.rotation])
        pane.set_view(source, Size(placement.destination.width, placement.destination.height))

    def _pane_for(self, placement: Placement) -> _Pane:
        """What the picture goes onto, in its place, with bars beside it where the placement leaves some."""
        assert self.size is not None
        self._is_black = placement.is_nothing
        if self._is_black or placement.covers(self.size):
            self._close_inset()
            pane = self._base
        else:
            pane = self._open_inset()
            self._subsurface.set_position(placement.destination.x, placement.destination.y)
        region = self._connection.bound(WlCompositor).create_region()
        region.add(0, 0, *self.size)
        self._base.surface.set_opaque_region(region)
        region.destroy()
        return pane

    def _open_inset(self) -> _Pane:
        if self._inset is None:
            self._inset = _Pane(self._connection, self._on_frame_time)
            subcompositor = self._connection.bound(WlSubcompositor)
            self._subsurface = subcompositor.get_subsurface(self._inset.surface, self._base.surface)
        self._attach_black()
        return self._inset

    def _attach_black(self) -> None:
        """Have the whole output black, below the inset if there is one; applied by its next commit."""
        assert self.size is not None
        if self._black is None:
            self._black = BlackBuffer(self._connection, self._need_black_memory())
        self._base.surface.set_buffer_transform(0)
        self._base.frames.attach(self._black.address, BLACK_SIDE_PX, BLACK_SIDE_PX)
        self._base.set_view(None, self.size)

    def _need_black_memory(self) -> SharedMemory:
        if self._black_memory is None:
            fd = os.memfd_create("wayvid-black", os.MFD_CLOEXEC)
            try:
                os.ftruncate(fd, BLACK_BYTES)
                self._black_memory = SharedMemory(self._connection, fd, BLACK_BYTES)
            finally:
                os.close(fd)
        return self._black_memory

    def _close_inset(self) -> None:
        if self._inset is not None:
            self._forget_frame()
            self._subsurface.destroy()
            self._subsurface = None
            self._inset.close()
            self._inset = None

    # Events.

    def _on_configure(self, _proxy: Any, serial: int, width: int, height: int) -> None:
        self._layer.ack_configure(serial)
        if width and height:
            self.size = Size(width, height)
        else:  # the compositor leaves it to us: the whole output
            device, steps = self.output.device, self.output.scale_steps
            self.size = Size(max(1, device.width * SCALE_STEPS // steps), max(1, device.height * SCALE_STEPS // steps))
        self._on_ready()

    def _on_preferred_scale(self, _proxy: Any, steps: int) -> None:
        self._preferred_steps = steps
        if self.size is not None:
            self._on_ready()

    def _on_closed_event(self, _proxy: Any) -> None:
        self._on_closed()

    def forget_memory(self, memory: SharedMemory) -> None:
        """Destroy the buffers over a memory that goes away."""
        for pane in (self._base, self._inset):
            slot = pane.slots.pop(memory, None) if pane else None
            if slot is not None:
                slot.close()

    def close(self) -> None:
        """Take the surface off the screen; everything it held is released. Twice does nothing."""
        if self._layer is None:
            return
        self._on_frame = None
        self._forget_frame()
        if self._fractional is not None:
            self._fractional.destroy()
        self._close_inset()
        self._layer.destroy()
        self._layer = None
        self._base.close()
        if self._black is not None:
            self._black.close()
        if self._black_memory is not None:
            self._black_memory.close()
        self.size = None
