"""What libmpv is told for a stream: the lean options, each for a measured reason."""

from __future__ import annotations

from wayvid.link.messages import StreamSpec

__all__ = ["LEAN_OPTIONS", "core_options"]

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
    # Memory: one decoder thread, a short read-ahead, nothing kept behind.
    "vd-lavc-threads": "1",
    "demuxer-max-bytes": "2MiB",
    "demuxer-max-back-bytes": "0",
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

SLIDE_SECONDS = "10"


def core_options(spec: StreamSpec, resume_s: float = 0.0) -> dict[str, str]:
    """All options of a core that plays a stream.

    Args:
        spec: the stream.
        resume_s: where to begin this once; the loop still begins at spec.start_s.
    """
    options = dict(LEAN_OPTIONS)
    options["hwdec"] = spec.hwdec
    if spec.speed != 1.0:
        options["speed"] = f"{spec.speed:.6g}"
    start_s = resume_s or spec.start_s
    if start_s:
        options["start"] = f"{start_s:.6f}"
    if len(spec.paths) > 1:
        options["loop-playlist"] = "inf" if spec.loop else "no"
        options["image-display-duration"] = SLIDE_SECONDS
        # With them (0.35.1) an image is over as soon as it was shown.
        options["video-latency-hacks"] = "no"
    else:
        options["loop-file"] = "inf" if spec.loop else "no"
        if spec.loop and spec.start_s:
            # loop-file alone begins again at 0, whatever the start; an end behind the end is the end.
            options["ab-loop-a"] = f"{spec.start_s:.6f}"
            options["ab-loop-b"] = "1e9"
    options.update(spec.options)
    return options
