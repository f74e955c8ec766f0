"""What samples add up to, and what bounds make of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.memtest.canned import playing_run, sample, some_result
from wayvid.errors import UsageError
from wayvid.memtest.bounds import TABLES, judge, load_bounds, read_bounds
from wayvid.memtest.columns import COLUMNS, FIGURES, rows_of
from wayvid.memtest.result import Floor, Run, good_runs
from wayvid.memtest.summary import summary

DOCS = Path(__file__).parents[2] / "docs/memory-testing.md"
MB = 1 << 20


def test_every_column_is_explained_and_every_row_has_all() -> None:
    words = re.findall(r"`(\w+)`", DOCS.read_text())
    assert {name.removeprefix("daemon_").removeprefix("player_") for name in COLUMNS} <= set(words)
    for row in rows_of(1, playing_run().samples):
        assert set(COLUMNS) <= set(row)


def test_every_table_of_bounds_is_explained() -> None:
    assert all(f"[{table}]" in DOCS.read_text() for table in TABLES)


def test_rates_are_from_the_sample_before() -> None:
    first, second, *_rest = rows_of(1, playing_run().samples)
    assert (first["cpu_percent"], first["wakeups_per_s"], first["frames_per_s"]) == (None, None, None)
    assert second["frames_per_s"] == 30.0
    assert second["player_cpu_percent"] == pytest.approx(20.0)
    assert second["wakeups_per_s"] == pytest.approx(51.0)
    assert second["presented_DP-1"] == 30


def test_the_slowest_screen_counts() -> None:
    _first, second = rows_of(1, [sample(0, {"DP-1": 0, "DP-2": 0}), sample(1, {"DP-1": 30, "DP-2": 12})])
    assert second["frames_per_s"] == 12.0


def test_the_sum_is_unknown_where_a_part_is() -> None:
    look = sample(0, {"DP-1": 0})
    look.private_bytes[4712] = None
    (row,) = rows_of(1, [look])
    assert row["uss_bytes"] is None
    assert row["daemon_uss_bytes"] == 8 * MB
    assert row["gpu_bytes"] is None


def test_the_warm_up_is_left_out() -> None:
    run = playing_run(seconds=10, warm_up_s=3)
    assert summary(some_result(run))["rss_bytes"].n == 8


def test_failed_runs_are_left_out_and_each_good_one_counts_alike() -> None:
    failed = playing_run(2, pss_mb=900)
    failed.failed = "DP-1 showed no new frame"
    result = some_result(playing_run(1, pss_mb=90), failed, playing_run(3, pss_mb=110, seconds=40))
    figure = summary(result)["player_pss_bytes"]
    assert [run.number for run in good_runs(result)] == [1, 3]
    assert (figure.runs, figure.run_medians) == (2, [90 * MB, 110 * MB])
    assert (figure.median, figure.min, figure.max) == (100 * MB, 90 * MB, 110 * MB)


def test_memory_grows_and_counts_do_not() -> None:
    run = Run(1, [sample(at, {"DP-1": at}, pss_bytes=(90 + at) * MB) for at in range(20)])
    figures = summary(some_result(run))
    growth = figures["player_pss_bytes"].growth_mb_per_hour
    assert growth is not None
    assert growth.per_hour == pytest.approx(3600)
    assert figures["threads"].growth_mb_per_hour is None


def test_nothing_measured_has_no_figures() -> None:
    assert summary(some_result(Run(1))) == {}


# Bounds.

FLOOR = Floor(rss_bytes=61 * MB, pss_bytes=50 * MB, uss_bytes=40 * MB, cpu_percent=10.0, wakeups_per_s=0.0)
JUDGED = [
    ("ratio_at_most", "pss_bytes", 2.3, True),
    ("ratio_at_most", "pss_bytes", 2.1, False),
    ("ratio_at_most", "wakeups_per_s", 1e9, False),  # any number is above a floor of none
    ("at_most", "threads", 10, True),
    ("at_most", "threads", 9, False),
    ("at_least", "frames_per_s", 30, True),
    ("at_least", "frames_per_s", 30.5, False),
    ("growth_at_most", "pss_bytes", 1, True),
    ("growth_at_most", "pss_bytes", -1, False),
    ("at_most", "gpu_bytes", 1e12, False),  # never seen
]


@pytest.mark.parametrize(("table", "key", "limit", "is_kept"), JUDGED)
def test_a_bound_is_kept_or_broken(table: str, key: str, limit: float, is_kept: bool) -> None:
    run = playing_run()
    run.floor = FLOOR
    (verdict,) = judge(read_bounds({table: {key: limit}}, "b.toml"), summary(some_result(run)), [run])
    assert verdict.is_kept == is_kept
    assert f"{table}.{key}" in str(verdict)


BAD_FILES = {
    "no TOML": ("[at_most", "is no TOML"),
    "another table": ("[at_mots]\nthreads = 3", "tables: ratio_at_most"),
    "no table": ("threads = 3", "there is no table [threads]"),
    "another figure": ("[at_most]\nthread = 3", "no figure 'thread'"),
    "a word": ('[at_most]\nthreads = "3"', "a number is wanted"),
    "true": ("[at_most]\nthreads = true", "a number is wanted"),
    "nan": ("[at_most]\nthreads = nan", "a number is wanted"),
    "a figure without growth": ("[growth_at_most]\nthreads = 3", "no figure 'threads'"),
    "empty": ("", "has no bounds"),
}


@pytest.mark.parametrize(("text", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_wrong_bounds_file_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bounds.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=re.escape(words)) as caught:
        load_bounds(str(path))
    assert "\n" not in str(caught.value)


def test_a_bounds_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read bounds"):
        load_bounds(str(tmp_path / "none.toml"))


def test_every_figure_can_be_bounded() -> None:
    assert read_bounds({"at_most": dict.fromkeys(FIGURES, 1)}, "b.toml")


def test_the_project_s_own_bounds_can_be_read_and_bound_no_growth() -> None:
    bounds = load_bounds(str(DOCS.parents[1] / "tests/bounds.toml"))
    assert {bound.table for bound in bounds} == {"ratio_at_most", "at_most", "at_least"}
