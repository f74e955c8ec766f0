"""The slope of a figure and how sure it is."""

from __future__ import annotations

import random

import pytest

from wayvid.memtest.trend import Point, growth


def line(slope_per_hour: float, seconds: int = 600, start: float = 100.0) -> list[Point]:
    return [(float(at), start + slope_per_hour * at / 3600) for at in range(seconds)]


@pytest.mark.parametrize("slope", [-20.0, 0.0, 3.5], ids=["falls", "is constant", "rises"])
def test_a_line_has_its_slope_and_no_width(slope: float) -> None:
    found = growth([line(slope)])
    assert found is not None
    assert (found.per_hour, found.low, found.high) == pytest.approx((slope, slope, slope), abs=1e-6)


def test_growth_is_within_a_run_however_far_apart_the_runs_are() -> None:
    found = growth([line(5.0, start=10.0 * number, seconds=200 * number) for number in (1, 2, 3)])
    assert found is not None
    assert found.per_hour == pytest.approx(5.0)


def test_one_spike_does_not_move_it() -> None:
    points = line(0.0)
    points[-1] = (points[-1][0], 5000.0)
    found = growth([points])
    assert found is not None
    assert (found.per_hour, found.low, found.high) == (0.0, 0.0, 0.0)


def test_the_interval_of_noise_is_wide_and_holds_the_slope_in_most_cases() -> None:
    draw = random.Random(7)
    held = 0
    for _round in range(200):
        points = [(at, value + draw.gauss(0, 3)) for at, value in line(30.0, seconds=60)]
        found = growth([points])
        assert found is not None
        assert found.low < found.per_hour < found.high
        held += found.low <= 30.0 <= found.high
    assert 0.90 <= held / 200 <= 0.99


@pytest.mark.parametrize("runs", [[], [[]], [line(1.0, seconds=7)]], ids=["no run", "an empty run", "seven points"])
def test_too_little_tells_no_slope(runs: list[list[Point]]) -> None:
    assert growth(runs) is None
