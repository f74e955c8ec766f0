"""Those who asked to be told of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from wayvid.errors import IpcError
from wayvid.ipc.events import Event, MissedEvent

__all__ = ["Feed", "Subscriber"]

# Each costs something at each change; a bar for each screen, and some scripts.
MAX_SUBSCRIBERS = 64
# Who leaves so much unread misses what comes then. The kernel keeps about 200 KB more for each.
MAX_BEHIND_BYTES = 64 * 1024


class Subscriber(Protocol):
    """A connection that events are sent to."""

    has_missed: bool
    on_sent: Callable[[], None]  # called when it was sent something without having asked

    @property
    def unsent_bytes(self) -> int:
        """How much waits to be read."""

    def send(self, data: bytes) -> None:
        """Send, later if the other side is slow; never blocks."""


class Feed:
    """Sends events to subscribers; who is slow misses some, and is told so.

    Args:
        now: all that is to be told of this moment.
        on_audience: called with True when the first subscriber comes, with False when the last one has gone.
    """

    def __init__(self, now: Callable[[], Sequence[Event]], on_audience: Callable[[bool], None]) -> None:
        self._now = now
        self._on_audience = on_audience
        self._subscribers: dict[Subscriber, None] = {}

    def __contains__(self, subscriber: object) -> bool:
        """Whether it is told."""
        return subscriber in self._subscribers

    def add(self, subscriber: Subscriber, first: bytes) -> None:
        """Tell one more, beginning with what is now.

        Args:
            subscriber: who.
            first: a line that comes before.

        Raises:
            IpcError: there are too many.
        """
        if subscriber not in self._subscribers:
            if len(self._subscribers) >= MAX_SUBSCRIBERS:
                raise IpcError(f"{MAX_SUBSCRIBERS} clients are told of changes already; end some of them")
            self._subscribers[subscriber] = None
            if len(self._subscribers) == 1:
                self._on_audience(True)
        subscriber.send(first + _lines(self._now()))

    def leave(self, subscriber: Subscriber) -> None:
        """Tell one no more; who is not told is fine."""
        if subscriber in self._subscribers:
            del self._subscribers[subscriber]
            if not self._subscribers:
                self._on_audience(False)

    def publish(self, events: Iterable[Event]) -> None:
        """Tell all."""
        data = _lines(events)
        for subscriber in tuple(self._subscribers):
            if subscriber.unsent_bytes > MAX_BEHIND_BYTES:
                subscriber.has_missed = True
            elif not subscriber.has_missed:
                subscriber.send(data)
                subscriber.on_sent()

    def catch_up(self, subscriber: Subscriber) -> None:
        """One has read all that it was sent: tell it whether that was all."""
        if subscriber.has_missed and subscriber in self._subscribers:
            subscriber.has_missed = False
            subscriber.send(_lines((MissedEvent(), *self._now())))


def _lines(events: Iterable[Event]) -> bytes:
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)
