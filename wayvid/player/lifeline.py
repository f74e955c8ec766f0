"""Notices when what comes from a server does not come any more, though the connection is there."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Lifeline"]


class Lifeline:
    """Tells once when somebody has waited for pictures too long; sets a timer only while somebody waits.

    Args:
        call_later: the event loop's timer.
        within_s: how long is too long.
        on_lost: called then.
    """

    def __init__(
        self, call_later: Callable[[float, Callable[[], None]], object], within_s: float, on_lost: Callable[[], None]
    ) -> None:
        self.is_waiting = False
        self._call_later = call_later
        self._within_s = within_s
        self._on_lost = on_lost
        self._wait = 0  # number of the last one

    def begin(self) -> None:
        """Wait from now on; what is waited for already is waited for no longer than it was to be."""
        if self.is_waiting:
            return
        self.is_waiting = True
        self._wait += 1
        wait = self._wait

        def look() -> None:
            if self.is_waiting and wait == self._wait:
                self.is_waiting = False
                self._on_lost()

        self._call_later(self._within_s, look)

    def end(self) -> None:
        """It has come, or nobody waits any more."""
        self.is_waiting = False
