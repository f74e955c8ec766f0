"""The level of memory pressure: where it begins, how it ends, and why."""

from __future__ import annotations

import pytest

from wayvid.memory.levels import MemoryPressureLevel
from wayvid.memory.pressure import COOLDOWN_S, Pressure, Reading, judge, system_level

NORMAL, HIGH, CRITICAL = MemoryPressureLevel
NEVER = float("-inf")
BUDGET = 1000


def budget(used: int) -> Reading:
    return Reading(used, BUDGET)


@pytest.mark.parametrize(
    ("used", "level"),
    [(0, NORMAL), (749, NORMAL), (750, HIGH), (899, HIGH), (900, CRITICAL), (1000, CRITICAL), (5000, CRITICAL)],
)
def test_level_begins_at_three_quarters_and_at_nine_tenths_of_the_budget(used: int, level: object) -> None:
    assert judge(Pressure(), budget(used), 0.0).level == level


def test_no_budget_is_never_pressure() -> None:
    pressure = judge(Pressure(), Reading(10**15, 0), 0.0)
    assert pressure.level == NORMAL
    assert "without a budget" in pressure.reason


@pytest.mark.parametrize(
    ("before", "used", "after"),
    [
        (CRITICAL, 860, CRITICAL),  # below where it began, not far enough
        (CRITICAL, 849, HIGH),
        (HIGH, 710, HIGH),
        (HIGH, 699, NORMAL),
    ],
)
def test_level_ends_only_well_below_where_it_began(before: object, used: int, after: object) -> None:
    pressure = judge(Pressure(), budget(950 if before == CRITICAL else 800), 0.0)
    assert pressure.level == before
    assert judge(pressure, budget(used), COOLDOWN_S).level == after


def test_level_rises_at_once_and_falls_one_step_a_cooldown() -> None:
    pressure = judge(Pressure(), budget(950), 100.0)
    assert pressure.level == CRITICAL
    pressure = judge(pressure, budget(100), 100.0 + COOLDOWN_S - 0.1)
    assert pressure.level == CRITICAL, "it fell before its cooldown"
    pressure = judge(pressure, budget(100), 100.0 + COOLDOWN_S)
    assert pressure.level == HIGH
    pressure = judge(pressure, budget(100), 100.0 + 2 * COOLDOWN_S)
    assert pressure.level == NORMAL


def test_figure_that_swings_about_a_threshold_changes_the_level_once() -> None:
    pressure, levels = Pressure(), []
    for second in range(120):
        pressure = judge(pressure, budget(730 if second % 2 else 770), float(second))
        levels.append(pressure.level)
    assert set(levels) == {HIGH}


@pytest.mark.parametrize(
    ("reading", "level", "words"),
    [
        (Reading(500, BUDGET), NORMAL, "50 % of the budget"),
        (Reading(800, BUDGET), HIGH, "80 % of the budget"),
        (Reading(500, BUDGET, 95, 100), CRITICAL, "95 % of its limit"),
        (Reading(500, BUDGET, system=HIGH), HIGH, "short of memory: tasks wait for it"),
        (Reading(500, BUDGET, system=CRITICAL), CRITICAL, "short of memory: all"),
        (Reading(950, BUDGET, system=HIGH), CRITICAL, "95 % of the budget"),
        (Reading(500, 0, 10, 0), NORMAL, "without a budget"),
    ],
)
def test_level_carries_its_reason(reading: Reading, level: object, words: str) -> None:
    pressure = judge(Pressure(), reading, 0.0)
    assert pressure.level == level
    assert words in pressure.reason


@pytest.mark.parametrize(
    ("some_s", "full_s", "available", "level"),
    [
        (NEVER, NEVER, 0.0, NORMAL),
        (99.0, NEVER, 0.0, HIGH),
        (99.0, 98.0, 0.14, CRITICAL),
        (99.0, 98.0, 0.15, HIGH),
        (NEVER, 99.0, 0.14, CRITICAL),
        (NEVER, 99.0, 0.9, HIGH),
        (89.0, 89.0, 0.0, NORMAL),
        (99.0, 80.0, 0.0, HIGH),
    ],
)
def test_stall_reports_count_until_they_have_stopped_for_a_while(
    some_s: float, full_s: float, available: float, level: object
) -> None:
    assert system_level(100.0, some_s, full_s, available) == level
