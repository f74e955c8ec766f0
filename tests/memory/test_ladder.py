"""The ladder: what each level does, in which order it is undone, and that it never swings."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wayvid.memory.ladder import (
    DOWN,
    MOST_PATIENCE_S,
    PATIENCE_S,
    SETTLE_S,
    UP,
    Action,
    LadderState,
    Rung,
    climb,
)
from wayvid.memory.levels import MemoryPressureLevel

NORMAL, HIGH, CRITICAL = MemoryPressureLevel
GROUND, LEAN, FRUGAL, HELD = Rung
LEAN_STEPS = (Action.TRIM_HALF, Action.CUT_CACHES, Action.TRIM_HEAP)
FRUGAL_STEPS = (Action.DROP_IDLE, Action.ONE_THREAD, Action.HALF_RATE)
NOW_S = 1000.0


def at(rung: Rung, ago_s: float) -> LadderState:
    return LadderState(rung, NOW_S - ago_s)


@pytest.mark.parametrize(
    ("level", "state", "rung", "actions"),
    [
        (NORMAL, LadderState(), GROUND, ()),
        (HIGH, LadderState(), LEAN, LEAN_STEPS),
        (CRITICAL, LadderState(), FRUGAL, LEAN_STEPS + FRUGAL_STEPS),
        (HIGH, at(LEAN, 100), LEAN, ()),
        (CRITICAL, at(LEAN, 0), FRUGAL, FRUGAL_STEPS),
        (CRITICAL, at(FRUGAL, SETTLE_S - 0.1), FRUGAL, ()),
        (CRITICAL, at(FRUGAL, SETTLE_S), HELD, (Action.HOLD,)),
        (HIGH, at(FRUGAL, 100), FRUGAL, ()),
        (CRITICAL, at(HELD, 100), HELD, ()),
        (HIGH, at(HELD, 100), HELD, ()),
        (NORMAL, at(HELD, PATIENCE_S - 0.1), HELD, ()),
        (NORMAL, at(HELD, PATIENCE_S), FRUGAL, (Action.RESUME,)),
        (NORMAL, at(FRUGAL, PATIENCE_S), LEAN, (Action.FULL_RATE, Action.ALL_THREADS)),
        (NORMAL, at(LEAN, PATIENCE_S), GROUND, (Action.RESTORE_CACHES,)),
    ],
)
def test_step_follows_from_level_and_state(
    level: MemoryPressureLevel, state: LadderState, rung: Rung, actions: tuple[Action, ...]
) -> None:
    after, done = climb(level, state, NOW_S)
    assert (after.rung, done) == (rung, actions)


def test_every_rung_does_something_of_its_own_and_every_action_is_somewhere() -> None:
    up = [action for rung in UP for action in UP[rung]]
    down = [action for rung in DOWN for action in DOWN[rung]]
    assert len(set(up)) == len(up)
    assert set(up) | set(down) == set(Action)


def test_held_for_the_budget_stays_held_until_it_would_fit() -> None:
    state = at(HELD, 10_000)
    assert climb(NORMAL, state, NOW_S, may_resume=False) == (state, ())
    assert climb(NORMAL, state, NOW_S, may_resume=True)[1] == (Action.RESUME,)


def test_pressure_that_lasts_keeps_the_clock_of_calm_at_zero() -> None:
    state, _ = climb(HIGH, at(LEAN, 500), NOW_S)
    state, done = climb(NORMAL, state, NOW_S + PATIENCE_S - 1)
    assert done == ()
    assert climb(NORMAL, state, NOW_S + PATIENCE_S)[1] == (Action.RESTORE_CACHES,)


def test_undoing_that_brings_pressure_back_is_tried_ever_more_seldom() -> None:
    state, undone_at, now_s = LadderState(), [], 0.0
    while now_s < 4000:
        # Pressure is there whenever the caches are not cut: each undoing is a mistake.
        state, done = climb(HIGH if state.rung == GROUND else NORMAL, state, now_s)
        if Action.RESTORE_CACHES in done:
            undone_at.append(now_s)
        now_s += 2.0
    pauses = [later - earlier for earlier, later in pairwise(undone_at)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= PATIENCE_S
    assert pauses[-1] >= MOST_PATIENCE_S
    assert len(undone_at) <= 11


def test_patience_is_forgotten_when_calm_has_lasted() -> None:
    state = LadderState(GROUND, NOW_S, 160.0, True)
    state, done = climb(NORMAL, state, NOW_S + 320.0)
    assert (state, done) == (LadderState(), ())
