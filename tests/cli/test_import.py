"""`wayvid import` and `wayvid workshop list`."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest

from tests.workshop.conftest import CONTENT, make_project
from wayvid.cli.main import main
from wayvid.config.load import load_config

UNPLAYABLE, USAGE, OTHER = 6, 2, 1


@pytest.fixture
def item(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Item 123 of this user's Steam, and the working directory beside it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    return make_project(
        tmp_path / ".steam/steam" / CONTENT / "123",
        workshopid=123,
        title='Sea"\nsource = "/etc/passwd"\n\x1b[2J',
        general={
            "properties": {
                "rate": {"value": 2}, "volume": {"value": "30"}, "playbackmode": {"value": 1.0},
                "alignment": {"value": 3}, "heading": {"type": "group"},
            }
        },
    )  # fmt: skip


def expect(capsys: pytest.CaptureFixture[str], code: int, *argv: str) -> tuple[str, str]:
    assert main(["import", *argv]) == code
    said = capsys.readouterr()
    if code:
        assert said.err.count("\n") == 1
        assert not said.out
    return said.out, said.err


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize("name", ["123", "we:123", "https://steamcommunity.com/sharedfiles/filedetails/?id=123"])
def test_item_becomes_a_config_that_names_it(capsys: pytest.CaptureFixture[str], name: str) -> None:
    out, err = expect(capsys, 0, name)
    assert not err
    assert tomllib.loads(out) == {
        "source": "we:123", "layout": "stretch", "loop": False, "speed": 2, "mute": True, "volume": 30,
    }  # fmt: skip


def test_folder_becomes_a_config_that_names_it_and_the_daemon_takes_it(
    capsys: pytest.CaptureFixture[str], item: Path, tmp_path: Path
) -> None:
    named = os.path.relpath(item)
    out, _err = expect(capsys, 0, named, "--sound")
    table = tomllib.loads(out)
    assert (table["source"], table["mute"]) == (str(item), False)
    path = tmp_path / "new" / "ocean.toml"
    assert expect(capsys, 0, named, "-o", str(path)) == ("", "")
    config = load_config(str(path))
    assert (config.source, config.layout, config.loop, config.speed) == (str(item), "stretch", False, 2.0)
    assert (config.mute, config.volume) == (True, 30)


def test_project_that_says_nothing_leaves_the_defaults(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p")
    out, _err = expect(capsys, 0, str(folder))
    assert tomllib.loads(out) == {"source": str(folder), "mute": True}


@pytest.mark.parametrize("name", ["a b'\"\\#", "a\nb = 1\n[power]\tc", "ü ☂ \u202e", os.fsdecode(b"\xff\xfe")])
def test_name_of_a_folder_is_a_value_whatever_is_in_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    folder = make_project(tmp_path / name, title='"\n[power]\nmax_memory_mb = 20\n#')
    out, _err = expect(capsys, 0, str(folder))
    table = tomllib.loads(out)
    assert set(table) == {"source", "mute"}
    from wayvid.daemon.listing import stream_of

    assert stream_of(table["source"]) == stream_of(str(folder))


def test_settings_that_make_no_sense_are_said_beside_the_config(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = make_project(tmp_path / "p", general={"properties": {"rate": {"value": "x"}, "volume": {"value": -1}}})
    out, err = expect(capsys, 0, str(folder))
    assert tomllib.loads(out)["volume"] == 0
    assert (
        err
        == "wayvid import: left out: rate: 'x' is not a number\nwayvid import: left out: volume: -1 is taken for 0\n"
    )


@pytest.mark.usefixtures("item")
def test_file_that_is_there_is_replaced_only_when_told_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "kept.toml"
    path.write_text("kept")
    link = tmp_path / "link.toml"
    link.symlink_to("kept.toml")
    for one in (path, link):
        _out, err = expect(capsys, USAGE, "123", "-o", str(one))
        assert "is there already; name another file, or take --force" in err
        assert path.read_text() == "kept"
    expect(capsys, 0, "123", "-o", str(link), "--force")
    assert tomllib.loads(path.read_text())["source"] == "we:123"
    assert link.is_symlink()
    assert not list(tmp_path.glob(".kept*"))


@pytest.mark.usefixtures("item")
@pytest.mark.parametrize(("name", "code"), [(".", USAGE), ("file/below.toml", OTHER), ("/proc/none.toml", OTHER)])
def test_place_that_cannot_be_written_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, code: int
) -> None:
    (tmp_path / "file").touch()
    _out, err = expect(capsys, code, "123", "-o", name)
    assert f"cannot write {name!r}: " in err


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        ([""], USAGE, "PROJECT is empty"),
        (["124"], UNPLAYABLE, "Steam does not have that item"),
        (["we:x"], UNPLAYABLE, "has to be the number"),
        (["none"], UNPLAYABLE, "there is no such folder"),
        ([".steam"], UNPLAYABLE, "there is no project.json in it"),
    ],
)
@pytest.mark.usefixtures("item")
def test_what_is_no_project_is_one_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], code: int, words: str
) -> None:
    assert words in expect(capsys, code, *argv)[1]


def test_scene_writes_nothing_and_offers_its_preview(
    capsys: pytest.CaptureFixture[str], item: Path, tmp_path: Path
) -> None:
    make_project(item, type="scene", file="scene.json")
    _out, err = expect(capsys, UNPLAYABLE, "123", "-o", str(tmp_path / "a.toml"))
    assert f"it is a scene, which only Wallpaper Engine can draw; its preview can be shown: wayvid run {item}" in err
    assert not (tmp_path / "a.toml").exists()


# wayvid workshop list


def test_list_tells_what_can_be_shown(capsys: pytest.CaptureFixture[str], item: Path) -> None:
    make_project(item.parent / "9", type="scene", title="Robots")
    make_project(item.parent / "1000", b"{}")
    assert main(["workshop", "list"]) == 0
    lines = [line.split(maxsplit=3) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["ID", "TYPE", "SHOWN", "TITLE"]
    assert [line[:3] for line in lines[1:]] == [["9", "scene", "no"], ["123", "video", "yes"], ["1000", "-", "no"]]
    assert "neither a type nor a file" in lines[3][3]
    assert main(["workshop", "list", "--json"]) == 0
    scene, video, broken = json.loads(capsys.readouterr().out)
    assert video == {
        "id": "123", "title": 'Sea" source = "/etc/passwd" [2J', "type": "video", "is_playable": True, "reason": "",
        "folder": str(item), "file": f"{item}/clip.mp4", "preview": f"{item}/preview.jpg",
    }  # fmt: skip
    assert (scene["is_playable"], scene["preview"]) == (False, f"{item.parent}/9/preview.jpg")
    assert (broken["type"], broken["title"]) == (None, None)


def test_list_says_when_there_is_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert main(["workshop", "list"]) == 0
    assert "no Steam was found" in capsys.readouterr().out
    (tmp_path / ".steam/steam").mkdir(parents=True)
    assert main(["workshop", "list"]) == 0
    assert "Steam has no item" in capsys.readouterr().out
    assert main(["workshop", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
