"""Whether another program plays sound, by PulseAudio's `pactl`, which PipeWire serves as well."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from time import monotonic

import msgspec

from wayvid.conditions import Condition, Reading
from wayvid.system.child import Child
from wayvid.system.events import EventLoop, Timer

__all__ = ["OtherSound", "players"]

PACTL = "pactl"
ABSENT = "pactl is not there; install it: pulseaudio-utils (Debian, Ubuntu, Fedora), libpulse (Arch)"
UNHEARD = "nothing of the wallpaper is to be heard"
# What comes together is looked at once, and a stream that changes all the time no more often than that.
LOOKS_AFTER_S = 0.1
LOOKS_EVERY_S = 1.0
# By then pactl is told of changes; what was one before that is in no list yet.
LOOKS_AGAIN_S = 1.0
# Between two songs, or two voices, nothing is begun anew.
QUIET_FOR_S = 2.0
# A sound server that goes is there again soon, or never: a few attempts, then no more.
RETRY_AFTER_S = (1.0, 5.0, 30.0)
# A list is there in some milliseconds; a server that hangs never sends it.
LISTS_WITHIN_S = 5.0
MOST_BYTES = 1024 * 1024
LINE_BYTES = 4096
NAME_SIGNS = 40
UNNAMED = "a program without a name"
STREAM = b" on sink-input "  # of what plays, in a line of `pactl subscribe`
# A voice of the desktop itself is over before anything could be done about it.
PASSING_ROLE = "event"
OUR_NAME = "wayvid"


class _SinkInput(msgspec.Struct):
    """The part of what `pactl --format=json list sink-inputs` says of one that matters here."""

    corked: bool = False
    mute: bool = False
    properties: dict[str, str] = {}


_LIST = msgspec.json.Decoder(list[_SinkInput])


def players(said: bytes, is_ours: Callable[[int], bool]) -> list[str]:
    """The names of other programs that play sound.

    Args:
        said: by pactl, as JSON.
        is_ours: whether a process is of this wallpaper.

    Raises:
        ValueError: it is none.
    """
    names: dict[str, None] = {}
    for each in _LIST.decode(said) if said.strip() else []:
        told = each.properties
        pid = told.get("application.process.id", "")
        name = _one_line(told.get("application.name") or told.get("media.name") or "") or UNNAMED
        is_other = name != OUR_NAME and not (pid.isdecimal() and is_ours(int(pid)))
        if is_other and not each.corked and not each.mute and told.get("media.role") != PASSING_ROLE:
            names[name] = None
    return list(names)


def _one_line(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())[:NAME_SIGNS].strip()


def _is_child(pid: int) -> bool:
    """Whether this process has started it."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return int(stat.read().rpartition(b")")[2].split()[1]) == os.getpid()
    except (OSError, ValueError, IndexError):
        return False


