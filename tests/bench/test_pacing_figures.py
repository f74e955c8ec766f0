"""What `bench pacing` makes of the times at which frames were seen."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

import pytest

from bench.pacing import right_percent

REFRESH_NS = 16_666_667


def seen(counts: Iterable[int]) -> list[int]:
    """Frames that are seen for so many refreshes, one after the other."""
    return [turn * REFRESH_NS for turn in accumulate(counts, initial=1)]


@pytest.mark.parametrize(
    ("rate_hz", "counts"),
    [(60, [1]), (59.94, [1]), (50, [1, 1, 1, 1, 2]), (30, [2]), (25, [2, 3, 2, 3, 2]), (24, [2, 3])],
)
def test_frames_that_are_seen_in_turn_are_right(rate_hz: float, counts: list[int]) -> None:
    assert right_percent(seen(counts * 60), rate_hz) == 100


@pytest.mark.parametrize(
    ("rate_hz", "counts", "right"),
    [
        (30, [1, 3], 0),  # no frame is right
        (24, [2, 2, 3, 3], 100),  # unevenly, but never more than a refresh off
        (30, [2] * 18 + [1, 3], 90),  # two of twenty, and the two of twenty rows with one of them alone
        (60, [1] * 19 + [2], 85),  # one of twenty, and five of twenty rows
    ],
)
def test_frames_that_are_not_are_counted(rate_hz: float, counts: list[int], right: float) -> None:
    assert right_percent(seen(counts * 60), rate_hz) == pytest.approx(right, abs=0.2)


def test_too_few_frames_tell_nothing() -> None:
    assert right_percent(seen([2] * 5), 30) == 0
