"""Projects and Steam folders as they are in the wild."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

CONTENT = "steamapps/workshop/content/431960"


def make_project(folder: Path, data: bytes | None = None, /, video: bytes = b"video", **keys: object) -> Path:
    """A project with a video and a preview; its project.json has these keys, or exactly this data."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clip.mp4").write_bytes(video)
    (folder / "preview.jpg").write_bytes(b"preview")
    table = {"type": "video", "file": "clip.mp4", "title": "Ocean", "preview": "preview.jpg"} | keys
    (folder / "project.json").write_bytes(json.dumps(table).encode() if data is None else data)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without anything in it."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return home


@pytest.fixture
def add_item(home: Path) -> Callable[..., Path]:
    """Puts an item into a library below the home: add_item("123", library=".steam/steam", **keys)."""

    def add(item_id: str, /, library: str = ".local/share/Steam", **keys: object) -> Path:
        return make_project(home / library / CONTENT / item_id, **keys)

    return add
