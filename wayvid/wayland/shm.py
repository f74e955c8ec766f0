"""Shared memory as the compositor sees it: wl_shm pools and buffers over memory that others own."""

from __future__ import annotations

from collections.abc import Callable

from pywayland.protocol.single_pixel_buffer_v1 import WpSinglePixelBufferManagerV1
from pywayland.protocol.wayland import WlBuffer, WlShm

from wayvid._core.wlframe import ShmBuffer
from wayvid.geometry import Rect
from wayvid.wayland.calls import CALL_ADDRESSES, address_of
from wayvid.wayland.connection import Connection

__all__ = ["BLACK_BYTES", "BLACK_SIDE_PX", "SharedMemory", "BufferSlot", "BlackBuffer"]

FORMAT_XRGB8888 = 1  # wl_shm.format
BYTES_PER_PIXEL = 4
OPAQUE = 0xFFFFFFFF  # single_pixel_buffer alpha is the full range of 32 bits
# Not one pixel: pixman scales with steps of 1/65536, and 1080 steps for one pixel end six rows early (docs/hazards.md).
BLACK_SIDE_PX = 160
BLACK_BYTES = BLACK_SIDE_PX * BLACK_SIDE_PX * BYTES_PER_PIXEL


class SharedMemory:
    """A wl_shm_pool over one memory; the fd stays its owner's.

    Args:
        fd: the memory.
        size_bytes: its length.
    """

    def __init__(self, connection: Connection, fd: int, size_bytes: int) -> None:
        self.connection = connection
        self.size_bytes = size_bytes
        self._pool = connection.bound(WlShm).create_pool(fd, size_bytes)

    def create_buffer(self, rect: Rect, stride_bytes: int, on_release: Callable[[], None]) -> ShmBuffer:
        """A new wl_buffer, XRGB8888, over a rectangle of the picture at the memory's start.

        Args:
            rect: in pixels.
            stride_bytes: from row to row.
            on_release: called each time the compositor reads it no more.
        """
        offset = rect.y * stride_bytes + rect.x * BYTES_PER_PIXEL
        if min(*rect, stride_bytes) < 0 or offset + rect.height * stride_bytes > self.size_bytes:
            raise ValueError(f"{rect} with {stride_bytes} bytes a row does not fit into {self.size_bytes} bytes")
        shape = (offset, rect.width, rect.height, stride_bytes, FORMAT_XRGB8888)
        released = self.connection.guard(on_release)
        return ShmBuffer(CALL_ADDRESSES, address_of(WlBuffer), address_of(self._pool), shape, released)

    def close(self) -> None:
        """Give the pool back; buffers made from it live on. Twice does nothing."""
        if self._pool is not None:
            self._pool.destroy()
            self._pool = None


class BufferSlot:
    """The one wl_buffer of a memory on a surface.

    One per surface, since the release event of a wl_buffer that is attached to
    two surfaces is undefined (wayland.xml, wl_buffer.release).
    """

    __slots__ = ("_address", "_buffer", "_memory", "_on_released", "_shape")

    def __init__(self, memory: SharedMemory) -> None:
        self._memory = memory
        self._shape: tuple[Rect, int] | None = None
        self._on_released: Callable[[], None] | None = None
        self._buffer: ShmBuffer | None = None
        self._address = 0

    def take(self, rect: Rect, stride_bytes: int, on_released: Callable[[], None]) -> int:
        """Address of the wl_buffer over a rectangle, about to be attached; on_released is called once."""
        shape = (rect, stride_bytes)
        if shape != self._shape:
            self.close()
            self._buffer = self._memory.create_buffer(rect, stride_bytes, self._on_release)
            self._address = self._buffer.address
            self._shape = shape
        previous, self._on_released = self._on_released, on_released
        if previous is not None:  # attached again before it was released: one release will come for both
            previous()
        return self._address

    def _on_release(self) -> None:
        callback, self._on_released = self._on_released, None
        if callback is not None:
            callback()

    def close(self) -> None:
        """Destroy the wl_buffer; what it held counts as released."""
        if self._buffer is not None:
            self._buffer.close()
            self._buffer = None
            self._shape = None
        self._on_release()


class BlackBuffer:
    """A black wl_buffer, to be scaled; without memory where the compositor offers that.

    Args:
        black: memory of at least BLACK_BYTES zero bytes for compositors without single-pixel buffers.

    Attributes:
        address: of the wl_buffer.
    """

    def __init__(self, connection: Connection, black: SharedMemory | None) -> None:
        manager = connection.bound(WpSinglePixelBufferManagerV1)
        if manager is not None:
            pixel = manager.create_u32_rgba_buffer(0, 0, 0, OPAQUE)
            self.address = address_of(pixel)
            self._close: Callable[[], None] = pixel.destroy
            return
        if black is None:
            raise ValueError("this compositor needs memory for a black buffer")
        rect = Rect(0, 0, BLACK_SIDE_PX, BLACK_SIDE_PX)
        buffer = black.create_buffer(rect, BLACK_SIDE_PX * BYTES_PER_PIXEL, lambda: None)
        self.address = buffer.address
        self._close = buffer.close

    def close(self) -> None:
        """Destroy the wl_buffer."""
        self._close()
