"""Tells the daemon's other parts, and subscribers at the socket, what is not as it was.

Nobody has to say that he changed something: after each turn of the loop what users
can see is looked at and compared with the look before. The daemon is woken by what
changes and by little else, so that is seldom; without a listener nobody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from wayvid.daemon.director import Director
from wayvid.daemon.playback import Playback
from wayvid.daemon.resting import Resting
from wayvid.daemon.settings import Settings
from wayvid.ipc.events import ConfigEvent, Event, EventWord, OutputEvent

__all__ = ["Changes", "Facts", "Listener", "Look", "changed_keys", "look_at"]

# Called with what has changed in one turn of the loop, in the order of the screens.
Listener = Callable[[Sequence[Event]], None]


class Facts(NamedTuple):
    """What is compared of one screen; but for the first the names are those of OutputEvent.

    Attributes:
        serial: of its timeline: another one of the same source begins elsewhere.
    """

    serial: int
    state: str = ""
    reason: str = ""
    source: str = ""
    layout: str = ""
    is_paused: bool = False
    speed: float = 1.0
    error: str = ""
    is_muted: bool = True
    volume: int = 100
    rest: str = "keep"
    because: str = ""
    file: str = ""


class Look(NamedTuple):
    """What users can see at one moment.

    Attributes:
        outputs: by name.
        config: how often the file was read, which one it is, and why it is not in force.
    """

    outputs: Mapping[str, Facts]
    config: tuple[int, str, str]


class _Loop(Protocol):
    def call_soon(self, callback: Callable[[], None]) -> None:
        """As wayvid.system.events.EventLoop."""

    def before_sleep(self, callback: Callable[[], None]) -> None:
        """As wayvid.system.events.EventLoop."""


def changed_keys(before: Facts, after: Facts) -> tuple[str, ...]:
    """The keys of OutputEvent that are not as they were."""
    keys = [name for name, old, new in zip(Facts._fields[1:], before[1:], after[1:], strict=True) if old != new]
    if before.serial != after.serial and (before.source, before.file) == (after.source, after.file):
        keys.append("position_s")
    return tuple(keys)


def look_at(director: Director, settings: Settings, resting: Resting) -> Look:
    """How it is now."""
    outputs = {}
    for name in director.connected:
        stream = director.stream_on(name)
        layout = director.layout_on(name).value
        if stream is None:
            outputs[name] = Facts(-1, "starting", layout=layout)
        else:
            outputs[name] = Facts(
                director.serial_on(name),
                stream.state,
                stream.reason,
                stream.source,
                layout,
                stream.is_paused,
                stream.spec.speed,
                stream.error,
                *director.sound_on(name),
                *resting.asked_of(name),
                stream.file,
            )
    return Look(outputs, (settings.reads, settings.path, settings.error))


class Changes:
    """Has listeners told what has changed, once for each turn of the loop in which something has.

    Args:
        loop: the daemon's event loop.
        director: what is shown.
        playback: where that is.
        settings: the config.
        resting: what rules ask of the screens.
    """

    def __init__(
        self, loop: _Loop, director: Director, playback: Playback, settings: Settings, resting: Resting
    ) -> None:
        self._loop = loop
        self._director = director
        self._playback = playback
        self._settings = settings
        self._resting = resting
        self._listeners: list[Listener] = []
        self._before: Look | None = None  # None: nobody listens
        loop.before_sleep(self._look)

    def listen(self, listener: Listener) -> None:
        """Tell someone what changes from now on.

        Args:
            listener: called in the loop, when what made the change is done; it may do anything.
        """
        if self._before is None:
            self._before = look_at(self._director, self._settings, self._resting)
        self._listeners.append(listener)

    def leave(self, listener: Listener) -> None:
        """Tell someone no more."""
        self._listeners.remove(listener)
        if not self._listeners:
            self._before = None

    def now(self) -> list[Event]:
        """All screens as they are."""
        look = look_at(self._director, self._settings, self._resting)
        return [self._event("now", name, facts) for name, facts in look.outputs.items()]

    def _look(self) -> None:
        before = self._before
        if before is None:
            return
        after = look_at(self._director, self._settings, self._resting)
        if after == before:
            return
        self._before = after
        events = self._between(before, after)
        # Not now: the loop is about to sleep, and would oversleep a timer that is set here.
        self._loop.call_soon(lambda: self._tell(events))

    def _tell(self, events: Sequence[Event]) -> None:
        for listener in tuple(self._listeners):
            listener(events)

    def _between(self, before: Look, after: Look) -> list[Event]:
        events: list[Event] = []
        for name, facts in before.outputs.items():
            if name not in after.outputs:
                events.append(OutputEvent("removed", name, source=facts.source, layout=facts.layout))
        for name, facts in after.outputs.items():
            if name not in before.outputs:
                events.append(self._event("added", name, facts))
            elif keys := changed_keys(before.outputs[name], facts):
                events.append(self._event("changed", name, facts, keys))
        if before.config != after.config:
            _reads, path, error = after.config
            events.append(ConfigEvent(path, error))
        return events

    def _event(self, event: EventWord, name: str, facts: Facts, changed: tuple[str, ...] = ()) -> OutputEvent:
        stream = self._director.stream_on(name)
        place = self._playback.place_of(stream) if stream is not None else None
        keys: dict[str, Any] = facts._asdict()
        del keys["serial"]
        return OutputEvent(
            event,
            name,
            changed,
            **keys,
            position_s=place.position_s if place is not None else 0.0,
            duration_s=place.duration_s if place is not None else 0.0,
        )
