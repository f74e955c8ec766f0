"""What the samples of all good runs add up to."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from wayvid.memtest.columns import BYTES, COLUMNS, FIGURES, Row, rows_of
from wayvid.memtest.result import Result, Run, good_runs
from wayvid.memtest.trend import Growth, Point, growth
from wayvid.units import MIB

__all__ = ["Figure", "summary"]


class Figure(msgspec.Struct, frozen=True):
    """One column over all good runs, the warm-up and the faults of a soak left out.

    Attributes:
        n: samples that count; a sample without the figure does not.
        runs: that they are from.
        median: of the runs' medians, so that each run counts alike.
        min: of all samples.
        max: likewise.
        run_medians: one for each run.
        growth_mb_per_hour: of memory only, with its interval (wayvid.memtest.trend); None: too short to tell.
    """

    title: str
    unit: str
    n: int
    runs: int
    median: float
    min: float
    max: float
    run_medians: list[float]
    growth_mb_per_hour: Growth | None = None


def summary(result: Result) -> dict[str, Figure]:
    """Every figure that was seen, by its column's name, in the order of the columns."""
    runs = [_measured(run) for run in good_runs(result)]
    figures = {}
    for name in FIGURES:
        column = COLUMNS[name]
        points = [run for run in (_points(rows, name) for rows in runs) if run]
        values = [value for run in points for _at_s, value in run]
        if not values:
            continue
        medians = [statistics.median(value for _at_s, value in run) for run in points]
        figures[name] = Figure(
            column.title, column.unit, len(values), len(points), statistics.median(medians), min(values), max(values),
            medians, _growth_mb(points) if column.unit == BYTES else None,
        )  # fmt: skip
    return figures


def _measured(run: Run) -> list[Row]:
    return [row for row in rows_of(run.number, run.samples) if not row["warm_up"] and not row["fault"]]


def _points(rows: Sequence[Row], name: str) -> list[Point]:
    found = []
    for row in rows:
        at_s, value = row["t_s"], row[name]
        if isinstance(at_s, (int, float)) and isinstance(value, (int, float)):
            found.append((float(at_s), float(value)))
    return found


def _growth_mb(runs: Sequence[Sequence[Point]]) -> Growth | None:
    found = growth(runs)
    return found and Growth(found.per_hour / MIB, found.low / MIB, found.high / MIB)
