"""A picture that the daemon shows, as the player sees it: where a change of sources begins."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from typing import Self

from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer

__all__ = ["HeldStill", "MappedStill"]


class HeldStill:
    """A picture that nobody draws over, until nobody holds it any more. Made held once.

    Args:
        picture: its shape.
        close: gives back what it is in.

    Attributes:
        picture: its shape.
        sequence: 0; it belongs to no stream here.
        due_ns: see Frame.
    """

    def __init__(self, picture: Picture, close: Callable[[], None]) -> None:
        self.picture = picture
        self.sequence = 0
        self.due_ns = 0
        self._close = close
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
            self._close()

    def settle(self) -> None:
        """See Frame: it was drawn long ago."""

    def in_memory(self, is_whole: bool) -> FrameBuffer | None:  # noqa: ARG002 - see Frame
        """See Frame: it is not this process's to hand on, and nobody asks for it."""
        return None

    def keep(self) -> Self:
        """See Frame."""
        self.hold()
        return self


class MappedStill(HeldStill):
    """A picture in another process's memory; read only.

    Args:
        fd: the memory; stays the caller's.
        picture: its shape.

    Attributes:
        buffer: the memory.

    Raises:
        OSError: the memory cannot be mapped.
        ValueError: it is smaller than the picture.
    """

    def __init__(self, fd: int, picture: Picture) -> None:
        needed_bytes = picture.stride_bytes * picture.height_px
        if os.fstat(fd).st_size < needed_bytes:
            raise ValueError(f"a picture of {needed_bytes} bytes is not in {os.fstat(fd).st_size}")
        self.buffer = mmap.mmap(fd, needed_bytes, mmap.MAP_SHARED, mmap.PROT_READ)
        super().__init__(picture, self.buffer.close)
