"""When a command has taken effect: its pictures are on the screens."""

from __future__ import annotations

from collections.abc import Callable

from wayvid.daemon.playback import Seen
from wayvid.errors import SourceUnplayable, WayvidError
from wayvid.system.events import EventLoop
from wayvid.transition import Change

__all__ = ["SUPERSEDED", "Effect", "Effects", "OnDone", "is_superseded"]

# Called once: None when a command has taken effect, else why it has not.
OnDone = Callable[[WayvidError | None], None]

# Why a source will not be seen though nothing is wrong with it.
SUPERSEDED = "another source was set before it had a picture"
# A picture that is made is on screen with the next refresh; a screen that is off is not waited for.
SHOWN_WITHIN_S = 0.5


def is_superseded(error: WayvidError | None) -> bool:
    """Whether a source will not be seen because of another one alone."""
    return isinstance(error, SourceUnplayable) and error.reason == SUPERSEDED


class Effect:
    """What one command waits for: new streams, and then their pictures on the screens."""

    def __init__(self, loop: EventLoop, on_done: OnDone, change: Change) -> None:
        self.serials: set[int] = set()
        self.awaited: set[Seen] = set()
        self._loop = loop
        self._on_done: OnDone | None = on_done
        self._is_timed = False
        self._within_s = SHOWN_WITHIN_S + change.duration_s

    def on_ready(self, serial: int, error: WayvidError | None) -> None:
        """One of its streams has a picture, or never will."""
        if serial in self.serials:
            self.serials.discard(serial)
            if error is not None:
                self.finish(error)
            self.check()

    def replace(self, serial: int, other: int) -> None:
        """Wait for another stream in place of one of these."""
        if serial in self.serials:
            self.serials.remove(serial)
            self.serials.add(other)

    def on_seen(self, what: Seen) -> None:
        """Some of it has happened."""
        self.awaited.discard(what)
        self.check()

    def check(self) -> None:
        """See whether there is anything left to wait for."""
        if not self.serials and not self.awaited:
            self.finish()
        elif not self.serials and not self._is_timed:
            self._is_timed = True
            self._loop.call_later(self._within_s, self.finish)

    def finish(self, error: WayvidError | None = None) -> None:
        """It is done; once."""
        on_done, self._on_done = self._on_done, None
        if on_done is not None:
            on_done(error)

    @property
    def is_done(self) -> bool:
        """Whether nobody waits any more."""
        return self._on_done is None


class Effects:
    """Those of all commands that somebody waits for."""

    def __init__(self) -> None:
        self._waiting: list[Effect] = []

    def add(self, effect: Effect) -> None:
        """Another one; those that are done are forgotten."""
        self._waiting = [*(each for each in self._waiting if not each.is_done), effect]

    def on_ready(self, serial: int, error: WayvidError | None) -> bool:
        """A stream has a picture, or never will; whether somebody has waited for that."""
        waiting = [effect for effect in self._waiting if serial in effect.serials]
        for effect in waiting:
            effect.on_ready(serial, error)
        return bool(waiting)

    def replace(self, serial: int, other: int) -> None:
        """Wait for another stream in place of that one."""
        for effect in self._waiting:
            effect.replace(serial, other)

    def on_seen(self, what: Seen) -> None:
        """Something has happened that may be waited for."""
        for effect in self._waiting:
            effect.on_seen(what)
