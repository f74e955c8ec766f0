"""A page of memory in which the player notes what it shows, frame by frame.

The daemon reads it only when the player has died: the last picture and the
position of each stream, without a message or a wake-up per frame. Written by
one process; a writer that is killed in the middle of a note loses that note
and not the one before.
"""

from __future__ import annotations

import mmap
import os
import struct
from typing import NamedTuple

from wayvid.link.messages import Picture

__all__ = ["Ledger", "Note", "MAX_STREAMS"]

MAX_STREAMS = 64

# serial, picture (id, w, h, stride, video w, video h, rotation), frames, position, at, duration, serial again
_NOTE = struct.Struct("<QQIIIIIIQdddQ")
_NOTE_BYTES = _NOTE.size
_SLOT_BYTES = 2 * _NOTE_BYTES


class Note(NamedTuple):
    """What a stream last showed.

    Attributes:
        picture: the newest finished picture.
        frames: pictures made so far.
        position_s: position in the source when it was last asked.
        at_s: CLOCK_MONOTONIC of that moment.
        duration_s: length of the source; 0 when unknown.
    """

    picture: Picture
    frames: int
    position_s: float
    at_s: float
    duration_s: float = 0.0


class Ledger:
    """Notes of up to MAX_STREAMS streams in memory shared by daemon and player."""

    def __init__(self, fd: int) -> None:
        """Map the ledger in the memory behind fd, which is owned from now on and may be empty."""
        size = MAX_STREAMS * _SLOT_BYTES
        os.ftruncate(fd, size)
        self.fd = fd
        self._map = mmap.mmap(fd, size)
        self._serials = [0] * MAX_STREAMS

    def _check(self, slot: int) -> None:
        if not 0 <= slot < MAX_STREAMS:
            raise ValueError(f"stream {slot} is not between 0 and {MAX_STREAMS - 1}")
        if self.fd < 0:
            raise ValueError("the ledger is closed")

    def write(self, slot: int, note: Note) -> None:
        """Note what stream `slot` shows now, beside the note before."""
        self._check(slot)
        serial = self._serials[slot] = self._serials[slot] + 1
        offset = slot * _SLOT_BYTES + (serial & 1) * _NOTE_BYTES
        picture = note.picture
        _NOTE.pack_into(
            self._map,
            offset,
            serial,
            picture.memory_id,
            picture.width_px,
            picture.height_px,
            picture.stride_bytes,
            picture.video_width_px,
            picture.video_height_px,
            picture.rotation,
            note.frames,
            note.position_s,
            note.at_s,
            note.duration_s,
            serial,
        )

    def read(self, slot: int) -> Note | None:
        """The newest whole note of a stream; None when it has shown nothing yet."""
        self._check(slot)
        best: tuple[int, Note] | None = None
        for half in range(2):
            serial, *fields, frames, position_s, at_s, duration_s, again = _NOTE.unpack_from(
                self._map, slot * _SLOT_BYTES + half * _NOTE_BYTES
            )
            if serial and serial == again and (best is None or serial > best[0]):
                best = serial, Note(Picture(*fields), frames, position_s, at_s, duration_s)
        return best[1] if best else None

    def close(self) -> None:
        """Unmap; twice does nothing."""
        if self.fd >= 0:
            self._map.close()
            os.close(self.fd)
            self.fd = -1
