"""The frame ticker: which frames are due for what."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Callable
from types import ModuleType

import pytest

from wayvid._core import FrameTicker


def due_frames(ticker: object, frames: int, bit: int) -> list[int]:
    """Which of the next frames have the bit, counted from 1."""
    return [frame for frame in range(1, frames + 1) if ticker.tick() & bit]  # type: ignore[attr-defined]


def test_each_bit_comes_every_so_many_frames(core: ModuleType) -> None:
    ticker = core.FrameTicker(2, 3)
    stats, check = core.STATS_DUE, core.CHECK_DUE
    assert (stats, check) == (1, 2)
    assert [ticker.tick() for _ in range(7)] == [0, stats, check, stats, 0, stats | check, 0]


@pytest.mark.parametrize(
    ("bit", "frames"),
    [pytest.param("STATS_DUE", [300, 600, 900], id="stats"), pytest.param("CHECK_DUE", [600], id="check")],
)
def test_figures_are_due_every_300_frames_and_a_check_every_600_by_default(
    core: ModuleType, bit: str, frames: list[int]
) -> None:
    assert due_frames(core.FrameTicker(), 1000, getattr(core, bit)) == frames


@pytest.mark.parametrize(
    ("cadence", "due"),
    [
        pytest.param((0, 1), "CHECK_DUE", id="no stats"),
        pytest.param((1, 0), "STATS_DUE", id="no check"),
    ],
)
def test_a_cadence_of_zero_is_never_due_and_of_one_always(core: ModuleType, cadence: tuple[int, int], due: str) -> None:
    ticker = core.FrameTicker(*cadence)
    assert {ticker.tick() for _ in range(10)} == {getattr(core, due)}


def test_nothing_is_due_when_both_cadences_are_zero(core: ModuleType) -> None:
    ticker = core.FrameTicker(0, 0)
    assert not any(ticker.tick() for _ in range(10))
    assert ticker.frames == 10


def test_frames_counts_every_tick(core: ModuleType) -> None:
    ticker = core.FrameTicker()
    assert ticker.frames == 0
    for _ in range(7):
        ticker.tick()
    ticker.set_cadence(5, 5)
    assert ticker.frames == 7
    ticker.tick()
    assert ticker.frames == 8


def test_frames_can_not_be_set(core: ModuleType) -> None:
    with pytest.raises(AttributeError):
        core.FrameTicker().frames = 3


def test_a_new_cadence_is_counted_from_now(core: ModuleType) -> None:
    ticker = core.FrameTicker(10, 0)
    due_frames(ticker, 8, core.STATS_DUE)
    ticker.set_cadence(5, 7)
    assert [ticker.tick() for _ in range(14)] == [0, 0, 0, 0, 1, 0, 2, 0, 0, 1, 0, 0, 0, 2]


def test_the_same_cadence_set_again_begins_anew(core: ModuleType) -> None:
    ticker = core.FrameTicker(4, 0)
    due_frames(ticker, 3, core.STATS_DUE)
    ticker.set_cadence(4, 0)
    assert due_frames(ticker, 8, core.STATS_DUE) == [4, 8]


def test_a_cadence_can_be_set_to_never_and_back(core: ModuleType) -> None:
    ticker = core.FrameTicker(2, 2)
    ticker.tick()
    ticker.set_cadence(0, 0)
    assert not any(ticker.tick() for _ in range(4))
    ticker.set_cadence(0, 3)
    assert due_frames(ticker, 6, core.CHECK_DUE) == [3, 6]


def test_the_longest_cadence_is_accepted(core: ModuleType) -> None:
    ticker = core.FrameTicker(10**9, 10**9)
    ticker.tick()
    ticker.set_cadence(10**9, 1)
    assert ticker.tick() == core.CHECK_DUE


@pytest.mark.parametrize("cadence", [(-1, 0), (0, -1), (10**9 + 1, 0), (0, 10**9 + 1), (2**64, 0), (0, -(2**64))])
def test_a_cadence_out_of_range_is_refused(core: ModuleType, cadence: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"a cadence is 0 \(never\) \.\. 1000000000 frames"):
        core.FrameTicker(*cadence)
    ticker = core.FrameTicker(2, 3)
    ticker.tick()
    with pytest.raises(ValueError, match="a cadence is"):
        ticker.set_cadence(*cadence)
    assert [ticker.tick() for _ in range(3)] == [core.STATS_DUE, core.CHECK_DUE, core.STATS_DUE]


def most_bytes(operation: Callable[[], object]) -> int:
    """Most memory that Python took at once while the operation ran a thousand times."""
    tracemalloc.start()
    try:
        operation()
        before_bytes, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in itertools.repeat(None, 1000):
            operation()
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return peak_bytes - before_bytes


def test_a_tick_allocates_nothing() -> None:
    ticker = FrameTicker(3, 5)
    for _ in range(1000):  # numbers above 256 are objects of their own
        ticker.tick()
    assert most_bytes(ticker.tick) == most_bytes([].clear)
