"""Growth that is told from noise: a slope over minutes, after a warm-up."""

from __future__ import annotations

import random

import pytest

from wayvid.memory.watchdog import FEWEST_SAMPLES, GrowthWatch, Sample, slope_mb_per_hour
from wayvid.units import MIB

WARMUP_S, WINDOW_S = 120.0, 600.0


def watched(held_mb: list[float], every_s: float = 20.0, started_s: float = 0.0) -> GrowthWatch:
    watch = GrowthWatch(started_s, WARMUP_S, WINDOW_S)
    for index, held in enumerate(held_mb):
        watch.add(Sample(started_s + index * every_s, int(held * MIB)))
    return watch


def test_slope_of_a_steady_leak_is_its_rate() -> None:
    samples = [Sample(float(second), second * MIB // 10) for second in range(0, 600, 20)]
    assert slope_mb_per_hour(samples) == pytest.approx(360, rel=0.01)


def test_single_step_is_not_a_slope() -> None:
    samples = [Sample(float(second), 90 * MIB + (8 * MIB if second >= 80 else 0)) for second in range(0, 600, 20)]
    assert abs(slope_mb_per_hour(samples)) < 1


def test_leak_is_excessive_above_its_limit_only() -> None:
    leak = watched([90 + index * 1.0 for index in range(40)])  # 180 MB an hour
    assert leak.growth_mb_per_hour() == pytest.approx(180, rel=0.05)
    assert leak.is_excessive(64)
    assert not leak.is_excessive(200)
    assert not leak.is_excessive(0), "0 is no limit"


def test_warm_up_is_not_looked_at() -> None:
    start = watched([40 + index * 10 for index in range(6)] + [100.0] * 34)
    growth = start.growth_mb_per_hour()
    assert growth is not None
    assert abs(growth) < 1


def test_noise_is_not_growth() -> None:
    noise = random.Random(5)
    steady = watched([90 + noise.uniform(-3, 3) for _ in range(60)])
    assert not steady.is_excessive(64)


def test_steep_but_tiny_growth_is_not_excessive() -> None:
    tiny = watched([90 + index * 0.05 for index in range(40)], every_s=20.0)
    assert not tiny.is_excessive(1)


@pytest.mark.parametrize("count", [0, 1, FEWEST_SAMPLES - 1], ids=["none", "one", "few"])
def test_nothing_is_said_before_there_is_enough_to_tell(count: int) -> None:
    watch = GrowthWatch(0.0, 0.0, WINDOW_S)
    for index in range(count):
        watch.add(Sample(index * 30.0, index * MIB))
    assert watch.growth_mb_per_hour() is None
    assert not watch.is_excessive(1)


def test_samples_in_quick_succession_count_once() -> None:
    watch = GrowthWatch(0.0, 0.0, WINDOW_S)
    for index in range(1000):
        watch.add(Sample(index * 0.1, index * MIB))
    assert watch.growth_mb_per_hour() is None, "100 s of samples are not half a window"


def test_what_is_older_than_the_window_is_forgotten() -> None:
    watch = watched([index * 2.0 for index in range(60)] + [118.0] * 60)
    growth = watch.growth_mb_per_hour()
    assert growth is not None
    assert abs(growth) < 1
