"""What daemon and player say to each other.

Each message is one packet; frames never cross the link. A message that carries
a file descriptor says so.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from wayvid.geometry import Laid, Layout
from wayvid.link.figures import Figures

__all__ = [
    "NETWORK",
    "PIPE",
    "StreamSpec",
    "Picture",
    "Prepare",
    "Show",
    "Hide",
    "Finish",
    "Limits",
    "Graphics",
    "AskFigures",
    "Ease",
    "Pause",
    "Freeze",
    "Thaw",
    "Close",
    "Pace",
    "Snapshot",
    "Sound",
    "Memory",
    "MemoryGone",
    "Draws",
    "GraphicsLost",
    "Shown",
    "Playing",
    "Failed",
    "Still",
    "Eased",
    "Paused",
    "Frozen",
    "AtEnd",
    "Rests",
    "SnapshotTaken",
    "Sounds",
    "Ended",
    "ToPlayer",
    "ToDaemon",
]


# In front of the path of a named pipe; "-" instead of the path is the standard input.
PIPE = "pipe:"
# The schemes of URLs that need a network.
WEB = ("http", "https", "hls")
CAMERAS = ("rtsp", "rtsps", "rtp", "rtmp", "rtmps", "udp", "tcp", "srt", "mms", "mmsh", "mmst")
FILES = ("ftp", "ftps", "sftp")
NETWORK = frozenset([*WEB, *CAMERAS, *FILES])


class StreamSpec(msgspec.Struct, frozen=True):
    """What one libmpv core plays; outputs with equal specs share it.

    Attributes:
        path: of a file, a URL, or PIPE and the path of a pipe.
        start_s: where play starts, and where a loop begins again.
        speed: 1.0 is as recorded.
        loop: whether it begins again at the end.
        loop_fade_s: how long its end then fades into its beginning; 0: not at all.
        hwdec: libmpv's hwdec value; "": the player's own (Graphics).
        options: further per-file options of libmpv.
    """

    path: str
    start_s: float = 0.0
    speed: float = 1.0
    loop: bool = True
    loop_fade_s: float = 0.0
    hwdec: str = ""
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether it comes over a network, so that it may stop coming, and come again."""
        scheme, separator, _rest = self.path.partition("://")
        return bool(separator) and scheme.lower() in NETWORK

    @property
    def may_break_off(self) -> bool:
        """Whether it may end at any time, and its last picture then stays until it comes again."""
        return self.is_network or self.is_pipe

    @property
    def is_pipe(self) -> bool:
        """Whether it comes through a pipe, whose reading end goes to the player with Prepare."""
        return self.path.startswith(PIPE)


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
    """Load a stream now; outputs for it follow. Carries the reading end of a pipe as an fd.

    Attributes:
        resume_s: where to begin this once.
        begin_at_s: not to be shown before, CLOCK_MONOTONIC; 0: as soon as it can be.
    """

    stream_id: int
    stream: StreamSpec
    resume_s: float = 0.0
    begin_at_s: float = 0.0


class Show(msgspec.Struct, frozen=True, tag=True):
    """Show a prepared stream on an output, as soon as that output is known.

    Attributes:
        laid: how it is laid out.
        transition: how to go over to it from what is shown there (wayvid.transition.Transition).
        transition_s: how long that takes.
        still: what the daemon shows there; its memory is carried as an fd. None: nothing, or it is of no use.
        still_laid: how that is laid out.
    """

    output: str
    stream_id: int
    laid: Laid
    transition: str = "none"
    transition_s: float = 0.0
    still: Picture | None = None
    still_laid: Laid = Laid(Layout.FILL)


class Hide(msgspec.Struct, frozen=True, tag=True):
    """Take an output's picture away; a stream that nobody shows is closed."""

    output: str


class Finish(msgspec.Struct, frozen=True, tag=True):
    """End the process in good order."""


class Limits(msgspec.Struct, frozen=True, tag=True):
    """What the budget leaves to the player's parts; sent before the first stream and on each reload.

    Attributes:
        max_buffers: of the frame pool, lent and idle; 0: unlimited.
        max_pool_bytes: likewise.
        file_ahead_bytes: what libmpv's demuxer may read ahead of a file.
        file_back_bytes: what it may keep behind.
        stream_ahead_bytes: read-ahead of a network stream or a pipe.
        decode_threads: of each decoder.
        stats_every_frames: Figures with `due` "stats" come so often; 0: never.
        check_every_frames: likewise "check".
    """

    max_buffers: int = 8
    max_pool_bytes: int = 100 * 1024 * 1024
    file_ahead_bytes: int = 2 * 1024 * 1024
    file_back_bytes: int = 0
    stream_ahead_bytes: int = 32 * 1024 * 1024
    decode_threads: int = 1
    stats_every_frames: int = 300
    check_every_frames: int = 600


class Graphics(msgspec.Struct, frozen=True, tag=True):
    """What to draw, decode and open with; sent before the first stream, and holds for the player's life.

    Attributes:
        renderer: "auto", "gl" or "shm".
        hwdec: "auto", "no" or a name that libmpv knows.
        depth_bits: of each colour that OpenGL draws, 8 or 10.
        is_native: whether OpenGL draws as many pixels as the screen has, also for a video of fewer.
        device: the card to draw with, such as "/dev/dri/renderD129"; "": the compositor's.
        refusal: why not to try OpenGL again; "": nothing is known.
        is_direct: whether the processor's decoders write straight into memory of OpenGL's driver.
        has_ytdl: whether yt-dlp may be asked for the video of a web page.
        silent_s: after so long a server that says nothing is given up.
    """

    renderer: str = "auto"
    hwdec: str = "auto"
    depth_bits: int = 8
    is_native: bool = False
    device: str = ""
    refusal: str = ""
    is_direct: bool = True
    has_ytdl: bool = False
    silent_s: float = 10.0


