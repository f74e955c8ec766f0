"""A pipe that a video comes through: the standard input, or a named pipe."""

from __future__ import annotations

import logging
import os
import select
import stat
from collections.abc import Callable

from wayvid.link.messages import PIPE, StreamSpec
from wayvid.system.events import EventLoop
from wayvid.system.folderwatch import FolderWatch
from wayvid.system.inotify import ATTRIB, DELETE_SELF, MOVE_SELF, Inotify

__all__ = ["STDIN", "Pipe", "open_pipe"]

log = logging.getLogger(__name__)

STDIN = "-"


def open_pipe(spec: StreamSpec) -> int:
    """The reading end of the pipe that a stream comes through; the caller's. -1 for what is no pipe, or is gone.

    Never waits for a writer.
    """
    if not spec.is_pipe:
        return -1
    path = spec.path[len(PIPE) :]
    try:
        if path == STDIN:
            return os.dup(0)
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        log.warning("%s: %s", path, exc.strerror)
        return -1
    if not stat.S_ISFIFO(os.fstat(fd).st_mode):  # who writes to a pipe that was removed makes a file
        log.warning("%s: it is no named pipe any more; remove it, and make one with 'mkfifo'", path)
        os.close(fd)
        return -1
    return fd


class Pipe:
    """Keeps a pipe open for a stream, so that its writer is not ended where a player goes and another one comes.

    Args:
        loop: the daemon's event loop.
        spec: the stream.
    """

    def __init__(self, loop: EventLoop, spec: StreamSpec) -> None:
        self._loop = loop
        self._spec = spec
        self._fd = -1
        self._on_data: Callable[[], None] | None = None
        # While a writer is waited for: whether the pipe is removed, then whether there is another one.
        self._removal: Inotify | None = None
        self._coming: FolderWatch | None = None

    @property
    def has_name(self) -> bool:
        """Whether another writer may come."""
        return self._spec.path != PIPE + STDIN

    def open(self) -> int:
        """The reading end, which stays the pipe's; -1 when it cannot be opened."""
        if self._fd < 0:
            self._fd = open_pipe(self._spec)
        return self._fd

    def wait(self, on_data: Callable[[], None]) -> None:
        """Call back once, when somebody has written; nobody is woken before. close() ends it.

        A pipe that is removed and made anew is waited for.
        """
        self._on_data = on_data
        if self.has_name:
            self._watch_name()
            if not self._is_there() and os.path.exists(self._path):  # else a writer may have it open still
                self._close_fd()
        if (self._fd >= 0 or not self.has_name or os.path.exists(self._path)) and self.open() >= 0:
            self._loop.watch(self._fd, self._on_event)

    @property
    def _path(self) -> str:
        return self._spec.path[len(PIPE) :]

    def _watch_name(self) -> None:
        self._unwatch_name()
        try:  # the folder, where all programs may make files, would wake the daemon for each of them
            self._removal = Inotify()
            self._loop.watch(self._removal.fd, self._on_touched)
            self._removal.add(self._path, ATTRIB | DELETE_SELF | MOVE_SELF)
        except OSError:
            self._unwatch_name()
            self._coming = FolderWatch(self._loop, self._path, False, self._on_named)

    def _on_touched(self) -> None:
        assert self._removal is not None
        self._removal.read()
        self._on_named()

    def _on_named(self) -> None:
        """Another thing may have its name, or none."""
        if self._on_data is not None:
            self.wait(self._on_data)

    def _unwatch_name(self) -> None:
        if self._removal is not None:
            self._loop.unwatch(self._removal.fd)
            self._removal.close()
            self._removal = None
        if self._coming is not None:
            self._coming.close()
            self._coming = None

    def _is_there(self) -> bool:
        """Whether what is open is what has its name."""
        try:
            return self._fd >= 0 and os.path.samestat(os.fstat(self._fd), os.stat(self._path))
        except OSError:
            return False

    def _end_wait(self) -> None:
        self._on_data = None
        self._unwatch_name()

    @property
    def has_data(self) -> bool:
        """Whether somebody has written something that nobody has read."""
        if self._fd < 0:
            return False
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        return any(events & select.POLLIN for _fd, events in poller.poll(0))

    def _on_event(self) -> None:
        on_data = self._on_data
        if self.has_data:
            self._loop.unwatch(self._fd)
            self._end_wait()
            if on_data is not None:
                on_data()
            return
        self._close_fd()  # a writer came and went; only a pipe that is opened anew tells of the next one
        if on_data is not None:
            self.wait(on_data)

    def close(self) -> None:
        """Wait for nothing, and have a writer know that nobody reads. Twice does nothing."""
        self._end_wait()
        self._close_fd()

    def _close_fd(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            self._loop.unwatch(fd)
            os.close(fd)
