"""What folders and lists have in them, and what of them is shown first and next."""

from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest

from wayvid.daemon import listing
from wayvid.daemon.listing import _files_in, list_of, opened, stream_of, turned
from wayvid.daemon.source import IMAGE_OPTIONS
from wayvid.daemon.turns import Entry, Opened, Turn
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist, playlist_of


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_said", {})


def fill(folder: Path, *names: str, data: bytes = b"x") -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def turn_of(opened: Opened | None) -> Turn:
    assert opened is not None
    assert opened.turn is not None
    return opened.turn


def shown(source: str, count: int) -> list[str]:
    """The names of the first files, as they are shown."""
    turn = turn_of(opened(source))
    files = [turn.entry.file]
    while len(files) < count:
        turn = turn_of(turned(turn, 1))
        files.append(turn.entry.file)
    return [os.path.basename(file) for file in files]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param("playlist:/a", Playlist("/a"), id="plain"),
        pytest.param("playlist:/a?order=shuffle", Playlist("/a", "shuffle"), id="shuffled"),
        pytest.param(
            "playlist:/a?order=shuffle&every_s=600&recursive=true", Playlist("/a", "shuffle", 600.0, True), id="all"
        ),
        pytest.param("playlist:/what?", Playlist("/what?"), id="a question in the name"),
        pytest.param("playlist:/a?b=c?order=name", Playlist("/a?b=c"), id="a name like options"),
        pytest.param("playlist:/a?every_s=2.5", Playlist("/a", every_s=2.5), id="a part of a second"),
    ],
)
def test_a_list_is_written_as_it_is_read(text: str, wanted: Playlist) -> None:
    assert playlist_of(text) == wanted
    assert playlist_of(str(wanted)) == wanted


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("order=random", "no order 'random'; give name or shuffle"),
        ("every_s=0.5", "seconds from 1 to 604800"),
        ("every_s=often", "seconds from 1 to 604800"),
        ("every_s=nan", "seconds from 1 to 604800"),
        ("recursive=1", "give true or false"),
        ("every=10", "'every' is no option"),
    ],
)
def test_a_wrong_option_of_a_list_is_named(tmp_path: Path, words: str, reason: str) -> None:
    with pytest.raises(SourceUnplayable, match=reason) as caught:
        opened(f"playlist:{tmp_path}?{words}")
    assert "\n" not in str(caught.value)


def test_a_folder_is_its_media_in_the_order_of_their_names(tmp_path: Path) -> None:
    fill(tmp_path, "b.mp4", "a.PNG", "c.webm", ".hidden.mp4", "notes.txt", "mp4", "sub.mp4/inner.mp4")
    assert shown(str(tmp_path), 4) == ["a.PNG", "b.mp4", "c.webm", "a.PNG"]
    assert stream_of(str(tmp_path)) == StreamSpec(f"{tmp_path}/a.PNG", options=IMAGE_OPTIONS)


def test_folders_in_a_folder_belong_to_it_where_that_is_said_and_loops_of_links_end(tmp_path: Path) -> None:
    fill(tmp_path, "b.mp4", "sub/a.mp4", "sub/deep/c.mp4", ".git/d.mp4")
    (tmp_path / "sub" / "deep" / "up").symlink_to(tmp_path)
    (tmp_path / "self.mp4").symlink_to("self.mp4")
    (tmp_path / "gone.mp4").symlink_to("nothing")
    assert shown(str(tmp_path), 1) == ["b.mp4"]
    assert sorted(shown(f"playlist:{tmp_path}?recursive=true", 3)) == ["a.mp4", "b.mp4", "c.mp4"]
    found = list(_files_in(str(tmp_path), True, ""))
    assert sorted(found) == [f"{tmp_path}/{name}" for name in ("b.mp4", "sub/a.mp4", "sub/deep/c.mp4")]
    assert turn_of(opened(str(tmp_path))).is_alone


def test_a_list_in_a_file_has_its_own_order_and_what_is_missing_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path, "c.mp4", "a b.mp4", "sub/d.mp4")
    lines = ["#EXTM3U", "#EXTINF:3,title", "c.mp4", "", "gone.mp4", f"{tmp_path}/a b.mp4", "c.mp4", "sub/d.mp4", "sub"]
    (tmp_path / "list.m3u").write_text("\r\n".join([*lines, "https://example.org/e.mp4"]))
    with caplog.at_level(logging.WARNING):
        assert shown(str(tmp_path / "list.m3u"), 5) == ["c.mp4", "a b.mp4", "d.mp4", "e.mp4", "c.mp4"]
    assert caplog.text.count("2 of the files that it names are not there, such as 'gone.mp4'") == 1
    assert caplog.text.count("\n") == 1


