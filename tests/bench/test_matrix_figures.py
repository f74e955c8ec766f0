"""What the matrix bench makes of its rounds, and the pictures of it; nothing here plays."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from bench import __main__ as dispatcher
from bench import axes, clips, curves, matrix, matrix_table, publish
from wayvid.errors import UsageError

MACHINE = {"cpu": "one x 2", "mpv": "0.35.1"}


def round_of(cpu: float, pss: float) -> dict[str, Any]:
    return {"cpu": cpu, "pss": pss, "fps_min": 30.0, "floor_cpu": 20.0, "floor_pss": 80.0}


def entry(point: axes.Point, *rounds: dict[str, Any]) -> dict[str, Any]:
    return {"renderer": point.renderer, "screens": point.screens, **point.clip._asdict(), "rounds": list(rounds)}


def report(*entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "bench": "matrix", "machine": MACHINE, "date": "2026-01-02T00:00:00+00:00", "seconds": 6.0, "runs": 2,
        "axes": list(axes.AXES), "missing": {}, "points": list(entries), "centre": {}, "centre_failed": {},
    }  # fmt: skip


FAILED = {"failed": "HEADLESS-1 showed 12.0 of 30 pictures a second", "floor_cpu": 30.0, "floor_pss": 80.0}
MIDDLE = axes.centre("shm")


def test_every_axis_goes_through_the_middle_and_no_point_is_measured_twice() -> None:
    points = axes.plan(["shm", "gl"])
    assert len(points) == len(set(points))
    for renderer in ("shm", "gl"):
        for name in axes.AXES:
            assert axes.centre(renderer) in axes.axis(name, renderer)
            assert set(axes.axis(name, renderer)) <= set(points)


def test_points_of_one_clip_are_beside_each_other() -> None:
    of_clips = [point.clip for point in axes.plan(["shm", "gl"])]
    changes = sum(before != after for before, after in itertools.pairwise(of_clips))
    assert changes == len(set(of_clips)) - 1


def test_a_round_without_its_pictures_does_not_count_but_its_floor_does() -> None:
    (row,) = matrix_table.rows(report(entry(MIDDLE, round_of(30.0, 100.0), FAILED, round_of(20.0, 120.0))))
    assert (row.n, row.failed) == (2, [FAILED["failed"]])
    assert row.cpu == (25.0, 20.0, 30.0)
    assert row.cpu_ratio == (1.25, 1.0, 1.5)
    assert row.pss_ratio == (1.375, 1.25, 1.5)
    assert row.floor_cpu == (20.0, 20.0, 30.0)


def test_a_point_that_failed_always_is_named_and_has_no_figures() -> None:
    made = report(entry(MIDDLE, FAILED)) | {"missing": {"1080p30 AV1": "no encoder"}}
    table = matrix_table.lines(made)
    assert "failed" in table[1]
    assert f"failed: {MIDDLE.title}: {FAILED['failed']}" in table
    assert "not measured: 1080p30 AV1: no encoder" in table


def test_an_earlier_report_gives_ratios_of_medians() -> None:
    now, then = (report(entry(MIDDLE, round_of(cpu, 100.0))) for cpu in (30.0, 20.0))
    now["centre"] = then["centre"] = {"shm": {"start_first": [300.0]}}
    table = matrix_table.lines(now, then)
    assert table[1].split()[-2:] == ["1.50", "1.00"]
    assert table[-1].split()[-1] == "1.00"


def test_names_that_do_not_exist_are_refused() -> None:
    with pytest.raises(UsageError, match="no axis 'nope'"):
        matrix.check_names(["nope"], [])
    with pytest.raises(UsageError, match="no renderer 'nope'"):
        matrix.check_names([], ["nope"])
    matrix.check_names(axes.AXES, ["shm"])


def test_a_clip_that_cannot_be_made_is_named_and_the_rest_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "_known_encoders", lambda: frozenset({"libx264"}))
    monkeypatch.setattr(clips, "_ffmpeg", lambda path, *_words: path)
    points, missing = matrix.make_clips(axes.axis("codec", "shm"))
    assert [point.clip.codec for point in points] == ["h264"]
    assert sorted(missing) == ["1080p30 AV1", "1080p30 HEVC", "1080p30 VP9"]
    assert "libsvtav1" in missing["1080p30 AV1"]


def test_pictures_of_every_axis_are_small_and_say_how_many_rounds_they_are_of(tmp_path: Path) -> None:
    entries = [
        entry(point, round_of(20.0 + number, 90.0 + number), round_of(22.0 + number, 91.0 + number))
        for number, point in enumerate(axes.plan(["shm", "gl"]))
    ]
    entries[1]["rounds"] = [FAILED]
    made = report(*entries)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(made))
    folder = tmp_path / "pictures"
    assert dispatcher.main(["curves", str(path), "--to", str(folder)]) == 0
    pictures = sorted(folder.iterdir())
    assert [one.name for one in pictures] == sorted(f"scaling-{name}.svg" for name in axes.AXES)
    for one in pictures:
        assert one.read_text().startswith("<?xml")
        assert one.stat().st_size < 100_000
    rows = matrix_table.rows(made)
    assert "n = 2 rounds" in curves.caption("rate", made, [row for row in rows if row.n]).replace(",", "")


def test_curves_of_something_else_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"bench": "play"}')
    assert dispatcher.main(["curves", str(path), "--to", str(tmp_path)]) == 1
    assert "no report of 'bench matrix'" in capsys.readouterr().err


def test_the_docs_get_a_table_with_what_failed_below_it(tmp_path: Path) -> None:
    made = report(entry(MIDDLE, round_of(30.0, 100.0), FAILED)) | {"centre": {"shm": {"start_first": [300.0, 310.0]}}}
    tmp_path.joinpath("results").mkdir()
    tmp_path.joinpath("results", "matrix.json").write_text(json.dumps(made))
    text = publish.section(tmp_path, "results/matrix")
    assert "1.50 (1.50 to 1.50)" in text
    assert "305.0" in text
    assert f"- failed: {MIDDLE.title}: {FAILED['failed']}" in text
