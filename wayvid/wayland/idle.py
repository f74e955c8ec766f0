"""Whether anybody is there: input on any seat, as the compositor tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayvid.conditions import Condition, Reading
from wayvid.wayland.connection import Connection

__all__ = ["IdleWatch"]

RELEASE_SINCE = 5  # wl_seat.release


class IdleWatch:
    """Tells when there was no input on any seat for a time, and when there is again.

    Windows that keep the screen awake, such as a video player's, count as input.

    Args:
        connection: the compositor's, started.
        after_s: the time.
        on_change: called after each change.

    Attributes:
        reason: why the compositor does not tell; empty when it does.
    """

    is_settled = True

    def __init__(self, connection: Connection, after_s: float, on_change: Callable[[], None]) -> None:
        self._connection = connection
        self._after_ms = round(after_s * 1000)
        self._on_change = on_change
        self._seats: dict[int, Any] = {}
        # Registry name of a seat -> what tells of it, how that is given back, and the seat's version.
        self._watches: dict[int, tuple[Any, Callable[[], None], int]] = {}
        self._idle: set[int] = set()
        self._make = _maker(connection)
        self.reason = "" if self._make else "the compositor does not tell (no ext_idle_notifier_v1)"
        if self._make is not None:
            connection.follow_seats(self._on_seat_added, self._on_seat_removed)

    @property
    def is_idle(self) -> bool:
        """Whether nobody is there, on any seat."""
        return bool(self._watches) and self._idle == self._watches.keys()

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        if self.reason or not self._watches:
            return [Reading(Condition.IDLE, "", None, self.reason or "the compositor has no seat")]
        words = f"no input for {self._after_ms / 1000:g} s"
        return [Reading(Condition.IDLE, "", self.is_idle, words if self.is_idle else "somebody is there")]

    def close(self) -> None:
        """Give the protocol objects back; twice does nothing."""
        self._connection.unfollow_seats(self._on_seat_added)
        for name in tuple(self._watches):
            self._drop(name)

    def _on_seat_added(self, name: int, version: int) -> None:
        assert self._make is not None
        seat = self._seats[name] = self._connection.bind_seat(name, min(version, RELEASE_SINCE))
        watch, idled, give_back = self._make(seat, self._after_ms)
        watch.dispatcher[idled] = self._connection.guard(lambda _proxy: self._set(name, True))
        watch.dispatcher["resumed"] = self._connection.guard(lambda _proxy: self._set(name, False))
        self._watches[name] = (watch, give_back, version)

    def _on_seat_removed(self, name: int) -> None:
        if name in self._watches:
            self._drop(name)
            self._on_change()

    def _set(self, name: int, is_idle: bool) -> None:
        if is_idle:
            self._idle.add(name)
        else:
            self._idle.discard(name)
        self._on_change()

    def _drop(self, name: int) -> None:
        _watch, give_back, version = self._watches.pop(name)
        give_back()
        self._idle.discard(name)
        seat = self._seats.pop(name)
        if version >= RELEASE_SINCE:
            seat.release()
        else:
            seat._destroy()


def _maker(connection: Connection) -> Callable[[Any, int], tuple[Any, str, Callable[[], None]]] | None:
    """What makes a watch of a seat: the object, its event for "idle" and its destructor."""
    from wayvid.wayland.restprotocols import OrgKdeKwinIdle

    try:
        from pywayland.protocol.ext_idle_notify_v1 import ExtIdleNotifierV1
    except ImportError:  # an older pywayland
        notifier = None
    else:
        notifier = connection.bind_optional(ExtIdleNotifierV1, 1)
    if notifier is not None:

        def make(seat: Any, after_ms: int) -> tuple[Any, str, Callable[[], None]]:
            watch = notifier.get_idle_notification(after_ms, seat)
            return watch, "idled", watch.destroy

        return make
    older = connection.bind_optional(OrgKdeKwinIdle, 1)
    if older is None:
        return None

    def make_older(seat: Any, after_ms: int) -> tuple[Any, str, Callable[[], None]]:
        watch = older.get_idle_timeout(seat, after_ms)
        return watch, "idle", watch.release

    return make_older
