"""A named pipe is waited for, whatever becomes of its name meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wayvid.daemon.pipe import Pipe
from wayvid.link.messages import PIPE, StreamSpec
from wayvid.system.events import EventLoop

DEADLINE_S = 60.0


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


def make(path: Path) -> None:
    os.mkfifo(path)


def make_again(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_file(path: Path) -> None:
    path.unlink()
    path.write_bytes(b"x")


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([], id="as it was"),
        pytest.param([make_again], id="made anew"),
        pytest.param([make_again, make_again], id="twice"),
        pytest.param([Path.unlink, make], id="gone for a while"),
        pytest.param([make_file, make_again], id="a file for a while"),
    ],
)
def test_a_pipe_is_waited_for_by_its_name(
    loop: EventLoop, tmp_path: Path, steps: list[Callable[[Path], object]]
) -> None:
    path = tmp_path / "wall"
    make(path)
    fds = len(os.listdir("/proc/self/fd"))
    pipe = Pipe(loop, StreamSpec(f"{PIPE}{path}"))
    said: list[None] = []
    pipe.wait(lambda: (said.append(None), loop.stop())[0])
    for step in steps:
        step(path)
        loop.call_later(0.0, loop.stop)
        loop.run()
    assert said == []

    def write() -> None:
        try:
            writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads it yet
            loop.call_later(0.01, write)
            return
        os.write(writer, b"x")
        os.close(writer)

    write()
    loop.call_later(DEADLINE_S, loop.stop)
    loop.run()
    assert said == [None]
    pipe.close()
    pipe.close()
    assert len(os.listdir("/proc/self/fd")) == fds


def test_who_writes_to_a_pipe_that_was_removed_is_read(loop: EventLoop, tmp_path: Path) -> None:
    path = tmp_path / "wall"
    make(path)
    pipe = Pipe(loop, StreamSpec(f"{PIPE}{path}"))
    said: list[None] = []
    pipe.wait(lambda: (said.append(None), loop.stop())[0])
    writer = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    path.unlink()
    loop.call_later(0.05, loop.stop)
    loop.run()
    os.write(writer, b"x")
    loop.call_later(DEADLINE_S, loop.stop)
    loop.run()
    assert said == [None]
    os.close(writer)
    pipe.close()
