"""The bench of memory readings."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as dispatcher
from bench import usage


def test_every_reader_is_timed_on_every_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(usage, "READINGS", 10)
    path = tmp_path_factory.mktemp("bench") / "usage.json"
    assert dispatcher.main(["usage", "--json", str(path)]) == 0
    report = json.loads(path.read_text())
    assert set(report["observed"]) == set(usage.OBSERVED)
    for seen in report["observed"].values():
        assert seen["rss_bytes"] > 0
        assert set(seen["readers"]) == set(usage.READERS)
        for row in seen["readers"].values():
            assert 0 < row["min_us"] <= row["median_us"] <= row["p95_us"]


def test_the_table_has_a_row_for_each(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(usage, "READINGS", 10)
    monkeypatch.setattr(usage, "OBSERVED", {"bare Python": ""})
    assert usage.run([]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in usage.READERS)
