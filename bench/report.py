"""Figures of repeated runs, what they should be, and a table that says which of them are."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

NAME_COLUMNS = 58


class Figure(NamedTuple):
    """Something that is measured.

    Attributes:
        title: for the table.
        unit: "%", "MB", "ms"...
        at_most: what the median should not exceed; None: no such target.
        at_least: what the median should not be below; None: no such target.
        decimals: how many to show.
    """

    title: str
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    decimals: int = 1

    def verdict(self, median: float) -> str:
        """ "met", "MISSED", or nothing where there is no target."""
        if self.at_most is None and self.at_least is None:
            return ""
        is_met = (self.at_most is None or median <= self.at_most) and (self.at_least is None or median >= self.at_least)
        return "met" if is_met else "MISSED"

    @property
    def target(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""


Samples = dict[str, list[float]]


def add(samples: Samples, figures: Mapping[str, float]) -> None:
    """Keep the figures of one more run."""
    for key, value in figures.items():
        samples.setdefault(key, []).append(value)


def summary(figures: Mapping[str, Figure], samples: Samples) -> dict[str, dict[str, Any]]:
    """Everything that was measured, in the order of `figures`, ready for JSON."""
    rows = {}
    for key, figure in figures.items():
        values = samples.get(key)
        if not values:
            continue
        median = statistics.median(values)
        rows[key] = figure._asdict() | {
            "n": len(values),
            "median": median,
            "min": min(values),
            "max": max(values),
            "verdict": figure.verdict(median),
            "values": values,
        }
    return rows


def lines(figures: Mapping[str, Figure], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The table."""
    head = f"{'':{NAME_COLUMNS}}{'unit':>7}{'n':>4}{'median':>9}{'min':>9}{'max':>9}  {'target':10}"
    table = [head]
    for key, row in rows.items():
        figure = figures[key]
        numbers = "".join(f"{row[name]:9.{figure.decimals}f}" for name in ("median", "min", "max"))
        line = f"{figure.title:{NAME_COLUMNS}}{figure.unit:>7}{row['n']:4}{numbers}  {figure.target:10}{row['verdict']}"
        table.append(line.rstrip())
    return table


def verdict_line(figures: Mapping[str, Figure], rows: Mapping[str, Mapping[str, Any]]) -> str:
    """How many targets are met, and which are not."""
    judged = [key for key, row in rows.items() if row["verdict"]]
    missed = [figures[key].title for key in judged if rows[key]["verdict"] == "MISSED"]
    text = f"{len(judged) - len(missed)} of {len(judged)} targets met"
    return text + (f"; missed: {'; '.join(missed)}" if missed else "")


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Round by round."""
    return [one / other for one, other in zip(above, below, strict=True)]
