"""Says when what files at some paths have in them may have changed, and they have settled."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable
from typing import NamedTuple

from wayvid.system import inotify
from wayvid.system.events import EventLoop, Timer
from wayvid.system.inotify import FileEvent, Inotify

__all__ = ["FileWatch", "Point", "points_of"]

# After the last event: editors write, rename and change modes in a row.
SETTLED_S = 0.02
# Somebody still has it open for writing, or has removed it and may be about to put another in its place.
UNSETTLED_S = 1.0

MOST_LINKS = 40  # path_resolution(7)
# Meanwhile somebody may move what is looked at.
MOST_TRIES = 3

_SELF = inotify.DELETE_SELF | inotify.MOVE_SELF
# A link that is replaced by another loses its name, which is an attribute of it.
_OF_LINK = _SELF | inotify.ATTRIB | inotify.DONT_FOLLOW
_IN_FOLDER = (
    _SELF
    | inotify.CREATE
    | inotify.MODIFY
    | inotify.CLOSE_WRITE
    | inotify.MOVED_FROM
    | inotify.MOVED_TO
    | inotify.DELETE
)
_FULL = (errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Point(NamedTuple):
    """Something to watch.

    Attributes:
        mask: for what.
        names: whose entries of this folder count; empty: it is only watched for its own end or move.
    """

    mask: int
    names: frozenset[str]


def points_of(paths: Iterable[str]) -> dict[str, Point]:
    """Where something has to happen before another file is found at one of these paths, or other content in it.

    Each folder and symbolic link on the way counts for itself, so that the other
    files in a folder on the way wake nobody. Only the last folder, and one in which
    the next step of the way is missing, is watched for names.

    Args:
        paths: absolute; nothing needs to be there.
    """
    points: dict[str, Point] = {}

    def add(path: str, mask: int, *names: str) -> None:
        before = points.get(path, Point(0, frozenset()))
        points[path] = Point(before.mask | mask, before.names.union(names))

    for path in paths:
        folder, links = "/", 0
        left = path.split("/")[::-1]
        while left:
            name = left.pop()
            if name in ("", "."):
                continue
            if name == "..":
                folder = os.path.dirname(folder)
                continue
            here = os.path.join(folder, name)
            try:
                mode = os.lstat(here).st_mode
                target = os.readlink(here) if stat.S_ISLNK(mode) and links < MOST_LINKS else ""
            except OSError:  # it may come
                mode, target = 0, ""
            if target:
                add(here, _OF_LINK)
                links += 1
                folder = "/" if target.startswith("/") else folder
                left += target.split("/")[::-1]
            elif stat.S_ISDIR(mode) and left:
                add(here, _SELF)
                folder = here
            elif stat.S_ISCHR(mode):  # /dev/null, into which everybody writes and nothing comes out
                break
            else:
                add(folder, _IN_FOLDER, name)
                break
    return points


class FileWatch:
    """Calls when the files at some paths may have other content; costs nothing while nothing happens there.

    They may be missing, be symbolic links, and lie in folders that are missing or are
    links: each of these may change. A call may also come for nothing.

    Args:
        loop: the event loop.
        paths: absolute.
        on_change: called once after each row of changes, when they have settled.

    Attributes:
        reason: why they are not watched, or not wholly; empty when they are.
    """

    def __init__(self, loop: EventLoop, paths: Iterable[str], on_change: Callable[[], None]) -> None:
        self.reason = ""
        self._loop = loop
        self._paths = tuple(paths)
        self._on_change = on_change
        self._inotify: Inotify | None = None
        self._points: dict[str, Point] = {}
        self._watched: dict[int, tuple[str, frozenset[str]]] = {}  # by number: path and the names that count
        self._timer: Timer | None = None
        self._is_moved = False  # something on the way is not what it was
        self._there = self._those_there()
        self._look()

    def _those_there(self) -> set[str]:
        return {path for path in self._paths if os.path.exists(path)}

    def _look(self) -> None:
        """Watch what has to be watched now."""
        points = points_of(self._paths)
        for _try in range(MOST_TRIES):
            if points == self._points and not self._is_moved:
                return
            self._is_moved = False
            self._points = points
            self._watch(points)
            points = points_of(self._paths)

    def _watch(self, points: dict[str, Point]) -> None:
        # Anew each time: marks of one inode add up, so those of an old way would stay. It happens when a folder or
        # link on the way has changed, not when a file is saved.
        self.close()
        self.reason = ""
        try:
            self._inotify = Inotify()
            for path, point in points.items():
                self._add(self._inotify, path, point)
        except OSError as exc:
            self.reason = f"{exc.strerror}: too many files are watched; see /proc/sys/fs/inotify"
        if self._inotify is not None:
            self._loop.watch(self._inotify.fd, self._on_readable)

    def _add(self, watcher: Inotify, path: str, point: Point) -> None:
        try:
            number = watcher.add(path, point.mask)
        except OSError as exc:
            if exc.errno in _FULL:
                raise
            if exc.errno == errno.EACCES and point.names:
                self.reason = f"{path} may not be read by this user"
            return  # or it has just gone, which the next look sees
        names = self._watched.get(number, ("", frozenset()))[1]
        self._watched[number] = path, names | point.names

    def _on_readable(self) -> None:
        delays = [self._delay_s(event) for event in self._inotify.read()] if self._inotify is not None else []
        counted = [delay_s for delay_s in delays if delay_s]
        if counted:
            self._begin(counted[-1], counted[-1])

    def _delay_s(self, event: FileEvent) -> float:
        """How long to wait after an event; 0: it is about something else."""
        if event.watch not in self._watched and not event.mask & inotify.OVERFLOW:
            return 0.0
        if not event.name:
            if event.mask & inotify.IGNORED and self._is_moved:
                return 0.0
            self._is_moved = True
            return SETTLED_S
        folder, names = self._watched[event.watch]
        if event.name not in names:
            return 0.0
        if event.mask & inotify.MODIFY or (
            event.mask & inotify.CREATE and _is_new_file(os.path.join(folder, event.name))
        ):
            return UNSETTLED_S
        return SETTLED_S

    def _begin(self, delay_s: float, quiet_s: float) -> None:
        """Look after a delay; by then nothing has happened for so long."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, lambda: self._on_settled(quiet_s))

    def _on_settled(self, quiet_s: float) -> None:
        self._timer = None
        self._look()
        there = self._those_there()
        if self._there - there and quiet_s < UNSETTLED_S:
            self._begin(UNSETTLED_S - quiet_s, UNSETTLED_S)
            return
        self._there = there
        self._on_change()

    def close(self) -> None:
        """Watch nothing more; twice does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._inotify is not None:
            self._loop.unwatch(self._inotify.fd)
            self._inotify.close()
            self._inotify = None
        self._watched.clear()


def _is_new_file(path: str) -> bool:
    """Whether it has just been opened to be written, and will be closed; not a link, hard or symbolic."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1
