"""What tests share: waiting with a deadline, and reading pictures."""

import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageStat

Value = TypeVar("Value")
Colour = tuple[int, int, int]
POLL_S = 0.02


def wait_until(condition: Callable[[], Value], deadline_s: float, what: str) -> Value:
    """The first true value of the condition; an AssertionError that says `what` after the deadline."""
    deadline = time.monotonic() + deadline_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {deadline_s:g} s in vain for {what}"
        select.select([], [], [], POLL_S)
    return value


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a picture in pixels."""
    with Image.open(path) as picture:
        return picture.size


def pixel(path: Path, x: int, y: int) -> Colour:
    """One pixel of a picture; negative x and y count from the right and the bottom."""
    with Image.open(path) as picture:
        left, top = x % picture.width, y % picture.height
        return picture.crop((left, top, left + 1, top + 1)).convert("RGB").getpixel((0, 0))


def average_colour(path: Path, box: tuple[int, int, int, int] | None = None) -> Colour:
    """The mean colour of a region (left, top, right, bottom), or of the whole picture."""
    with Image.open(path) as picture:
        part = picture.crop(box) if box else picture
        return tuple(round(mean) for mean in ImageStat.Stat(part.convert("RGB")).mean)


def is_near(colour: Colour, wanted: Colour, tolerance: int = 4) -> bool:
    """Whether no channel differs by more than the tolerance."""
    return all(abs(one - other) <= tolerance for one, other in zip(colour, wanted, strict=True))
