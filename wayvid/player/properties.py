"""Properties of libmpv: how their values are read, and what those of a video's shape mean."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import mpv

from wayvid.geometry import Size

__all__ = ["ALPHA", "Property", "Reply", "SHAPE", "VALUES", "VideoShape", "moment_ns", "shape_of"]

QUARTER_TURN = 90


class Property(ctypes.Structure):
    """client.h, mpv_event_property; python-mpv's own declares the data as a value."""

    _fields_ = (("name", ctypes.c_char_p), ("format", ctypes.c_int), ("data", ctypes.c_void_p))


# How to read a value of each format at its address (client.h, mpv_format).
VALUES: dict[int, Callable[[int], float | int | str]] = {
    mpv.MpvFormat.DOUBLE: lambda address: ctypes.c_double.from_address(address).value,
    mpv.MpvFormat.INT64: lambda address: ctypes.c_int64.from_address(address).value,
    mpv.MpvFormat.STRING: lambda address: (ctypes.c_char_p.from_address(address).value or b"").decode(
        "utf-8", "replace"
    ),
}
Reply: TypeAlias = Callable[["float | int | str | None"], None]


class VideoShape(NamedTuple):
    """A video's own size, the size in which it wants to be seen, and its rotation in degrees clockwise."""

    coded: Size
    seen: Size
    rotation: int


# Properties of libmpv: the arguments of shape_of.
SHAPE = (
    "video-out-params/w",
    "video-out-params/h",
    "video-out-params/dw",
    "video-out-params/dh",
    "video-dec-params/rotate",
    "current-tracks/video/demux-rotation",
)
# How what is transparent is meant: "straight", or "premul" where its colours are black already; none without it.
ALPHA = "video-out-params/alpha"


def moment_ns(target: int, now_ns: int) -> int:
    """A picture's target_time in nanoseconds: it is in microseconds by render.h, and since libmpv 0.37 in nanoseconds.

    Args:
        target: as libmpv says it, on its own clock.
        now_ns: now, on that clock: the wrong reading is far from it.
    """
    target_ns = target * 1000
    return target_ns if abs(target_ns - now_ns) < abs(target - now_ns) else target


def shape_of(width: int, height: int, seen_width: int, seen_height: int, own: int, stored: int) -> VideoShape | None:
    """The shape, from SHAPE's values, 0 for those that are not known.

    The pictures' own rotation (a photo's EXIF) goes before the container's (a phone's clip).
    """
    if min(width, height, seen_width, seen_height) <= 0:
        return None
    rotation = (own or stored) % 360 // QUARTER_TURN * QUARTER_TURN
    return VideoShape(Size(width, height), Size(seen_width, seen_height), rotation)
