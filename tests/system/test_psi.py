"""Memory pressure: real where the machine lets us make it, said by a socket elsewhere."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.shortage import SaidShortage, Shortage, make_shortage
from tests.system.conftest import rounds_of
from wayvid.system.events import EventLoop
from wayvid.system.psi import PATH_VARIABLE, Stall, SystemPressure, open_triggers

CGROUPS_V2 = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))


@pytest.fixture
def shortage(tmp_path: Path) -> Iterator[Shortage]:
    shortage = make_shortage(tmp_path)
    yield shortage
    shortage.close()


@pytest.fixture
def said(tmp_path: Path) -> Iterator[SaidShortage]:
    """A socket that says what the kernel would."""
    shortage = SaidShortage(tmp_path)
    yield shortage
    shortage.close()


@pytest.fixture
def opened() -> Iterator[Callable[[str | None], SystemPressure]]:
    """Opens triggers and closes them at the end."""
    pressures: list[SystemPressure] = []

    def open_and_keep(path: str | None = None) -> SystemPressure:
        pressures.append(open_triggers(path))
        return pressures[-1]

    yield open_and_keep
    for pressure in pressures:
        pressure.close()


Opened = Callable[..., SystemPressure]


def unexpected(stall: Stall) -> None:
    pytest.fail(f"a stall out of nowhere: {stall}")


# Stalls.


def test_a_shortage_of_memory_is_told(loop: EventLoop, opened: Opened, shortage: Shortage) -> None:
    stalls: list[Stall] = []

    def on_event(stall: Stall) -> None:
        stalls.append(stall)
        if stall == "some":
            loop.stop()

    pressure = opened(shortage.path)
    assert pressure.reason == ""
    pressure.watch_in(loop, on_event)
    shortage.begin()
    loop.run()
    assert "some" in stalls


def test_each_kind_of_stall_is_told_as_what_it_is(
    loop: EventLoop, opened: Opened, said: SaidShortage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalls: list[Stall] = []
    monkeypatch.setenv(PATH_VARIABLE, said.path)
    opened().watch_in(loop, lambda stall: (stalls.append(stall), loop.stop()))
    for byte in (b"s", b"f", b"s"):
        said.say(byte)
        loop.run()
    assert stalls == ["some", "full", "some"]


def test_watching_does_not_wake_the_loop_while_nothing_happens(loop: EventLoop, opened: Opened) -> None:
    # A pressure file is always readable.
    opened().watch_in(loop, lambda _stall: None)
    assert rounds_of(loop, 0.1) < 10


# Ends.


@pytest.fixture
def cgroup(tmp_path: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A pressure file and what makes it vanish: a cgroup's, or a socket that hangs up."""
    for root in CGROUPS_V2:
        folder = root / f"wayvid-test-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            continue
        if (folder / "memory.pressure").exists():
            yield str(folder / "memory.pressure"), folder.rmdir
            return
        folder.rmdir()
    said = SaidShortage(tmp_path)
    yield said.path, said.close


def test_a_watched_cgroup_that_is_removed_is_given_up(
    loop: EventLoop, opened: Opened, cgroup: tuple[str, Callable[[], None]]
) -> None:
    path, remove = cgroup
    fds = len(os.listdir("/proc/self/fd"))
    pressure = opened(path)
    pressure.watch_in(loop, unexpected)
    assert pressure.reason == ""
    remove()
    assert rounds_of(loop, 0.1) < 10
    assert "gone" in pressure.reason
    assert len(os.listdir("/proc/self/fd")) <= fds  # one less where a listening socket played the cgroup


def test_close_withdraws_everything_and_twice_does_nothing(loop: EventLoop, opened: Opened) -> None:
    fds = len(os.listdir("/proc/self/fd"))
    for is_watched in (True, False):
        pressure = opened()
        if is_watched:
            pressure.watch_in(loop, unexpected)
        pressure.close()
        pressure.close()
    assert len(os.listdir("/proc/self/fd")) == fds


# Refusals.


def test_a_path_that_cannot_be_watched_gives_a_reason_and_no_error(
    loop: EventLoop, opened: Opened, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "stale"))
    fds = len(os.listdir("/proc/self/fd"))
    for path, words in {
        tmp_path / "missing": "No such file or directory; the kernel keeps no such figures",
        tmp_path: "Is a directory",
        tmp_path / "stale": "Connection refused",
        Path("/dev/full"): "No space left on device",  # can be opened, and refuses what is written
    }.items():
        pressure = opened(str(path))
        assert words in pressure.reason
        assert str(path) in pressure.reason
        assert "\n" not in pressure.reason
        pressure.watch_in(loop, unexpected)
    assert len(os.listdir("/proc/self/fd")) == fds


def test_a_file_that_is_no_pressure_file_is_given_up(loop: EventLoop, opened: Opened, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    fds = len(os.listdir("/proc/self/fd"))
    pressure = opened(str(tmp_path / "plain"))
    pressure.watch_in(loop, unexpected)
    assert "cannot be watched" in pressure.reason
    assert len(os.listdir("/proc/self/fd")) == fds
