"""One thread's event loop over file descriptors, deadlines and signals.

It sleeps in the kernel until one of them fires: with no timer set and nothing
arriving it never wakes up.
"""

from __future__ import annotations

import heapq
import os
import select
import signal
from collections.abc import Callable, Iterable
from time import monotonic
from typing import NamedTuple

__all__ = ["EventLoop", "Timer"]


class Timer:
    """A single call in the future; cancel() withdraws it."""

    __slots__ = ("callback", "due_s")

    def __init__(self, due_s: float, callback: Callable[[], None]) -> None:
        self.due_s = due_s
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Withdraw the call; it may have happened already."""
        self.callback = None

    def __lt__(self, other: Timer) -> bool:
        return self.due_s < other.due_s


class _Watch(NamedTuple):
    on_readable: Callable[[], None]
    on_writable: Callable[[], None] | None


class EventLoop:
    """Calls back when fds are readable, when deadlines pass and before it sleeps.

    A callback's exception ends run() and comes out of it. Threads: all methods
    belong to the thread that calls run().
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._watches: dict[int, _Watch] = {}
        self._timers: list[Timer] = []
        self._soon: list[Callable[[], None]] = []
        self._before_sleep: list[Callable[[], None]] = []
        self._stopped = False
        self._signal_fds: tuple[int, int] | None = None

    def watch(self, fd: int, on_readable: Callable[[], None], on_writable: Callable[[], None] | None = None) -> None:
        """Call on_readable whenever fd can be read or its peer hung up; a second call replaces the first."""
        events = select.EPOLLIN | (select.EPOLLOUT if on_writable else 0)
        if fd in self._watches:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._watches[fd] = _Watch(on_readable, on_writable)

    def unwatch(self, fd: int) -> None:
        """Stop watching fd, before it is closed. An unknown fd is fine."""
        if self._watches.pop(fd, None) is not None:
            self._epoll.unregister(fd)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call once, delay_s seconds from now."""
        timer = Timer(monotonic() + delay_s, callback)
        heapq.heappush(self._timers, timer)
        return timer

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call once, after the events at hand were handled."""
        self._soon.append(callback)

    def before_sleep(self, callback: Callable[[], None]) -> None:
        """Call each time the loop is about to wait: for flushing what was queued."""
        self._before_sleep.append(callback)

    def on_signals(self, signals: Iterable[signal.Signals], callback: Callable[[], None]) -> None:
        """Call back, in the loop, when one of the signals arrives."""
        if self._signal_fds is None:
            self._signal_fds = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
            signal.set_wakeup_fd(self._signal_fds[1], warn_on_full_buffer=False)
            read_fd = self._signal_fds[0]

            def wake() -> None:
                os.read(read_fd, 64)

            self.watch(read_fd, wake)
        for number in signals:
            signal.signal(number, lambda _number, _frame: self.call_soon(callback))

    def stop(self) -> None:
        """Have run() return after the current callback."""
        self._stopped = True

    def _is_stopped(self) -> bool:
        return self._stopped

    def run(self) -> None:
        """Serve events until stop()."""
        self._stopped = False
        while not self._is_stopped():
            self._run_soon()
            timeout_s = self._run_timers()
            if self._is_stopped():
                return
            for callback in self._before_sleep:
                callback()
            if self._soon:
                continue
            for fd, events in self._epoll.poll(timeout_s):
                watch = self._watches.get(fd)
                if watch is None:
                    continue  # an earlier callback of this round removed it
                if events & ~select.EPOLLOUT:
                    watch.on_readable()
                if events & select.EPOLLOUT and watch.on_writable is not None and self._watches.get(fd) is watch:
                    watch.on_writable()
                if self._is_stopped():
                    return

    def _run_soon(self) -> None:
        while self._soon and not self._is_stopped():
            calls, self._soon = self._soon, []
            for callback in calls:
                callback()

    def _run_timers(self) -> float | None:
        """Run what is due; seconds to the next timer, None when there is none."""
        while self._timers and not self._is_stopped():
            timer = self._timers[0]
            if timer.callback is None:
                heapq.heappop(self._timers)
                continue
            delay_s = timer.due_s - monotonic()
            if delay_s > 0:
                return delay_s
            heapq.heappop(self._timers)
            callback, timer.callback = timer.callback, None
            callback()
            self._run_soon()
        return None

    def close(self) -> None:
        """Give the fds back and the signals their default; twice does nothing."""
        if self._signal_fds is not None:
            signal.set_wakeup_fd(-1)
            for fd in self._signal_fds:
                os.close(fd)
            self._signal_fds = None
        if not self._epoll.closed:
            self._epoll.close()
        self._watches.clear()
        self._timers.clear()
