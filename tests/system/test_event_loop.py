"""The event loop: order, timers, signals, errors, and silence while nothing happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.support import wait_until
from wayvid.system.events import EventLoop

DEADLINE_S = 60.0


class Pipe:
    """A pipe that is readable once ring() was called."""

    def __init__(self) -> None:
        self.read_fd, self.write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        os.write(self.write_fd, b"x")

    def drain(self) -> None:
        os.read(self.read_fd, 100)

    def close(self) -> None:
        for fd in (self.read_fd, self.write_fd):
            os.close(fd)


@pytest.fixture
def pipes() -> Iterator[Callable[[], Pipe]]:
    """Makes pipes."""
    made: list[Pipe] = []

    def make() -> Pipe:
        made.append(Pipe())
        return made[-1]

    yield make
    for pipe in made:
        pipe.close()


# Timers and calls.


def test_timers_run_in_the_order_of_their_deadlines(loop: EventLoop) -> None:
    said: list[str] = []
    loop.call_later(0.3, lambda: (said.append("third"), loop.stop()))
    loop.call_later(0.05, lambda: said.append("first"))
    loop.call_later(0.15, lambda: said.append("second"))
    loop.run()
    assert said == ["first", "second", "third"]


def test_a_timer_is_not_early(loop: EventLoop) -> None:
    began_s = monotonic()
    loop.call_later(0.05, loop.stop)
    loop.run()
    assert monotonic() - began_s >= 0.05


def test_a_cancelled_timer_does_not_run(loop: EventLoop) -> None:
    said: list[str] = []
    timer = loop.call_later(0.001, lambda: said.append("cancelled"))
    loop.call_later(0.01, loop.stop)
    timer.cancel()
    timer.cancel()
    loop.run()
    assert said == []


def test_a_timer_may_cancel_another_that_is_due(loop: EventLoop) -> None:
    said: list[str] = []
    loop.call_later(0, lambda: other.cancel())  # noqa: PLW0108 - not bound yet
    other = loop.call_later(0, lambda: said.append("cancelled"))
    loop.call_later(0.01, loop.stop)
    loop.run()
    assert said == []


def test_a_timer_that_sets_itself_again_lets_fds_have_their_turn(loop: EventLoop, pipes: Callable[[], Pipe]) -> None:
    # A timer of 0 s that set itself again kept the loop from ever looking at an fd.
    pipe = pipes()
    pipe.ring()
    loop.watch(pipe.read_fd, loop.stop)

    def again() -> None:
        loop.call_later(0, again)

    again()
    loop.run()


def test_a_call_that_adds_itself_again_lets_fds_and_timers_have_their_turn(
    loop: EventLoop, pipes: Callable[[], Pipe]
) -> None:
    said: list[str] = []
    pipe = pipes()
    pipe.ring()

    def say(word: str) -> None:
        said.append(word)
        if len(said) == 2:
            loop.stop()

    def heard() -> None:
        pipe.drain()
        say("fd")

    def again() -> None:
        loop.call_soon(again)

    loop.watch(pipe.read_fd, heard)
    loop.call_later(0.02, lambda: say("timer"))
    again()
    loop.run()
    assert sorted(said) == ["fd", "timer"]


def test_calls_from_callbacks_run_later_and_in_order(loop: EventLoop) -> None:
    said: list[str] = []

    def first() -> None:
        loop.call_soon(lambda: (said.append("third"), loop.stop()))
        said.append("first")

    loop.call_soon(first)
    loop.call_soon(lambda: said.append("second"))
    loop.run()
    assert said == ["first", "second", "third"]


def test_before_sleep_comes_after_calls_and_before_waiting(loop: EventLoop, pipes: Callable[[], Pipe]) -> None:
    said: list[str] = []
    pipe = pipes()

    def flush() -> None:
        said.append("flush")
        if said.count("flush") == 1:
            pipe.ring()

    loop.before_sleep(flush)
    loop.call_soon(lambda: said.append("call"))
    loop.watch(pipe.read_fd, lambda: (said.append("fd"), loop.stop()))
    loop.run()
    assert said == ["call", "flush", "fd"]


# Stopping.


def test_stop_ends_the_run_after_the_current_callback(loop: EventLoop, pipes: Callable[[], Pipe]) -> None:
    said: list[int] = []
    for number in range(3):
        pipe = pipes()
        pipe.ring()
        loop.watch(pipe.read_fd, lambda number=number: (said.append(number), loop.stop()))
    loop.run()
    assert len(said) == 1


def test_what_stop_left_over_is_done_by_the_next_run(loop: EventLoop) -> None:
    said: list[str] = []
    loop.call_soon(loop.stop)
    loop.call_soon(lambda: said.append("call"))
    loop.call_later(0, lambda: (said.append("timer"), loop.stop()))
    loop.run()
    assert said == []
    loop.run()
    assert said == ["call", "timer"]


def test_stop_before_run_is_not_lost(loop: EventLoop) -> None:
    # A player that was told Finish before its loop ran went on until it was killed.
    loop.stop()
    loop.run()
    loop.call_soon(loop.stop)
    loop.run()


def test_an_exception_comes_out_and_the_loop_can_go_on(loop: EventLoop) -> None:
    def fail() -> None:
        raise KeyError("mine")

    loop.call_soon(fail)
    with pytest.raises(KeyError, match="mine"):
        loop.run()
    loop.call_soon(loop.stop)
    loop.run()


@pytest.mark.parametrize("place", ["timer", "fd", "before sleep"])
def test_an_exception_comes_out_from_everywhere(loop: EventLoop, pipes: Callable[[], Pipe], place: str) -> None:
    def fail() -> None:
        raise KeyError(place)

    if place == "timer":
        loop.call_later(0, fail)
    elif place == "fd":
        pipe = pipes()
        pipe.ring()
        loop.watch(pipe.read_fd, fail)
    else:
        loop.before_sleep(fail)
    with pytest.raises(KeyError, match=place):
        loop.run()


# File descriptors.


def test_a_second_watch_replaces_the_first(loop: EventLoop, pipes: Callable[[], Pipe]) -> None:
    pipe = pipes()
    pipe.ring()
    loop.watch(pipe.read_fd, lambda: pytest.fail("replaced"))
    loop.watch(pipe.read_fd, loop.stop)
    loop.run()


def test_a_writable_fd_is_told_once_it_is_watched_for_that(loop: EventLoop) -> None:
    ours, theirs = socket.socketpair()
    loop.watch(ours.fileno(), lambda: pytest.fail("nothing to read"))
    loop.watch(ours.fileno(), lambda: pytest.fail("nothing to read"), loop.stop)
    loop.run()
    loop.unwatch(ours.fileno())
    ours.close()
    theirs.close()


def test_a_peer_that_hangs_up_makes_its_fd_readable(loop: EventLoop) -> None:
    ours, theirs = socket.socketpair()
    loop.watch(ours.fileno(), loop.stop)
    theirs.close()
    loop.run()
    loop.unwatch(ours.fileno())
    ours.close()


def test_an_fd_that_was_unwatched_in_this_round_is_not_called(loop: EventLoop, pipes: Callable[[], Pipe]) -> None:
    both = [pipes(), pipes()]
    called: list[int] = []

    def unwatch_both(number: int) -> None:
        called.append(number)
        for pipe in both:
            loop.unwatch(pipe.read_fd)
        loop.call_soon(loop.stop)

    for number, pipe in enumerate(both):
        pipe.ring()
        loop.watch(pipe.read_fd, lambda number=number: unwatch_both(number))
    loop.run()
    assert len(called) == 1


def test_a_new_file_with_an_old_number_is_not_called_for_the_old_one(
    loop: EventLoop, pipes: Callable[[], Pipe]
) -> None:
    # The event of a closed fd reached whoever had got its number meanwhile, who then read from an empty file.
    silent = pipes()
    said: list[str] = []

    def replace(other: Pipe) -> None:
        for pipe in both:
            loop.unwatch(pipe.read_fd)
        os.dup2(silent.read_fd, other.read_fd)
        loop.watch(other.read_fd, lambda: said.append("called with nothing to read"))
        loop.call_later(0.02, loop.stop)

    both = [pipes(), pipes()]
    for pipe, other in (both, both[::-1]):
        pipe.ring()
        loop.watch(pipe.read_fd, lambda other=other: replace(other))
    loop.run()
    assert said == []


def test_unwatch_of_an_unknown_fd_does_nothing(loop: EventLoop) -> None:
    loop.unwatch(12345)


def test_close_twice_does_nothing_and_leaves_no_fd() -> None:
    before = len(os.listdir("/proc/self/fd"))
    loop = EventLoop()
    loop.on_signals((signal.SIGUSR1,), loop.stop)
    loop.close()
    loop.close()
    assert len(os.listdir("/proc/self/fd")) == before


# Signals.


def test_a_signal_wakes_the_loop(loop: EventLoop) -> None:
    loop.on_signals((signal.SIGUSR1, signal.SIGUSR2), loop.stop)
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        child = subprocess.Popen([sys.executable, "-c", f"import os; os.kill({os.getpid()}, {int(number)})"])
        loop.run()
        child.wait()


def test_a_signal_before_the_run_is_not_lost(loop: EventLoop) -> None:
    loop.on_signals((signal.SIGUSR1,), loop.stop)
    signal.raise_signal(signal.SIGUSR1)
    loop.run()


def test_a_closed_loop_leaves_the_signals_as_they_were() -> None:
    # After its end the loop went on to swallow SIGTERM: a process that hung then could only be killed.
    before: Any = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        loop = EventLoop()
        loop.on_signals((signal.SIGUSR1,), loop.stop)
        loop.on_signals((signal.SIGUSR1,), loop.stop)
        loop.close()
        assert signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)


# Silence.


def voluntary_switches(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def test_a_loop_with_nothing_to_do_never_wakes() -> None:
    code = (
        "import os, signal\n"
        "from wayvid.system.events import EventLoop\n"
        "loop = EventLoop()\n"
        "loop.on_signals((signal.SIGTERM,), loop.stop)\n"
        "loop.watch(os.pipe()[0], lambda: None)\n"
        "loop.call_later(0.001, lambda: None)\n"
        "timer = loop.call_later(0.3, lambda: None)\n"
        "loop.call_later(3600, lambda: None)\n"
        "loop.call_soon(timer.cancel)\n"
        "loop.call_later(0.01, lambda: print('quiet', flush=True))\n"
        "loop.run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"quiet\n"
        seen = [-1, -2]

        def is_asleep() -> bool:
            seen.append(voluntary_switches(child.pid))
            return seen[-1] == seen[-2] == seen[-3]

        wait_until(is_asleep, DEADLINE_S, "the child to sleep")
        before = seen[-1]
        watched_until_s = monotonic() + 0.7
        wait_until(lambda: monotonic() > watched_until_s, DEADLINE_S, "time to pass")
        assert voluntary_switches(child.pid) == before
        child.terminate()
        assert child.wait(DEADLINE_S) == 0
