"""The words for what there is to see, and for why nothing is decoded."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from wayvid.system.events import EventLoop, Timer

__all__ = ["HoldReason", "Holds", "Phase"]


class Phase(StrEnum):
    """What there is to see."""

    STARTING = "starting"
    PLAYING = "playing"
    HOLDING = "holding"  # on the way to HELD
    HELD = "held"  # the last picture, without a player
    STILL = "still"  # the source is an image
    RECONNECTING = "reconnecting"  # it has stopped coming, and is tried again
    FAILED = "failed"


class HoldReason(StrEnum):
    """Why nothing is decoded although there is something to play."""

    PAUSED = "paused"
    RULE = "a rule"
    UNSEEN = "no screen shows it"
    MEMORY = "memory"
    GROWTH = "the player grew"
    ENDED = "it has ended"


def _ignore(_reason: HoldReason) -> None:
    """Nobody is told."""


class Holds:
    """The reasons to hold that are there, and those that are about to be.

    Args:
        loop: the daemon's event loop.
        after_s: how long a reason must last; 0: those that are counted by time never come.
        on_due: called with a reason that has lasted so long.
    """

    def __init__(self, loop: EventLoop, after_s: float, on_due: Callable[[HoldReason], None]) -> None:
        self.reasons: set[HoldReason] = set()
        self._loop = loop
        self._after_s = after_s
        self._on_due = on_due
        self._timers: dict[HoldReason, Timer] = {}

    def __str__(self) -> str:
        """The reasons in words."""
        return ", ".join(sorted(self.reasons))

    def set_after(self, after_s: float) -> None:
        """Another time to wait, also for what is counted already, which begins anew."""
        self._after_s = after_s
        for reason in tuple(self._timers):
            self.begin(reason)

    def begin(self, reason: HoldReason) -> None:
        """Count the time for a reason."""
        self.end(reason)
        if self._after_s > 0:
            self._timers[reason] = self._loop.call_later(self._after_s, lambda: self._on_due(reason))

    def end(self, reason: HoldReason) -> None:
        """Count it no more."""
        timer = self._timers.pop(reason, None)
        if timer is not None:
            timer.cancel()

    def end_all(self) -> None:
        """Count nothing more."""
        for reason in HoldReason:
            self.end(reason)

    def close(self) -> None:
        """Count nothing more, and forget who was to be told: that one holds this, and would wait for the collector."""
        self.end_all()
        self._on_due = _ignore
