"""Says when files have come to a folder or gone from it, or a list of files was written anew."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic

from wayvid.system import inotify
from wayvid.system.events import EventLoop, Timer
from wayvid.system.inotify import Inotify

__all__ = ["FolderWatch"]

# After the last event: files come in rows, and a file that is copied is not whole at once.
SETTLED_S = 0.5
# ... but where a file is written to again and again, the others are not waited for longer than this.
LONGEST_S = 5.0
# Of a folder's folders. Each is memory of the kernel's, and a user has some thousands.
MOST_FOLDERS = 256
_MASK = (
    inotify.CLOSE_WRITE
    | inotify.MOVED_FROM
    | inotify.MOVED_TO
    | inotify.DELETE
    | inotify.DELETE_SELF
    | inotify.MOVE_SELF
)


class FolderWatch:
    """Calls when files have come or gone; costs nothing while nothing happens there.

    Args:
        loop: the event loop.
        path: absolute: a folder, or a file that is watched in its folder.
        is_recursive: whether the folders in the folder count.
        on_change: called once after each row of changes, when they have settled, or go on for LONGEST_S.

    Attributes:
        reason: why it is not watched, or not wholly; empty when it is.
    """

    def __init__(self, loop: EventLoop, path: str, is_recursive: bool, on_change: Callable[[], None]) -> None:
        self.reason = ""
        self._loop = loop
        self._path = path
        self._is_recursive = is_recursive
        self._on_change = on_change
        self._name = ""  # of a file, or of a folder that is not there, in the folder that is watched
        self._timer: Timer | None = None
        self._until_s = 0.0  # by when it is told of what has begun, CLOCK_MONOTONIC
        self._inotify: Inotify | None = None
        self._open()

    def _open(self) -> None:
        self.reason = ""
        self._name = "" if os.path.isdir(self._path) else os.path.basename(self._path)
        try:
            self._inotify = Inotify()
            self._loop.watch(self._inotify.fd, self._on_readable)
            self._add()
        except OSError as exc:
            self.reason = exc.strerror or str(exc)

    def _add(self) -> None:
        """Watch its folders, also those that are new; marks of one that is watched already stay."""
        assert self._inotify is not None
        mask = _MASK | (inotify.CREATE if self._is_recursive or self._name else 0)
        self._inotify.add(os.path.dirname(self._path) if self._name else self._path, mask)
        for number, folder in enumerate(_folders_in(self._path) if self._is_recursive and not self._name else ()):
            if number >= MOST_FOLDERS:
                self.reason = f"it has more than {MOST_FOLDERS} folders"
                return
            with suppress(FileNotFoundError, PermissionError):  # gone meanwhile, or not to be read, as lost+found is
                self._inotify.add(folder, mask)

    def _on_readable(self) -> None:
        events = self._inotify.read() if self._inotify is not None else []
        if not any(not self._name or event.name in ("", self._name) for event in events):
            return
        now_s = monotonic()
        if self._timer is None:
            self._until_s = now_s + LONGEST_S
        else:
            self._timer.cancel()
        self._timer = self._loop.call_later(min(SETTLED_S, max(0.0, self._until_s - now_s)), self._on_settled)

    def _on_settled(self) -> None:
        self._timer = None
        if os.path.isdir(self._path) == bool(self._name):  # it has gone, or come
            self._close_inotify()
            self._open()
        else:
            try:
                self._add()
            except OSError as exc:
                self.reason = exc.strerror or str(exc)
        self._on_change()

    def close(self) -> None:
        """Watch nothing more; twice does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._close_inotify()

    def _close_inotify(self) -> None:
        if self._inotify is not None:
            self._loop.unwatch(self._inotify.fd)
            self._inotify.close()
            self._inotify = None


def _folders_in(folder: str) -> Iterator[str]:
    """The folders below, those with a dot before their names and links left out; no names of files are kept."""
    waiting = [folder]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                    yield entry.path
                    waiting.append(entry.path)
