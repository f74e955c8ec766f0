"""What libmpv is told for a stream: the lean options, each for a measured reason."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from wayvid.link.messages import Limits, StreamSpec

__all__ = [
    "DEFAULT_MEMORY",
    "FROM_START",
    "LEAN_OPTIONS",
    "OPENS_S",
    "CoreMemory",
    "CoreStart",
    "can_loop_without_seam",
    "core_memory",
    "core_options",
    "loop_fade",
    "memory_options",
    "seamless_loop",
]

# Set before mpv_initialize and read back in a test, since some are ignored
# without a word. Figures: docs/benchmarks.md.
LEAN_OPTIONS: dict[str, str] = {
    "vo": "libmpv",
    "idle": "yes",
    "config": "no",
    "terminal": "no",
    "input-default-bindings": "no",
    "input-builtin-bindings": "no",
    # Each of these scripts would be a Lua machine and a thread.
    "load-scripts": "no",
    "osc": "no",
    "ytdl": "no",
    "load-stats-overlay": "no",
    "load-osd-console": "no",
    "load-auto-profiles": "no",
    "osd-level": "0",
    # Tracks that nobody sees or hears cost a decoder each.
    "aid": "no",
    "sid": "no",
    "audio-display": "no",
    # First, since it is nearly everywhere; the others write to stderr where they find nothing.
    "ao": "pulse,",
    # As sound mixers show it; and by this name it knows itself among others (system/conditions/sound.py).
    "audio-client-name": "wayvid",
    # Or the read-ahead that is not used is given to what is kept behind.
    "demuxer-donate-buffer": "no",
    "video-latency-hacks": "yes",
    # Conversion: 0.65 ms a frame at 1080p instead of 4.4.
    "sws-allow-zimg": "no",
    "sws-fast": "yes",
    "sws-scaler": "bilinear",
    # The whole video fills the picture; outputs crop and scale it by their own layouts.
    "keepaspect": "no",
    # libmpv's software renderer does not rotate, and aborts at a quarter turn
    # (0.35.1, assertion in mp_image_crop). The compositor rotates instead.
    "video-rotate": "no",
    "image-display-duration": "inf",
}

# Of what comes from a server.
NETWORK_OPTIONS = {
    # At once, once, and from where it was; what takes longer is the daemon's.
    "stream-lavf-o": "reconnect_delay_max=0",
    # Over UDP, RTSP loses packets where a network is busy, and so do its pictures.
    "rtsp-transport": "tcp",
}
# The largest picture that is decoded: of a file named as an image 16384 x 16384, which takes a gigabyte until it was
# handed over; of all else an 8K frame, since a decoder holds several.
MOST_IMAGE_PIXELS = 16384 * 16384
MOST_PIXELS = 8192 * 4608
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
# Under pressure the demuxer's caches are cut to this part ...
CUT_TO = 4
# ... but never to less, or a clip of a high bit rate would stutter.
LEAST_AHEAD_BYTES = 512 * 1024


class CoreMemory(NamedTuple):
    """What one libmpv core may take.

    Attributes:
        ahead_bytes: packets read ahead.
        back_bytes: packets kept that were played.
        decode_threads: each holds decoded frames of its own.
    """

    ahead_bytes: int = 2 * 1024 * 1024
    back_bytes: int = 0
    decode_threads: int = 1


class CoreStart(NamedTuple):
    """How a core begins.

    Attributes:
        resume_s: where, this once; 0: where the stream begins.
        is_paused: to show the first picture only when it is told to go on.
        pipe_fd: the reading end of a pipe; owned by the core from its first moment on.
        is_sparse: to decode only pictures that others refer to.
    """

    resume_s: float = 0.0
    is_paused: bool = False
    pipe_fd: int = -1
    is_sparse: bool = False


DEFAULT_MEMORY = CoreMemory()
FROM_START = CoreStart()


def core_memory(spec: StreamSpec, limits: Limits, is_cut: bool, has_one_thread: bool) -> CoreMemory:
    """What the budget leaves to the core of a stream.

    Args:
        spec: the stream.
        limits: as the daemon said.
        is_cut: whether pressure has cut the caches.
        has_one_thread: whether pressure leaves a single decode thread.
    """
    ahead_bytes = limits.stream_ahead_bytes if spec.may_break_off else limits.file_ahead_bytes
    back_bytes = limits.file_back_bytes
    if is_cut:
        ahead_bytes = min(ahead_bytes, max(ahead_bytes // CUT_TO, LEAST_AHEAD_BYTES))
        back_bytes = 0
    return CoreMemory(ahead_bytes, back_bytes, 1 if has_one_thread else limits.decode_threads)


def memory_options(memory: CoreMemory) -> dict[str, str]:
    """A core's memory as libmpv's options."""
    return {
        "demuxer-max-bytes": str(memory.ahead_bytes),
        "demuxer-max-back-bytes": str(memory.back_bytes),
        "vd-lavc-threads": str(memory.decode_threads),
    }


def core_options(
    spec: StreamSpec,
    start: CoreStart = FROM_START,
    memory: CoreMemory = DEFAULT_MEMORY,
    renderer: Mapping[str, str] = NO_OPTIONS,
) -> dict[str, str]:
    """All options of a core that plays a stream.

    Args:
        spec: the stream.
        start: how to begin; the loop still begins at spec.start_s.
        memory: what it may take.
        renderer: the renderer's own options.
    """
    options = LEAN_OPTIONS | memory_options(memory) | dict(renderer)
    if start.is_paused:
        options["pause"] = "yes"
    options["hwdec"] = spec.hwdec or options.get("hwdec", "no")
    if start.is_sparse:
        options["vd-lavc-skipframe"] = "nonref"
    if not spec.path.lower().startswith("http"):
        options["ytdl"] = "no"
    if spec.speed != 1.0:
        options["speed"] = f"{spec.speed:.6g}"
    start_s = start.resume_s or spec.start_s
    if start_s:
        options["start"] = f"{start_s:.6f}"
    if spec.may_break_off:
        # Else a connection that breaks would be an end, after which it begins again.
        options["loop-file"] = "no"
        if not spec.is_pipe:
            options |= NETWORK_OPTIONS
    else:
        options["loop-file"] = "inf" if spec.loop else "no"
        if spec.loop and spec.start_s:
            # loop-file alone begins again at 0, whatever the start; an end behind the end is the end.
            options["ab-loop-a"] = f"{spec.start_s:.6f}"
            options["ab-loop-b"] = "1e9"
    if spec.is_pipe or not spec.loop:
        options["keep-open"] = "yes"  # or the last picture would go, and the decoder with it
    most_pixels = MOST_IMAGE_PIXELS if dict(spec.options).get("sws-fast") == "no" else MOST_PIXELS
    options["vd-lavc-o"] = f"max_pixels={most_pixels}"
    options.update(spec.options)
    return options


# So many rounds in one go; after them comes a seam, and then as many again.
SEAMLESS_ROUNDS = 1000
# The decoder of a round that another one fades into is opened so long before its time; it needs 0.1 to 0.3 s to its
# first picture.
OPENS_S = 0.5
# A file is opened anew for each round, which for very short ones would be all the time.
SEAMLESS_FROM_S = 1.0


def can_loop_without_seam(spec: StreamSpec, duration_s: float) -> bool:
    """Whether a stream is one file, looped whole, for which seamless_loop() serves.

    Args:
        spec: the stream.
        duration_s: length of its file, 0 when unknown.
    """
    is_plain_loop = spec.loop and not spec.start_s
    is_file = spec.path.startswith("/") and duration_s >= SEAMLESS_FROM_S
    return is_plain_loop and is_file and not loop_fade(spec, duration_s)


def loop_fade(spec: StreamSpec, duration_s: float) -> float:
    """How long, in seconds of a clock, the end of a round fades into the beginning of the next; 0: not at all.

    Args:
        spec: the stream.
        duration_s: length of its file, 0 when unknown.
    """
    is_file = spec.loop and spec.path.startswith("/")
    round_s = (duration_s - spec.start_s) / spec.speed
    # The next decoder is opened when the last one has gone: there are never three.
    return min(spec.loop_fade_s, (round_s - OPENS_S) / 2) if is_file and round_s >= SEAMLESS_FROM_S else 0.0


def seamless_loop(path: str, duration_s: float) -> tuple[int, int]:
    """A file, and a list that plays it over and over without a seam, as fds; the caller's.

    At the end of a file libmpv shows the last picture for its time and one more,
    seeks, and needs its decoder filled again: 0.1 s in which nothing moves. A list
    for ffmpeg's concat demuxer has no end to get over: the next round's packets are
    read ahead and follow the last ones through the same decoder.

    Args:
        path: of the file; ffmpeg opens the fd anew for each round.
        duration_s: the file's length.

    Raises:
        OSError: it cannot be opened.

    Source: ffmpeg-formats, "concat".
    """
    clip_fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    list_fd = os.memfd_create("wayvid-loop", os.MFD_CLOEXEC)
    rounds = f"file '/proc/self/fd/{clip_fd}'\nduration {duration_s:.6f}\n" * SEAMLESS_ROUNDS
    os.write(list_fd, f"ffconcat version 1.0\n{rounds}".encode())
    return clip_fd, list_fd
