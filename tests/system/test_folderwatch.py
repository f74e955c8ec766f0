"""What comes to a folder and goes from it is told once, and nothing else wakes the loop."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wayvid.system import folderwatch
from wayvid.system.events import EventLoop
from wayvid.system.folderwatch import FolderWatch
from wayvid.system.inotify import Inotify

DEADLINE_S = 60.0
SILENT_S = 0.1
SETTLED_S = 0.02


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Iterator[EventLoop]:
    monkeypatch.setattr(folderwatch, "SETTLED_S", SETTLED_S)
    loop = EventLoop()
    yield loop
    loop.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("walls/a.png", "walls/list.m3u", "walls/sub/deep/b.png", "walls/.git/c", "elsewhere/d.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "walls"


def calls(loop: EventLoop, path: Path, is_recursive: bool, do: Callable[[], object], wait_s: float) -> int:
    """How often it calls after something was done, until the first call or the end of a time."""
    said: list[None] = []

    def on_change() -> None:
        said.append(None)
        loop.call_later(SILENT_S, loop.stop)

    watch = FolderWatch(loop, str(path), is_recursive, on_change)
    assert watch.reason == ""
    do()
    too_late = loop.call_later(wait_s, loop.stop)
    loop.run()
    too_late.cancel()
    watch.close()
    watch.close()
    return len(said)


@pytest.mark.parametrize(
    ("is_recursive", "do"),
    [
        pytest.param(False, lambda folder: (folder / "new.png").write_bytes(b"x"), id="a new file"),
        pytest.param(False, lambda folder: (folder / "a.png").unlink(), id="a file that goes"),
        pytest.param(False, lambda folder: (folder.parent / "elsewhere/d.png").rename(folder / "d.png"), id="moved in"),
        pytest.param(False, lambda folder: (folder / "a.png").rename(folder.parent / "a.png"), id="moved out"),
        pytest.param(True, lambda folder: (folder / "sub/deep/b.png").unlink(), id="deep below"),
        pytest.param(True, lambda folder: (folder / "new").mkdir(), id="a new folder"),
        pytest.param(False, lambda folder: folder.rename(folder.parent / "gone"), id="the folder itself"),
    ],
)
def test_what_comes_and_goes_is_told_once(
    loop: EventLoop, folder: Path, is_recursive: bool, do: Callable[[Path], object]
) -> None:
    assert calls(loop, folder, is_recursive, lambda: do(folder), DEADLINE_S) == 1


def test_one_file_that_is_written_all_the_time_does_not_hide_the_others(
    loop: EventLoop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a download that is saved piece by piece: nothing new was noticed until it was over.
    monkeypatch.setattr(folderwatch, "SETTLED_S", 0.2)
    monkeypatch.setattr(folderwatch, "LONGEST_S", 0.5)

    def write() -> None:
        (folder / "growing.mp4").write_bytes(b"x")
        loop.call_later(0.02, write)

    assert calls(loop, folder, False, write, 1.5) >= 1


def test_a_list_is_watched_for_itself(loop: EventLoop, folder: Path) -> None:
    path = folder / "list.m3u"
    assert calls(loop, path, False, lambda: path.write_text("a.png\n"), DEADLINE_S) == 1
    assert calls(loop, path, False, lambda: (folder / "new.png").write_bytes(b"x"), SILENT_S) == 0


@pytest.mark.parametrize(
    ("is_recursive", "do"),
    [
        pytest.param(False, lambda folder: (folder / "a.png").read_bytes(), id="a file that is read"),
        pytest.param(False, lambda folder: (folder / "sub/new.png").write_bytes(b"x"), id="a folder in it"),
        pytest.param(True, lambda folder: (folder / ".git/new").write_bytes(b"x"), id="a hidden folder"),
        pytest.param(True, lambda folder: (folder.parent / "elsewhere/e.png").write_bytes(b"x"), id="elsewhere"),
    ],
)
def test_nothing_else_is_told(loop: EventLoop, folder: Path, is_recursive: bool, do: Callable[[Path], object]) -> None:
    assert calls(loop, folder, is_recursive, lambda: do(folder), SILENT_S) == 0


def test_a_file_in_a_folder_that_came_is_told_too(loop: EventLoop, folder: Path) -> None:
    said: list[None] = []
    watch = FolderWatch(loop, str(folder), True, lambda: (said.append(None), loop.stop())[0])
    for do in ((folder / "new").mkdir, lambda: (folder / "new/e.png").write_bytes(b"x")):
        do()
        loop.call_later(DEADLINE_S, loop.stop)
        loop.run()
    assert len(said) == 2
    watch.close()


def test_so_many_folders_are_not_watched_and_that_is_said(
    loop: EventLoop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folderwatch, "MOST_FOLDERS", 1)
    watch = FolderWatch(loop, str(folder), True, lambda: None)
    assert watch.reason == "it has more than 1 folders"
    watch.close()
    watch = FolderWatch(loop, str(folder / "gone" / "x"), False, lambda: None)
    assert watch.reason == os.strerror(2)
    watch.close()


def test_a_folder_that_goes_and_comes_again_is_watched_as_before(loop: EventLoop, folder: Path) -> None:
    said: list[None] = []
    watch = FolderWatch(loop, str(folder), False, lambda: (said.append(None), loop.stop())[0])
    away = folder.parent / "away"
    steps = (
        lambda: folder.rename(away),
        lambda: away.rename(folder),
        lambda: (folder / "new.png").write_bytes(b"x"),
        lambda: shutil.rmtree(folder),
        folder.mkdir,
        lambda: (folder / "new.png").write_bytes(b"x"),
    )
    for number, do in enumerate(steps, 1):
        do()
        too_late = loop.call_later(DEADLINE_S, loop.stop)
        loop.run()
        too_late.cancel()
        assert len(said) == number
    watch.close()


def test_a_folder_that_may_not_be_read_does_not_hide_the_others(
    loop: EventLoop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of a disk with lost+found in it, what came to the folders behind that was not noticed.
    add = Inotify.add

    def refusing(self: Inotify, path: str, mask: int) -> int:
        if path.endswith("lost+found"):  # as for a user who is not root
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return add(self, path, mask)

    monkeypatch.setattr(Inotify, "add", refusing)
    monkeypatch.setattr(
        folderwatch, "_folders_in", lambda path: [f"{path}/lost+found", f"{path}/gone", f"{path}/sub/deep"]
    )
    assert calls(loop, folder, True, (folder / "sub/deep/b.png").unlink, DEADLINE_S) == 1
