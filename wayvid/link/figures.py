"""What the player says it holds and does, in figures; also as users see them."""

from __future__ import annotations

import msgspec

__all__ = [
    "CounterFigures",
    "PoolFigures",
    "StreamFigures",
    "PaceFigures",
    "OutputFigures",
    "Figures",
]


class CounterFigures(msgspec.Struct, frozen=True):
    """wayvid._core.MemoryStats as values.

    Attributes:
        current_bytes: Now.
        peak_bytes: At most, since the player's start.
        total_allocated_bytes: Taken since then.
        total_freed_bytes: Given back since then.
        active_allocations: How many there are.
    """

    current_bytes: int = 0
    peak_bytes: int = 0
    total_allocated_bytes: int = 0
    total_freed_bytes: int = 0
    active_allocations: int = 0


class PoolFigures(msgspec.Struct, frozen=True):
    """wayvid._core.BufferPoolStats as values.

    Attributes:
        buffers_in_use: Pictures on a screen or being drawn.
        buffers_idle: Pictures kept for the next.
        max_buffers: How many there may be; 0: unlimited.
        in_use_bytes: Memory of those in use.
        idle_bytes: Memory of those kept.
        max_bytes: How much they may take together; 0: unlimited.
        hits: One that was there fitted.
        misses: A new one was made.
        evictions: An idle one was freed.
    """

    buffers_in_use: int = 0
    buffers_idle: int = 0
    max_buffers: int = 0
    in_use_bytes: int = 0
    idle_bytes: int = 0
    max_bytes: int = 0
    hits: int = 0
    misses: int = 0
    evictions: int = 0


class StreamFigures(msgspec.Struct, frozen=True):
    """What one libmpv core does and holds. For users, too: wayvid.ipc.status.StreamStatus.

    Attributes:
        stream_id: Its number, as the outputs that show it have it.
        source: The file that plays, of a list the present one.
        state: `playing`, `resting` (no screen asks for frames), `paused`, `frozen` (kept at its last picture).
        position_s: Where in the file.
        duration_s: Of the file; 0 when unknown.
        frames: Pictures made. `top` makes FPS of it.
        dropped: Pictures left out because the pool was at its cap.
        demuxer_cache_bytes: What libmpv keeps of the file, undecoded.
        decoded_frames: Pictures in the decoder and its queue; an estimate.
        decoded_bytes: Memory of these.
        limits: libmpv's memory options as libmpv says them itself: `demuxer-max-bytes` and `demuxer-max-back-bytes`
            in bytes, `vd-lavc-threads` a count.
        hwdec: The decoding hardware; empty when the processor decodes.
        picture_s: How long a picture of it stays, by its own word; 0 when unknown.
        hwdec_reason: Why it is the processor; empty when it is not.
        audio: What it is heard through, such as `pulse` or `alsa`; empty when it is not.
        audio_reason: Why it is not, although it is to be; else empty.
    """

    stream_id: int
    source: str
    state: str
    position_s: float
    duration_s: float
    frames: int
    dropped: int
    demuxer_cache_bytes: int
    decoded_frames: int
    decoded_bytes: int
    limits: dict[str, int]
    hwdec: str = ""
    picture_s: float = 0.0
    hwdec_reason: str = ""
    audio: str = ""
    audio_reason: str = ""


class PaceFigures(msgspec.Struct, frozen=True):
    """How steadily one output shows its frames.

    Attributes:
        late: Frames that were ready more than one refresh later than frames of this clip usually are.
        dropped: Frames of the clip that were due and never shown. A clip of varying frame rate has some that are none.
        refresh_hz: The screen's, measured where `measured_by` is `presentation`, else as the compositor says; 0: it
            says nothing.
        jitter_median_ms: How far frames were shown from their own times, apart from the delay that all of them have:
            half of them by less. Looked at in 32 frames every few seconds; null until there are some.
        jitter_p95_ms: Likewise, 19 of 20 frames by less.
        measured_by: `presentation`: the compositor told when frames were seen. `callbacks`: only when it asked for the
            next one, which says less. Empty until there is a jitter.
    """

    late: int = 0
    dropped: int = 0
    refresh_hz: float = 0.0
    jitter_median_ms: float | None = None
    jitter_p95_ms: float | None = None
    measured_by: str = ""


class OutputFigures(msgspec.Struct, frozen=True):
    """What one output shows: frames so far, whether it asks for more, and how steadily."""

    name: str
    presented: int
    is_hidden: bool
    pace: PaceFigures = PaceFigures()


class Figures(msgspec.Struct, frozen=True, tag=True):
    """What the player holds that the kernel does not tell.

    Attributes:
        due: why it comes now: "stats", "check", "stats+check" or "asked".
        direct_buffers: of OpenGL's driver that decoders have been given to write into.
        direct_bytes: of these.
    """

    due: str
    counters: CounterFigures
    pool: PoolFigures
    streams: tuple[StreamFigures, ...] = ()
    outputs: tuple[OutputFigures, ...] = ()
    direct_buffers: int = 0
    direct_bytes: int = 0
