"""What of a clip no screen ever shows, and the copy that leaves it out: pure values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from wayvid.errors import UsageError
from wayvid.geometry import SCALE_STEPS, Laid, Layout, Part, Placement, Size, fit, picture_size, placed, scale_steps
from wayvid.optimise.clip import Clip

__all__ = ["Plan", "Screen", "parse_screen", "plan_copy", "shown_size"]

MOST_PX = 32768
DEFAULT_HZ = 60.0
CODEC, PIXELS, REFERENCES = "h264", "yuv420p", 2  # of the copy
# A copy that saves less is not worth a generation of quality.
LEAST_SAVED = 0.05
RATE_TOLERANCE = 1.005  # 59.94 is no more than 60, and 30.02 no more than 30


class Screen(NamedTuple):
    """A screen that the clip is shown on.

    Attributes:
        name: as in `wayvid outputs`; empty when only its size is known.
        size: its pixels.
        refresh_hz: how often it shows a new picture at most.
        layout: how the clip is laid out on it.
        logical: its size in logical pixels, where it is a part of a wall.
        part: of that; None: it has the clip alone.
    """

    name: str
    size: Size
    refresh_hz: float
    layout: Layout
    logical: Size = Size(0, 0)
    part: Part | None = None


class Plan(NamedTuple):
    """The copy that is proposed.

    Attributes:
        size: its pixels.
        rate: its frames a second.
        wasted_pixels: the part of the clip's pixels that no screen can show, from 0 to 1.
        wasted_frames: likewise of its frames.
        reasons: what the copy has in place of what, and why; empty: there is nothing to gain.
    """

    size: Size
    rate: Fraction
    wasted_pixels: float
    wasted_frames: float
    reasons: tuple[str, ...]


def parse_screen(text: str, layout: Layout) -> Screen:
    """A screen from "1920x1080" or "1920x1080@60".

    Raises:
        UsageError: it is neither.
    """
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})(?:@(\d{1,4}(?:\.\d{1,6})?))?", text)
    size = Size(int(match[1]), int(match[2])) if match else Size(0, 0)
    refresh_hz = float(match[3]) if match and match[3] else DEFAULT_HZ
    if not 0 < min(size) <= max(size) <= MOST_PX or refresh_hz < 1:
        raise UsageError(f"{text!r} is not the size of a screen; write it as 1920x1080 or 1920x1080@60")
    return Screen("", size, refresh_hz, layout)


def shown_size(clip: Clip, screens: Sequence[Screen]) -> Size:
    """In what size the player makes the clip's pictures for these screens, upright."""
    return picture_size(clip.seen, [_placement(clip.seen, screen) for screen in screens])


def _placement(seen: Size, screen: Screen) -> tuple[Placement, int]:
    if screen.part is None:
        return fit(seen, screen.size, screen.layout, SCALE_STEPS), SCALE_STEPS
    steps = scale_steps(screen.logical, screen.size)
    return placed(seen, screen.logical, Laid(screen.layout, screen.part), steps), steps


def plan_copy(clip: Clip, screens: Sequence[Screen], max_fps: float) -> Plan:
    """The copy that serves these screens as well as the clip does, and costs less.

    Args:
        clip: as it is.
        screens: those that show it; at least one.
        max_fps: of the copy; 0: as many as a screen can show.
    """
    reasons = []
    size = _copy_size(clip.seen, shown_size(clip, screens))
    wasted_pixels = 1 - size.width * size.height / (clip.seen.width * clip.seen.height)
    if wasted_pixels < LEAST_SAVED:
        size, wasted_pixels = _even(clip.seen), 0.0
    else:
        reasons.append(f"{size} pixels instead of {clip.seen}: no screen shows more")
    refresh_hz = max(screen.refresh_hz for screen in screens)
    cap = min(refresh_hz, max_fps) if max_fps else refresh_hz
    # Every so many-th frame, so that those which stay are as far apart as each other.
    step = max(1, ceil(float(clip.rate) / (cap * RATE_TOLERANCE)))
    rate = clip.rate / step
    if step > 1:
        why = "no screen shows more" if cap == refresh_hz else f"--max-fps {max_fps:g}"
        reasons.append(f"{float(rate):.4g} frames a second instead of {float(clip.rate):.4g}: {why}")
    if clip.bits > 8:
        reasons.append(f"8 bits of each colour instead of {clip.bits}: half the memory of every frame")
    if clip.total_s - clip.duration_s > 1 / clip.rate:
        late_s = clip.total_s - clip.duration_s
        reasons.append(f"an end with its last picture: the file goes on for {late_s:.2g} s without one, in each round")
    return Plan(size, rate, wasted_pixels, 1 - 1 / step, tuple(reasons))


def _copy_size(seen: Size, shown: Size) -> Size:
    """The clip's shape, in no fewer pixels than are shown either way."""
    width = max(shown.width, seen.width * shown.height // seen.height)
    height = max(shown.height, seen.height * shown.width // seen.width)
    return _even(Size(width, height))


def _even(size: Size) -> Size:
    """As 4:2:0 wants it: colours are kept for every two pixels."""
    return Size(size.width + size.width % 2, size.height + size.height % 2)
