"""The micro benches: each case runs on both contenders and leaves nothing behind."""

from __future__ import annotations

import importlib
import json

import pytest

from bench import __main__ as dispatcher
from bench import micro


@pytest.mark.parametrize("contender", micro.CONTENDERS)
@pytest.mark.parametrize("name", micro.CASES)
def test_a_case_gives_figures_in_order(monkeypatch: pytest.MonkeyPatch, name: str, contender: str) -> None:
    monkeypatch.setattr(micro, "SAMPLES", 10)
    row = micro.measure(micro.CASES[name](importlib.import_module(micro.CONTENDERS[contender])))
    assert 0 < row["min_ns"] <= row["median_ns"] <= row["p95_ns"]
    assert row["python_bytes"] >= 0


def test_an_unknown_bench_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert dispatcher.main(["nonsense"]) == 2
    assert "micro" in capsys.readouterr().err


def test_a_report_kept_as_json_can_be_compared_with(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    row = {"min_ns": 1.0, "median_ns": 2.0, "p95_ns": 3.0, "python_bytes": 0}
    monkeypatch.setattr(micro, "measure_apart", lambda _name, _contender: row)
    assert dispatcher.main(["micro", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {"cpu", "kernel", "python", "cython"} <= set(report["machine"])
    report["machine"]["cpu"] = "another"
    earlier = tmp_path_factory.mktemp("bench") / "earlier.json"
    earlier.write_text(json.dumps(report))
    assert dispatcher.main(["micro", "--compare", str(earlier)]) == 0
    shown = capsys.readouterr().out
    assert "median was" in shown
    assert "another machine" in shown
