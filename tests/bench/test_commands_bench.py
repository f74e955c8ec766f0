"""The bench of commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import __main__ as dispatcher
from bench import clips, commands, scenes
from tests.clips import make_numbered_clip
from tests.conftest import need_programs


def test_every_figure_is_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    need_programs("sway", "ffmpeg")
    monkeypatch.setattr(scenes, "SETTLE_S", 0.0)
    clip = make_numbered_clip(tmp_path / "clip.mp4", 90)
    monkeypatch.setattr(clips, "busy", lambda: clip)
    path = tmp_path / "commands.json"
    few = ["--requests", "4", "--processes", "2", "--rested", "1"]
    assert dispatcher.main(["commands", *few, "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert set(report["figures"]) == set(commands.FIGURES)
    assert all(row["median"] > 0 for row in report["figures"].values())
    shown = capsys.readouterr().out
    assert all(figure.title in shown for figure in commands.FIGURES.values())
