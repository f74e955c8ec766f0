"""A picture that the daemon shows while no player does."""

from __future__ import annotations

import os

from wayvid.link.messages import Picture
from wayvid.wayland.shm import SharedMemory

__all__ = ["Still"]


class Still:
    """A picture in memory that its stream and the screens that show it hold; with the last holder it goes.

    Args:
        memory: where it is; owned. The first holder is who makes it.
        picture: its shape.
        fd: the same memory, for others; owned.
    """

    def __init__(self, memory: SharedMemory, picture: Picture, fd: int) -> None:
        self.memory = memory
        self.picture = picture
        self.fd = fd
        self._holders = 1

    def hold(self) -> Still:
        """One holder more; itself."""
        self._holders += 1
        return self

    def let_go(self) -> None:
        """One holder less."""
        self._holders -= 1
        if not self._holders:
            self.memory.close()
            os.close(self.fd)
