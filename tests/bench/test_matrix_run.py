"""A short real run of the matrix bench: one screen, a small clip."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import axes, clips, holding, matrix, scenes

SMALL = axes.Clip("h264", 180, 30)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing settles, and there is one screen."""
    monkeypatch.setattr(scenes, "SETTLE_S", 1.0)
    monkeypatch.setattr(scenes, "FLOOR_SETTLE_S", 0.5)
    monkeypatch.setattr(matrix, "MOST_SCREENS", 1)
    return monkeypatch


def test_a_point_is_measured_beside_its_floor_and_kept(short: pytest.MonkeyPatch, tmp_path: Path) -> None:
    point = axes.Point("shm", 1, SMALL)
    short.setattr(matrix, "plan", lambda _renderers, _axes: [point])
    path = tmp_path / "matrix.json"
    assert matrix.run(["--runs", "1", "--seconds", "1", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    (entry,) = report["points"]
    (measured,) = entry["rounds"]
    assert measured["floor_pss"] > 0
    # A busy machine may not keep up; then that is what the report says.
    assert "pictures a second" in measured["failed"] if "failed" in measured else measured["pss"] > 0
    assert report["runs"] == 1


def test_what_does_not_play_fails_its_round_and_not_the_bench(short: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    short.setattr(clips, "made", lambda _clip: broken)
    short.setattr(scenes, "floor", lambda _seconds, _clip: {"floor_cpu": 1.0, "floor_pss": 1.0})
    short.setattr(matrix, "plan", lambda _renderers, _axes: [axes.Point("shm", 1, SMALL)])
    path = tmp_path / "matrix.json"
    assert matrix.run(["--runs", "1", "--seconds", "1", "--json", str(path)]) == 0
    (measured,) = json.loads(path.read_text())["points"][0]["rounds"]
    assert "ended by itself" in measured["failed"]


@pytest.mark.slow
def test_the_start_a_pause_and_the_hold_are_measured_at_the_middle(short: pytest.MonkeyPatch, tmp_path: Path) -> None:
    short.setattr(holding, "PAUSED_SETTLE_S", 0.5)
    middle = axes.Point("shm", 1, SMALL)
    short.setattr(matrix, "plan", lambda _renderers, _axes: [middle])
    short.setattr(matrix, "centre", lambda _renderer: middle)
    path = tmp_path / "matrix.json"
    assert matrix.run(["--runs", "1", "--seconds", "1", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert report["centre_failed"] == {}
    assert set(report["centre"]["shm"]) >= {"start_first", "start_all", "paused_cpu", "paused_pss", "held_pss"}
