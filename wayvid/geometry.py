"""Sizes, rectangles and layouts: which part of a video goes where on an output.

Pure arithmetic. A video is measured in its own pixels, an output in logical
pixels (what a layer surface is configured to) and in device pixels (what the
screen has); their ratio is the scale.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil, gcd
from typing import NamedTuple

__all__ = [
    "Size",
    "Rect",
    "Crop",
    "Layout",
    "Part",
    "Laid",
    "Placement",
    "SCALE_STEPS",
    "scale_steps",
    "fit",
    "placed",
    "picture_size",
    "turned",
    "cut",
]

# Unit of wp_fractional_scale_v1.preferred_scale: 120ths (fractional-scale-v1.xml).
SCALE_STEPS = 120


class Size(NamedTuple):
    """Width and height in whole pixels."""

    width: int
    height: int

    def turned(self) -> Size:
        """The size after a quarter turn."""
        return Size(self.height, self.width)

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Rect(NamedTuple):
    """A rectangle in whole logical pixels, origin top left."""

    x: int
    y: int
    width: int
    height: int


class Crop(NamedTuple):
    """A part of a video in its own pixels; fractions of a pixel are meant."""

    x: float
    y: float
    width: float
    height: float


class Layout(StrEnum):
    """How a video is laid onto an output of another shape."""

    FILL = "fill"  # covers the output, what sticks out is cropped
    COVER = "cover"  # the same under its other name
    CONTAIN = "contain"  # the whole video, with bars
    STRETCH = "stretch"  # the whole video on the whole output, aspect ignored
    CENTRE = "centre"  # one video pixel on one device pixel, bars or crop

    @classmethod
    def _missing_(cls, value: object) -> Layout | None:
        return cls(LAYOUT_ALIASES[value]) if isinstance(value, str) and value in LAYOUT_ALIASES else None


# As others call them: swaybg, swww, mpv, GNOME, CSS and American English.
LAYOUT_ALIASES = {
    "center": "centre",
    "centered": "centre",
    "centred": "centre",
    "fit": "contain",
    "scaled": "contain",
    "crop": "fill",
    "zoom": "fill",
    "stretched": "stretch",
}


class Part(NamedTuple):
    """Which part of a wall of several outputs one of them is, in logical pixels.

    Attributes:
        wall: size of the smallest rectangle around all of them, gaps included.
        x: of the output's left edge in that.
        y: of its upper edge.
        steps: scale of the wall in 120ths, that of its finest output: what `centre` goes by.
    """

    wall: Size
    x: int
    y: int
    steps: int = SCALE_STEPS


class Laid(NamedTuple):
    """How a video is laid onto an output.

    Attributes:
        layout: in which way.
        part: of the wall that it is laid onto instead; None: the output has it alone.
    """

    layout: Layout
    part: Part | None = None


class Placement(NamedTuple):
    """The part of the video that is seen, and the part of the output that shows it."""

    source: Crop
    destination: Rect

    @property
    def is_nothing(self) -> bool:
        """Whether nothing of the video is seen: an output of a wall where only bars are."""
        return not self.destination.width

    def covers(self, output: Size) -> bool:
        """Whether nothing of the output is left for bars."""
        return self.destination == Rect(0, 0, *output)


def scale_steps(logical: Size, device: Size) -> int:
    """Scale of an output in 120ths, from its logical and its device size.

    A compositor rounds the logical size down to whole pixels (1366 at scale 1.5
    becomes 910), so the ratio is put back onto the 120ths that the protocol knows.
    That, and a panel that takes a side of the surface, only make a ratio larger:
    the smaller one is nearer to the truth.
    """
    if logical.width <= 0 or logical.height <= 0:
        return SCALE_STEPS
    return max(1, round(SCALE_STEPS * min(device.width / logical.width, device.height / logical.height)))


def _fill(video: Size, logical: Size) -> Placement:
    if video.width * logical.height >= video.height * logical.width:
        width = video.height * logical.width / logical.height
        source = Crop((video.width - width) / 2, 0.0, width, float(video.height))
    else:
        height = video.width * logical.height / logical.width
        source = Crop(0.0, (video.height - height) / 2, float(video.width), height)
    return Placement(source, Rect(0, 0, *logical))


def _contain(video: Size, logical: Size) -> Placement:
    if video.width * logical.height >= video.height * logical.width:
        width, height = logical.width, max(1, round(video.height * logical.width / video.width))
    else:
        width, height = max(1, round(video.width * logical.height / video.height)), logical.height
    destination = Rect((logical.width - width) // 2, (logical.height - height) // 2, width, height)
    return Placement(Crop(0.0, 0.0, *map(float, video)), destination)


def _centre_axis(video_px: int, logical: int, steps: int) -> tuple[float, float, int, int]:
    """One axis of centre: source start and length, destination start and length.

    Start and length are multiples of the logical step that is a whole number of
    device pixels, so that 1:1 stays 1:1 at a fractional scale too; at most one
    step of the video's edge is lost to that (at scale 1 and 2: nothing).
    """
    step = SCALE_STEPS // gcd(SCALE_STEPS, steps)
    # In whole numbers: 33 / 1.1 is 29.999999999999996 in floats, and a piece would be lost.
    length = min(logical, video_px * SCALE_STEPS // steps)
    if length >= step and length < logical:
        length -= length % step
    length = max(1, length)
    start = (logical - length) // 2
    start -= start % step
    source_length = min(float(video_px), length * steps / SCALE_STEPS)
    return (video_px - source_length) // 2, source_length, start, length


def _centre(video: Size, logical: Size, steps: int) -> Placement:
    source_x, source_width, x, width = _centre_axis(video.width, logical.width, steps)
    source_y, source_height, y, height = _centre_axis(video.height, logical.height, steps)
    return Placement(Crop(source_x, source_y, source_width, source_height), Rect(x, y, width, height))


def fit(video: Size, logical: Size, layout: Layout, steps: int = SCALE_STEPS) -> Placement:
    """Which part of a video goes where on an output.

    Args:
        video: size in which the video wants to be seen (aspect and rotation applied).
        logical: size of the layer surface, in logical pixels.
        layout: how to lay it out.
        steps: scale of the output in 120ths.

    Returns:
        source in video pixels, destination in logical pixels inside the output.

    Raises:
        ValueError: a size is not positive.
    """
    if min(*video, *logical, steps) <= 0:
        raise ValueError(f"cannot fit {video} into {logical} at {steps}/{SCALE_STEPS}: sizes must be positive")
    if layout in (Layout.FILL, Layout.COVER):
        return _fill(video, logical)
    if layout is Layout.CONTAIN:
        return _contain(video, logical)
    if layout is Layout.CENTRE:
        return _centre(video, logical, steps)
    assert layout is Layout.STRETCH
    return Placement(Crop(0.0, 0.0, *map(float, video)), Rect(0, 0, *logical))


def placed(video: Size, logical: Size, laid: Laid, steps: int = SCALE_STEPS) -> Placement:
    """Which part of a video goes where on an output, alone or as a part of a wall.

    On a wall the video is laid out once, and each output shows what of it lies on it.

    Args:
        video: see fit().
        logical: size of the output's layer surface.
        laid: how.
        steps: scale of the output in 120ths.

    Returns:
        See fit(); `is_nothing` where the output has only bars.

    Raises:
        ValueError: see fit().
    """
    if laid.part is None:
        return fit(video, logical, laid.layout, steps)
    wall, x, y, wall_steps = laid.part
    crop, there = fit(video, wall, laid.layout, wall_steps)
    left, right = max(x, there.x), min(x + logical.width, there.x + there.width)
    top, bottom = max(y, there.y), min(y + logical.height, there.y + there.height)
    if right <= left or bottom <= top:
        return Placement(crop, Rect(0, 0, 0, 0))
    ratio_x, ratio_y = crop.width / there.width, crop.height / there.height
    source = Crop(
        crop.x + (left - there.x) * ratio_x,
        crop.y + (top - there.y) * ratio_y,
        (right - left) * ratio_x,
        (bottom - top) * ratio_y,
    )
    return Placement(source, Rect(left - x, top - y, right - left, bottom - top))


def picture_size(video: Size, placements: list[tuple[Placement, int]], may_enlarge: bool = False) -> Size:
    """Size to make one picture in, so that every output that shows it is served.

    Never more pixels than the video has, and no more than the most demanding
    output can show.

    Args:
        video: size of the video in its own pixels.
        placements: for each output its placement and its scale in 120ths.
        may_enlarge: as many pixels as that output can show, also where the video has fewer.
    """
    ratio_x = ratio_y = 0.0
    for placement, steps in placements:
        source, destination = placement
        ratio_x = max(ratio_x, destination.width * steps / SCALE_STEPS / source.width)
        ratio_y = max(ratio_y, destination.height * steps / SCALE_STEPS / source.height)
    if not placements:
        return video

    def length(pixels: int, ratio: float) -> int:
        # The tolerance keeps a ratio like 0.5000000001 from costing a pixel.
        wanted = max(1, ceil(pixels * ratio - 1e-6))
        return wanted if may_enlarge else min(pixels, wanted)

    return Size(length(video.width, ratio_x), length(video.height, ratio_y))


def turned(part: Crop, size: Size, degrees: int) -> Crop:
    """Where a part of a picture lies after the picture is turned clockwise.

    Args:
        part: in the picture as it is.
        size: of the picture as it is.
        degrees: 0, 90, 180 or 270.

    Raises:
        ValueError: another angle.
    """
    x, y, width, height = part
    if degrees == 90:
        return Crop(size.height - y - height, x, height, width)
    if degrees == 180:
        return Crop(size.width - x - width, size.height - y - height, width, height)
    if degrees == 270:
        return Crop(y, size.width - x - width, height, width)
    if degrees != 0:
        raise ValueError(f"a picture cannot be turned by {degrees} degrees: 0, 90, 180 or 270")
    return part


def cut(part: Crop, size: Size) -> tuple[Rect, Crop | None]:
    """A part of a picture as whole pixels to cut out, and the fraction of a pixel left to crop.

    Args:
        part: of the picture, in its pixels.
        size: of the picture.

    Returns:
        The smallest rectangle of whole pixels around the part, and the part within
        that in 256ths of a pixel (wl_fixed), or None when it is all of it.
    """

    def axis(start: float, length: float, limit: int) -> tuple[int, int, float, float]:
        # In 256ths, so that what is nearly a whole pixel is one.
        first = min(max(0, round(start * 256)), limit * 256 - 1)
        last = min(limit * 256, max(first + 1, round((start + length) * 256)))
        whole = first // 256
        count = max(1, -(-last // 256) - whole)
        return whole, count, (first - whole * 256) / 256, (last - first) / 256

    x, width, rest_x, rest_width = axis(part.x, part.width, size.width)
    y, height, rest_y, rest_height = axis(part.y, part.height, size.height)
    rest = Crop(rest_x, rest_y, rest_width, rest_height)
    is_whole = rest == Crop(0.0, 0.0, float(width), float(height))
    return Rect(x, y, width, height), None if is_whole else rest
