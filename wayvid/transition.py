"""How one picture goes over into another: kinds, geometry and course; pure arithmetic.

Two pictures of any shape are mixed in the output's own space: each is a layer, a
part of a picture that goes onto a rectangle of the mixture, black around it. Where the
output is a part of a wall, the way goes over the wall, and the output shows its part of that.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import NamedTuple

from wayvid.geometry import SCALE_STEPS, Crop, Part, Placement, Rect, Size

__all__ = [
    "CUT",
    "LONGEST_S",
    "NOWHERE",
    "Change",
    "Layer",
    "Step",
    "Transition",
    "is_over",
    "layer",
    "mixed_size",
    "progress",
    "stage",
]

# Longer, nobody would take it for one, and two decoders run meanwhile.
LONGEST_S = 10.0


class Transition(StrEnum):
    """How a new picture comes."""

    FADE = "fade"  # both through each other
    NONE = "none"  # at once
    WIPE = "wipe"  # from the left
    GROW = "grow"  # from the middle


class Change(NamedTuple):
    """How a screen goes over to another source.

    Attributes:
        transition: the kind.
        duration_s: how long it takes.
    """

    transition: Transition
    duration_s: float

    @property
    def is_cut(self) -> bool:
        """Whether the new picture just replaces the old one."""
        return self.transition is Transition.NONE or self.duration_s <= 0


CUT = Change(Transition.NONE, 0.0)


class Layer(NamedTuple):
    """Where one of two pictures goes in their mixture.

    Attributes:
        part: of the picture as it lies in memory, in its pixels.
        place: in the mixture's pixels.
        rotation: degrees clockwise by which the picture must be turned.
    """

    part: Crop
    place: Rect
    rotation: int


# Of a picture that is not seen: on an output of a wall where only bars are.
NOWHERE = Layer(Crop(0.0, 0.0, 1.0, 1.0), Rect(0, 0, 0, 0), 0)


class Step(NamedTuple):
    """One step of the way.

    Attributes:
        transition: the kind.
        gone: how much of the way is gone, 0 .. 1.
        stage: what it goes over, from the mixture's upper left corner and in its pixels; see stage().
    """

    transition: Transition
    gone: float
    stage: Crop


def mixed_size(logical: Size, steps: int, *layers: tuple[Crop, Rect, int]) -> Size:
    """Pixels of the mixture: what the output has, and no more than the finer picture gives.

    Args:
        logical: size of the output.
        steps: its scale in 120ths.
        layers: of each picture the part that is seen, where it goes in logical pixels, and its rotation.
    """
    most = 0.0
    for part, place, rotation in layers:
        if not place.width:
            continue
        wide, high = (part.height, part.width) if rotation in (90, 270) else (part.width, part.height)
        most = max(most, wide / place.width, high / place.height)
    ratio = min(steps / SCALE_STEPS, most) or 1.0
    return Size(*(max(1, ceil(side * ratio - 1e-6)) for side in logical))


def layer(placement: Placement, part: Crop, rotation: int, logical: Size, mixed: Size) -> Layer:
    """Where a picture goes in a mixture.

    Args:
        placement: of the video on the output.
        part: the placement's source in the picture's own pixels.
        rotation: see Layer.
        logical: size of the output.
        mixed: size of the mixture.
    """
    if placement.is_nothing:
        return NOWHERE
    x, y, width, height = placement.destination
    left, right = round(x * mixed.width / logical.width), round((x + width) * mixed.width / logical.width)
    top, bottom = round(y * mixed.height / logical.height), round((y + height) * mixed.height / logical.height)
    part = part._replace(x=max(0.0, part.x), y=max(0.0, part.y))  # -1e-14 where it should be 0
    return Layer(part, Rect(left, top, max(1, right - left), max(1, bottom - top)), rotation)


def stage(mixed: Size, logical: Size, part: Part | None) -> Crop:
    """What a transition goes over: the wall, or the output alone.

    Args:
        mixed: size of the mixture.
        logical: size of the output.
        part: of the wall that it is.

    Returns:
        From the mixture's upper left corner, in its pixels.
    """
    if part is None:
        return Crop(0.0, 0.0, *map(float, mixed))
    ratio_x, ratio_y = mixed.width / logical.width, mixed.height / logical.height
    return Crop(-part.x * ratio_x, -part.y * ratio_y, part.wall.width * ratio_x, part.wall.height * ratio_y)


def progress(elapsed_s: float, duration_s: float) -> float:
    """How much of the way is gone, 0 .. 1: slow at both ends."""
    if duration_s <= 0 or elapsed_s >= duration_s:
        return 1.0
    gone = max(0.0, elapsed_s / duration_s)
    return gone * gone * (3 - 2 * gone)


def is_over(elapsed_s: float, duration_s: float) -> bool:
    """Whether only the new picture is left to be shown."""
    return elapsed_s >= duration_s