class AskFigures(msgspec.Struct, frozen=True, tag=True):
    """Answer with Figures, `due` "asked"."""


class Ease(msgspec.Struct, frozen=True, tag=True):
    """Take these steps of the ladder (wayvid.memory.ladder.Action), in this order; answered by Eased."""

    actions: tuple[str, ...]


class Pause(msgspec.Struct, frozen=True, tag=True):
    """Stop a stream, or let it go on; its picture stays."""

    stream_id: int
    is_paused: bool


class Freeze(msgspec.Struct, frozen=True, tag=True):
    """Show no newer picture of a stream, and stop it; answered by Frozen, when the ledger has its last word."""

    stream_id: int


class Thaw(msgspec.Struct, frozen=True, tag=True):
    """Undo Freeze."""

    stream_id: int


class Close(msgspec.Struct, frozen=True, tag=True):
    """Free a stream's decoder, demuxer and pictures; it is on no output any more."""

    stream_id: int


class Pace(msgspec.Struct, frozen=True, tag=True):
    """How an output is given the frames of what it shows, also of what it will show.

    Attributes:
        output: Its name.
        max_fps: At most so many frames a second; 0: all there are.
        is_resting: Its picture stays; what others show goes on.
    """

    output: str
    max_fps: float = 0.0
    is_resting: bool = False


class Snapshot(msgspec.Struct, frozen=True, tag=True):
    """Copy what a stream shows; answered by SnapshotTaken."""

    stream_id: int


class Sound(msgspec.Struct, frozen=True, tag=True):
    """How loud a stream is to be; answered by Sounds.

    Attributes:
        volume: percent; 0: nothing is decoded for it, and no device is opened.
    """

    stream_id: int
    volume: int


# Player to daemon.


class Connected(msgspec.Struct, frozen=True, tag=True):
    """Carries an fd: the player's connection to the compositor, which ends when both have closed it.

    So the surfaces of a player that died stay on the screens until the daemon's are there.
    """


class Memory(msgspec.Struct, frozen=True, tag=True):
    """Carries an fd: memory that pictures are in; it outlives the player."""

    memory_id: int
    size_bytes: int


class MemoryGone(msgspec.Struct, frozen=True, tag=True):
    """No picture is in that memory any more."""

    memory_id: int


class Draws(msgspec.Struct, frozen=True, tag=True):
    """What the player draws with.

    Attributes:
        renderer: "gl" or "shm".
        driver: OpenGL's name for its driver; "" with shm.
        reason: why that one, in words.
    """

    renderer: str
    driver: str
    reason: str


class GraphicsLost(msgspec.Struct, frozen=True, tag=True):
    """OpenGL stopped to work, so the player ends; another one may go on."""

    reason: str


class Shown(msgspec.Struct, frozen=True, tag=True):
    """The player's picture of a stream is on the output; a still there may go.

    Attributes:
        is_mixed: what was there before can still be seen; another message says when it cannot.
    """

    output: str
    stream_id: int = -1
    is_mixed: bool = False


class Playing(msgspec.Struct, frozen=True, tag=True):
    """A stream made its first picture."""

    stream_id: int
    width_px: int
    height_px: int


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


class Eased(msgspec.Struct, frozen=True, tag=True):
    """Ladder steps are done: each with the bytes by which the player's PSS fell (never below 0)."""

    freed: tuple[tuple[str, int], ...]


class Paused(msgspec.Struct, frozen=True, tag=True):
    """A stream has stopped, or goes on, as Pause said, and this is where it is."""

    stream_id: int
    is_paused: bool
    position_s: float


class Frozen(msgspec.Struct, frozen=True, tag=True):
    """A stream shows its last picture, and this is where it is."""

    stream_id: int
    position_s: float


class AtEnd(msgspec.Struct, frozen=True, tag=True):
    """A stream that does not begin again has shown its last picture for its time."""

    stream_id: int


class Rests(msgspec.Struct, frozen=True, tag=True):
    """No screen asks for a stream's frames any more, or one does again."""

    stream_id: int
    is_resting: bool


class SnapshotTaken(msgspec.Struct, frozen=True, tag=True):
    """A copy of what a stream shows is in a memory, until the message after this one; None: it shows nothing."""

    stream_id: int
    picture: Picture | None


class Sounds(msgspec.Struct, frozen=True, tag=True):
    """Sound was taken in; whether anything can be heard is another matter (StreamFigures)."""

    stream_id: int


class Ended(msgspec.Struct, frozen=True, tag=True):
    """The player ends because of an error that a restart would not mend."""

    reason: str
    exit_code: int


ToPlayer: TypeAlias = (
    Prepare
    | Show
    | Hide
    | Finish
    | Limits
    | Graphics
    | AskFigures
    | Ease
    | Pause
    | Freeze
    | Thaw
    | Close
    | Snapshot
    | Sound
    | Pace
)
ToDaemon: TypeAlias = (
    Connected
    | Memory
    | MemoryGone
    | Draws
    | GraphicsLost
    | Shown
    | Playing
    | Failed
    | Still
    | Figures
    | Eased
    | Paused
    | Frozen
    | AtEnd
    | Rests
    | SnapshotTaken
    | Sounds
    | Ended
)
