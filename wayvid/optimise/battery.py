"""What decoding takes from a battery in a day: a formula, and the assumptions in it."""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["Assumptions", "battery_wh", "daily_wh", "formula"]

# Of many laptops: what one core that is busy takes more than one that sleeps, and a battery that is not known.
CORE_W = 4.0
USUAL_WH = 50.0
HOURS = 8.0
# One thread of the player decodes, one makes the pictures: more than both is never drawn, frames are left out instead.
MOST_PERCENT = 200.0
_MICRO = 1e6


class Assumptions(NamedTuple):
    """What the formula takes for given.

    Attributes:
        core_w: what a core that is all busy takes, in watts, above one that sleeps.
        hours: for how many hours a day the wallpaper plays on battery.
        capacity_wh: of the battery.
        is_measured: whether this machine told the capacity.
    """

    core_w: float
    hours: float
    capacity_wh: float
    is_measured: bool


def daily_wh(cpu_percent: float, given: Assumptions) -> float:
    """Energy of a day, from how busy one core is (100: all of it)."""
    return min(cpu_percent, MOST_PERCENT) / 100 * given.core_w * given.hours


def formula(cpu_percent: float, given: Assumptions) -> str:
    """The same in words, with all that was assumed."""
    energy_wh = daily_wh(cpu_percent, given)
    busy = f"{min(cpu_percent, MOST_PERCENT):.1f} % of a core"
    whose = "this machine's battery" if given.is_measured else "a battery (assumed)"
    part = f"{100 * energy_wh / given.capacity_wh:.1f} % of the {given.capacity_wh:.0f} Wh of {whose}"
    return f"{busy} x {given.core_w:g} W (a busy core, assumed) x {given.hours:g} h a day = {energy_wh:.1f} Wh: {part}"


def battery_wh(sysfs: str = "/sys/class/power_supply") -> float | None:
    """The capacity of this machine's batteries when full; None where there is none, or it does not tell.

    Source: Linux, Documentation/ABI/testing/sysfs-class-power.
    """
    total_wh = 0.0
    try:
        names = os.listdir(sysfs)
    except OSError:
        return None
    for name in names:
        supply = os.path.join(sysfs, name)
        # A mouse has a battery, too.
        if _text(supply, "type") != "Battery" or _text(supply, "scope") == "Device":
            continue
        energy = _number(supply, "energy_full")
        if energy is None:
            charge, voltage = _number(supply, "charge_full"), _number(supply, "voltage_min_design")
            energy = charge * voltage / _MICRO if charge is not None and voltage is not None else 0.0
        total_wh += energy / _MICRO
    return total_wh or None


def _text(supply: str, name: str) -> str:
    try:
        with open(os.path.join(supply, name), encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _number(supply: str, name: str) -> float | None:
    text = _text(supply, name)
    return float(text) if text.isdecimal() else None