class OtherSound:
    """Looks at who plays sound whenever the sound server tells of a change; does nothing until it is to listen.

    Args:
        loop: the daemon's event loop.
        environ: for pactl: where the server is.
        on_change: called after each change.
    """

    def __init__(self, loop: EventLoop, environ: Mapping[str, str], on_change: Callable[[], None]) -> None:
        self._loop = loop
        # Its own words, with points in its numbers.
        self._environ = {**environ, "LC_ALL": "C"}
        self._on_change = on_change
        self._names: list[str] | None = None  # of those that play; None: nobody has told
        self._reason = ""
        self._is_listening = False
        self._teller: Child | None = None  # of changes
        self._lister: Child | None = None
        self._told = b""
        self._listed = b""
        self._is_stale = False  # something has changed since the list was asked for
        self._look_timer: Timer | None = None
        self._quiet_timer: Timer | None = None
        self._late_timer: Timer | None = None  # ends the wait for a list
        self._retry_timer: Timer | None = None
        self._breaks = 0  # of the server, in a row
        self._looked_at_s = 0.0

    @property
    def is_settled(self) -> bool:
        """Whether the first answer has come."""
        return not self._is_listening or self._names is not None or bool(self._reason)

    def readings(self) -> list[Reading]:
        """How the condition stands."""
        if not self._is_listening:
            return [Reading(Condition.OTHER_SOUND, "", False, UNHEARD)]
        if self._names is None:
            return [Reading(Condition.OTHER_SOUND, "", None, self._reason)]
        return [Reading(Condition.OTHER_SOUND, "", bool(self._names), ", ".join(self._names) or "nobody else plays")]

    def listen(self, is_listening: bool) -> None:
        """Begin to look, or stop it."""
        if is_listening is self._is_listening:
            return
        self.close()
        self._is_listening = is_listening
        self._breaks = 0
        if is_listening:
            self._start()
        self._on_change()

    def _start(self) -> None:
        self._told = b""
        try:
            self._teller = Child(self._loop, [PACTL, "subscribe"], self._environ, self._on_told, self._on_teller_end)
        except OSError as exc:
            self._reason = ABSENT if isinstance(exc, FileNotFoundError) else f"pactl cannot be started: {exc.strerror}"
            return
        self._look()
        self._look_timer = self._loop.call_later(LOOKS_AGAIN_S, self._look)

    def _on_told(self, words: bytes) -> None:
        self._told = (self._told + words)[-LINE_BYTES:]  # a line may come in two parts
        if STREAM in self._told and self._look_timer is None:
            wait_s = max(LOOKS_AFTER_S, self._looked_at_s + LOOKS_EVERY_S - monotonic())
            self._look_timer = self._loop.call_later(wait_s, self._look)

    def _on_teller_end(self, code: int) -> None:
        self._teller = None
        lines = self._told.decode(errors="replace").split("\n")
        words = next((line.strip() for line in lines if line.strip()), f"it ended with {code}")
        self._fail(f"there is no sound server to ask: {words}")
        self._retry_later()

    def _retry_later(self) -> None:
        if self._retry_timer is None and self._breaks < len(RETRY_AFTER_S):
            self._retry_timer = self._loop.call_later(RETRY_AFTER_S[self._breaks], self._retry)
            self._breaks += 1

    def _retry(self) -> None:
        self._retry_timer = None
        if self._teller is None:
            self._start()
        elif self._look_timer is None:
            self._look()

    def _look(self) -> None:
        self._look_timer = None
        self._looked_at_s = monotonic()
        self._told = b""
        if self._lister is not None:
            self._is_stale = True
            return
        self._listed = b""
        argv = [PACTL, "--format=json", "list", "sink-inputs"]
        try:
            self._lister = Child(self._loop, argv, self._environ, self._on_listed, self._on_list_end, has_errors=False)
        except OSError as exc:
            self._fail(f"pactl cannot be started: {exc.strerror}")
            return
        self._late_timer = self._loop.call_later(LISTS_WITHIN_S, self._on_late)

    def _on_late(self) -> None:
        assert self._lister is not None
        self._lister.close()
        self._lister, self._late_timer, self._is_stale = None, None, False
        self._fail(f"the sound server has not answered pactl within {LISTS_WITHIN_S:g} s")
        self._retry_later()

    def _on_listed(self, words: bytes) -> None:
        self._listed = (self._listed + words)[:MOST_BYTES]

    def _on_list_end(self, code: int) -> None:
        self._lister = None
        if self._late_timer is not None:
            self._late_timer.cancel()
            self._late_timer = None
        if self._is_stale:
            self._is_stale = False
            self._look()
            return
        if self._teller is None:  # there is no server: said already
            return
        try:
            names = players(self._listed, _is_child) if not code else None
        except ValueError:
            names = None
        if names is None:
            self._fail("pactl has no list to read; it has to be of PulseAudio 16 or newer")
        else:
            self._breaks = 0
            self._take(names)

    def _stop_quiet_timer(self) -> None:
        if self._quiet_timer is not None:
            self._quiet_timer.cancel()
            self._quiet_timer = None

    def _take(self, names: list[str]) -> None:
        self._stop_quiet_timer()
        if self._names and not names:
            self._quiet_timer = self._loop.call_later(QUIET_FOR_S, lambda: self._set(names))
        else:
            self._set(names)

    def _set(self, names: list[str]) -> None:
        self._quiet_timer = None
        self._names, self._reason = names, ""
        self._on_change()

    def _fail(self, reason: str) -> None:
        self._stop_quiet_timer()
        self._names, self._reason = None, reason
        self._on_change()

    def close(self) -> None:
        """Look no more, and call nobody. Twice does nothing."""
        for timer in (self._look_timer, self._quiet_timer, self._late_timer, self._retry_timer):
            if timer is not None:
                timer.cancel()
        self._look_timer = self._quiet_timer = self._late_timer = self._retry_timer = None
        for child in (self._teller, self._lister):
            if child is not None:
                child.close()
        self._teller = self._lister = None
        self._names, self._reason, self._is_stale = None, "", False
