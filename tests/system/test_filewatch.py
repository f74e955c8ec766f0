"""A file's changes are seen however they come about, once each, and nothing else wakes the loop."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wayvid.system import filewatch, inotify
from wayvid.system.events import EventLoop
from wayvid.system.filewatch import FileWatch, Point, points_of

DEADLINE_S = 60.0


class Watched:
    """A file behind a linked folder, watched; `said` has what it contained at each call."""

    def __init__(self, folder: Path, loop: EventLoop) -> None:
        self.real = folder / "real"
        self.real.mkdir()
        (folder / "link").symlink_to("real")
        self.path = folder / "link" / "wayvid" / "config.toml"
        self.said: list[str | None] = []
        self.loop = loop
        self.watch = FileWatch(loop, [str(self.path)], self._on_change)

    def _on_change(self) -> None:
        self.said.append(self.path.read_text() if self.path.exists() else None)
        self.loop.stop()

    def wait_said(self) -> str | None:
        """What it contains when the next call comes."""
        self.said.clear()
        too_late = self.loop.call_later(DEADLINE_S, self.loop.stop)
        self.loop.run()
        too_late.cancel()
        assert len(self.said) == 1, "no call"
        return self.said[0]

    def is_silent(self) -> bool:
        """Whether no call comes within the longest delay."""
        self.said.clear()
        self.loop.call_later(filewatch.UNSETTLED_S + 0.1, self.loop.stop)
        self.loop.run()
        return not self.said

    def write(self, text: str) -> None:
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(text)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    loop = EventLoop()
    watched = Watched(tmp_path, loop)
    assert not watched.watch.reason
    yield watched
    watched.watch.close()
    loop.close()


def by_rename(watched: Watched, text: str) -> None:
    aside = watched.path.with_suffix(".toml~")
    aside.write_text(text)
    aside.replace(watched.path)


def by_backup(watched: Watched, text: str) -> None:
    """As vim does with 'backupcopy=no'."""
    watched.path.replace(watched.path.with_suffix(".bak"))
    watched.path.write_text(text)


def by_removal(watched: Watched, text: str) -> None:
    watched.path.unlink()
    watched.path.write_text(text)


def by_another_folder(watched: Watched, text: str) -> None:
    watched.path.parent.rename(watched.real / f"before-{text}")
    watched.write(text)


def by_a_link(watched: Watched, text: str) -> None:
    """As home managers do: the file is a link to one that is never written."""
    store = watched.real / f"store-{text}"
    store.write_text(text)
    aside = watched.path.with_suffix(".new")
    aside.symlink_to(store)
    aside.replace(watched.path)


def by_another_linked_folder(watched: Watched, text: str) -> None:
    other = watched.real.with_name(f"other-{text}")
    (other / "wayvid").mkdir(parents=True)
    (other / "wayvid" / "config.toml").write_text(text)
    aside = other.with_name("aside")
    aside.symlink_to(other)
    aside.replace(watched.real.with_name("link"))


WAYS = [by_rename, by_backup, by_removal, by_another_folder, by_a_link, by_another_linked_folder]


@pytest.mark.parametrize("save", [Watched.write, *WAYS])
def test_each_way_to_save_is_seen_once_and_so_is_the_next(
    watched: Watched, save: Callable[[Watched, str], None]
) -> None:
    watched.write("first")
    assert watched.wait_said() == "first"
    for text in ("second", "third"):
        save(watched, text)
        assert watched.wait_said() == text
    watched.path.resolve().write_text("in place")
    assert watched.wait_said() == "in place"


def test_folder_and_file_may_come_later(watched: Watched) -> None:
    watched.path.parent.mkdir()
    assert watched.wait_said() is None
    watched.write("text")
    assert watched.wait_said() == "text"


def test_file_behind_two_links_is_seen(watched: Watched) -> None:
    store = watched.real / "store"
    store.mkdir()
    (store / "text").write_text("first")
    (watched.real / "middle").symlink_to("store/text")
    watched.path.parent.mkdir()
    watched.path.symlink_to("../middle")
    assert watched.wait_said() == "first"
    (store / "text").write_text("second")
    assert watched.wait_said() == "second"
    store.rename(watched.real / "gone")
    assert watched.wait_said() is None
    (watched.real / "gone").rename(store)
    assert watched.wait_said() == "second"


def test_file_that_is_still_written_is_waited_for(watched: Watched) -> None:
    watched.write("")
    watched.wait_said()
    with watched.path.open("w") as file:
        file.write("ha")
        file.flush()
        watched.loop.call_later(4 * filewatch.SETTLED_S, lambda: (file.write("lf"), file.close()))
        assert watched.wait_said() == "half"


def test_file_that_is_kept_open_is_read_in_the_end(watched: Watched) -> None:
    watched.path.parent.mkdir()
    watched.wait_said()
    with watched.path.open("w") as file:
        file.write("all")
        file.flush()
        assert watched.wait_said() == "all"


def test_removed_file_is_waited_for_before_it_is_missed(watched: Watched) -> None:
    watched.write("first")
    watched.wait_said()
    watched.path.unlink()
    watched.loop.call_later(4 * filewatch.SETTLED_S, lambda: watched.write("second"))
    assert watched.wait_said() == "second"
    watched.path.unlink()
    assert watched.wait_said() is None


def test_other_files_say_nothing(watched: Watched) -> None:
    watched.write("text")
    watched.wait_said()
    (watched.path.parent / "other").write_text("other")
    (watched.real / "other").write_text("other")
    (watched.real.parent / "other").write_text("other")
    assert watched.is_silent()


def test_what_is_on_the_way_is_watched_for_itself_alone(watched: Watched) -> None:
    watched.write("text")
    points = points_of([str(watched.path)])
    folder = str(watched.real / "wayvid")
    assert points[folder].names == {"config.toml"}
    others = [point for path, point in points.items() if path != folder]
    assert all(not point.names and not point.mask & (inotify.CREATE | inotify.MODIFY) for point in others)
    assert str(watched.path.parents[1]) in points


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    points = points_of([str(tmp_path / "a" / "config.toml")])
    assert {str(tmp_path / "a"), str(tmp_path / "b")} <= set(points)


def test_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "closed").mkdir(mode=0o100)
    loop = EventLoop()
    watch = FileWatch(loop, [str(tmp_path / "closed" / "config.toml")], lambda: None)
    assert watch.reason == f"{tmp_path / 'closed'} may not be read by this user"
    watch.close()
    loop.close()


def test_too_many_watches_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, _path: str, _mask: int) -> int:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(filewatch.Inotify, "add", refuse)
    loop = EventLoop()
    watch = FileWatch(loop, [str(tmp_path / "config.toml")], lambda: None)
    assert "too many files are watched" in watch.reason
    watch.close()
    watch.close()
    loop.close()


def test_writes_to_a_device_wake_nobody() -> None:
    # With -c /dev/null every command that somebody silenced woke the daemon.
    assert points_of(["/dev/null"]) == {"/dev": Point(filewatch._SELF, frozenset())}
