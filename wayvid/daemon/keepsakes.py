"""What is seen first after a start: the last picture of the source, until the player has one."""

from __future__ import annotations

import os
from collections.abc import Mapping

from wayvid.daemon.playback import Playback
from wayvid.daemon.still import Still
from wayvid.daemon.wall import Wall
from wayvid.link.messages import Picture, StreamSpec
from wayvid.system.events import EventLoop, Timer
from wayvid.system.pages import release_startup_pages

__all__ = ["Keepsakes", "cache_folder"]

# After a change, so that it is not the black that many clips begin with.
KEEP_AFTER_S = 3.0


def cache_folder(environ: Mapping[str, str]) -> str:
    """Where last pictures are kept; it need not be there."""
    home = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):  # XDG Base Directory Specification: ignored
        home = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "wayvid")


class Keepsakes:
    """Shows last pictures at the start, and keeps them for the next one.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        playback: the streams.
        folder: where they are kept; see cache_folder().
    """

    def __init__(self, loop: EventLoop, wall: Wall, playback: Playback, folder: str) -> None:
        self._loop = loop
        self._wall = wall
        self._playback = playback
        self._folder = folder
        self._found: dict[str, Still | None] = {}
        self._is_starting = os.path.isdir(folder)
        self._kept: set[str] = set()  # sources, since the start
        self._timer: Timer | None = None

    def show_on(self, name: str, spec: StreamSpec) -> None:
        """Show the last picture of what an output is to show, if it has just been started and there is one."""
        if not self._is_starting:
            return
        source = spec.paths[0]
        if source not in self._found:
            self._found[source] = self._find(source)
        still = self._found[source]
        if still is not None:
            self._wall.show_still(still, [name])

    def _find(self, source: str) -> Still | None:
        from wayvid.daemon.lastpicture import find

        found = find(self._folder, source)
        if found is None:
            return None
        try:
            return self._wall.make_still(found.fd, found.size_bytes, found.picture)
        finally:
            os.close(found.fd)

    def on_playing(self) -> None:
        """A stream has its first picture: the start is over; and soon it is time to keep one of it."""
        self._end_start()
        if self._timer is None:
            self._timer = self._loop.call_later(KEEP_AFTER_S, self._keep_new)

    def _end_start(self) -> None:
        self._is_starting = False
        for still in self._found.values():
            if still is not None:
                still.let_go()
        self._found.clear()

    def _keep_new(self) -> None:
        self._timer = None
        self.keep(self._kept)
        release_startup_pages()  # what that took is not needed again soon

    def keep(self, but: set[str] | frozenset[str] = frozenset()) -> None:
        """Keep the picture of each source that is shown.

        Args:
            but: sources that are left out.
        """
        for stream in self._playback.streams.values():
            if not stream.outputs:
                continue
            source, fd, picture = self._last_of(stream.stream_id)
            if picture is not None and source not in but:
                from wayvid.daemon.lastpicture import keep

                keep(self._folder, source, fd, picture)
                self._kept.add(source)

    def _last_of(self, stream_id: int) -> tuple[str, int, Picture | None]:
        """A stream's file, and what it showed last."""
        stream, player = self._playback.streams[stream_id], self._playback.cast.player
        if stream.still is not None:
            return stream.spec.paths[0], stream.still.fd, stream.still.picture
        note = player.note(stream_id) if player is not None and stream.has_picture else None
        if note is None or player is None or note.entry >= len(stream.spec.paths):
            return "", -1, None
        memory = player.memories.get(note.picture.memory_id)
        return stream.spec.paths[note.entry], memory.fd if memory else -1, note.picture if memory else None

    def close(self) -> None:
        """Keep all for the next start, and show none any more. Twice does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._end_start()
        self.keep()
