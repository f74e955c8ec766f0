"""The state file: written whole or not at all, and taken for none when it is not ours."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.daemon.test_remember import BASE, state, track
from wayvid.daemon.remember import State
from wayvid.daemon.statefile import MOVED_AFTER_S, StateFile, read_state, state_path
from wayvid.system.events import EventLoop


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"XDG_STATE_HOME": "/s", "WAYLAND_DISPLAY": "wayland-1"}, "/s/wayvid/state-wayland-1.json"),
        ({"HOME": "/h", "WAYLAND_DISPLAY": "/run/x/wayland-2"}, "/h/.local/state/wayvid/state-wayland-2.json"),
        ({"XDG_STATE_HOME": "s", "HOME": "/h", "WAYLAND_DISPLAY": "w"}, "/h/.local/state/wayvid/state-w.json"),
        ({"WAYLAND_DISPLAY": "wayland-1"}, ""),
        ({"HOME": "/h"}, ""),
    ],
)
def test_each_display_has_a_file(environ: dict[str, str], path: str) -> None:
    assert state_path(environ) == path


def test_what_is_told_is_written_at_once_and_then_together(tmp_path: Path, loop: EventLoop) -> None:
    path = tmp_path / "new" / "wayvid" / "state.json"
    written: list[bool] = []

    def now(is_over: bool) -> State:
        written.append(is_over)
        return state(track(BASE, float(len(written))), is_over=is_over)

    def serve() -> None:
        loop.call_later(MOVED_AFTER_S / 2, loop.stop)
        loop.run()

    file = StateFile(loop, str(path), now)
    file.on_moved()
    file.on_told()
    loop.call_later(0.0, loop.stop)
    loop.run()
    assert written == [False]
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(5):
        file.on_told()
    serve()
    assert written == [False] * 2
    file.on_moved()
    serve()
    assert written == [False] * 2
    file.close()
    assert written == [False, False, True]
    was = read_state(str(path))
    assert was is not None
    assert (was.is_over, was.tracks[0].position_s) == (True, 3.0)
    assert [entry.name for entry in path.parent.iterdir()] == ["state.json"]


def test_who_was_told_nothing_leaves_the_file(tmp_path: Path, loop: EventLoop) -> None:
    StateFile(loop, str(tmp_path / "state.json"), lambda _is_over: state()).close()
    assert not list(tmp_path.iterdir())


def test_file_that_cannot_be_written_is_told_once(
    tmp_path: Path, loop: EventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    file = StateFile(loop, str(tmp_path / "file" / "state.json"), lambda _is_over: state(track(BASE)))
    for _ in range(2):
        file.on_told()
        file.close()
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.WARNING
    assert "state.json cannot be written: Not a directory: what commands say" in caplog.text
    nowhere = StateFile(loop, "", lambda _is_over: state(track(BASE)))
    nowhere.on_told()
    nowhere.close()
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"no json", b'{"v":1}', b"\xff\xfe", b"[" * 100_000, b'{"v":1,"at_s":NaN}'],
    ids=["empty", "nothing in it", "text", "part", "no UTF-8", "deep", "no number"],
)
def test_damaged_file_is_one_line(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert read_state(str(path)) is None
    assert [record.message for record in caplog.records] == [
        f"state: {path} is damaged or of another wayvid; beginning without it"
    ]


def test_missing_file_is_no_line_and_a_folder_is_one(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert read_state(str(tmp_path / "missing" / "state.json")) is None
    assert not caplog.records
    assert read_state(str(tmp_path)) is None
    assert "cannot be read: Is a directory; beginning without it" in caplog.text
