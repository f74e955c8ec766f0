"""The file in which the state survives the daemon."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from time import monotonic

import msgspec

from wayvid.daemon.remember import State, is_whole
from wayvid.system.events import EventLoop, Timer
from wayvid.units import MIB

__all__ = ["StateFile", "read_state", "state_path"]

log = logging.getLogger(__name__)

MAX_BYTES = MIB
# Commands in a row are written down together, the first of them at once. A file that is replaced costs some
# milliseconds where ext4 begins to write it to the disk; with fsync it would be ten and more.
TOLD_EVERY_S = 0.25
MOVED_AFTER_S = 1.0


def state_path(environ: Mapping[str, str]) -> str:
    """The state file of a display; empty when there is no home for it.

    Args:
        environ: for XDG_STATE_HOME, HOME and WAYLAND_DISPLAY.

    Source: XDG Base Directory Specification, "Environment variables".
    """
    base = environ.get("XDG_STATE_HOME", "")
    home = environ.get("HOME", "")
    display = os.path.basename(environ.get("WAYLAND_DISPLAY", ""))
    if not os.path.isabs(base):  # the specification: ignore it then
        base = os.path.join(home, ".local", "state")
    if not os.path.isabs(base) or not display:
        return ""
    return os.path.join(base, "wayvid", f"state-{display}.json")


def read_state(path: str) -> State | None:
    """What was written down; None when there is nothing to go by, and then the log says why."""
    try:
        with open(path, "rb") as file:
            state = msgspec.json.decode(file.read(MAX_BYTES), type=State)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        log.warning("state: %s cannot be read: %s; beginning without it", path, exc.strerror)
        return None
    except (ValueError, RecursionError):  # msgspec's errors and UnicodeDecodeError are ValueErrors
        state = None
    if state is None or not is_whole(state):
        log.warning("state: %s is damaged or of another wayvid; beginning without it", path)
        return None
    return state


class StateFile:
    """Writes the state down after what is told to it, and nothing else.

    Args:
        loop: the daemon's event loop.
        path: see state_path(); empty: nothing is written.
        state: makes what is to be written; told whether the daemon is about to end.
    """

    def __init__(self, loop: EventLoop, path: str, state: Callable[[bool], State]) -> None:
        self._loop = loop
        self._path = path
        self._state = state
        self._timer: Timer | None = None
        self._written_s = 0.0
        self._is_begun = False
        self._is_refused = not path

    def on_told(self) -> None:
        """A command has taken effect. It is written once that was answered, and at most every TOLD_EVERY_S."""
        self._write_in(max(0.0, self._written_s + TOLD_EVERY_S - monotonic()))

    def on_moved(self) -> None:
        """Something plays, or stops, for another reason."""
        self._write_in(MOVED_AFTER_S)

    def _write_in(self, delay_s: float) -> None:
        """Write then, or before that if something is to be written before."""
        if self._timer is not None:
            if self._timer.due_s <= monotonic() + delay_s:
                return
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, self._write)

    def close(self) -> None:
        """Write the last word, if there ever was one."""
        if self._is_begun or self._timer is not None:
            self._write(is_over=True)

    def _write(self, is_over: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._is_begun = True
        self._written_s = monotonic()
        if not self._path:
            return
        try:
            _replace(self._path, msgspec.json.encode(self._state(is_over)))
            self._is_refused = False
        except OSError as exc:
            if not self._is_refused:
                self._is_refused = True
                reason = f"{exc.strerror}: what commands say does not survive the end of wayvid"
                log.warning("state: %s cannot be written: %s", self._path, reason)


def _replace(path: str, data: bytes) -> None:
    """Write a file so that there is always a whole one, whenever this process ends.

    No fsync, which stalls the daemon for as long as a busy disk likes. When the
    power goes the file may be lost, or damaged, which read_state() takes for none.
    """
    aside = f"{path}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        fd = os.open(aside, flags, 0o600)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        fd = os.open(aside, flags, 0o600)
    try:
        while data:
            data = data[os.write(fd, data) :]
    finally:
        os.close(fd)
    os.replace(aside, path)
