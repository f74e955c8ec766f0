"""How fast a figure grows, with an interval: Theil-Sen, the median of all slopes.

One spike, or a step at the end, hardly moves it, which a least-squares line would follow.
Runs are strata: slopes are taken within a run only, and the variances of their rank sums add up
(Sen 1968; for strata Hirsch, Slack and Smith 1982).

Samples a second apart are no independent witnesses: memory that is high now is high a second later. So
each run is cut into at most BLOCKS stretches of equal length, and the median of each counts once.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

import msgspec

__all__ = ["Growth", "Point", "growth"]

BLOCKS = 60
LEAST_POINTS = 8  # of all runs together: below it the rank sum is not near a normal distribution
CONFIDENCE = 0.95
SECONDS_PER_HOUR = 3600.0


class Growth(msgspec.Struct, frozen=True):
    """Per hour, in the figure's unit; the true slope lies between low and high with CONFIDENCE."""

    per_hour: float
    low: float
    high: float


Point = tuple[float, float]  # seconds, value


def growth(runs: Sequence[Sequence[Point]]) -> Growth | None:
    """The common slope of several runs.

    Args:
        runs: of each, its points in the order of time.

    Returns:
        None where there are fewer than LEAST_POINTS points to take it from.
    """
    thinned = [_blocks(points) for points in runs]
    if sum(map(len, thinned)) < LEAST_POINTS:
        return None
    slopes = sorted(slope for points in thinned for slope in _slopes(points))
    if not slopes:
        return None
    # Half the width of the interval, counted in slopes.
    half = statistics.NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * sum(map(_variance, thinned)) ** 0.5 / 2
    middle = (len(slopes) - 1) / 2
    low = slopes[max(round(middle - half), 0)]
    high = slopes[min(round(middle + half), len(slopes) - 1)]
    return Growth(*(SECONDS_PER_HOUR * slope for slope in (statistics.median(slopes), low, high)))


def _blocks(points: Sequence[Point]) -> list[Point]:
    """Medians of stretches, as many as BLOCKS at most."""
    size = -(-len(points) // BLOCKS) or 1
    parts = [points[start : start + size] for start in range(0, len(points), size)]
    return [
        (statistics.median(point[0] for point in part), statistics.median(point[1] for point in part)) for part in parts
    ]


def _slopes(points: Sequence[Point]) -> list[float]:
    return [
        (value - earlier[1]) / (at_s - earlier[0])
        for number, (at_s, value) in enumerate(points)
        for earlier in points[:number]
        if at_s > earlier[0]
    ]


def _variance(points: Sequence[Point]) -> float:
    """Of Kendall's rank sum without a trend, corrected for equal values."""
    ties = Counter(value for _at_s, value in points).values()
    count = len(points)
    return (count * (count - 1) * (2 * count + 5) - sum(tie * (tie - 1) * (2 * tie + 5) for tie in ties)) / 18
