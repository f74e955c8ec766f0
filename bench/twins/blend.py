"""Two pictures mixed into a third, pixel by pixel; the part of wayvid._core.blend that contract tests need."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, hypot
from typing import Any

FADE, WIPE, GROW = 0, 1, 2
WHOLE = 256
MOST_PX = 65535
SOFT_PARTS = 16
MOST_STAGE_PX = 10_000_000
Colour = tuple[int, int, int, int]
BLACK: Colour = (0, 0, 0, 0)


def _check_shape(pixels: memoryview, width: int, height: int, stride: int) -> None:
    if not (1 <= width <= MOST_PX and 1 <= height <= MOST_PX):
        raise ValueError(f"size {width}x{height} is not between 1 and {MOST_PX}")
    if stride % 4 or stride < width * 4 or stride > MOST_PX * 8:
        raise ValueError(f"stride {stride} does not fit a width of {width}")
    if pixels.nbytes < stride * (height - 1) + width * 4:
        raise ValueError(f"{pixels.nbytes} bytes are too few for {height} rows of {stride}")


def _between(first: Colour, second: Colour, weight: int) -> Colour:
    mixed = [(one * (256 - weight) + other * weight) >> 8 for one, other in zip(first, second, strict=True)]
    return mixed[0], mixed[1], mixed[2], mixed[3]


def _layer(layer: tuple[Any, ...], width: int, height: int) -> Callable[[int, int], Colour]:
    """The colour that a picture alone has at a pixel of the mixture."""
    source, shape, part, place, rotation = layer
    pixels = memoryview(source).cast("B")
    _check_shape(pixels, *shape)
    picture_width, picture_height, stride = shape
    left, top, wide, high = part
    if not (
        left >= 0 and top >= 0 and wide > 0 and high > 0
        and left + wide <= picture_width + 0.01 and top + high <= picture_height + 0.01
    ):  # fmt: skip
        raise ValueError(f"{part} is no part of a picture of {picture_width}x{picture_height}")
    x_px, y_px, wide_px, high_px = place
    least = 1 if wide_px or high_px else 0
    if not (
        0 <= x_px < width and 0 <= y_px < height
        and least <= wide_px <= width - x_px and least <= high_px <= height - y_px
    ):  # fmt: skip
        raise ValueError(f"{place} does not lie in {width}x{height}")
    if rotation not in (0, 90, 180, 270):
        raise ValueError(f"a picture cannot be turned by {rotation} degrees: 0, 90, 180 or 270")

    def at(column: int, row: int) -> Colour:
        offset = min(row, picture_height - 1) * stride + min(column, picture_width - 1) * 4
        blue, green, red, rest = pixels[offset : offset + 4]
        return blue, green, red, rest

    def colour(x: int, y: int) -> Colour:
        if not (x_px <= x < x_px + wide_px and y_px <= y < y_px + high_px):
            return BLACK
        across, down = (x - x_px + 0.5) / wide_px, (y - y_px + 0.5) / high_px
        place_u, place_v = {
            0: (across, down), 90: (down, 1 - across), 180: (1 - across, 1 - down), 270: (1 - down, across)
        }[rotation]  # fmt: skip
        u = min(max(left + place_u * wide - 0.5, left), max(left, left + wide - 1), picture_width - 1)
        v = min(max(top + place_v * high - 0.5, top), max(top, top + high - 1), picture_height - 1)
        column, row = floor(u), floor(v)
        weight_u, weight_v = int((u - column) * 256), int((v - row) * 256)
        return _between(
            _between(at(column, row), at(column + 1, row), weight_u),
            _between(at(column, row + 1), at(column + 1, row + 1), weight_u),
            weight_v,
        )

    return colour


def _weights(kind: int, weight: int, stage: tuple[float, float, float, float]) -> Callable[[int, int], int]:
    left, top, width, height = stage
    if not (all(abs(number) <= MOST_STAGE_PX for number in stage) and width > 0 and height > 0):
        raise ValueError(f"{stage} is nothing to go over")
    soft = width / SOFT_PARTS + 1
    reach = (hypot(width, height) / 2 if kind == GROW else width) + soft

    def at(x: int, y: int) -> int:
        if kind == FADE:
            return weight
        from_middle = hypot(x - left - width / 2 + 0.5, y - top - height / 2 + 0.5)
        distance = x - left if kind == WIPE else from_middle
        inside = reach * weight / WHOLE - distance
        return 0 if inside <= 0 else WHOLE if inside >= soft else int(inside * WHOLE / soft)

    return at


def blend(
    out: Any,
    shape: tuple[int, int, int],
    before: tuple[Any, ...],
    after: tuple[Any, ...],
    kind: int,
    weight: int,
    stage: tuple[float, float, float, float] | None = None,
) -> None:
    """See wayvid._core.blend."""
    pixels = memoryview(out).cast("B")
    _check_shape(pixels, *shape)
    width, height, stride = shape
    if not 0 <= weight <= WHOLE:
        raise ValueError(f"weight {weight} is not between 0 and {WHOLE}")
    if not FADE <= kind <= GROW:
        raise ValueError(f"kind {kind} is not between {FADE} and {GROW}")
    first, second = _layer(before, width, height), _layer(after, width, height)
    weight_at = _weights(kind, weight, stage or (0.0, 0.0, width, height))
    for y in range(height):
        for x in range(width):
            offset = y * stride + x * 4
            pixels[offset : offset + 4] = bytes(_between(first(x, y), second(x, y), weight_at(x, y)))
