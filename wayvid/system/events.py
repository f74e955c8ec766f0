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
from typing import Any, NamedTuple

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


class _PriorityWatch(NamedTuple):
    on_priority: Callable[[], None]
    on_gone: Callable[[], None]


class EventLoop:
    """Calls back when fds are readable, when deadlines pass and before it sleeps.

    A callback's exception ends run() and comes out of it. Threads: all methods
    belong to the thread that calls run().
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._watches: dict[int, _Watch | _PriorityWatch] = {}
        self._timers: list[Timer] = []
        self._soon: list[Callable[[], None]] = []
        self._before_sleep: list[Callable[[], None]] = []
        self._stopped = False
        self._signal_fds: tuple[int, int] | None = None
        self._handlers_before: dict[signal.Signals, Any] = {}

    def watch(self, fd: int, on_readable: Callable[[], None], on_writable: Callable[[], None] | None = None) -> None:
        """Call on_readable whenever fd can be read or its peer hung up; a second call replaces the first."""
        events = select.EPOLLIN | (select.EPOLLOUT if on_writable else 0)
        self._register(fd, events, _Watch(on_readable, on_writable))

    def watch_priority(self, fd: int, on_priority: Callable[[], None], on_gone: Callable[[], None]) -> None:
        """Call on_priority at each exceptional condition of fd, and on nothing else: it may be readable all the time.

        Args:
            on_priority: has to take what is there (a socket's out-of-band byte), or it is called again.
            on_gone: called once, when fd has an error or its peer hung up; it is not watched any more then.

        Raises:
            OSError: fd is of a kind that cannot be watched.

        Source: poll(2), POLLPRI; psi files are always readable.
        """
        self._register(fd, select.EPOLLPRI, _PriorityWatch(on_priority, on_gone))

    def _register(self, fd: int, events: int, watch: _Watch | _PriorityWatch) -> None:
        if fd in self._watches:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._watches[fd] = watch

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
            before = signal.signal(number, lambda _number, _frame: self.call_soon(callback))
            self._handlers_before.setdefault(number, signal.SIG_DFL if before is None else before)

    def stop(self) -> None:
        """Have run() return after the current callback, or at once when it is called next."""
        self._stopped = True

    def run(self) -> None:
        """Serve events until stop()."""
        try:
            while not self._stopped:
                self._run_soon()
                timeout_s = self._run_timers()
                self._run(*self._before_sleep)
                if not self._stopped:
                    self._serve_fds(0.0 if self._soon else timeout_s)
        finally:
            self._stopped = False

    def _run(self, *callbacks: Callable[[], None]) -> None:
        for callback in callbacks:
            if not self._stopped:
                callback()

    def _serve_fds(self, timeout_s: float | None) -> None:
        ready = [(fd, events, self._watches.get(fd)) for fd, events in self._epoll.poll(timeout_s)]
        for fd, events, watch in ready:
            # An earlier callback of this round may have removed it, and its number may be another file's by now.
            if watch is None or self._watches.get(fd) is not watch:
                continue
            if isinstance(watch, _PriorityWatch):
                self._serve_priority(fd, events, watch)
                continue
            if events & ~select.EPOLLOUT:
                self._run(watch.on_readable)
            if events & select.EPOLLOUT and watch.on_writable is not None and self._watches.get(fd) is watch:
                self._run(watch.on_writable)

    def _serve_priority(self, fd: int, events: int, watch: _PriorityWatch) -> None:
        # A psi file of a removed cgroup has a priority event, too, for ever; a socket's last byte may be there to take.
        if events & select.EPOLLERR or not events & select.EPOLLPRI:
            self.unwatch(fd)
            self._run(watch.on_gone)
        else:
            self._run(watch.on_priority)

    def _run_soon(self) -> None:
        # What is added meanwhile has its turn after the fds had theirs.
        calls, self._soon = self._soon, []
        while calls and not self._stopped:
            calls.pop(0)()
        self._soon[:0] = calls

    def _run_timers(self) -> float | None:
        """Run what is due now; seconds to the next timer, None when there is none."""
        now_s = monotonic()
        while self._timers and not self._stopped:
            timer = self._timers[0]
            if timer.callback is not None and timer.due_s > now_s:
                return max(0.0, timer.due_s - monotonic())
            heapq.heappop(self._timers)
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()
        return None

    def close(self) -> None:
        """Give the fds back and the signals the handlers they had; twice does nothing."""
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        self._handlers_before.clear()
        if self._signal_fds is not None:
            signal.set_wakeup_fd(-1)
            for fd in self._signal_fds:
                os.close(fd)
            self._signal_fds = None
        if not self._epoll.closed:
            self._epoll.close()
        self._watches.clear()
        self._timers.clear()
