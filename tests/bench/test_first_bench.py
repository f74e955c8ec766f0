"""The bench of the first picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import __main__ as dispatcher
from bench import clips, first
from tests.clips import make_numbered_clip
from tests.conftest import need_programs


def test_every_figure_is_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    need_programs("sway", "ffmpeg")
    clip = make_numbered_clip(tmp_path / "clip.mp4", 90)
    monkeypatch.setattr(clips, "busy", lambda: clip)  # the bench's own takes a busy machine minutes to make
    path = tmp_path / "first.json"
    assert dispatcher.main(["first", "--runs", "1", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert set(report["figures"]) == set(first.FIGURES)
    medians = {name: row["median"] for name, row in report["figures"].items()}
    assert medians["bare_python"] > 0
    assert 0 < medians["seen"] <= medians["seen_all"]
