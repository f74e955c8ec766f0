"""Pictures of what is shown, for others."""

from __future__ import annotations

import os
from collections.abc import Callable

from wayvid.daemon.playback import Playback
from wayvid.daemon.stream import Stream
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.errors import NotPossible
from wayvid.link.messages import Picture, Snapshot, SnapshotTaken
from wayvid.system.events import EventLoop, Timer

__all__ = ["OnTaken", "Snapshots"]

# A player that is busy or dies is not waited for any longer.
TAKEN_WITHIN_S = 2.0

# Called once with a picture and the memory that it is in, the called one's to close; or with why there is none.
OnTaken = Callable[[tuple[Picture, int] | NotPossible], None]


class Snapshots:
    """Has the player copy what it shows, or takes the daemon's own still.

    Args:
        loop: the daemon's event loop.
        playback: the streams.
    """

    def __init__(self, loop: EventLoop, playback: Playback) -> None:
        self._loop = loop
        self._playback = playback
        self._waiting: dict[int, list[OnTaken]] = {}  # by stream
        self._timers: dict[int, Timer] = {}
        playback.on_snapshot = self._on_snapshot

    def take(self, stream: Stream, on_taken: OnTaken) -> None:
        """A picture of what a stream shows.

        Args:
            stream: which.
            on_taken: see OnTaken.
        """
        still, stream_id = stream.still, stream.stream_id
        if still is not None:
            on_taken((still.picture, os.dup(still.fd)))
        elif stream_id in self._waiting:
            self._waiting[stream_id].append(on_taken)
        elif stream.has_picture and self._playback.cast.send(Snapshot(stream_id)):
            self._waiting[stream_id] = [on_taken]
            self._timers[stream_id] = self._loop.call_later(TAKEN_WITHIN_S, lambda: self._tell(stream_id, None))
        else:
            on_taken(_no_picture(stream.source))

    def _on_snapshot(self, player: PlayerProcess, taken: SnapshotTaken) -> None:
        picture = taken.picture
        memory = player.memories.get(picture.memory_id) if picture is not None else None
        self._tell(taken.stream_id, (picture, memory.fd) if picture is not None and memory is not None else None)

    def _tell(self, stream_id: int, taken: tuple[Picture, int] | None) -> None:
        timer = self._timers.pop(stream_id, None)
        if timer is not None:
            timer.cancel()
        stream = self._playback.streams.get(stream_id)
        if taken is None and stream is not None and stream.still is not None:  # it was held meanwhile, or died
            taken = stream.still.picture, stream.still.fd
        for on_taken in self._waiting.pop(stream_id, ()):
            if taken is None:
                on_taken(_no_picture(stream.source if stream is not None else "what was shown"))
            else:
                on_taken((taken[0], os.dup(taken[1])))


def _no_picture(source: str) -> NotPossible:
    return NotPossible(f"there is no picture of {source!r} yet; try again when 'wayvid status' says that it plays")
