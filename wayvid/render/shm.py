"""The software renderer: libmpv writes each new picture straight into shared memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from wayvid._core import BufferPool
from wayvid._core.mpvrender import STRIDE_ALIGN, RenderContext
from wayvid.geometry import Size
from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer

if TYPE_CHECKING:
    from wayvid.render.renderer import Layered
    from wayvid.render.still import MappedStill
    from wayvid.transition import Step

__all__ = ["WIDE_FRAMES", "ShmRenderer", "stride_for"]

BYTES_PER_PIXEL = 4
FRAMES_ALIVE = 3
# By then the screens have let go of what they showed before the pool was made smaller, hidden ones apart.
WIDE_FRAMES = 30
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
    is_native = False
    mixes_once = True

    def __init__(self, pool: BufferPool) -> None:
        self.pool = pool
        stats = pool.stats()
        self._max_buffers, self._max_bytes = stats.max_buffers, stats.max_bytes
        self._streams = 1
        self._mixing = 0  # buffers beside those of the streams
        self._wide_frames = 0  # still to be made before the pool has the limits that it is to have

    def set_limits(self, max_buffers: int, max_bytes: int) -> None:
        """Change the pool's limits; 0: unlimited.

        The picture on screen is lent until the next one replaces it. Where both do not fit into the new limit, the
        pool keeps room for one more until the old ones have come back: else the picture would stand still for ever.
        """
        self._max_buffers, self._max_bytes = max_buffers, max_bytes
        room_bytes = self.pool.stats().in_use_bytes + self._most_bytes
        self._wide_frames = WIDE_FRAMES if 0 < max_bytes < room_bytes else 0
        self.pool.set_limits(self._count, room_bytes if self._wide_frames else max_bytes)

    def set_streams(self, count: int) -> bool:
        """Share the pool among so many streams: each has room for as many frames as one alone needs.

        Returns:
            Whether what is affordable has changed.
        """
        if not count or count == self._streams:
            return False
        self._streams = count
        self.set_limits(self._max_buffers, self._max_bytes)
        return True

    @property
    def _count(self) -> int:
        return max(self._max_buffers, FRAMES_ALIVE * self._streams) + self._mixing if self._max_buffers else 0

    @property
    def _most_bytes(self) -> int:
        return self._max_bytes // (FRAMES_ALIVE * self._streams)

    def _settle(self) -> None:
        self._wide_frames -= 1
        if self.pool.stats().in_use_bytes <= self._max_bytes:
            self._wide_frames = 0
        if not self._wide_frames:
            self.pool.set_limits(self._count, self._max_bytes)

    def core_options(self) -> dict[str, str]:
        """See Renderer."""
        return {}

    def open_context(self, mpv_handle: int, addresses: Mapping[str, int], version: str) -> RenderContext:  # noqa: ARG002
        """See Renderer."""
        return RenderContext(mpv_handle, dict(addresses))

    def close_context(self, context: RenderContext) -> None:
        """See Renderer."""
        context.close()

    def close_file(self, context: RenderContext) -> None:
        """See Renderer: what was drawn is in memory."""

    def affordable(self, size: Size) -> Size:
        """The size, or as much of it that each stream has room for three frames: shown, released, in the making."""
        most_bytes = self._most_bytes
        if not most_bytes or _frame_bytes(size) <= most_bytes:
            return size
        ratio = (most_bytes / _frame_bytes(size)) ** 0.5
        width = max(1, int(size.width * ratio) - PIXELS_ALIGNED)  # what aligned rows and whole pages may add
        return Size(width, max(1, size.height * width // size.width))

    def render(
        self,
        context: RenderContext,
        size: Size,
        video: Size,
        rotation: int,
        sequence: int,
        is_kept: bool = True,  # noqa: ARG002 - the same for all
    ) -> FrameBuffer:
        """Take the waiting picture from libmpv.

        Args:
            context: of the core that has the picture.
            size: what to make it, before rotation.
            video: size in which it wants to be seen, before rotation.
            rotation: degrees clockwise that the compositor must turn it.
            sequence: its number.
            is_kept: whether it is needed after it was drawn: by other outputs, or once libmpv has closed the file.

        Returns:
            The frame, held once for the caller.

        Raises:
            PoolExhausted: every buffer is lent.
            OSError: libmpv refused.
        """
        stride_bytes = stride_for(size.width)
        buffer = self.pool.acquire(stride_bytes * (size.height + 1))  # as _frame_bytes
        try:
            context.render(buffer, size.width, size.height, stride_bytes)
        except BaseException:
            self.pool.release(buffer)
            raise
        if self._wide_frames:
            self._settle()
        picture = Picture(buffer.id, size.width, size.height, stride_bytes, video.width, video.height, rotation)
        return FrameBuffer(self.pool, buffer, picture, sequence)

    # Mixtures.

    def has_room(self, streams: Iterable[Size], mixtures: Iterable[Size]) -> bool:
        """See Renderer."""
        wanted_bytes = sum(FRAMES_ALIVE * _frame_bytes(size) for size in streams)
        wanted_bytes += sum(map(_frame_bytes, mixtures))
        return not self._max_bytes or wanted_bytes <= self._max_bytes

    def set_mixing(self, streams: int, mixtures: int) -> None:
        """See Renderer."""
        self._mixing = FRAMES_ALIVE * streams + mixtures
        self.pool.set_limits(self._count, self.pool.stats().max_bytes)

    def mix(self, size: Size, before: Layered, after: Layered, step: Step) -> FrameBuffer:
        """See Renderer."""
        from wayvid.render.mixture import mix_into  # only a change of sources needs it

        stride_bytes = stride_for(size.width)
        buffer = self.pool.acquire(stride_bytes * (size.height + 1))  # as _frame_bytes
        try:
            mix_into(buffer, (*size, stride_bytes), before, after, step)
        except BaseException:
            self.pool.release(buffer)
            raise
        return FrameBuffer(self.pool, buffer, Picture(buffer.id, *size, stride_bytes, *size), 0)

    def still(self, fd: int, picture: Picture) -> MappedStill:
        """See Renderer."""
        import wayvid.render.mixture  # noqa: F401 - it is for that, and there is time while the file is opened
        from wayvid.render.still import MappedStill

        return MappedStill(fd, picture)

    def close(self) -> None:
        """See Renderer; the pool is its owner's."""
