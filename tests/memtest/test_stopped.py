"""A screen that stood still while it should have played fails the run."""

from __future__ import annotations

import pytest

from tests.memtest.canned import playing_run, sample
from wayvid.memtest.sample import Sample
from wayvid.memtest.stopped import why_crashed, why_stopped

Counts = list[int]


def looks(counts: Counts, warm_up_s: int = 0, other: bool = True, **more: object) -> list[Sample]:
    """A screen's counts second by second, with another one that plays on."""
    screens = [{"DP-1": count} | ({"DP-2": 30 * at} if other else {}) for at, count in enumerate(counts)]
    return [sample(at, shown, warm_up=at < warm_up_s, **more) for at, shown in enumerate(screens)]  # type: ignore[arg-type]


STOPS = {
    "at its first frame": looks([1] * 12),
    "in the middle": looks([30, 60, 90, 90, 90, 90, 90, 90, 90, 120]),
    "at the end": looks([30, 60, 90, 120, 120, 120, 120, 120, 120]),
    "all of a short run": looks([7, 7, 7, 7]),
    "without a picture": looks([0] * 12, output_state="blank"),
    "hidden on a desk where nothing hides it": looks([9] * 12, output_state="hidden"),
    "held": looks([9] * 12, state="held", output_state="still"),
    "a slide show, for two pictures": looks([1] * 8 + [2] * 26, picture_s=10.0),
}
GOES_ON = {
    "plays": looks([30 * at for at in range(12)]),
    "a new player counts from the beginning": looks([300, 330, 12, 42, 72, 102]),
    "slow": looks([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4]),
    "stood still in the warm-up alone": looks([1] * 8 + [30, 60, 90, 120], warm_up_s=8),
    "a slide show": looks([1] * 8 + [2] * 10 + [3] * 10, picture_s=10.0),
    "a slide show, in less than two pictures": looks([1] * 12, picture_s=10.0),
    "paused": looks([9] * 12, state="paused"),
    "an image": looks([0] * 12, state="still", output_state="still"),
    "one sample": looks([9]),
    "nothing measured": looks([9] * 8, warm_up_s=9),
}


@pytest.mark.parametrize("samples", STOPS.values(), ids=STOPS)
def test_a_screen_that_stands_still_is_named(samples: list[Sample]) -> None:
    assert "DP-1 showed no new frame" in why_stopped(samples, is_own_desk=True)


@pytest.mark.parametrize("samples", GOES_ON.values(), ids=GOES_ON)
def test_a_screen_that_need_not_move_or_moves_is_fine(samples: list[Sample]) -> None:
    assert why_stopped(samples, is_own_desk=True) == ""


@pytest.mark.parametrize("kind", ["hidden on a desk where nothing hides it", "held"])
def test_a_hidden_screen_of_a_real_desk_is_fine(kind: str) -> None:
    assert why_stopped(STOPS[kind], is_own_desk=False) == ""


def test_failed_play_is_named() -> None:
    assert "play failed" in why_stopped(looks([9, 9], state="failed"), is_own_desk=False)


def test_a_whole_run_plays() -> None:
    assert why_stopped(playing_run().samples, is_own_desk=True) == ""


def test_a_crash_is_named_wherever_it_is_seen_on_a_desk_of_our_own() -> None:
    assert "player ended by itself" in why_crashed([sample(0, {}, crashes=1)], is_own_desk=True)
    assert why_crashed([sample(0, {}), sample(1, {})], is_own_desk=True) == ""


def test_crashes_before_the_first_look_are_not_the_run_s() -> None:
    looked = [sample(0, {}, crashes=1), sample(1, {}, crashes=1)]
    assert why_crashed(looked, is_own_desk=False) == ""
    assert "after 2 s" in why_crashed([*looked, sample(2, {}, crashes=2)], is_own_desk=False)
