"""A against B, pair by pair: the median of the ratios of all rounds, with an interval that assumes nothing of them.

The interval lies between two of the sorted ratios (Hollander and Wolfe, Nonparametric Statistical Methods,
"confidence interval based on the sign test"): the median of what the ratios are drawn from is below the smallest
of n only when all n are above it, which happens once in 2^n times.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import msgspec

from wayvid.memtest.comparison import Comparison, Turn, good_turns
from wayvid.memtest.turns import COLUMNS, FIGURES, rows_of_turn

__all__ = ["LEAST_PAIRS", "Interval", "Pair", "interval_of", "pairs"]

WANTED_CONFIDENCE = 0.95
LEAST_PAIRS = 5  # smallest to largest is then an interval of 93.75 %


class Interval(msgspec.Struct, frozen=True):
    """Between low and high lies the true median, this surely (0..1)."""

    low: float
    high: float
    confidence: float


class Pair(msgspec.Struct, frozen=True):
    """One figure of both contenders.

    Attributes:
        a: median of A's turns, each the median of its looks; None: never seen.
        b: likewise.
        a_turns: by round.
        b_turns: likewise.
        ratios: A / B of each round in which both turns count and B is not 0.
        ratio: their median; None where there is none.
        interval: None where there are fewer than LEAST_PAIRS.
    """

    title: str
    unit: str
    a: float | None
    b: float | None
    a_turns: dict[int, float]
    b_turns: dict[int, float]
    ratios: list[float]
    ratio: float | None
    interval: Interval | None


def pairs(comparison: Comparison) -> dict[str, Pair]:
    """Every figure that was seen of either, by its column's name."""
    sides = [_figures(good_turns(comparison, key), comparison.outputs) for key in ("A", "B")]
    found = {}
    for name in FIGURES:
        a_turns, b_turns = (side.get(name, {}) for side in sides)
        if not a_turns and not b_turns:
            continue
        ratios = [value / b_turns[number] for number, value in a_turns.items() if b_turns.get(number)]
        found[name] = Pair(
            COLUMNS[name].title, COLUMNS[name].unit,
            statistics.median(a_turns.values()) if a_turns else None,
            statistics.median(b_turns.values()) if b_turns else None,
            a_turns, b_turns, ratios, statistics.median(ratios) if ratios else None, interval_of(ratios),
        )  # fmt: skip
    return found


def interval_of(ratios: Sequence[float]) -> Interval | None:
    """The narrowest interval that is as sure as wanted, or, with few, the widest there is; None below LEAST_PAIRS."""
    count = len(ratios)
    if count < LEAST_PAIRS:
        return None
    inner = 0
    while inner + 1 < count / 2 and _confidence(count, inner + 1) >= WANTED_CONFIDENCE:
        inner += 1
    ordered = sorted(ratios)
    return Interval(ordered[inner], ordered[count - 1 - inner], _confidence(count, inner))


def _confidence(count: int, inner: int) -> float:
    """Of the interval that leaves out so many values on each side."""
    outside: int = 2 * sum(math.comb(count, number) for number in range(inner + 1))
    return 1.0 - outside / float(2**count)


def _figures(turns: dict[int, Turn], outputs: int) -> dict[str, dict[int, float]]:
    """Medians by figure and round."""
    found: dict[str, dict[int, float]] = {}
    for number, turn in turns.items():
        rows = [row for row in rows_of_turn(turn, outputs) if not row["warm_up"]]
        for name in FIGURES:
            values = [float(value) for row in rows if isinstance(value := row[name], (int, float))]
            if values:
                found.setdefault(name, {})[number] = statistics.median(values)
    return found
