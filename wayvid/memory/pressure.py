"""How near memory is to its end, judged from figures. Pure values: no clock, file or library."""

from __future__ import annotations

from typing import NamedTuple

from wayvid.memory.levels import MemoryPressureLevel
from wayvid.units import format_bytes

__all__ = ["Pressure", "Reading", "judge", "system_level", "COOLDOWN_S"]

# Shares of the budget, or of the cgroup's limit, at which a level begins ...
HIGH_RATIO = 0.75
CRITICAL_RATIO = 0.90
# ... and how far below that it must be to end.
HYSTERESIS_RATIO = 0.05
# A level falls one step at a time, and not sooner than this after its last change.
COOLDOWN_S = 10.0
# Tasks that stall for memory are reported anew every two seconds (system/psi.py).
STALL_LASTS_S = 10.0
SCARCE_SHARE = 0.15

NORMAL, HIGH, CRITICAL = MemoryPressureLevel


class Reading(NamedTuple):
    """What a judgement is made from; a limit of 0 is unlimited.

    Attributes:
        used_bytes: PSS of daemon and player together.
        budget_bytes: what they may hold.
        cgroup_used_bytes: of the cgroup that they run in, without what it can drop at once.
        cgroup_limit_bytes: its memory.high or memory.max.
        system: what the kernel's stall reports come to.
    """

    used_bytes: int
    budget_bytes: int
    cgroup_used_bytes: int = 0
    cgroup_limit_bytes: int = 0
    system: MemoryPressureLevel = NORMAL


class Pressure(NamedTuple):
    """A level and why.

    Attributes:
        level: what the ladder answers.
        reason: in words.
        changed_at_s: CLOCK_MONOTONIC of the level's last change.
        parts: the levels of budget, cgroup and system by themselves.
    """

    level: MemoryPressureLevel = NORMAL
    reason: str = ""
    changed_at_s: float = float("-inf")
    parts: tuple[MemoryPressureLevel, ...] = (NORMAL, NORMAL, NORMAL)


def _level(used_bytes: int, limit_bytes: int, before: MemoryPressureLevel) -> MemoryPressureLevel:
    if limit_bytes <= 0:
        return NORMAL
    ratio = used_bytes / limit_bytes
    for level, begins in ((CRITICAL, CRITICAL_RATIO), (HIGH, HIGH_RATIO)):
        if ratio >= begins - (HYSTERESIS_RATIO if before >= level else 0.0):
            return level
    return NORMAL


def system_level(now_s: float, some_at_s: float, full_at_s: float, available_share: float) -> MemoryPressureLevel:
    """What the kernel's newest stall reports come to.

    Tasks also wait for memory when only their own cgroup is short of it, such as a
    build in a container. So what can be seen is not given up before the machine's
    own memory is scarce.

    Args:
        now_s: CLOCK_MONOTONIC.
        some_at_s: when some tasks were last reported to stall for memory; -inf: never.
        full_at_s: when all tasks were.
        available_share: of the machine's memory, 0.0 .. 1.0.
    """
    if now_s - full_at_s < STALL_LASTS_S and available_share < SCARCE_SHARE:
        return CRITICAL
    return HIGH if now_s - max(some_at_s, full_at_s) < STALL_LASTS_S else NORMAL


def judge(before: Pressure, reading: Reading, now_s: float) -> Pressure:
    """The pressure now, given what it was.

    It rises at once and falls slowly: only when the figure is well below where the
    level began, one level at a time, COOLDOWN_S after its last change.
    """
    parts = (
        _level(reading.used_bytes, reading.budget_bytes, before.parts[0]),
        _level(reading.cgroup_used_bytes, reading.cgroup_limit_bytes, before.parts[1]),
        reading.system,
    )
    level = max(parts)
    if level < before.level:
        if now_s - before.changed_at_s < COOLDOWN_S:
            return before._replace(parts=parts)
        level = MemoryPressureLevel(before.level - 1)
    changed_at_s = before.changed_at_s if level == before.level else now_s
    return Pressure(level, _reason(parts, reading), changed_at_s, parts)


def _reason(parts: tuple[MemoryPressureLevel, ...], reading: Reading) -> str:
    worst = max(parts)
    if worst > NORMAL and parts[2] == worst:
        tasks = "all tasks wait for it, and little is available" if worst == CRITICAL else "tasks wait for it"
        return f"the machine is short of memory: {tasks}"
    if worst > NORMAL and parts[1] == worst:
        return _share("the cgroup", reading.cgroup_used_bytes, "its limit", reading.cgroup_limit_bytes)
    if reading.budget_bytes <= 0:
        return f"daemon and player hold {format_bytes(reading.used_bytes)}, without a budget"
    return _share("daemon and player", reading.used_bytes, "the budget", reading.budget_bytes)


def _share(who: str, used_bytes: int, what: str, limit_bytes: int) -> str:
    holds = "holds" if who.startswith("the ") else "hold"
    percent = 100 * used_bytes / limit_bytes
    return f"{who} {holds} {format_bytes(used_bytes)}, {percent:.0f} % of {what} of {format_bytes(limit_bytes)}"
