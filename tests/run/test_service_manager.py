"""What the service manager hears of the real program: a datagram socket in the place of systemd's."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import read_number
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
WATCHDOG_US = 600_000


class Manager:
    """A service manager that only listens."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.path))
        self.sock.settimeout(START_S)
        self.heard: list[dict[str, str]] = []

    def hear(self) -> dict[str, str]:
        """The next message."""
        self.heard.append(dict(line.partition("=")[::2] for line in self.sock.recv(4096).decode().split("\n")))
        return self.heard[-1]

    def wait_for(self, key: str, words: str = "") -> dict[str, str]:
        """The first message with that key and these words in its value."""
        return wait_until(lambda: message if words in (message := self.hear()).get(key, "-") else None, START_S, key)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    manager = Manager(tmp_path)
    yield manager
    manager.sock.close()


def test_manager_hears_when_the_picture_is_there_what_it_is_and_that_the_loop_turns(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    numbered_clip: Path,
    manager: Manager,
    write_config: Callable[..., str],
) -> None:
    env = {"NOTIFY_SOCKET": str(manager.path), "WATCHDOG_USEC": str(WATCHDOG_US)}
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(), env=env)
    ready = manager.wait_for("READY", "1")
    assert any(read_number(run.shot(name)) is not None for name in sway_desk.outputs), "ready without a picture"
    assert ready["STATUS"].startswith(f"playing: {numbered_clip.name} on {SCREEN}")
    for _ in range(3):
        manager.wait_for("WATCHDOG", "1")
    run.ask("pause")
    assert numbered_clip.name in manager.wait_for("STATUS", "paused")["STATUS"]
    run.ask("resume")
    manager.wait_for("STATUS", "playing")
    assert sum("READY" in message for message in manager.heard) == 1
    run.ask("reload")
    assert manager.wait_for("RELOADING", "1")["MONOTONIC_USEC"].isdecimal()
    manager.wait_for("READY", "1")
    Path(run.folder.parent, "config.toml").write_text("[power]\nmax_memory_mb = 1\n")
    assert not run.ask("reload")["ok"]
    manager.wait_for("RELOADING", "1")
    manager.wait_for("READY", "1")
    assert run.end() == 0
    manager.wait_for("STOPPING", "1")
    assert run.stderr == ""


def test_picture_without_a_player_is_ready_too_and_no_watchdog_is_no_ping(
    sway_desk: Desk, run_wayvid: Callable[..., Run], manager: Manager, tmp_path: Path
) -> None:
    picture = tmp_path / "lake.png"
    Image.new("RGB", (320, 180), (200, 80, 40)).save(picture)
    run = run_wayvid(sway_desk, str(picture), env={"NOTIFY_SOCKET": str(manager.path)})
    first = manager.hear()
    assert first["READY"] == "1"
    assert first["STATUS"].startswith("still: lake.png on ")
    assert run.end() == 0
    assert manager.hear() == {"STOPPING": "1", "STATUS": "ending"}
