"""What a wallpaper may rest for: the conditions and how they stand, as plain values."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["BY_COMMAND", "Condition", "Reading", "Wanted"]

# Why an output stands still that no condition has stopped.
BY_COMMAND = "a command"


class Condition(StrEnum):
    """Something of the machine, the session or a screen that rules can name, by its key in `[rest]`."""

    BATTERY = "battery"  # it runs on battery
    BATTERY_LOW = "battery_low"  # ... and has less than so many percent
    POWER_SAVER = "power_saver"  # the power profile of that name is in force
    LOCKED = "locked"  # the session is locked
    IDLE = "idle"  # nobody has touched anything for so long
    OUTPUT_OFF = "output_off"  # the screen is switched off
    FULLSCREEN = "fullscreen"  # a fullscreen window is all there is to see of the screen
    OTHER_SOUND = "other_sound"  # another program plays sound
    GAMEMODE = "gamemode"  # a game has asked GameMode for speed
    MEMORY = "memory"  # the machine is short of it
    SLEEP = "sleep"  # the machine is about to sleep


class Reading(NamedTuple):
    """How a condition stands.

    Attributes:
        condition: which.
        output: the screen that it is about; empty: all of them.
        is_on: whether it holds; None: nobody tells, so rules for it never apply.
        detail: the figure behind it ("43 %, discharging"), or why nobody tells.
    """

    condition: Condition
    output: str
    is_on: bool | None
    detail: str


class Wanted(NamedTuple):
    """What is to be watched; only that opens anything.

    Attributes:
        conditions: those that some rule names.
        battery_low_percent: below that charge it is low.
        idle_after_s: after so long without input nobody is there.
    """

    conditions: frozenset[Condition] = frozenset()
    battery_low_percent: float = 20.0
    idle_after_s: float = 300.0
