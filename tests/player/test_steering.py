"""Whether steering gives each frame its refreshes, on a screen made of numbers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from wayvid.player.framelog import FrameLog, Sample
from wayvid.player.steering import MOST_TRIM, Grid, Steering

S = 1_000_000_000
MS = 1_000_000
# Frames a second on 60 refreshes -> refreshes of a frame, in turn.
CADENCES = {24.0: {2, 3}, 25.0: {2, 3}, 30.0: {2}, 50.0: {1, 2}, 60.0: {1}, 60000 / 1001: {1}, 24000 / 1001: {2, 3}}


class Screen:
    """Shows what was committed before a refresh is drawn, and tells when; commits come a little early or late."""

    def __init__(self, rate_hz: float, period_ns: float, latch_ns: float, seed: int = 1) -> None:
        self.period_ns = period_ns
        self.stall_ratio = 0.0  # so many frames are drawn a refresh late
        self.unsure_ns = 0.0  # how far off the told times are
        self.steering = Steering()
        self.turns: list[int] = []  # at which refresh each frame was shown
        self._rate_hz = rate_hz
        self._latch_ns = latch_ns  # so long before a refresh it is drawn
        self._random = random.Random(seed)
        self._log = FrameLog(self._on_window)
        self._factor = 1.0

    def _on_window(self, samples: Sequence[Sample]) -> bool:
        self._factor = self.steering.take(samples, self.period_ns)
        return self.steering.is_restless

    def play(self, seconds: float) -> list[int]:
        """For so many refreshes each frame of the last four seconds was seen."""
        self.turns = list(self._frames(seconds))
        return [after - before for before, after in pairwise(self.turns)][-round(4 * self._rate_hz) :]

    def _frames(self, seconds: float) -> Iterator[int]:
        due_ns, shown = 5.0 * S, 0
        for number in range(1, round(seconds * self._rate_hz)):
            due_ns += S / self._rate_hz / self._factor
            commit_ns = due_ns - 30 * MS + self._random.gauss(0, 0.4 * MS)
            turn = max(shown + 1, int((commit_ns + self._latch_ns) // self.period_ns) + 1)
            turn += self._random.random() < self.stall_ratio
            shown = turn
            if self._log.committed(number, round(due_ns), round(commit_ns), round(self.period_ns)):
                told_ns = turn * self.period_ns + self._random.gauss(0, self.unsure_ns)
                self._log.shown(number, round(told_ns))
            yield turn


def right_ratio(counts: list[int], wanted: set[int], rate_hz: float) -> float:
    """Share of the frames that were seen as often as they should: of two that follow each other, within one refresh."""
    ideal = 60 / rate_hz
    sums = [sum(counts[n : n + 5]) for n in range(len(counts) - 4)]
    in_step = [abs(total - 5 * ideal) < 0.999 for total in sums]
    return (sum(count in wanted for count in counts) / len(counts) + sum(in_step) / len(in_step)) / 2


@pytest.mark.parametrize("rate_hz", CADENCES)
@pytest.mark.parametrize("latch_ratio", [n / 4 for n in range(4)])
def test_each_frame_is_seen_as_often_as_it_should_wherever_the_screen_is_drawn(
    rate_hz: float, latch_ratio: float
) -> None:
    period_ns = S / 60
    screen = Screen(rate_hz, period_ns, latch_ratio * period_ns)
    counts = screen.play(120)
    assert right_ratio(counts, CADENCES[rate_hz], rate_hz) > 0.97, Counter(counts)


def test_times_told_by_a_timer_will_do() -> None:
    screen = Screen(60000 / 1001, S / 60, 0)
    screen.unsure_ns = MS
    counts = screen.play(120)
    assert right_ratio(counts, {1}, 60000 / 1001) > 0.97, Counter(counts)


def test_a_screen_of_unknown_refresh_is_not_steered_any_further() -> None:
    screen = Screen(30.0, S / 60, 0)
    screen.play(120)
    random_ns = random.Random(3)
    times_ns = [130 * S + n * S // 30 for n in range(32)]
    noise = [Sample(at_ns, 0, at_ns + random_ns.randrange(16 * MS)) for at_ns in times_ns]
    assert screen.steering.take(noise, S / 60) == pytest.approx(1.0, abs=1e-4)


def test_a_compositor_that_stalls_now_and_then_is_not_made_worse() -> None:
    counts = {}
    for is_steered in (True, False):
        screen = Screen(30.0, S / 60, S / 120)
        screen.stall_ratio = 0.05
        if not is_steered:
            screen.steering.take = lambda _samples, _nominal_ns: 1.0  # type: ignore[method-assign]
        counts[is_steered] = right_ratio(screen.play(300), {2}, 30.0)
    assert counts[True] > counts[False] - 0.1


def test_without_steering_frames_at_the_latch_are_seen_too_often_and_too_rarely() -> None:
    worst = []
    for eighth in range(16):
        screen = Screen(30.0, S / 60, eighth / 16 * S / 60)
        screen.steering.take = lambda _samples, _nominal_ns: 1.0  # type: ignore[method-assign]
        worst.append(right_ratio(screen.play(120), {2}, 30.0))
    assert min(worst) < 0.8


def test_the_speed_is_never_trimmed_so_much_that_it_is_seen() -> None:
    screen = Screen(60000 / 1001, S / 60, 0)
    for _ in range(10):
        screen.play(20)
        assert abs(screen.steering.factor - 1) <= 2.1 * MOST_TRIM


@pytest.mark.parametrize("rate_hz", [23.0, 27.0, 47.9])
def test_a_clip_that_fits_no_cadence_keeps_its_speed(rate_hz: float) -> None:
    screen = Screen(rate_hz, S / 60, 0)
    screen.play(60)
    assert screen.steering.factor == 1.0


def test_a_screen_without_a_steady_refresh_steers_nothing() -> None:
    steering, random_ns = Steering(), random.Random(2)
    for window in range(20):
        start_ns = window * 2 * S
        samples = [
            Sample(start_ns + n * S // 30, 0, start_ns + n * S // 30 + random_ns.randrange(16 * MS)) for n in range(32)
        ]
        assert steering.take(samples, S / 60) == 1.0


def test_a_grid_learns_the_period_across_windows() -> None:
    grid, period_ns = Grid(), S / 59.951
    for window in range(5):
        first = round(window * 480)
        assert grid.learn([round((first + 2 * n) * period_ns) for n in range(32)], S / 60)
    assert grid.period_ns == pytest.approx(period_ns, rel=1e-6)
