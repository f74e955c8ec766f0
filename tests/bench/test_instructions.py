"""Counted instructions: they are no more than they were, and the gate would say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import counts, instructions

VERSIONS = {"python": "3.11", "g++": "12"}
BEFORE = {
    "empty loop": {"compiled": 100.0, "twin": 100.0},
    "tick": {"compiled": 300.0, "twin": 3000.0},
    counts.YARDSTICK: {"compiled": 1000.0, "twin": 10000.0},
    "frame": {"compiled": 40000.0},
}
KEPT = [{"versions": VERSIONS, "counts": BEFORE}]


def changed(case: str, **sides: float) -> dict[str, dict[str, float]]:
    return BEFORE | {case: BEFORE[case] | sides}


def broken(found: dict[str, str], now: dict[str, dict[str, float]]) -> list[str]:
    return [verdict.case for verdict in counts.judge(found, now, KEPT) if verdict.is_broken]


def test_no_compiled_path_takes_more_instructions_than_are_kept() -> None:
    found = counts.versions()
    needs_twins = all(one["versions"] != found for one in counts.load())
    counted = instructions.count(instructions.SIDES if needs_twins else ("compiled",))
    assert set(counted) == {*instructions.CASES, instructions.FRAME}
    verdicts = counts.judge(found, counted, counts.load())
    assert {verdict.case for verdict in verdicts} == set(counted) - set(counts.NOT_OURS)
    assert not [verdict for verdict in verdicts if verdict.is_broken], "see docs/benchmarks.md, instructions"


def test_a_path_that_has_grown_is_named() -> None:
    assert broken(VERSIONS, BEFORE) == []
    assert broken(VERSIONS, changed("tick", compiled=300.0 * counts.GROWTH)) == []
    assert broken(VERSIONS, changed("tick", compiled=301.0 * counts.GROWTH)) == ["tick"]
    assert broken(VERSIONS, changed("frame", compiled=50000.0)) == ["frame"]


def test_a_slower_interpreter_is_no_fault_of_ours() -> None:
    assert broken(VERSIONS, changed("empty loop", compiled=1000.0)) == []


def test_with_other_versions_plain_python_beside_it_is_the_yardstick() -> None:
    other = VERSIONS | {"python": "3.13"}
    twice = {case: {side: 2 * count for side, count in sides.items()} for case, sides in BEFORE.items()}
    assert broken(other, twice) == []
    assert broken(other, changed("tick", compiled=301.0 * counts.FOREIGN)) == ["tick"]
    assert broken(other, changed("frame", compiled=40001.0 * counts.FOREIGN)) == ["frame"]
    assert counts.judge(other, BEFORE, []) == []


def test_what_an_operation_takes_is_the_difference_of_n_and_twice_n() -> None:
    dumps = [("tick", "twin", 100, 5500), ("tick", "twin", 200, 10500), ("tick", "twin", 100, 5600)]
    assert instructions.per_operation([*dumps, ("tick", "twin", 200, 10800)]) == {"tick": {"twin": 51.0}}


def test_dumps_are_read_in_the_order_of_time(tmp_path: Path) -> None:
    text = "desc: Trigger: Client Request: {}\nsummary: {}\n\ntotals: {}\n"
    for number, label, total in ((10, "a|twin|20", 9), (9, "a|twin|10", 5), (8, "between", 1)):
        tmp_path.joinpath(f"twin.{number}").write_text(text.format(label, total, total))
    assert instructions.read_dumps(tmp_path, "twin") == [("a", "twin", 10, 5), ("a", "twin", 20, 9)]


def test_counts_of_the_same_versions_are_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(counts, "KEPT", tmp_path / "counts.json")
    counts.keep(VERSIONS, BEFORE)
    counts.keep({"python": "3.13"}, BEFORE)
    counts.keep(VERSIONS, changed("tick", compiled=1.0))
    assert [one["versions"]["python"] for one in counts.load()] == ["3.11", "3.13"]
    assert counts.load()[0]["counts"]["tick"]["compiled"] == 1.0


def test_the_table_marks_what_is_too_many() -> None:
    now = changed("tick", compiled=900.0)
    table = counts.lines(now, counts.judge(VERSIONS, now, KEPT))
    assert [line.split()[0] for line in table if line.endswith("TOO MANY")] == ["tick"]
