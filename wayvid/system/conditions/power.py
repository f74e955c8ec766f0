"""Battery and power profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wayvid.conditions import Condition, Reading
from wayvid.system.bus import Bus
from wayvid.system.conditions.remote import Remote
from wayvid.system.conditions.supply import PowerSupply
from wayvid.system.events import EventLoop

__all__ = ["BatterySensor", "PowerProfile"]

UPOWER = "org.freedesktop.UPower"
UPOWER_PATH = "/org/freedesktop/UPower"
DISPLAY_DEVICE = f"{UPOWER_PATH}/devices/DisplayDevice"
# The new name and the old one of power-profiles-daemon; the first that is there counts.
PROFILES = (
    ("org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles"),
    ("net.hadess.PowerProfiles", "/net/hadess/PowerProfiles"),
)
POWER_SAVER = "power-saver"


class BatterySensor:
    """Whether the machine runs on battery, and how full that is.

    UPower tells it: it knows batteries that the kernel hears nothing of. Where there is
    no UPower, the kernel does.

    Args:
        loop: for the kernel's messages.
        bus: the system bus; None where there is none.
        environ: see `PowerSupply`.
        low_percent: below that the charge is low.
        on_change: called after each change.
    """

    def __init__(
        self,
        loop: EventLoop,
        bus: Bus | None,
        environ: Mapping[str, str],
        low_percent: float,
        on_change: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._environ = environ
        self._low_percent = low_percent
        self._on_change = on_change
        self._supply: PowerSupply | None = None
        self._upower: Remote | None = None
        self._device: Remote | None = None
        if bus is None:
            self._supply = PowerSupply(loop, environ, on_change)
            return
        self._upower = Remote(bus, "UPower", UPOWER, UPOWER_PATH, UPOWER, self._on_upower)
        self._device = Remote(bus, "UPower", UPOWER, DISPLAY_DEVICE, f"{UPOWER}.Device", on_change)

    @property
    def is_settled(self) -> bool:
        """Whether the first answers have come."""
        return all(remote is None or remote.is_settled for remote in (self._upower, self._device))

    def readings(self) -> list[Reading]:
        """How both conditions stand."""
        is_on, percent, detail = self._state()
        is_low = None if is_on is None or percent is None else is_on and percent < self._low_percent
        low_detail = detail if is_on is None or percent is not None else "the battery does not tell its charge"
        return [
            Reading(Condition.BATTERY, "", is_on, detail),
            Reading(Condition.BATTERY_LOW, "", is_low, low_detail),
        ]

    def close(self) -> None:
        """Listen to the kernel no more; what is on the bus goes with it. Twice does nothing."""
        if self._supply is not None:
            self._supply.close()

    def _on_upower(self) -> None:
        assert self._upower is not None
        if self._upower.is_there and self._supply is not None:
            self._supply.close()
            self._supply = None
        elif not self._upower.is_there and self._supply is None:
            self._supply = PowerSupply(self._loop, self._environ, self._on_change)
        self._on_change()

    def _state(self) -> tuple[bool | None, float | None, str]:
        """Whether it runs on battery, the percent, and both in words."""
        if self._supply is not None:
            charge = self._supply.charge
            if charge is None:
                return None, None, "this machine has no battery"
            told = ", ".join(part for part in (charge.status.lower(), self._supply.reason) if part)
            return charge.is_discharging, charge.percent, _percent_words(charge.percent, told)
        if self._upower is None or not self._upower.is_there:
            return None, None, self._upower.reason if self._upower is not None else "not asked"
        is_on = bool(self._upower.values.get("OnBattery"))
        percent = self._percent()
        if percent is None and not is_on:
            return None, None, "this machine has no battery (UPower)"
        return is_on, percent, _percent_words(percent, "on battery" if is_on else "plugged in")

    def _percent(self) -> float | None:
        if self._device is None or not self._device.values.get("IsPresent", self._device.is_there):
            return None
        percent = self._device.values.get("Percentage")
        return float(percent) if percent is not None else None


class PowerProfile:
    """Whether the power-saver profile is in force.

    Args:
        bus: the system bus.
        on_change: called after each change.
    """

    def __init__(self, bus: Bus, on_change: Callable[[], None]) -> None:
        self._remotes = [Remote(bus, "power-profiles-daemon", name, path, name, on_change) for name, path in PROFILES]

    @property
    def is_settled(self) -> bool:
        """Whether the first answers have come."""
        return any(remote.is_there for remote in self._remotes) or all(remote.is_settled for remote in self._remotes)

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        for remote in self._remotes:
            profile = remote.values.get("ActiveProfile")
            if profile is not None:
                return [Reading(Condition.POWER_SAVER, "", profile == POWER_SAVER, f"the profile is {profile}")]
        return [Reading(Condition.POWER_SAVER, "", None, self._remotes[0].reason or "it tells no profile")]

    def close(self) -> None:
        """What is on the bus goes with it."""


def _percent_words(percent: float | None, words: str) -> str:
    return words if percent is None else f"{percent:.0f} %, {words}"
