"""The memory that pictures are in, as the compositor and the daemon know it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from wayvid._core import ManagedBuffer
from wayvid.link.messages import Memory, MemoryGone, SnapshotTaken, ToDaemon
from wayvid.link.transport import LinkEnd
from wayvid.render.frame import FrameBuffer

if TYPE_CHECKING:
    from wayvid.link.messages import ToPlayer
    from wayvid.player.output import OutputView
    from wayvid.render.renderer import Frame
    from wayvid.wayland.connection import Connection
    from wayvid.wayland.shm import SharedMemory

__all__ = ["Memories"]

log = logging.getLogger(__name__)


class Memories:
    """Tells compositor and daemon of each memory when it is first needed, and when it goes.

    Args:
        link: to the daemon.
        connect: the connection to the compositor.
        views: gives the outputs that may show what is in a memory.
    """

    def __init__(
        self,
        link: LinkEnd[ToDaemon, ToPlayer],
        connect: Callable[[], Connection],
        views: Callable[[], Iterable[OutputView]],
    ) -> None:
        self._link = link
        self._connect = connect
        self._views = views
        self._known: dict[int, SharedMemory] = {}

    def of(self, frame: FrameBuffer) -> SharedMemory:
        """The memory of a frame for the compositor; the daemon has it from now on."""
        buffer = frame.buffer
        memory = self._known.get(buffer.id)
        if memory is None:
            from wayvid.wayland.shm import SharedMemory

            memory = self._known[buffer.id] = SharedMemory(self._connect(), buffer.fd, buffer.capacity_bytes)
            self._link.send(Memory(buffer.id, buffer.capacity_bytes), buffer.fd)
        return memory

    def forget(self, buffer: ManagedBuffer) -> None:
        """The pool frees a buffer."""
        memory = self._known.pop(buffer.id, None)
        if memory is not None:
            for view in self._views():
                view.forget_memory(memory)
            memory.close()
            self._link.send(MemoryGone(buffer.id))

    def send_copy(self, stream_id: int, frame: Frame | None) -> None:
        """Give the daemon a picture that nobody draws over."""
        stored = frame.in_memory(is_whole=True) if frame is not None else None
        try:
            copy = stored.copy() if stored is not None else None
        except (MemoryError, OSError) as exc:
            log.warning("no snapshot is taken: %s", exc)
            copy = None
        if stored is None or copy is None:
            self._link.send(SnapshotTaken(stream_id, None))
            return
        with copy:
            picture = msgspec.structs.replace(stored.picture, memory_id=copy.id)
            self._link.send(Memory(copy.id, copy.capacity_bytes), copy.fd)
            self._link.send(SnapshotTaken(stream_id, picture))
            self._link.send(MemoryGone(copy.id))
