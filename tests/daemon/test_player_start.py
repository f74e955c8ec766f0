"""A real player that cannot start says why, and ends with the exit code for it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.daemon.conftest import Watched
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.link.messages import Ended, Prepare, StreamSpec
from wayvid.link.spawn import spawn_player
from wayvid.system.events import EventLoop


def run_to_its_end(loop: EventLoop) -> tuple[list[object], str]:
    player = PlayerProcess(spawn_player(logging.WARNING))
    player.link.send(Prepare(0, StreamSpec(path="av://lavfi:testsrc")))
    watched = Watched(player, loop)
    reason = watched.run_until_exit()
    player.close()
    return list(watched.said), reason


def test_a_player_without_a_compositor_says_so(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-gone")
    said, reason = run_to_its_end(loop)
    *_, ended = said
    assert isinstance(ended, Ended)
    assert "wayland-gone" in ended.reason
    assert (ended.exit_code, reason) == (3, "exit code 3")
    assert capfd.readouterr().err == ""


def test_a_player_without_libmpv_says_what_to_install(
    loop: EventLoop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mpv.py").write_text("raise OSError('Cannot find libmpv in the usual places.')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said, reason = run_to_its_end(loop)
    (ended,) = said
    assert isinstance(ended, Ended)
    assert "libmpv is not installed; install it: libmpv2 (Debian, Ubuntu)" in ended.reason
    assert (ended.exit_code, reason) == (7, "exit code 7")
    assert capfd.readouterr().err == ""
