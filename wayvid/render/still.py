"""A picture that the daemon shows, as the player sees it: where a change of sources begins."""

from __future__ import annotations

import mmap
import os

from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer

__all__ = ["MappedStill"]


class MappedStill:
    """A picture in another process's memory; read only. Made held once.

    Args:
        fd: the memory; stays the caller's.
        picture: its shape.

    Attributes:
        buffer: the memory.
        picture: its shape.
        sequence: 0; it belongs to no stream here.
        due_ns: see Frame.

    Raises:
        OSError: the memory cannot be mapped.
        ValueError: it is smaller than the picture.
    """

    def __init__(self, fd: int, picture: Picture) -> None:
        needed_bytes = picture.stride_bytes * picture.height_px
        if os.fstat(fd).st_size < needed_bytes:
            raise ValueError(f"a picture of {needed_bytes} bytes is not in {os.fstat(fd).st_size}")
        self.buffer = mmap.mmap(fd, needed_bytes, mmap.MAP_SHARED, mmap.PROT_READ)
        self.picture = picture
        self.sequence = 0
        self.due_ns = 0
        self._holders = 1

    @property
    def is_held(self) -> bool:
        """See Still."""
        return self._holders > 0

    def hold(self) -> None:
        """See Frame."""
        self._holders += 1

    def let_go(self) -> None:
        """See Frame."""
        self._holders -= 1
        if not self._holders:
            self.buffer.close()

    def settle(self) -> None:
        """See Frame: it was drawn long ago."""

    def in_memory(self, is_whole: bool) -> FrameBuffer | None:  # noqa: ARG002 - see Frame
        """See Frame: it is not this process's to hand on."""
        return None

    def keep(self) -> MappedStill:
        """See Frame: nobody writes it."""
        self.hold()
        return self
