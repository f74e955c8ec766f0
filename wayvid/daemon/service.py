"""What the service manager is told: when the wallpaper is there, what it shows, that the loop still turns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from wayvid.daemon.showing import Showing, status_line
from wayvid.system.events import EventLoop, Timer
from wayvid.system.notify import Notifier

__all__ = ["Service"]

# A screen that is off, or a source that comes slowly, is no reason to call the start a failure.
READY_WITHIN_S = 20.0
# The manager is told twice in the time that it allows; sd_watchdog_enabled(3) asks for that.
PINGS_IN_TIME = 2


class Service:
    """Tells the service manager, from the daemon's own loop.

    It wakes the daemon for one thing only: twice in the watchdog's time it says that
    the loop turns. Under `wayvid service install` that is once a minute; without a
    watchdog, never.

    Args:
        loop: the daemon's event loop.
        notifier: the manager.
        look: says what the outputs show.
    """

    def __init__(self, loop: EventLoop, notifier: Notifier, look: Callable[[], Iterable[Showing]]) -> None:
        self._loop = loop
        self._notifier = notifier
        self._look = look
        self._is_ready = False
        self._told = ""
        self._start: Timer = loop.call_later(READY_WITHIN_S, self.on_picture)
        if notifier.watchdog_s > 0:
            self._ping()

    def _ping(self) -> None:
        self._notifier.tell("WATCHDOG=1")
        self._loop.call_later(self._notifier.watchdog_s / PINGS_IN_TIME, self._ping)

    def on_picture(self) -> None:
        """The first picture is on a screen, or not waited for any longer."""
        if not self._is_ready:
            self._is_ready = True
            self._start.cancel()
            self._told = status_line(self._look())
            self._notifier.tell("READY=1", f"STATUS={self._told}")

    def on_change(self) -> None:
        """Something else may be shown."""
        line = status_line(self._look())
        if self._is_ready and line != self._told:
            self._told = line
            self._notifier.tell(f"STATUS={line}")

    def on_reload(self) -> None:
        """The config is about to be read again."""
        self._notifier.tell_reloading()

    def on_reloaded(self) -> None:
        """It has been, whatever came of it."""
        self._notifier.tell("READY=1")

    def close(self) -> None:
        """The daemon is about to end."""
        self._start.cancel()
        self._notifier.tell("STOPPING=1", "STATUS=ending")
        self._notifier.close()
