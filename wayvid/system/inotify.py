"""The kernel's word of what happens to files, as an fd for the event loop."""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

from wayvid._core.libc import inotify_add_watch, inotify_init1

__all__ = [
    "ATTRIB",
    "CLOSE_WRITE",
    "CREATE",
    "DELETE",
    "DELETE_SELF",
    "DONT_FOLLOW",
    "IGNORED",
    "MODIFY",
    "MOVED_FROM",
    "MOVED_TO",
    "MOVE_SELF",
    "OVERFLOW",
    "FileEvent",
    "Inotify",
]

# sys/inotify.h.
MODIFY = 0x2
ATTRIB = 0x4
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
OVERFLOW = 0x4000
IGNORED = 0x8000
DONT_FOLLOW = 0x02000000
_MASK_ADD = 0x20000000

_HEAD = struct.Struct("iIII")  # struct inotify_event: wd, mask, cookie, length of the name behind it
_READ_BYTES = 16 * 1024


class FileEvent(NamedTuple):
    """What happened.

    Attributes:
        watch: the number that add() gave; -1: some were lost (OVERFLOW).
        mask: which of the above.
        name: in the folder that is watched; empty: to the watched thing itself.
    """

    watch: int
    mask: int
    name: str


class Inotify:
    """Tells what happens to files and folders; owns its fd.

    Raises:
        OSError: the user has too many of them.

    Source: inotify(7).
    """

    def __init__(self) -> None:
        self.fd = inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)

    def add(self, path: str, mask: int) -> int:
        """Tell of these events of a file or folder, too; its number, the same for each name that it has.

        Raises:
            OSError: it is not there, may not be read, or the user has too many of them.
        """
        return inotify_add_watch(self.fd, os.fsencode(path), mask | _MASK_ADD)

    def read(self) -> list[FileEvent]:
        """What has happened since; never waits."""
        events: list[FileEvent] = []
        try:
            data = os.read(self.fd, _READ_BYTES)
        except BlockingIOError:
            return events
        start = 0
        while start < len(data):
            watch, mask, _cookie, length = _HEAD.unpack_from(data, start)
            start += _HEAD.size + length
            events.append(FileEvent(watch, mask, os.fsdecode(data[start - length : start].rstrip(b"\0"))))
        return events

    def close(self) -> None:
        """Watch nothing more; twice does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