def test_a_list_or_folder_that_cannot_be_read_to_its_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The daemon ended with a traceback: EIO came from reading, not from opening.
    (tmp_path / "list.m3u").symlink_to("/proc/self/mem")
    with pytest.raises(SourceUnplayable, match="Input/output error"):
        opened(str(tmp_path / "list.m3u"))
    fill(tmp_path / "f", "a.mp4", "b.mp4")
    turn = turn_of(opened(str(tmp_path / "f")))

    class Broken:
        def __enter__(self) -> Broken:
            return self

        def __exit__(self, *_exc: object) -> None: ...

        def close(self) -> None: ...

        def __iter__(self) -> Broken:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    monkeypatch.setattr(os, "scandir", lambda _path: Broken())
    for look in (
        lambda: opened(str(tmp_path / "f")),
        lambda: opened(str(tmp_path / "f"), turn.entry),
        lambda: turned(turn, 1),
        lambda: turned(turn._replace(loops=False), 1),
    ):
        with pytest.raises(SourceUnplayable, match="Stale file handle"):
            look()
    source = f"playlist:{tmp_path}/f?order=shuffle"
    with pytest.raises(SourceUnplayable) as caught:
        opened(source)
    assert caught.value.source == source, "else outputs that are told other sources lose these, too"


def test_a_name_that_is_not_utf8_in_a_url_of_a_list_is_one_of_its_files(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", os.fsdecode(b"\xff.mp4"))
    (tmp_path / "list.m3u").write_bytes(b"file://%b/\xff.mp4\na.mp4\n" % os.fsencode(tmp_path))
    assert shown(str(tmp_path / "list.m3u"), 2) == [os.fsdecode(b"\xff.mp4"), "a.mp4"]


def test_lists_of_other_kinds(tmp_path: Path) -> None:
    fill(tmp_path, "c.mp4", "a.mp4")
    (tmp_path / "list.pls").write_text("[playlist]\nFile1=c.mp4\nTitle1=x\nFile2=a.mp4\nNumberOfEntries=2\n")
    assert shown(str(tmp_path / "list.pls"), 2) == ["c.mp4", "a.mp4"]
    (tmp_path / "list.txt").write_text("\ufeffa.mp4\nc.mp4\n")
    assert shown(f"playlist:{tmp_path}/list.txt", 2) == ["a.mp4", "c.mp4"]
    (tmp_path / "live.m3u8").write_text("#EXTM3U\n#EXT-X-VERSION:3\nc.mp4\n")
    assert opened(str(tmp_path / "live.m3u8")) == Opened(StreamSpec(f"{tmp_path}/live.m3u8"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "it names no file that is there", id="empty"),
        pytest.param(b"nothing\nof\nthis\n", "it names no file that is there", id="words"),
        pytest.param(bytes(range(256)), "it is no list of files", id="not a text"),
        pytest.param(b"#\n" * 600_000, "larger than 1 MB", id="endless"),
    ],
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "list.m3u").write_bytes(data)
    with pytest.raises(SourceUnplayable, match=reason) as caught:
        opened(str(tmp_path / "list.m3u"))
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_opened_are_passed_over_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(tmp_path, "a.mp4", "c.mp4", data=b"")
    fill(tmp_path, "b.mp4", "d.mp4")
    with caplog.at_level(logging.WARNING):
        assert shown(str(tmp_path), 5) == ["b.mp4", "d.mp4", "b.mp4", "d.mp4", "b.mp4"]
    assert [text.count("the file is empty") for text in caplog.messages] == [1, 1]


def test_what_is_unplayable_is_left_out_until_nothing_is_left(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", "b.mp4")
    turn = turn_of(opened(str(tmp_path)))
    assert turn_of(turned(turn, 1, [f"{tmp_path}/b.mp4"])).is_alone
    with pytest.raises(SourceUnplayable, match="none of its files can be played"):
        turned(turn, 1, [f"{tmp_path}/a.mp4", f"{tmp_path}/b.mp4"])


def test_a_list_that_does_not_loop_ends_with_its_last_file_until_a_command(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", "b.mp4")
    turn = turn_of(opened(str(tmp_path)))._replace(loops=False)
    turn = turn_of(turned(turn, 1))
    assert turned(turn, 1) is None
    after = turn_of(turned(turn, 1, begins_again=True))
    assert (after.entry.file, after.loops) == (f"{tmp_path}/a.mp4", False)


def test_a_list_goes_on_where_it_was(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    at = Entry(f"{tmp_path}/b.mp4", 9)
    assert turn_of(opened(str(tmp_path), at, 5.0)) == Turn(Playlist(str(tmp_path)), at, 5.0, is_alone=False)
    (tmp_path / "b.mp4").unlink()
    assert turn_of(opened(str(tmp_path), at)).entry.file == f"{tmp_path}/c.mp4"


def test_only_a_folder_and_a_list_is_one(tmp_path: Path) -> None:
    fill(tmp_path, "a.mp4", "project/project.json")
    assert list_of(str(tmp_path)) == Playlist(str(tmp_path))
    for text in (f"{tmp_path}/a.mp4", f"{tmp_path}/project", "we:12", "https://example.org/", "mf://*.png", ""):
        assert list_of(text) is None
