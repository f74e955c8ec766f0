"""What a frame log counts as late and dropped, and what it asks to be told."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.player.framelog import (
    EARLY_EVERY_NS,
    EARLY_WINDOWS,
    RECENT_FRAMES,
    WINDOW_FRAMES,
    FrameLog,
    Sample,
    jitter_of,
)

MS = 1_000_000
FRAME_NS = 33 * MS
REFRESH_NS = 16 * MS
LEAD_NS = 30 * MS  # libmpv has pictures so long before they are due
ENOUGH = 2 * RECENT_FRAMES


class Player:
    """Plays a steady clip into a log."""

    def __init__(self) -> None:
        self.windows: list[Sequence[Sample]] = []
        self.is_restless = False
        self.log = FrameLog(self._on_window)
        self.due_ns = 10**9
        self.number = 0
        self.watched: list[int] = []

    def _on_window(self, samples: Sequence[Sample]) -> bool:
        self.windows.append(samples)
        return self.is_restless

    def play(self, frames: int, late_ns: int = 0, is_answered: bool = True) -> None:
        for _ in range(frames):
            self.number += 1
            self.due_ns += FRAME_NS
            at_ns = self.due_ns - LEAD_NS + late_ns
            if self.log.committed(self.number, self.due_ns, at_ns, REFRESH_NS):
                self.watched.append(self.number)
                if is_answered:
                    self.log.shown(self.number, at_ns + REFRESH_NS)


def test_a_steady_clip_has_no_late_and_no_dropped_frame() -> None:
    player = Player()
    player.play(ENOUGH * 10)
    assert (player.log.late, player.log.dropped) == (0, 0)


def test_a_frame_that_is_a_refresh_later_than_usual_is_late() -> None:
    player = Player()
    player.play(ENOUGH)
    player.play(1, late_ns=REFRESH_NS + MS)
    player.play(1, late_ns=REFRESH_NS - MS)
    assert player.log.late == 1


def test_frames_missing_between_two_are_dropped() -> None:
    player = Player()
    player.play(ENOUGH)
    player.due_ns += 2 * FRAME_NS
    player.play(1)
    assert player.log.dropped == 2


def test_a_pause_drops_nothing() -> None:
    player = Player()
    player.play(ENOUGH)
    player.due_ns += 60 * 10**9
    player.play(ENOUGH)
    assert (player.log.late, player.log.dropped) == (0, 0)


def test_a_frame_whose_time_is_unknown_counts_for_nothing() -> None:
    player = Player()
    player.play(ENOUGH)
    assert not player.log.committed(10**6, 0, 10**15, REFRESH_NS)
    assert (player.log.late, player.log.dropped) == (0, 0)


def test_only_some_frames_are_watched_and_fewer_with_time() -> None:
    player = Player()
    early = EARLY_WINDOWS * EARLY_EVERY_NS // FRAME_NS
    player.play(early)
    assert WINDOW_FRAMES <= len(player.watched) < early
    before = len(player.watched)
    player.play(early * 10)
    assert len(player.watched) - before < before * 5
    assert all(len(window) == WINDOW_FRAMES for window in player.windows)


def test_a_discarded_frame_is_dropped_and_the_window_ends_without_it() -> None:
    player = Player()
    player.play(WINDOW_FRAMES - 1)
    player.play(1, is_answered=False)
    assert not player.windows
    player.log.discarded(player.watched[-1])
    assert player.log.dropped == 1
    assert [len(window) for window in player.windows] == [WINDOW_FRAMES - 1]


def test_an_answer_that_never_comes_ends_no_window_and_stops_no_later_one() -> None:
    player = Player()
    player.play(WINDOW_FRAMES, is_answered=False)
    assert not player.windows
    player.play(EARLY_EVERY_NS * 2 // FRAME_NS)
    assert player.windows


def test_answers_about_the_stream_before_are_ignored() -> None:
    player = Player()
    player.play(1, is_answered=False)
    player.log.restart()
    player.log.shown(1, 5)
    player.log.discarded(1)
    assert player.log.dropped == 0


def test_jitter_leaves_out_the_delay_that_all_frames_have() -> None:
    steady = [Sample(n * FRAME_NS, 0, n * FRAME_NS + 70 * MS) for n in range(WINDOW_FRAMES)]
    assert jitter_of(steady) == (0.0, 0.0)
    off = [each._replace(shown_ns=each.shown_ns + 4 * MS * (n % 4 == 0)) for n, each in enumerate(steady)]
    assert jitter_of(off) == (0.0, 4.0)
    assert jitter_of(steady[:3]) is None


def test_more_frames_are_watched_while_the_steering_wants_to_know_soon() -> None:
    watched = {}
    for is_restless in (False, True):
        player = Player()
        player.is_restless = is_restless
        player.play(60 * EARLY_EVERY_NS // FRAME_NS)
        watched[is_restless] = len(player.watched)
    assert watched[True] > 2 * watched[False]
