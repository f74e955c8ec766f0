"""A against B in figures: medians, ratios pair by pair, and what their interval may claim."""

from __future__ import annotations

import math
from itertools import product

import pytest

from tests.memtest.canned import comparison, held, look, turn
from wayvid.memtest.comparison_words import caution, neighbours_line, pair_cells, verdict_line
from wayvid.memtest.ratios import LEAST_PAIRS, interval_of, pairs
from wayvid.memtest.turns import COLUMNS, rows_of_turn, why_stopped


def test_ratios_are_taken_within_a_round() -> None:
    # A and B both rise from round to round: across rounds nothing could be told.
    turns = [turn(number, key, pss_mb=size * number) for number in (1, 2, 3) for key, size in (("A", 50), ("B", 100))]
    found = pairs(comparison(*turns))["pss_bytes"]
    assert found.ratios == [0.5, 0.5, 0.5]
    assert found.ratio == 0.5
    assert (found.a, found.b) == (100 << 20, 200 << 20)
    assert found.interval is None
    assert "too few pairs" in pair_cells(found)[-1]


def test_a_round_with_a_failed_turn_is_no_pair_and_in_no_median() -> None:
    failed = turn(2, "B", pss_mb=9000)
    failed.failed = "stood still"
    told = comparison(turn(1, "A", 50), turn(1, "B", 100), turn(2, "A", 70), failed)
    found = pairs(told)["pss_bytes"]
    assert found.ratios == [0.5]
    assert found.b_turns == {1: 100 << 20}
    assert found.a_turns == {1: 50 << 20, 2: 70 << 20}
    assert "1 of 2 turns of B counts; round 2, B failed: stood still" in verdict_line(told)


def test_nothing_is_divided_by_nothing() -> None:
    found = pairs(comparison(turn(1, "A"), turn(1, "B")))["swap_bytes"]
    assert (found.a, found.b, found.ratios, found.ratio) == (0, 0, [], None)


@pytest.mark.parametrize("count", [5, 6, 8, 9, 12])
def test_an_interval_is_as_sure_as_it_says(count: int) -> None:
    interval = interval_of(range(1, count + 1))
    assert interval is not None
    # Each value is above or below the true median with equal chance: count the cases in which it lies between.
    low, high = int(interval.low), int(interval.high)
    cases = [sum(signs) for signs in product((0, 1), repeat=count)]  # so many values lie below it
    inside = sum(low <= below <= high - 1 for below in cases)
    assert math.isclose(interval.confidence, inside / len(cases))
    assert interval.confidence >= (0.95 if count > LEAST_PAIRS else 0.93)


def test_an_interval_is_not_made_of_too_few() -> None:
    assert interval_of([1.0] * (LEAST_PAIRS - 1)) is None


def test_an_interval_leaves_out_far_values_of_many() -> None:
    interval = interval_of([0.01, *[0.5] * 10, 99.0])
    assert interval is not None
    assert (interval.low, interval.high) == (0.5, 0.5)


def test_fewer_frames_of_one_are_said() -> None:
    told = pairs(comparison(turn(1, "A", frames=30), turn(1, "B", frames=12)))
    assert "B showed 12.0 frames a second where the other showed 30.0" in caution(told)
    assert caution(pairs(comparison(turn(1, "A", frames=30), turn(1, "B", frames=30)))) == ""


def test_neighbours_are_said() -> None:
    shared, alone = turn(1, "A"), turn(1, "B")
    assert neighbours_line(comparison(shared, alone)) == ""
    shared.neighbours = 2
    assert "in 1 of 2 turns another program had the same libavcodec" in neighbours_line(comparison(shared, alone))


def test_rates_are_of_all_processes_and_of_those_that_came_meanwhile() -> None:
    one = turn(1, "A")
    one.looks = [
        look(0, {1: held(cpu_s=5.0, sleeps=100)}, {"1.1": 0}),
        look(2, {1: held(cpu_s=5.5, sleeps=150), 2: held(cpu_s=0.5, sleeps=30)}, {"1.1": 60}),
    ]
    first, second = rows_of_turn(one, outputs=1)
    assert list(first) == list(COLUMNS)
    assert (first["cpu_percent"], first["frames_per_s"]) == (None, None)
    assert (second["cpu_percent"], second["wakeups_per_s"], second["frames_per_s"]) == (50.0, 40.0, 30.0)
    assert (second["processes"], second["threads"]) == (2, 6)


def test_frames_are_those_of_the_slowest_screen_whatever_else_is_drawn() -> None:
    one = turn(1, "A")
    one.looks = [look(0, {}, {}), look(1, {}, {"1.1": 30, "1.2": 20, "1.3": 1})]
    *_first, row = rows_of_turn(one, outputs=2)
    assert row["frames_per_s"] == 20.0


def test_a_stop_in_the_middle_is_found() -> None:
    shown = [0, 30, 60, 60, 60, 60, 60, 60, 60, 90, 120]
    looks = [look(at, {}, {"1.1": count}) for at, count in enumerate(shown)]
    assert why_stopped(looks, outputs=1) == "a screen got no new picture from 2 s to 7 s"
    assert why_stopped(looks[6:], outputs=1) == ""


def test_one_screen_of_two_that_stands_still_is_found() -> None:
    looks = [look(at, {}, {"1.1": 30 * at, "1.2": 1}) for at in range(7)]
    assert why_stopped(looks, outputs=1) == ""
    assert "from 0 s to 5 s" in why_stopped(looks, outputs=2)


def test_a_short_turn_without_a_new_picture_is_found_and_its_warm_up_is_not_asked() -> None:
    looks = [look(0, {}, {"1.1": 1}, warm_up=True), look(1, {}, {"1.1": 1}), look(2, {}, {"1.1": 1})]
    assert "from 0 s to 2 s" in why_stopped(looks, outputs=1)
    assert why_stopped(looks[:1], outputs=1) == ""
