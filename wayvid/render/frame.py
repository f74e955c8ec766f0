"""One picture in memory, made once and shown by any number of outputs."""

from __future__ import annotations

from wayvid._core import BufferPool, ManagedBuffer
from wayvid.link.messages import Picture

__all__ = ["FrameBuffer"]


class FrameBuffer:
    """A lent pool buffer with the picture in it; shared by reference, never copied.

    It goes back to the pool when nobody holds it any more. Made held once, by
    its maker.

    Attributes:
        buffer: the memory.
        picture: its size, stride and shape; the format is XRGB8888.
        sequence: number of the picture within its stream, from 1.
        due_ns: when it should be shown, CLOCK_MONOTONIC; 0: as soon as it can be.
    """

    __slots__ = ("_holders", "_pool", "buffer", "due_ns", "picture", "sequence")

    def __init__(self, pool: BufferPool, buffer: ManagedBuffer, picture: Picture, sequence: int) -> None:
        self.buffer = buffer
        self.picture = picture
        self.sequence = sequence
        self.due_ns = 0
        self._pool = pool
        self._holders = 1

    def hold(self) -> None:
        """Keep the picture until let_go()."""
        if self._holders < 1:
            raise ValueError("the frame went back to the pool already")
        self._holders += 1

    def settle(self) -> None:
        """See Frame: it was drawn when it was made."""

    def in_memory(self, is_whole: bool) -> FrameBuffer:  # noqa: ARG002 - see Frame
        """See Frame: it is nowhere else."""
        return self

    def keep(self) -> FrameBuffer:
        """See Frame: nobody writes it again while it is held."""
        self.hold()
        return self

    def copy(self) -> ManagedBuffer:
        """The picture in memory of its own, the caller's to close."""
        size_bytes = self.picture.stride_bytes * self.picture.height_px
        copy = ManagedBuffer(size_bytes)
        with memoryview(copy) as target, memoryview(self.buffer) as source:
            target[:size_bytes] = source[:size_bytes]
        return copy

    def let_go(self) -> None:
        """One holder less; the last one gives the memory back to the pool."""
        if self._holders < 1:
            raise ValueError("the frame went back to the pool already")
        self._holders -= 1
        if self._holders == 0:
            self._pool.release(self.buffer)
