"""Who subscribed is told of what really changes, and only of that."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.run.conftest import START_S, Run
from tests.run.test_hold import voluntary_switches
from tests.support import wait_until
from wayvid.desk import Desk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"


class Heard:
    """A subscription, and all that came of it."""

    def __init__(self, run: Run) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(START_S)
        self.sock.connect(str(run.desk.runtime_dir / f"wayvid-{run.desk.display.name}.sock"))
        self.sock.sendall(b'{"v":1,"command":"subscribe"}\n')
        self._lines = self.sock.makefile("rb")
        assert self.next()["ok"]

    def next(self) -> dict[str, Any]:
        """The next line."""
        line = json.loads(self._lines.readline())
        assert line["v"] == 1
        return line

    def until(self, *wanted: tuple[str, str]) -> list[dict[str, Any]]:
        """All lines up to the last of these outputs being in these states."""
        missing, lines = set(wanted), []
        while missing:
            lines.append(self.next())
            missing.discard((lines[-1].get("output", ""), lines[-1].get("state", "")))
        return lines

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self.sock.close()


@pytest.fixture
def listen() -> Iterator[Callable[[Run], Heard]]:
    """Subscribes: listen(run)."""
    heard: list[Heard] = []

    def start(run: Run) -> Heard:
        heard.append(Heard(run))
        return heard[-1]

    yield start
    for one in heard:
        one.close()


def test_what_commands_do_is_told_once_for_each_screen(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    listen: Callable[[Run], Heard],
    numbered_clip: Path,
    tmp_path: Path,
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", str(config))
    run.wait_playing()
    heard = listen(run)
    now = [heard.next() for _ in range(3)]
    assert [(line["event"], line["output"], line["state"]) for line in now] == [
        ("now", name, "playing") for name in (A, B, C)
    ]
    assert now[0]["source"] == str(numbered_clip)

    run.ask("pause", outputs=[B])
    lines = heard.until((B, "paused"))  # it parts from the others first, and starts
    assert {(line["output"], line["is_paused"]) for line in lines} == {(B, True)}
    assert "is_paused" in lines[0]["changed"]
    assert lines[-1]["changed"] == ["state"]

    run.ask("seek", to=5, outputs=[A])
    line = heard.next()
    assert (line["output"], line["changed"], line["state"]) == (A, ["position_s"], "playing")
    assert 4.5 < line["position_s"] < 7
    run.ask("speed", speed=2, outputs=[A])
    line = heard.next()  # and no word of a start, before or after: it has played all the time
    assert (line["output"], line["changed"], line["state"]) == (A, ["speed", "position_s"], "playing")

    run.ask("layout", layout="contain", outputs=[C])
    line = heard.next()
    assert (line["output"], line["changed"], line["layout"]) == (C, ["layout"], "contain")

    assert not run.ask("set", source="/no/such.mp4")["ok"]
    assert run.ask("set", source="", outputs=[C])["ok"]
    lines = heard.until((C, "playing"))
    assert {line["output"] for line in lines} == {C}, "of a source that is not there nothing is told"
    assert "source" in lines[0]["changed"]

    config.write_text("speed = fast")
    assert not run.ask("reload")["ok"]
    line = heard.next()
    assert (line["event"], line["path"]) == ("config", str(config))
    assert line["error"]
    config.write_text("")
    assert run.ask("reload")["ok"]
    assert heard.next()["error"] == ""

    quick = listen(run)  # what follows is told to all
    before = [quick.next()["event"] for _ in range(3)]
    assert before == ["now"] * 3
    assert run.ask("quit")["ok"]
    assert run.process.wait(START_S) == 0
    assert run.stderr.count("\n") == 1  # of the source that is not there
    assert "no such file" in run.stderr


def test_who_listens_does_not_wake_a_held_wallpaper(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    listen: Callable[[Run], Heard],
    numbered_clip: Path,
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.3))
    run.wait_playing()
    heard = listen(run)
    run.ask("pause")
    lines = heard.until(*((name, "held") for name in (A, B, C)))
    assert [line["state"] for line in lines[-3:]] == ["held"] * 3
    assert {line["reason"] for line in lines[-3:]} == {"paused"}
    daemon = run.process.pid

    def sleeps() -> bool:
        before = voluntary_switches(daemon)
        for _ in range(10):
            run.shot(A)
        return voluntary_switches(daemon) == before

    wait_until(sleeps, START_S, "the daemon to sleep")
