"""Keeps the last pictures, which are seen first after the next start."""

from __future__ import annotations

from wayvid.daemon.firstlook import FirstLook
from wayvid.daemon.playback import Playback
from wayvid.link.messages import Picture
from wayvid.system.errands import answers
from wayvid.system.events import EventLoop, Timer
from wayvid.system.pages import release_startup_pages

__all__ = ["Keepsakes"]

# After a change, so that it is not the black that many clips begin with.
KEEP_AFTER_S = 3.0


class Keepsakes:
    """Keeps pictures while it plays and at its end.

    Args:
        loop: the daemon's event loop.
        first_look: what is shown of those from the last time.
        playback: the streams.
        folder: where they are kept; see wayvid.system.folders.
    """

    def __init__(self, loop: EventLoop, first_look: FirstLook, playback: Playback, folder: str) -> None:
        self._loop = loop
        self._first_look = first_look
        self._playback = playback
        self._folder = folder
        self._kept: set[str] = set()  # sources, since the start
        self._timer: Timer | None = None

    def on_playing(self) -> None:
        """A stream has its first picture: the start is over; and soon it is time to keep one of it."""
        self._first_look.end()
        if self._timer is None:
            self._timer = self._loop.call_later(KEEP_AFTER_S, self._keep_new)

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
            if picture is not None and source not in but and answers(source):
                from wayvid.daemon.lastpicture import keep

                keep(self._folder, source, fd, picture)
                self._kept.add(source)

    def _last_of(self, stream_id: int) -> tuple[str, int, Picture | None]:
        """A stream's file, and what it showed last."""
        stream, player = self._playback.streams[stream_id], self._playback.cast.player
        if stream.still is not None:
            return stream.spec.path, stream.still.fd, stream.still.picture
        note = player.note(stream_id) if player is not None and stream.has_picture else None
        if note is None or player is None:
            return "", -1, None
        memory = player.memories.get(note.picture.memory_id)
        return stream.spec.path, memory.fd if memory else -1, note.picture if memory else None

    def close(self) -> None:
        """Keep all for the next start, and show none of the last any more. Twice does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._first_look.end()
        self.keep()
