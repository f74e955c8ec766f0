"""Where Steam's items are, and a project as a source."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workshop.conftest import CONTENT, make_project
from wayvid.daemon.listing import stream_of
from wayvid.daemon.source import reopened
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import StreamSpec
from wayvid.workshop.steam import ROOTS, find_item, items, libraries, number_of

NEW_LIST = (
    '"libraryfolders"\n{\n\t"0"\n\t{\n\t\t"path"\t\t"%s"\n\t\t"apps"\n\t\t{\n\t\t\t"431960"\t"5"\n\t\t}\n\t}\n}\n'
)
OLD_LIST = '"LibraryFolders"\n{\n\t"TimeNextStatsReport"\t\t"1"\n\t"1"\t\t"%s"\n}\n'


def write_list(root: Path, text: str, name: str = "steamapps/libraryfolders.vdf") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.usefixtures("home")
def test_item_is_found_however_steam_was_installed(add_item: Callable[..., Path], root: str) -> None:
    folder = add_item("123", library=root)
    assert find_item("we:123") == str(folder)


def test_item_is_found_below_the_data_folder(
    home: Path, add_item: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = add_item("123", library="data/Steam")
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    assert find_item("we:123") == str(folder)


@pytest.mark.parametrize("text", [NEW_LIST, OLD_LIST, NEW_LIST.replace("path", "Path")], ids=["new", "old", "case"])
def test_item_is_found_in_a_library_elsewhere(
    home: Path, add_item: Callable[..., Path], text: str, tmp_path: Path
) -> None:
    elsewhere = tmp_path / 'disk "two"'
    folder = make_project(elsewhere / CONTENT / "77")
    add_item("5")
    write_list(home / ".local/share/Steam", text % str(elsewhere).replace('"', '\\"'))
    assert [item.item_id for item in items()] == ["5", "77"]
    assert find_item("we:77") == str(folder)


def test_library_and_item_count_once_however_many_ways_lead_there(home: Path, add_item: Callable[..., Path]) -> None:
    # Linked roots gave 21 items for 7.
    real = home / ".local/share/Steam"
    add_item("20")
    add_item("3")
    (home / ".steam").mkdir()
    (home / ".steam/steam").symlink_to(real)
    (home / ".steam/root").symlink_to(real)
    write_list(real, NEW_LIST % (home / ".steam/steam"))
    add_item("3", library="snap/steam/common/.local/share/Steam")
    assert len(libraries()) == 2
    assert [item.item_id for item in items()] == ["3", "20"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "}", '"libraryfolders" {', '"libraryfolders"', '"libraryfolders" "x"', '"a', "\0" * 50, NEW_LIST % "rel",
     NEW_LIST % "/none", '"libraryfolders"\n{\n"0"\n{\n}\n"1" ""\n"x" "/"\n}\n', NEW_LIST[:40], "\x80\xff",
     '"libraryfolders"\n{\n' * 3000],
)  # fmt: skip
def test_broken_list_of_libraries_leaves_the_rest(home: Path, add_item: Callable[..., Path], text: str) -> None:
    add_item("5")
    write_list(home / ".local/share/Steam", text)
    assert [item.item_id for item in items()] == ["5"]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "reason"),
    [("we:", "has to be the number"), ("we:ocean", "has to be the number"), ("we:../5", "has to be the number"),
     ("we:5", "no Steam was found")],
)  # fmt: skip
def test_item_that_cannot_be_found_is_refused_in_one_line(name: str, reason: str) -> None:
    with pytest.raises(SourceUnplayable, match=reason):
        stream_of(name)


def test_item_that_steam_does_not_have_says_so(add_item: Callable[..., Path]) -> None:
    add_item("5")
    with pytest.raises(SourceUnplayable, match=r"does not have that item \(looked in 1 library\); subscribe"):
        stream_of("we:6")


def test_item_without_its_project_says_so(add_item: Callable[..., Path]) -> None:
    (add_item("5") / "project.json").unlink()  # as while Steam downloads it
    with pytest.raises(SourceUnplayable, match=r"there is no project\.json in it"):
        stream_of("we:5")


@pytest.mark.parametrize(
    ("text", "number"),
    [("123", "123"), ("we:123", "123"), ("https://steamcommunity.com/sharedfiles/filedetails/?id=123&x=1", "123"),
     ("ocean", ""), ("", ""), ("https://steamcommunity.com/", ""), ("12a", ""), ("٣", "")],
)  # fmt: skip
def test_number_of_an_item(text: str, number: str) -> None:
    assert number_of(text) == number


# As a source.


def test_project_is_its_video_by_every_name(add_item: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = add_item("123", file="CLIPS\\a.mp4", type="Video")
    (folder / "CLIPS").mkdir()
    (folder / "clip.mp4").rename(folder / "CLIPS" / "a.mp4")
    wanted = StreamSpec(path=f"{folder}/CLIPS/a.mp4")
    monkeypatch.chdir(folder.parent)
    for name in (str(folder), f"{folder}/", f"{folder}/project.json", "123", "./123", f"file://{folder}", "we:123"):
        assert stream_of(name) == wanted, name


def test_link_within_the_folder_is_followed(add_item: Callable[..., Path]) -> None:
    folder = add_item("123", file="a.mp4")
    (folder / "a.mp4").symlink_to("clip.mp4")
    assert stream_of("we:123").path == f"{folder}/clip.mp4"


def test_stream_of_a_project_is_found_again_when_steam_gave_it_another_file(add_item: Callable[..., Path]) -> None:
    folder = add_item("123")
    before = StreamSpec(path=stream_of("we:123").path, speed=2.0, loop=False)
    assert reopened("we:123", before) == before
    (folder / "clip.mp4").rename(folder / "new.mp4")
    assert reopened("we:123", before) == before, "as it was, while it is half there"
    add_item("123", file="new.mp4")
    for name in ("we:123", str(folder)):
        assert reopened(name, before) == StreamSpec(path=f"{folder}/new.mp4", speed=2.0, loop=False)


@pytest.mark.parametrize("source", ["", "the built-in wallpaper", "/none/a.mp4", "https://example.org/a", "a\0b"])
def test_stream_of_anything_else_stays(source: str) -> None:
    spec = StreamSpec(path="/a.mp4")
    assert reopened(source, spec) is spec


def test_the_daemon_loads_nothing_of_this_for_other_sources(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"x")
    code = (
        "import sys; from wayvid.daemon.listing import stream_of; stream_of(sys.argv[1]);"
        "print([name for name in sys.modules if name == 'vdf' or name.startswith('wayvid.workshop.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mp4")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout == "['wayvid.workshop.names']\n"
