"""What the matrix bench plays: one point in the middle, and a line through it along each axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Clip(NamedTuple):
    """What is played.

    Attributes:
        codec: a key of bench.clips.ENCODERS.
        height_px: 16:9.
        rate_hz: pictures a second.
    """

    codec: str
    height_px: int
    rate_hz: int

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.height_px}p{self.rate_hz} {CODEC_TITLES[self.codec]}"


class Point(NamedTuple):
    """One thing to measure: a clip on so many screens, drawn by a renderer."""

    renderer: str
    screens: int
    clip: Clip

    @property
    def title(self) -> str:
        """For people."""
        screens = "1 screen" if self.screens == 1 else f"{self.screens} screens"
        return f"{self.clip.title}, {screens}, {self.renderer}"


CODEC_TITLES = {"h264": "H.264", "hevc": "HEVC", "vp9": "VP9", "av1": "AV1"}
CENTRE_SCREENS = 3
CENTRE_CLIP = Clip("h264", 1080, 30)
SCREENS = (1, 2, 3, 4, 5, 6)
HEIGHTS_PX = (720, 1080, 1440, 2160)
RATES_HZ = (24, 30, 50, 60)
MOST_SCREENS = max(SCREENS)


def centre(renderer: str) -> Point:
    """The point that every axis goes through."""
    return Point(renderer, CENTRE_SCREENS, CENTRE_CLIP)


def axis(name: str, renderer: str) -> list[Point]:
    """The points of one axis, in its order.

    Args:
        name: of AXES.
    """
    middle = centre(renderer)
    clips = {
        "size": [CENTRE_CLIP._replace(height_px=height_px) for height_px in HEIGHTS_PX],
        "rate": [CENTRE_CLIP._replace(rate_hz=rate_hz) for rate_hz in RATES_HZ],
        "codec": [CENTRE_CLIP._replace(codec=codec) for codec in CODEC_TITLES],
    }
    if name == "screens":
        return [middle._replace(screens=screens) for screens in SCREENS]
    return [middle._replace(clip=clip) for clip in clips[name]]


AXES = ("screens", "size", "rate", "codec")


def plan(renderers: Sequence[str], axes: Sequence[str] = AXES) -> list[Point]:
    """Every point once, those of one clip beside each other, so that its floor is measured near them."""
    points = dict.fromkeys(point for renderer in renderers for name in axes for point in axis(name, renderer))
    clips = list(dict.fromkeys(point.clip for point in points))
    return sorted(points, key=lambda point: clips.index(point.clip))
