"""A pipe that a video comes through: the standard input, or a named pipe."""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Callable

from wayvid.link.messages import PIPE, StreamSpec
from wayvid.system.events import EventLoop

__all__ = ["STDIN", "Pipe", "open_pipe"]

log = logging.getLogger(__name__)

STDIN = "-"


def open_pipe(spec: StreamSpec) -> int:
    """The reading end of the pipe that a stream comes through; the caller's. -1 for what is no pipe, or is gone.

    Never waits for a writer.
    """
    if not spec.is_pipe:
        return -1
    path = spec.paths[0][len(PIPE) :]
    try:
        return os.dup(0) if path == STDIN else os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as exc:
        log.warning("%s: %s", path, exc.strerror)
        return -1


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

    @property
    def has_name(self) -> bool:
        """Whether another writer may come."""
        return self._spec.paths[0] != PIPE + STDIN

    def open(self) -> int:
        """The reading end, which stays the pipe's; -1 when it cannot be opened."""
        if self._fd < 0:
            self._fd = open_pipe(self._spec)
        return self._fd

    def wait(self, on_data: Callable[[], None]) -> None:
        """Call back once, when somebody has written; nobody is woken before. close() ends it."""
        self._on_data = on_data
        if self.open() >= 0:
            self._loop.watch(self._fd, self._on_event)

    def _on_event(self) -> None:
        poller = select.poll()
        poller.register(self._fd, select.POLLIN)
        has_data = any(events & select.POLLIN for _fd, events in poller.poll(0))
        on_data, self._on_data = self._on_data, None
        if has_data:
            self._loop.unwatch(self._fd)
            if on_data is not None:
                on_data()
            return
        self.close()  # a writer came and went; only a pipe that is opened anew tells of the next one
        if on_data is not None:
            self.wait(on_data)

    def close(self) -> None:
        """Wait for nothing, and have a writer know that nobody reads. Twice does nothing."""
        fd, self._fd = self._fd, -1
        self._on_data = None
        if fd >= 0:
            self._loop.unwatch(fd)
            os.close(fd)
