"""Whether a game runs that has asked GameMode for speed."""

from __future__ import annotations

from collections.abc import Callable

from wayvid.conditions import Condition, Reading
from wayvid.system.bus import Bus
from wayvid.system.conditions.remote import Remote

__all__ = ["GameMode"]

GAMEMODE, PATH = "com.feralinteractive.GameMode", "/com/feralinteractive/GameMode"


class GameMode:
    """How many games GameMode serves; it is not started for this.

    Args:
        bus: the session bus.
        on_change: called after each change.
    """

    def __init__(self, bus: Bus, on_change: Callable[[], None]) -> None:
        self._remote = Remote(bus, "GameMode", GAMEMODE, PATH, GAMEMODE, on_change, starts=False)
        # Not every version tells of the count itself.
        for signal in ("GameRegistered", "GameUnregistered"):
            bus.listen(GAMEMODE, PATH, GAMEMODE, signal, lambda _body: self._remote.refresh())

    @property
    def is_settled(self) -> bool:
        """Whether the first answer has come."""
        return self._remote.is_settled

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        if not self._remote.is_there:
            return [Reading(Condition.GAMEMODE, "", None, self._remote.reason)]
        games = int(self._remote.values.get("ClientCount", 0))
        return [Reading(Condition.GAMEMODE, "", games > 0, f"{games} {'game' if games == 1 else 'games'}")]

    def close(self) -> None:
        """What is on the bus goes with it."""
