"""What daemon and player say to each other.

Each message is one packet; frames never cross the link. A message that carries
a file descriptor says so.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

__all__ = [
    "StreamSpec",
    "Picture",
    "Prepare",
    "Show",
    "Hide",
    "Finish",
    "Memory",
    "MemoryGone",
    "Shown",
    "Playing",
    "Failed",
    "Still",
    "Ended",
    "ToPlayer",
    "ToDaemon",
]


class StreamSpec(msgspec.Struct, frozen=True):
    """What one libmpv core plays; outputs with equal specs share it.

    Attributes:
        paths: files or URLs in playing order; several make a playlist.
        start_s: where play starts, and where a loop begins again.
        speed: 1.0 is as recorded.
        loop: whether it begins again at the end.
        hwdec: libmpv's hwdec value.
        options: further per-file options of libmpv.
    """

    paths: tuple[str, ...]
    start_s: float = 0.0
    speed: float = 1.0
    loop: bool = True
    hwdec: str = "no"
    options: tuple[tuple[str, str], ...] = ()


class Picture(msgspec.Struct, frozen=True):
    """One picture in shared memory, XRGB8888, rows top first.

    Attributes:
        memory_id: which memory, as named by the Memory message.
        width_px: picture width.
        height_px: picture height.
        stride_bytes: bytes from row to row.
        video_width_px: width in which the video wants to be seen, before rotation.
        video_height_px: height likewise.
        rotation: degrees clockwise by which it must be turned: 0, 90, 180, 270.
    """

    memory_id: int
    width_px: int
    height_px: int
    stride_bytes: int
    video_width_px: int
    video_height_px: int
    rotation: int = 0


# Daemon to player.


class Prepare(msgspec.Struct, frozen=True, tag=True):
    """Load a stream now; outputs for it follow. resume_s: where to begin this once."""

    stream_id: int
    stream: StreamSpec
    resume_s: float = 0.0


class Show(msgspec.Struct, frozen=True, tag=True):
    """Show a prepared stream on an output, as soon as that output is known."""

    output: str
    stream_id: int
    layout: str


class Hide(msgspec.Struct, frozen=True, tag=True):
    """Take an output's picture away; a stream that nobody shows is closed."""

    output: str


class Finish(msgspec.Struct, frozen=True, tag=True):
    """End the process in good order."""


# Player to daemon.


class Memory(msgspec.Struct, frozen=True, tag=True):
    """Carries an fd: memory that pictures are in; it outlives the player."""

    memory_id: int
    size_bytes: int


class MemoryGone(msgspec.Struct, frozen=True, tag=True):
    """No picture is in that memory any more."""

    memory_id: int


class Shown(msgspec.Struct, frozen=True, tag=True):
    """The player's picture is on the output; a still there may go."""

    output: str


class Playing(msgspec.Struct, frozen=True, tag=True):
    """A stream made its first picture."""

    stream_id: int
    width_px: int
    height_px: int
    duration_s: float


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A stream cannot be played, in words for the user."""

    stream_id: int
    reason: str
    code: int


class Still(msgspec.Struct, frozen=True, tag=True):
    """A stream is a single image; this is it. is_full: it has all the source's pixels."""

    stream_id: int
    picture: Picture
    is_full: bool


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The player ends because of an error that a restart would not mend."""

    reason: str
    exit_code: int


ToPlayer: TypeAlias = Prepare | Show | Hide | Finish
ToDaemon: TypeAlias = Memory | MemoryGone | Shown | Playing | Failed | Still | Ended
