"""Fifty projects that are broken: one clear line for each, never a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workshop.conftest import make_project
from wayvid.daemon.listing import stream_of
from wayvid.errors import SourceUnplayable


def table(**keys: object) -> bytes:
    return json.dumps({"type": "video", "file": "clip.mp4", "preview": "preview.jpg"} | keys).encode()


NO_JSON = "its project.json is no JSON"
OUTSIDE = "is not in the project's folder"
GONE = "is not there"
# What the project.json is, and what is said of it.
WRITTEN = {
    "empty": (b"", "its project.json is empty"),
    "blank": (b" \r\n\t", "its project.json is empty"),
    "zeroes": (b"\0" * 100, NO_JSON),
    "cut off": (table()[:-5], NO_JSON),
    "cut in a string": (b'{"type": "vid', NO_JSON),
    "comma at the end": (b'{"type": "video", "file": "clip.mp4",}', NO_JSON),
    "comment": (b'{"type": "video" /* or scene */, "file": "clip.mp4"}', NO_JSON),
    "single quotes": (b"{'type': 'video'}", NO_JSON),
    "no quotes": (b"{type: video}", NO_JSON),
    "not a number": (b'{"type": "video", "file": NaN}', NO_JSON),
    "two objects": (table() + table(), NO_JSON),
    "only a mark": (b"\xef\xbb\xbf", "its project.json"),
    "html": (b"<html><body>404 Not Found</body></html>", NO_JSON),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), NO_JSON),
    "latin-1": ('{"type": "video", "file": "clip.mp4", "title": "Müll"}'.encode("latin-1"), "its project.json is no"),
    "half utf-16": ("\ufeff{}".encode("utf-16-le") + b"\0", "is not UTF-8"),
    "deep": (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deeply"),
    "deep list": (b"[" * 100000, "its project.json"),
    "large": (b" " * (1024 * 1024) + table(), "larger than 1 MB"),
    "lone surrogate": (b'{"type": "video", "file": "\\ud800.mp4"}', "its project.json"),
    "null": (b"null", "null in place of an object"),
    "list": (b"[]", "a list in place of an object"),
    "number": (b"5", "5 in place of an object"),
    "text": (b'"video"', "'video' in place of an object"),
    "true": (b"true", "true in place of an object"),
    "nothing in it": (b"{}", "neither a type nor a file"),
    "other program's": (b'{"name": "app", "version": 1}', "neither a type nor a file"),
    "type unknown": (table(type="hologram"), "its type 'hologram' is not known"),
    "type with lines": (table(type="a\nb\x1b[0m"), "its type 'a b [0m' is not known"),
    "type a number": (table(type=5), "its type is 5, not a word"),
    "type a list": (table(type=["video"]), "its type is a list, not a word"),
    "no file": (table(file=None), "names no video file"),
    "file empty": (table(file=""), "names no video file"),
    "file blank": (table(file="  "), "names no video file"),
    "file a number": (table(file=5), "its file is 5, not a name"),
    "file a list": (table(file=["clip.mp4"]), "its file is a list, not a name"),
    "file an object": (table(file={"value": "clip.mp4"}), "its file is an object, not a name"),
    "file true": (table(file=True), "its file is true, not a name"),
    "file gone": (table(file="gone.mp4"), GONE),
    "file below a file": (table(file="clip.mp4/clip.mp4"), GONE),
    "file too long": (table(file="x" * 5000), "cannot be read: File name too long"),
    "file with a zero": (table(file="clip\0.mp4"), "has a zero byte in its name"),
    "file a folder": (table(file="folder"), "is no file"),
    "file the folder": (table(file="."), OUTSIDE),
    "file above": (table(file="../secret.mp4"), OUTSIDE),
    "file above, by a detour": (table(file="folder/../../secret.mp4"), OUTSIDE),
    "file absolute": (table(file="/etc/passwd"), OUTSIDE),
    "file of Windows": (table(file="C:\\Users\\me\\clip.mp4"), OUTSIDE),
    "file above, of Windows": (table(file="..\\secret.mp4"), OUTSIDE),
    "file by a link": (table(file="link.mp4"), OUTSIDE),
    "file by a folder's link": (table(file="up/secret.mp4"), OUTSIDE),
    "file a link to itself": (table(file="loop.mp4"), GONE),
    "file a URL": (table(file="https://example.org/a.mp4"), GONE),
    "file of no bytes": (table(file="empty.mp4"), "the file is empty"),
    "file a pipe": (table(file="pipe"), "is no file"),
    "scene": (table(type="SCENE", file="scene.json"), "it is a scene"),
    "web": (table(type="web", file="index.html"), "it is a web page"),
    "application": (table(type="Application", file="a.exe"), "it is a program for Windows"),
    "preset": (b'{"preset": {"rate": 1}, "dependency": 77}', "it is a preset"),
}


@pytest.fixture
def make(tmp_path: Path) -> Callable[[bytes], Path]:
    """A project with everything around it that it might reach for."""

    def project(data: bytes) -> Path:
        folder = make_project(tmp_path / "project", data)
        (tmp_path / "secret.mp4").write_bytes(b"secret")
        (folder / "folder").mkdir()
        (folder / "link.mp4").symlink_to("../secret.mp4")
        (folder / "up").symlink_to("..")
        (folder / "loop.mp4").symlink_to("loop.mp4")
        (folder / "empty.mp4").touch()
        os.mkfifo(folder / "pipe")
        return folder

    return project


def refusal(name: str) -> str:
    with pytest.raises(SourceUnplayable) as caught:
        stream_of(name)
    said = str(caught.value)
    assert said.isprintable(), said
    assert said.startswith(f"cannot play {name!r}: ")
    assert "; " in said
    assert len(said) < 500
    return said


@pytest.mark.parametrize(("data", "reason"), WRITTEN.values(), ids=WRITTEN)
def test_broken_project_is_refused_in_one_line(make: Callable[[bytes], Path], data: bytes, reason: str) -> None:
    assert reason in refusal(str(make(data)))


def test_there_are_fifty_of_them() -> None:
    assert len(WRITTEN) >= 50


def test_project_json_that_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    for number, make in enumerate((os.mkfifo, os.mkdir, lambda path: os.symlink(path, path))):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(folder / "project.json")
        assert "project.json" in refusal(str(folder))


def test_unsupported_project_offers_its_preview(make: Callable[[bytes], Path]) -> None:
    folder = make(table(type="scene", file="scene.json"))
    assert f"its preview can be shown: wayvid run {folder}/preview.jpg" in refusal(str(folder))
    (folder / "preview.jpg").unlink()
    assert "wayvid run" not in refusal(str(folder))


def test_preview_outside_of_the_folder_is_not_offered(make: Callable[[bytes], Path]) -> None:
    assert "secret" not in refusal(str(make(table(type="scene", file="scene.json", preview="../secret.mp4"))))


def test_preset_names_the_item_that_it_is_for(make: Callable[[bytes], Path]) -> None:
    assert "take that item: we:77" in refusal(str(make(b'{"preset": {}, "dependency": "77"}')))
