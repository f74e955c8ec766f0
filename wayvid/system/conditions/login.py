"""What systemd-logind tells: whether the session is locked, and that the machine is about to sleep."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from wayvid.conditions import Condition, Reading
from wayvid.system.bus import Answer, Bus
from wayvid.system.conditions.remote import Remote, words

__all__ = ["SessionLock", "SleepWatch"]

# Source: org.freedesktop.login1(5).
LOGIN, PATH, MANAGER = "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager"
SESSION = "org.freedesktop.login1.Session"
TITLE = "logind"


class SessionLock:
    """Whether the session is locked, by its LockedHint.

    Desktops set that. Lockers that only cover the screens (swaylock) do not, and then the
    compositor asks for no more frames. The signal Lock is a wish, and no Unlock follows
    where such a locker heeds it: so it counts until the next input, where that is told.

    Args:
        bus: the system bus.
        environ: names the session.
        on_change: called after each change.
        on_lock_wish: called at the signal Lock: `end_wish` has to follow it; None: the signal does not count.
    """

    def __init__(
        self,
        bus: Bus,
        environ: Mapping[str, str],
        on_change: Callable[[], None],
        on_lock_wish: Callable[[], None] | None,
    ) -> None:
        self._bus = bus
        self._session_id = environ.get("XDG_SESSION_ID", "")
        self._on_change = on_change
        self._on_lock_wish = on_lock_wish
        self._session: Remote | None = None
        self._reason = f"{TITLE} has not answered yet"
        self._is_wished = False
        self._was_hinted = False
        self._is_searching = False
        self._has_searched = False
        bus.watch_owner(LOGIN, self._on_owner)
        self._search()

    @property
    def is_settled(self) -> bool:
        """Whether the first answer has come."""
        return self._session.is_settled if self._session is not None else self._has_searched

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        if self._session is None or not self._session.is_there:
            reason = self._session.reason if self._session is not None else self._reason
            return [Reading(Condition.LOCKED, "", None, reason)]
        is_hinted = bool(self._session.values.get("LockedHint"))
        detail = "locked" if is_hinted else "asked to lock" if self._is_wished else "not locked"
        return [Reading(Condition.LOCKED, "", is_hinted or self._is_wished, detail)]

    def end_wish(self) -> None:
        """Somebody is there: what the signal Lock asked for is over."""
        if self._is_wished:
            self._is_wished = False
            self._on_change()

    def close(self) -> None:
        """What is on the bus goes with it."""

    # Which session is ours.

    def _on_owner(self, is_owned: bool) -> None:
        if is_owned and self._session is None and self._has_searched:
            self._search()

    def _search(self) -> None:
        if self._is_searching:
            return
        self._is_searching = True
        first = self._session_id or "auto"
        self._ask("GetSession", "s", (first,), self._on_session)

    def _ask(self, member: str, signature: str, body: tuple[Any, ...], on_answer: Callable[[Answer], None]) -> None:
        self._bus.call(LOGIN, PATH, MANAGER, member, signature, body, on_answer=on_answer)

    def _on_session(self, answer: Answer) -> None:
        if answer.error:  # not from inside a session, as a service of the user's is not
            self._ask("ListSessions", "", (), self._on_sessions)
        else:
            self._follow(str(answer.body[0]))

    def _on_sessions(self, answer: Answer) -> None:
        # a(susso): id, uid, user's name, seat, path.
        sessions = [] if answer.error else [entry for entry in answer.body[0] if entry[1] == os.getuid()]
        sessions.sort(key=lambda entry: not entry[3])  # those on a seat have the screens
        if sessions:
            self._follow(str(sessions[0][4]))
            return
        self._is_searching, self._has_searched = False, True
        self._reason = words(answer, TITLE) if answer.error else f"{TITLE} knows no session of this user"
        self._on_change()

    def _follow(self, path: str) -> None:
        self._is_searching, self._has_searched = False, True
        self._session = Remote(self._bus, TITLE, LOGIN, path, SESSION, self._on_hint)
        self._bus.listen(LOGIN, path, SESSION, "Lock", lambda _body: self._on_lock())
        self._bus.listen(LOGIN, path, SESSION, "Unlock", lambda _body: self.end_wish())

    def _on_hint(self) -> None:
        assert self._session is not None
        is_hinted = bool(self._session.values.get("LockedHint"))
        if is_hinted != self._was_hinted or not self._session.is_there:
            self._is_wished = False  # a desktop that sets the hint is asked alone
        self._was_hinted = is_hinted
        self._on_change()

    def _on_lock(self) -> None:
        if self._on_lock_wish is not None and not self._was_hinted:
            self._is_wished = True
            self._on_lock_wish()
            self._on_change()


class SleepWatch:
    """Tells before the machine sleeps, and has it wait until release().

    logind waits for those who hold a lock of the mode "delay", five seconds at most
    (logind.conf(5), InhibitDelayMaxSec). The lock is taken again after the sleep.

    Args:
        bus: the system bus.
        on_change: called before and after a sleep.
    """

    def __init__(self, bus: Bus, on_change: Callable[[], None]) -> None:
        self._bus = bus
        self._on_change = on_change
        self._fd = -1
        self._is_near = False
        self._reason = f"{TITLE} has not answered yet"
        self._is_asked = False
        self.is_settled = False
        bus.watch_owner(LOGIN, self._on_owner)
        bus.listen(LOGIN, PATH, MANAGER, "PrepareForSleep", self._on_prepare)
        self._inhibit()

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        if self._reason:
            return [Reading(Condition.SLEEP, "", None, self._reason)]
        has_lock = "" if self._fd >= 0 or self._is_near else "; it will not wait for the wallpaper"
        return [
            Reading(Condition.SLEEP, "", self._is_near, ("about to sleep" if self._is_near else "awake") + has_lock)
        ]

    def release(self) -> None:
        """The wallpaper is ready: the machine may sleep. Without need it does nothing."""
        if self._is_near:
            self._drop()

    def close(self) -> None:
        """Have no sleep wait any more; twice does nothing."""
        self._drop()

    def _drop(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _inhibit(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            lock = ("sleep", "wayvid", "the wallpaper gives its memory back", "delay")
            self._bus.call(LOGIN, PATH, MANAGER, "Inhibit", "ssss", lock, on_answer=self._on_lock)

    def _on_lock(self, answer: Answer) -> None:
        self._is_asked = False
        self.is_settled = True
        is_gone = answer.error.endswith(("ServiceUnknown", "NameHasNoOwner"))
        self._reason = words(answer, TITLE) if is_gone else ""
        if not answer.error:
            self._drop()
            self._fd = answer.body[0].to_raw_fd()
        self._on_change()

    def _on_owner(self, is_owned: bool) -> None:
        if is_owned and self.is_settled:
            self._inhibit()
        elif not is_owned and self.is_settled:
            self._drop()
            self._is_near = False
            self._reason = f"{TITLE} has left the bus"
            self._on_change()

    def _on_prepare(self, body: tuple[Any, ...]) -> None:
        self._is_near = bool(body[0])
        if not self._is_near:
            self._inhibit()
        self._on_change()
