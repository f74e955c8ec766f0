"""What is done about memory pressure, step by step, and how it is undone. Pure values."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NamedTuple

from wayvid.memory.levels import MemoryPressureLevel

__all__ = ["Action", "LadderState", "Rung", "climb"]

# After a step, memory needs this long to show what it has brought.
SETTLE_S = 3.0
# Calm must have lasted so long before a step is undone. Twice as long each time
# that undoing one was followed by pressure, so that nothing swings to and fro.
PATIENCE_S = 20.0
MOST_PATIENCE_S = 640.0


class Action(StrEnum):
    """One measure; its value is its name in status, logs and messages."""

    TRIM_HALF = "trim idle buffers to half"
    CUT_CACHES = "cut libmpv's caches"
    TRIM_HEAP = "give free heap back"
    DROP_IDLE = "drop idle buffers"
    ONE_THREAD = "one decode thread"
    HALF_RATE = "halve the frame rate"
    HOLD = "hold"
    RESUME = "resume"
    FULL_RATE = "restore the frame rate"
    ALL_THREADS = "restore decode threads"
    RESTORE_CACHES = "restore libmpv's caches"


class Rung(IntEnum):
    """How far up the ladder wayvid stands; each includes the ones below it."""

    GROUND = 0
    LEAN = 1  # idle buffers, caches and heap are cut
    FRUGAL = 2  # fewer frames, one decode thread
    HELD = 3  # a still picture without a player


UP: dict[Rung, tuple[Action, ...]] = {
    Rung.LEAN: (Action.TRIM_HALF, Action.CUT_CACHES, Action.TRIM_HEAP),
    Rung.FRUGAL: (Action.DROP_IDLE, Action.ONE_THREAD, Action.HALF_RATE),
    Rung.HELD: (Action.HOLD,),
}
DOWN: dict[Rung, tuple[Action, ...]] = {  # what leaving a rung undoes; buffers come back by themselves
    Rung.LEAN: (Action.RESTORE_CACHES,),
    Rung.FRUGAL: (Action.FULL_RATE, Action.ALL_THREADS),
    Rung.HELD: (Action.RESUME,),
}


class LadderState(NamedTuple):
    """Where wayvid stands on the ladder.

    Attributes:
        rung: now.
        changed_at_s: CLOCK_MONOTONIC of the last step, or of the last pressure that kept it there.
        patience_s: how long calm must last before the next step down.
        stepped_down: whether the last step was one down.
    """

    rung: Rung = Rung.GROUND
    changed_at_s: float = float("-inf")
    patience_s: float = PATIENCE_S
    stepped_down: bool = False


def climb(
    level: MemoryPressureLevel, state: LadderState, now_s: float, may_resume: bool = True
) -> tuple[LadderState, tuple[Action, ...]]:
    """The next step, if one is due.

    High goes to LEAN. Critical goes to FRUGAL at once, and to HELD when it is still
    critical after SETTLE_S. Steps are undone one at a time.

    Args:
        level: the pressure.
        state: where wayvid stands.
        now_s: CLOCK_MONOTONIC.
        may_resume: whether what was held would fit into the budget again.

    Returns:
        The new state, and what to do now in this order.
    """
    rung = state.rung
    waited_s = now_s - state.changed_at_s
    target = rung
    if level == MemoryPressureLevel.CRITICAL:
        if rung < Rung.FRUGAL:
            target = Rung.FRUGAL
        elif rung == Rung.FRUGAL and waited_s >= SETTLE_S:
            target = Rung.HELD
    elif level == MemoryPressureLevel.HIGH and rung < Rung.LEAN:
        target = Rung.LEAN
    if target > rung:
        patience_s = min(2 * state.patience_s, MOST_PATIENCE_S) if state.stepped_down else state.patience_s
        actions = [action for each in Rung if rung < each <= target for action in UP[each]]
        return LadderState(target, now_s, patience_s, False), tuple(actions)
    if level > MemoryPressureLevel.NORMAL and rung > Rung.GROUND:
        # Pressure that the steps hold in check: calm is counted from its end.
        return (state if rung == Rung.FRUGAL and level == MemoryPressureLevel.CRITICAL else
                state._replace(changed_at_s=now_s)), ()  # fmt: skip
    if rung == Rung.GROUND:
        if state.stepped_down and waited_s >= 2 * state.patience_s:  # it has held
            return LadderState(), ()
        return state, ()
    if waited_s < state.patience_s or (rung == Rung.HELD and not may_resume):
        return state, ()
    return LadderState(Rung(rung - 1), now_s, state.patience_s, True), DOWN[rung]
