"""A clip's speed, trimmed so little that nobody sees it, so that each frame gets its number of refreshes; pure.

A frame that is committed just before the moment at which the compositor draws
misses it now and then, and is shown one refresh too short while its neighbour is
shown one too long. And 59.94 frames a second on 60 refreshes show one frame twice
every 17 s. Both end when frames come at a whole number of refreshes, or at a small
fraction of one, and far from that moment. Where it lies need not be known: once
frames miss it, they are half of the free room away from where they should be.
"""

from __future__ import annotations

from bisect import bisect_right
from cmath import phase, rect
from collections.abc import Sequence
from itertools import pairwise
from math import tau
from statistics import median

from wayvid.player.framelog import EVERY_NS, Sample

__all__ = ["Grid", "Steering"]

# Frames at n/d refreshes: 24 frames on 60 Hz are 5/2, 25 are 12/5, 50 are 6/5.
MOST_PARTS = 5
# 1001/1000, and what screens and clips are off by.
MOST_TRIM = 0.002
# Beyond, a window is not of a steady clip or not of a steady screen.
MOST_UNEVEN = 0.25
FEWEST_SAMPLES = 16
# So many misses of the last windows call for another phase.
MISSES = 3
# From one window to the next when it comes soon, its own length included.
RESTLESS_NS = 4_000_000_000
# Nearer than this part of a part, the phase is what it should be.
SETTLED = 0.2
MISSES_FADE = 0.7
# A frame committed so much later than usual missed its refresh for its own lateness.
LATE_NS = 3_000_000
# The period is known well enough to count the refreshes of so long a gap.
LONGEST_GAP_NS = 30_000_000_000
# Over less, times that are off by a millisecond give a worse period than the output tells.
LEAST_SPAN_NS = 5_000_000_000
MOST_TURNS = 256
MOST_OFF_NOMINAL = 0.005


class Grid:
    """The moments at which an output shows something new, learnt from some of them.

    Attributes:
        period_ns: from one to the next; 0 until known.
        anchor_ns: one of them.
    """

    def __init__(self) -> None:
        self.period_ns = 0.0
        self.anchor_ns = 0.0
        self._turns: list[tuple[int, int]] = []  # count of refreshes, and when

    def learn(self, shown_ns: Sequence[int], nominal_ns: float) -> bool:
        """Take in a window; False when it fits no grid, as with a variable refresh rate.

        Args:
            shown_ns: ascending; some may be off, as a compositor's timer is.
            nominal_ns: the period as the output tells it.
        """
        if self._turns and shown_ns[0] - self._turns[-1][1] > LONGEST_GAP_NS:
            self._turns.clear()
        period_ns = self.period_ns or nominal_ns
        for at_ns in shown_ns:
            count, before_ns = self._turns[-1] if self._turns else (0, at_ns)
            self._turns.append((count + round((at_ns - before_ns) / period_ns), at_ns))
        del self._turns[:-MOST_TURNS]
        period_ns, anchor_ns = _fit(self._turns, nominal_ns)
        off_ns = median(abs((at_ns - anchor_ns + period_ns / 2) % period_ns - period_ns / 2) for at_ns in shown_ns)
        if off_ns > MOST_UNEVEN / 2 * nominal_ns or abs(period_ns / nominal_ns - 1) > MOST_OFF_NOMINAL:
            self.period_ns = 0.0
            self._turns.clear()
            return False
        self.period_ns, self.anchor_ns = period_ns, anchor_ns
        return True


def _fit(turns: Sequence[tuple[int, int]], nominal_ns: float) -> tuple[float, float]:
    """The period, and one moment of the grid."""
    base_count, base_ns = turns[0]
    points = [(count - base_count, float(at_ns - base_ns)) for count, at_ns in turns]
    period_ns = nominal_ns
    if points[-1][1] >= LEAST_SPAN_NS:
        for _ in range(2):  # the second time without those that are far off
            mean_count = sum(count for count, _ in points) / len(points)
            mean_ns = sum(at_ns for _, at_ns in points) / len(points)
            spread = sum((count - mean_count) ** 2 for count, _ in points)
            period_ns = sum((count - mean_count) * (at_ns - mean_ns) for count, at_ns in points) / spread
            usual_ns = median(at_ns - count * period_ns for count, at_ns in points)
            off = [abs(at_ns - count * period_ns - usual_ns) for count, at_ns in points]
            limit_ns = 3 * median(off)
            points = [point for point, off_ns in zip(points, off, strict=True) if off_ns <= limit_ns]
    rest_ns = median(at_ns - count * period_ns for count, at_ns in points)
    return period_ns, base_ns + rest_ns + points[-1][0] * period_ns


