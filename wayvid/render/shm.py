"""The software renderer: libmpv writes each new picture straight into shared memory."""

from __future__ import annotations

from wayvid._core import BufferPool
from wayvid._core.mpvrender import STRIDE_ALIGN, RenderContext
from wayvid.geometry import Size
from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer

__all__ = ["ShmRenderer", "stride_for"]

BYTES_PER_PIXEL = 4
FRAMES_ALIVE = 3
PIXELS_ALIGNED = STRIDE_ALIGN // BYTES_PER_PIXEL


def stride_for(width_px: int) -> int:
    """Bytes from row to row, aligned as libmpv's fast paths want it."""
    return -(-width_px * BYTES_PER_PIXEL // STRIDE_ALIGN) * STRIDE_ALIGN


def _frame_bytes(size: Size) -> int:
    """Memory of a frame: a row more than the picture has.

    A wl_buffer over its lower right part begins within a row and must still end within the memory.
    """
    return stride_for(size.width) * (size.height + 1)


class ShmRenderer:
    """Makes frames in buffers of a pool."""

    name = "shm"

    def __init__(self, pool: BufferPool) -> None:
        self.pool = pool

    def affordable(self, size: Size) -> Size:
        """The size, or as much of it that the pool has room for three frames: shown, released, in the making."""
        most_bytes = self.pool.stats().max_bytes // FRAMES_ALIVE
        if not most_bytes or _frame_bytes(size) <= most_bytes:
            return size
        ratio = (most_bytes / _frame_bytes(size)) ** 0.5
        width = max(1, int(size.width * ratio) - PIXELS_ALIGNED)  # what aligned rows and whole pages may add
        return Size(width, max(1, size.height * width // size.width))

    def render(self, context: RenderContext, size: Size, video: Size, rotation: int, sequence: int) -> FrameBuffer:
        """Take the waiting picture from libmpv.

        Args:
            context: of the core that has the picture.
            size: what to make it, before rotation.
            video: size in which it wants to be seen, before rotation.
            rotation: degrees clockwise that the compositor must turn it.
            sequence: its number.

        Returns:
            The frame, held once for the caller.

        Raises:
            PoolExhausted: every buffer is lent.
            OSError: libmpv refused.
        """
        stride_bytes = stride_for(size.width)
        buffer = self.pool.acquire(_frame_bytes(size))
        try:
            context.render(buffer, size.width, size.height, stride_bytes)
        except BaseException:
            self.pool.release(buffer)
            raise
        picture = Picture(buffer.id, size.width, size.height, stride_bytes, video.width, video.height, rotation)
        return FrameBuffer(self.pool, buffer, picture, sequence)
