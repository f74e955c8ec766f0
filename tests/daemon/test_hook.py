"""When the user's command is run, and what becomes of it: real processes, without the picture that goes with them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wayvid.cli.hook import filled, whole_path
from wayvid.daemon import hook
from wayvid.daemon.hook import Hook
from wayvid.daemon.showing import Showing
from wayvid.system.events import EventLoop

# In the place of Python: leaves out the step that makes the picture.
RUNNER = """#!/bin/sh
while [ "$1" != wayvid.cli.hook ]; do shift; done
shift
exec "$@"
"""
SETTLED_S = 0.05


class Desk:
    """Outputs as a test says, and a hook that looks at them."""

    def __init__(self, loop: EventLoop, folder: Path) -> None:
        self.loop = loop
        self.ran = folder / "ran"
        self.shown: list[Showing] = []
        self.hook: Hook

    def run(self, *command: str) -> None:
        """Have that command run."""
        self.hook = Hook(self.loop, command, lambda: self.shown)

    def note(self, then: str = ":") -> None:
        """Have a command run that notes what it was told."""
        words = f'echo "$WAYVID_OUTPUT $WAYVID_SOURCE $WAYVID_OUTPUTS" >> {self.ran}; {then}'
        self.run("/bin/sh", "-c", words)

    def show(self, source: str, *outputs: str, state: str = "playing") -> None:
        """Have outputs show a source."""
        others = [one for one in self.shown if one.output not in outputs]
        self.shown = [*others, *(Showing(name, state, source) for name in outputs)]
        self.hook.on_change()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Serve until then."""

        def look() -> None:
            if condition():
                self.loop.stop()
            else:
                self.loop.call_later(0.01, look)

        look()
        self.loop.run()

    @property
    def lines(self) -> list[str]:
        """What has run."""
        return self.ran.read_text().splitlines() if self.ran.exists() else []


@pytest.fixture
def desk(loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    runner = tmp_path / "runner"
    runner.write_text(RUNNER)
    runner.chmod(0o755)
    monkeypatch.setattr(hook.sys, "executable", str(runner))
    monkeypatch.setattr(hook, "SETTLED_AFTER_S", SETTLED_S)
    return Desk(loop, tmp_path)


def test_each_source_that_came_is_told_once_when_it_has_a_picture(desk: Desk) -> None:
    desk.note()
    desk.show("waves.mp4", "A", "B", state="starting")
    desk.show("waves.mp4", "A", "B")
    desk.wait(lambda: len(desk.lines) == 1)
    desk.show("waves.mp4", "A", "B", state="paused")
    desk.show("rain.mp4", "B")
    desk.wait(lambda: len(desk.lines) == 2)
    desk.show("rain.mp4", "A")
    desk.wait(lambda: len(desk.lines) == 3)
    assert desk.lines == ["A waves.mp4 A B", "B rain.mp4 B", "A rain.mp4 A"]
    desk.hook.close()
    desk.hook.close()


def test_of_fast_changes_the_last_counts(desk: Desk) -> None:
    desk.note()
    for source in ("a.mp4", "b.mp4", "c.mp4"):
        desk.show(source, "A")
    desk.wait(lambda: bool(desk.lines))
    assert desk.lines == ["A c.mp4 A"]


def test_what_changes_while_it_runs_comes_after_it(desk: Desk, tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    desk.note(f"read word < {go}")
    desk.show("a.mp4", "A")
    desk.wait(lambda: len(desk.lines) == 1)
    desk.show("b.mp4", "A")
    fd = os.open(go, os.O_RDWR)
    os.write(fd, b"on\n")
    desk.wait(lambda: len(desk.lines) == 2)
    os.write(fd, b"on\n")
    assert desk.lines[1] == "A b.mp4 A"
    desk.hook.close()
    os.close(fd)


def test_command_that_takes_too_long_is_ended_with_its_children(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hook, "WITHIN_S", 0.3)
    desk.note(f"sleep 1000 & echo $! >> {desk.ran}; wait")
    desk.show("a.mp4", "A")
    with caplog.at_level(logging.WARNING):
        desk.wait(lambda: bool(caplog.records))
        child = int(desk.lines[1])
        desk.wait(lambda: is_over(child))
    (record,) = caplog.records
    assert "took longer" in record.getMessage()


def is_over(pid: int) -> bool:
    """Whether a process has ended, also where nobody has reaped it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("command", [("/bin/sh", "-c", "exit 3"), ("/nowhere/wal",)])
def test_failure_is_a_line_and_the_next_change_runs_it_again(
    desk: Desk, caplog: pytest.LogCaptureFixture, command: tuple[str, ...]
) -> None:
    desk.run(*command)
    with caplog.at_level(logging.WARNING):
        for count, source in enumerate(("a.mp4", "b.mp4"), 1):
            desk.show(source, "A")
            desk.wait(lambda count=count: len(caplog.records) == count)
    assert all(command[0] in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("{frame}", "/run/my user/frame.png"),
        ("image={frame}", "image=/run/my user/frame.png"),
        ("{source}:{output}", "{frame} of it.mp4:DP-1"),
        ("{colour}{}", "{colour}{}"),
    ],
)
def test_what_is_put_into_a_word_stays_in_it_and_is_not_looked_through(word: str, meant: str) -> None:
    told = {"{frame}": "/run/my user/frame.png", "{source}": "{frame} of it.mp4", "{output}": "DP-1"}
    assert filled(word, told) == meant


def test_a_source_from_home_is_a_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "waves.mp4").touch()
    assert whole_path("~/waves.mp4") == whole_path("waves.mp4") == str(tmp_path / "waves.mp4")
    for other in ("https://example.org/a.mp4", "we:1234567890", "~/gone.mp4"):
        assert whole_path(other) == other