class Steering:
    """Says how fast a clip should play, window by window.

    Attributes:
        factor: of the speed that the user wants; 1 where there is nothing to gain.
        is_restless: whether it is on its way to another phase, and has to know soon when it is there.
    """

    def __init__(self) -> None:
        self.factor = 1.0
        self.is_restless = False
        self._grid = Grid()
        self._base = 1.0  # with which frames come at the same phase again and again
        self._parts = 0  # of a refresh, in which frames come; 0 until known
        self._wanted_ns = 0.0  # phase of the due times within such a part
        self._misses = 0.0

    @property
    def period_ns(self) -> float:
        """From refresh to refresh, as measured; 0 until known."""
        return self._grid.period_ns

    def take(self, samples: Sequence[Sample], nominal_ns: float) -> float:
        """The factor from now on.

        Args:
            samples: a window, shown as the compositor tells.
            nominal_ns: from refresh to refresh, as the output tells.
        """
        if len(samples) < FEWEST_SAMPLES or not self._grid.learn([each.shown_ns for each in samples], nominal_ns):
            return self._follow(self._base)
        gaps = [after.due_ns - before.due_ns for before, after in pairwise(samples)]
        frame_ns = median(gaps)
        if sum(abs(gap / frame_ns - 1) > MOST_UNEVEN for gap in gaps) > len(gaps) // 4:
            return self._follow(self._base)
        parts, self._base = _cadence(frame_ns * self.factor / self._grid.period_ns)
        if not parts:
            self._parts = 0
            return self._follow(self._base)
        part_ns = self._grid.period_ns / parts
        at_ns = _mean_phase([sample.due_ns - self._grid.anchor_ns for sample in samples], part_ns)
        is_first = parts != self._parts
        if is_first:
            self._parts, self._wanted_ns, self._misses = parts, at_ns, 0.0
        error_ns = (at_ns - self._wanted_ns + part_ns / 2) % part_ns - part_ns / 2
        # What is missed at the start, or on the way to another phase, says nothing.
        if not is_first and abs(error_ns) < part_ns * SETTLED:
            self._misses = self._misses * MISSES_FADE + _misses(samples, self._grid.period_ns, parts)
        if self._misses >= MISSES:
            self._wanted_ns, self._misses = at_ns + part_ns / 2, 0.0
            error_ns = -part_ns / 2
        is_restless = abs(error_ns) >= part_ns * SETTLED
        trim = error_ns / (RESTLESS_NS if is_restless else EVERY_NS)
        return self._follow(self._base * (1 + max(-MOST_TRIM, min(MOST_TRIM, trim))), is_restless)

    def _follow(self, factor: float, is_restless: bool = False) -> float:
        self.factor, self.is_restless = factor, is_restless
        return factor


def _cadence(in_refreshes: float) -> tuple[int, float]:
    """Parts of a refresh in which frames come, and the factor that makes it so exactly; (0, 1) when none is near."""
    for parts in range(1, MOST_PARTS + 1):
        count = round(in_refreshes * parts)
        if count and abs(in_refreshes * parts / count - 1) <= MOST_TRIM:
            return parts, in_refreshes * parts / count
    return 0, 1.0


def _mean_phase(times_ns: Sequence[float], part_ns: float) -> float:
    """Where in a part the times are, on average, 0 .. part_ns; parts are a circle."""
    total = sum(rect(1.0, tau * (at_ns % part_ns) / part_ns) for at_ns in times_ns)
    return phase(total) % tau / tau * part_ns


def _misses(samples: Sequence[Sample], period_ns: float, parts: int) -> int:
    """Frames shown at another refresh than the others' delays would have it."""
    usual_ns = median(sample.committed_ns - sample.due_ns for sample in samples)
    delays = sorted(
        sample.shown_ns - sample.due_ns
        for sample in samples
        if sample.committed_ns - sample.due_ns - usual_ns < LATE_NS
    )
    room_ns = period_ns * (parts - 0.5) / parts
    return (
        len(delays) - max(bisect_right(delays, low + room_ns) - index for index, low in enumerate(delays))
        if delays
        else 0
    )
