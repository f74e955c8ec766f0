"""The micro benches: each case runs on both contenders and leaves nothing behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import __main__ as dispatcher
from bench import cases, kept, micro
from wayvid.errors import UsageError

ROW = {"min_ns": 1.0, "median_ns": 2.0, "p95_ns": 3.0, "python_bytes": 0, "native_bytes": 0}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty one."""
    return tmp_path_factory.mktemp("bench")


@pytest.mark.parametrize("side", cases.PACKAGES)
@pytest.mark.parametrize("name", cases.CASES)
def test_a_case_gives_figures_in_order(monkeypatch: pytest.MonkeyPatch, name: str, side: str) -> None:
    monkeypatch.setattr(micro, "SAMPLES", 10)
    row = micro.measure(cases.CASES[name](cases.contender(side)))
    assert 0 < row["min_ns"] <= row["median_ns"] <= row["p95_ns"]
    assert row["python_bytes"] >= 0
    assert row["native_bytes"] >= 0


def test_native_bytes_are_those_of_a_new_buffer_and_none_of_one_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(micro, "SAMPLES", 10)
    side = cases.contender("compiled")
    new = micro.measure(cases.CASES["acquire, miss"](side))["native_bytes"]
    assert cases.FULL_HD_BYTES <= new < 2 * cases.FULL_HD_BYTES
    assert micro.measure(cases.CASES["acquire + release, hit"](side))["native_bytes"] == 0


def test_an_unknown_bench_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatcher.main(["nonsense"]) == 2
    assert "micro" in capsys.readouterr().err


def test_a_report_kept_as_json_can_be_compared_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setattr(micro, "measure_apart", lambda _name, _side: ROW)
    path = folder / "earlier.json"
    assert dispatcher.main(["micro", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert {"cpu", "kernel", "python", "cython"} <= set(report["machine"])
    report["machine"]["cpu"] = "another"
    report["cases"]["frame tick"]["compiled"]["median_ns"] = 4.0
    path.write_text(json.dumps(report))
    capsys.readouterr()
    assert dispatcher.main(["micro", "--compare", str(path)]) == 0
    shown = capsys.readouterr()
    assert "now/was" in shown.out
    assert any(
        line.split()[:3] == ["frame", "tick", "compiled"] and line.endswith("0.50") for line in shown.out.split("\n")
    )
    assert "another machine" in shown.err
    assert "cpu: another then" in shown.err


def test_the_same_machine_is_no_difference() -> None:
    machine = {"cpu": "x", "python": "3"}
    assert kept.differences({"machine": machine}, machine) == []
    assert "python: none then, 3 now" in kept.differences({"machine": {"cpu": "x"}}, machine)[0]


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"bench": "play"}'], ids=["words", "list", "another bench"])
def test_what_is_no_report_of_the_bench_is_refused(folder: Path, text: str) -> None:
    path = folder / "report.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="--json"):
        kept.load(str(path), "micro")


def test_a_file_that_cannot_be_written_is_said_before_anything_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setattr(micro, "measure_apart", lambda _name, _side: pytest.fail("it was measured"))
    with pytest.raises(SystemExit) as end:
        dispatcher.main(["micro", "--json", str(folder / "none" / "report.json")])
    assert end.value.code == 2
    assert "cannot write" in capsys.readouterr().err
