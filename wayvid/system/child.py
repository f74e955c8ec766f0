"""A program that is started for what it says; its words are read as they come, and nothing waits for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping, Sequence

from wayvid.system.events import EventLoop

__all__ = ["Child"]

READ_BYTES = 64 * 1024


class Child:
    """A program that runs.

    Args:
        loop: the event loop.
        argv: the program, looked for in PATH, and its arguments.
        environ: its environment.
        on_words: called with what it has written to stdout and stderr; to stdout alone where that is said.
        on_end: called once with its exit code, below 0 for a signal, when it has ended by itself.
        has_errors: whether what it writes to stderr is among its words.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        loop: EventLoop,
        argv: Sequence[str],
        environ: Mapping[str, str],
        on_words: Callable[[bytes], None],
        on_end: Callable[[int], None],
        has_errors: bool = True,
    ) -> None:
        self._loop = loop
        self._on_words = on_words
        self._on_end = on_end
        reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            actions = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 2)]
            actions += [(os.POSIX_SPAWN_DUP2, writer, fd) for fd in (1, 2)[: 1 + has_errors]]  # type: ignore[misc]
            # Python ignores SIGPIPE; a program that inherits that outlives a daemon that was killed, for ever.
            self._pid = os.posix_spawnp(
                argv[0], list(argv), environ, file_actions=actions, setpgroup=0, setsigmask=(),
                setsigdef=(signal.SIGPIPE,),
            )  # fmt: skip
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        self._reader: int | None = reader
        self._ended: int | None = os.pidfd_open(self._pid)
        loop.watch(reader, self._read)
        loop.watch(self._ended, self._on_exit)

    def _read(self) -> None:
        assert self._reader is not None
        words = os.read(self._reader, READ_BYTES)
        if words:
            self._on_words(words)
        else:
            self._close_reader()

    def _on_exit(self) -> None:
        if self._reader is not None:  # its last words
            try:
                while self._reader is not None and (words := os.read(self._reader, READ_BYTES)):
                    self._on_words(words)
            except BlockingIOError:  # another process has its stdout
                pass
        if self._ended is not None:
            self._on_end(self._reap())

    def _reap(self) -> int:
        self._close_reader()
        if self._ended is not None:
            self._loop.unwatch(self._ended)
            os.close(self._ended)
            self._ended = None
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            self._loop.unwatch(reader)
            os.close(reader)

    def close(self) -> None:
        """End it, and call nobody; twice does nothing."""
        if self._ended is not None:
            os.killpg(self._pid, signal.SIGKILL)
            self._reap()
