"""What libmpv says where something is not played, and what that means in words."""

from __future__ import annotations

import logging
import re

import mpv

__all__ = [
    "BROKEN_OFF",
    "DETAIL_MODULES",
    "FAILURES",
    "HWDEC_MODULES",
    "LOG_LEVELS",
    "in_words",
]

# libmpv client.h, mpv_error: what a user can do something about, in words.
FAILURES = {
    mpv.ErrorCode.LOADING_FAILED: "it cannot be opened",
    mpv.ErrorCode.NOTHING_TO_PLAY: "it has no video stream that can be decoded",
    mpv.ErrorCode.UNKNOWN_FORMAT: "it is not a video or picture, or it is damaged",
    mpv.ErrorCode.VO_INIT_FAILED: "libmpv's video output could not start",
}
# Modules of libmpv whose first error says more than the code.
DETAIL_MODULES = ("ffmpeg", "file", "stream")
# Source: ffmpeg 5 to 7, libavutil/imgutils.c, av_image_check_size2.
TOO_LARGE = re.compile(r"Picture size (\d+)x(\d+) (?:exceeds|is invalid)")
HWDEC_MODULES = ("vd", "vaapi", "cuda", "libmpv_render/vaapi", "libmpv_render/cuda")
BROKEN_OFF = "the connection broke off"

# libmpv's levels as Python's (client.h, mpv_log_level).
# Its errors are details of what wayvid reports itself, in one line.
LOG_LEVELS = {
    "fatal": logging.INFO,
    "error": logging.INFO,
    "warn": logging.DEBUG,
    "info": logging.DEBUG,
    "v": logging.DEBUG,
}


def in_words(reason: str, detail: str) -> str:
    """Why something is not played, from what libmpv says of it and the first thing that it logged."""
    size = TOO_LARGE.search(detail)
    if size is not None:
        return f"its pictures are too large ({size[1]}x{size[2]})"
    return f"{reason} ({detail})" if detail else reason
