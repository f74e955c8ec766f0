"""Looks at disks and servers that may never answer: on a thread of their own, which is not waited for."""

from __future__ import annotations

import _thread
import errno
import os
from collections.abc import Callable
from typing import Generic, TypeVar

from wayvid.system.events import EventLoop, Timer

__all__ = ["ANSWERED_WITHIN_S", "GIVEN_UP_AFTER_S", "Errands", "answers", "at_once"]

Value = TypeVar("Value")

# A disk that slept is awake by then; a server that has gone does not answer at all.
GIVEN_UP_AFTER_S = 10.0
# ... and who asks for something waits less: clients 5 s.
ANSWERED_WITHIN_S = 4.0
# What answers at all nearly always does within this; the loop does nothing else meanwhile.
PATIENCE_S = 0.1
# ... and where it cannot go on without an answer.
LONG_PATIENCE_S = 1.0


class _Errand(Generic[Value]):
    """Work on its way.

    Args:
        work: what is done on the thread.

    Attributes:
        is_done: it is over.
        value: what came of it.
        error: or why nothing did.
    """

    def __init__(self, work: Callable[[], Value]) -> None:
        self.is_done = False
        self.value: Value | None = None
        self.error: Exception | None = None
        self._fd = -1
        self._guard = _thread.allocate_lock()  # of the fd
        self._over = _thread.allocate_lock()  # free once it is over
        self._over.acquire()
        try:
            _thread.start_new_thread(self._run, (work,))
        except RuntimeError:  # the system has none left
            self._run(work)

    def _run(self, work: Callable[[], Value]) -> None:
        try:
            self.value = work()
        except Exception as exc:  # noqa: BLE001 - it is the loop's thread that raises it
            self.error = exc
        self.is_done = True
        self._over.release()
        with self._guard:
            if self._fd >= 0:
                os.eventfd_write(self._fd, 1)

    def wait(self, patience_s: float = PATIENCE_S) -> bool:
        """Wait for a moment; whether it is over."""
        return self.is_done or self._over.acquire(timeout=patience_s)

    def open(self) -> int:
        """An fd that is readable once it is over; stays the errand's."""
        with self._guard:
            self._fd = os.eventfd(1 if self.is_done else 0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            return self._fd

    def close(self) -> None:
        """Nobody waits any more; the thread ends when it can."""
        with self._guard:
            fd, self._fd = self._fd, -1
            if fd >= 0:
                os.close(fd)


class Errands:
    """Has work done while the loop goes on, one at a time of each kind.

    Args:
        loop: the daemon's event loop.
    """

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._going: dict[str, _Errand[object]] = {}
        self._awaited: dict[str, tuple[_Errand[object], int, Timer]] = {}

    def run(
        self,
        kind: str,
        work: Callable[[], Value],
        on_done: Callable[[Value | None, Exception | None], None],
        within_s: float,
    ) -> None:
        """Do some work; what is done within a moment is told at once.

        Args:
            kind: while one of that kind is on its way, others are given up at once.
            work: runs on another thread, and so must touch nothing that others change.
            on_done: called once, on the loop's thread: with what came of it, or with what it raised; a TimeoutError
                where it was given up. Not after close().
            within_s: when it is given up.
        """
        before = self._going.get(kind)
        if before is not None and not before.is_done:
            on_done(None, _timeout())
            return
        errand = _Errand(work)
        if errand.wait():
            self._going.pop(kind, None)
            on_done(errand.value, errand.error)
            return
        self._going[kind] = errand  # type: ignore[assignment]
        fd = errand.open()

        def end(value: Value | None, error: Exception | None) -> None:
            self._leave(kind)
            on_done(value, error)

        timer = self._loop.call_later(within_s, lambda: end(None, _timeout()))
        self._awaited[kind] = errand, fd, timer  # type: ignore[assignment]
        self._loop.watch(fd, lambda: end(errand.value, errand.error))

    def is_awaited(self, kind: str) -> bool:
        """Whether one of that kind is on its way and has not been given up."""
        return kind in self._awaited

    def _leave(self, kind: str) -> None:
        errand, fd, timer = self._awaited.pop(kind)
        timer.cancel()
        self._loop.unwatch(fd)
        errand.close()
        if errand.is_done:
            del self._going[kind]

    def close(self) -> None:
        """Wait for nothing more; twice does nothing."""
        for kind in tuple(self._awaited):
            self._leave(kind)


def _timeout() -> TimeoutError:
    return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))


def at_once(work: Callable[[], Value], within_s: float = LONG_PATIENCE_S) -> Value:
    """What comes of some work, which may raise anything.

    Args:
        work: runs on another thread, as for Errands.
        within_s: for so long the loop does nothing else.

    Raises:
        TimeoutError: it is not done within that time; it is done all the same.
    """
    errand = _Errand(work)
    if not errand.wait(within_s):
        raise _timeout()
    if errand.error is not None:
        raise errand.error
    return errand.value  # type: ignore[return-value]


_asked: dict[str, _Errand[bool]] = {}


def answers(path: str) -> bool:
    """Whether a file's disk or server says anything of it within a moment, be it that it is not there."""
    before = _asked.get(path)
    if before is not None and not before.is_done:
        return False
    errand = _Errand(lambda: os.path.lexists(path))
    is_done = errand.wait()
    if is_done:
        _asked.pop(path, None)
    else:
        _asked[path] = errand
    return is_done
