"""Work on a thread of its own: told at once where it is quick, given up where it never ends."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import wait_until
from wayvid.system import errands
from wayvid.system.errands import Errands, answers, at_once
from wayvid.system.events import EventLoop

DEADLINE_S = 60.0


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


class Hung:
    """Work that is over when the test says so."""

    def __init__(self) -> None:
        self.calls = 0
        self.may_end = threading.Event()

    def __call__(self) -> str:
        self.calls += 1
        self.may_end.wait(DEADLINE_S)
        return "done"


@pytest.fixture
def hung() -> Iterator[Hung]:
    hung = Hung()
    yield hung
    hung.may_end.set()


class Told:
    """What was told, which ends the loop."""

    def __init__(self, loop: EventLoop) -> None:
        self.said: list[tuple[object, Exception | None]] = []
        self._loop = loop

    def __call__(self, value: object, error: Exception | None) -> None:
        self.said.append((value, error))
        self._loop.stop()


@pytest.fixture
def wait_for_it(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Says how long work is waited for before the loop goes on: wait_for_it(seconds)."""
    return lambda seconds: monkeypatch.setattr(errands._Errand.wait, "__defaults__", (seconds,))


def open_fds() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_what_is_quick_is_told_before_it_returns(loop: EventLoop, wait_for_it: Callable[[float], None]) -> None:
    wait_for_it(DEADLINE_S)
    told = Told(loop)
    errands = Errands(loop)
    before = open_fds()
    errands.run("a", lambda: 7, told, DEADLINE_S)
    assert told.said == [(7, None)]
    error = OSError("no")

    def fail() -> None:
        raise error

    errands.run("a", fail, told, DEADLINE_S)
    assert told.said[1:] == [(None, error)]
    assert open_fds() == before


def test_what_takes_long_is_told_by_the_loop(loop: EventLoop, hung: Hung, wait_for_it: Callable[[float], None]) -> None:
    wait_for_it(0.01)
    told = Told(loop)
    refused: list[tuple[object, Exception | None]] = []
    before = open_fds()
    going = Errands(loop)
    going.run("a", hung, told, DEADLINE_S)
    going.run("a", hung, lambda *said: refused.append(said), DEADLINE_S)
    assert told.said == []
    assert [type(error) for _value, error in refused] == [TimeoutError]
    assert going.is_awaited("a")
    assert hung.calls == 1, "the same is asked once at a time"
    hung.may_end.set()
    loop.run()
    assert told.said == [("done", None)]
    assert open_fds() == before
    wait_for_it(DEADLINE_S)
    going.run("a", hung, told, DEADLINE_S)
    assert told.said[1:] == [("done", None)]


def test_what_never_ends_is_given_up_and_not_begun_again(
    loop: EventLoop, hung: Hung, wait_for_it: Callable[[float], None]
) -> None:
    wait_for_it(0.01)
    told = Told(loop)
    before = open_fds()
    going = Errands(loop)
    going.run("a", hung, told, 0.01)
    loop.run()
    assert open_fds() == before
    going.run("a", hung, told, 0.01)
    assert [type(error) for _value, error in told.said] == [TimeoutError] * 2
    assert hung.calls == 1, "each would be a thread more"
    wait_for_it(DEADLINE_S)
    going.run("b", lambda: 7, told, DEADLINE_S)
    assert told.said[2:] == [(7, None)]
    wait_for_it(0.01)
    going.run("c", hung, told, DEADLINE_S)
    going.close()
    going.close()
    assert open_fds() == before


def test_answers_says_whether_somebody_does(
    tmp_path: Path, hung: Hung, monkeypatch: pytest.MonkeyPatch, wait_for_it: Callable[[float], None]
) -> None:
    wait_for_it(DEADLINE_S)
    assert answers(str(tmp_path))
    assert answers(str(tmp_path / "missing"))
    wait_for_it(0.01)
    monkeypatch.setattr(os.path, "lexists", lambda _path: hung() == "done")
    assert not answers(str(tmp_path))
    assert not answers(str(tmp_path))
    assert hung.calls == 1
    hung.may_end.set()
    wait_until(lambda: answers(str(tmp_path)), DEADLINE_S, "an answer")


@pytest.mark.parametrize("kind", [OSError, ValueError])
def test_at_once_raises_what_came(kind: type[Exception], hung: Hung, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise kind("no")

    with pytest.raises(kind, match="no"):
        at_once(fail, DEADLINE_S)
    assert at_once(lambda: 7, DEADLINE_S) == 7
    monkeypatch.setattr(errands, "LONG_PATIENCE_S", 0.01)
    with pytest.raises(TimeoutError):
        at_once(hung)


def test_where_the_system_has_no_thread_left_the_work_is_done_all_the_same(
    loop: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> int:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("_thread.start_new_thread", refuse)
    told: list[object] = []
    Errands(loop).run("a", lambda: "done", lambda value, error: told.append((value, error)), 1.0)
    assert (told, at_once(lambda: "now")) == ([("done", None)], "now")
