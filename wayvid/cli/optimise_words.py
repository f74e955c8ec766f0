"""What `wayvid optimise` prints."""

from __future__ import annotations

import os
from collections.abc import Sequence

from wayvid.cli.text import aligned, clean, duration
from wayvid.optimise.battery import Assumptions, daily_wh, formula
from wayvid.optimise.clip import Clip
from wayvid.optimise.decoding import Decoding
from wayvid.optimise.plan import CODEC, Plan, Screen
from wayvid.units import format_bytes

__all__ = ["comparison", "cost", "proposal"]

ONE_CORE = 100.0  # percent
HEADINGS = ("", "NOW", "COPY", "LESS")


def cost(clip: Clip, screens: Sequence[Screen], plan: Plan, measured: Decoding, given: Assumptions) -> list[str]:
    """What the clip is, what it costs, and what of it nobody sees."""
    wide = "  ".join(f"{one.name} {one.size} {one.refresh_hz:.4g} Hz {one.layout.value}".strip() for one in screens)
    slow = "; it may be too slow for one decoding thread" if measured.cpu_percent > ONE_CORE else ""
    sound = ", sound" if clip.has_sound else ""
    rows = [
        ("clip", f"{clip.seen}, {_rate(clip)} frames a second, {clip.codec} of {clip.bits} bits, "
                 f"{duration(clip.duration_s)}, {format_bytes(clip.size_bytes)}{sound}"),
        ("screens", clean(wide)),
        ("decoding", f"{measured.cpu_percent:.1f} % of a core, {format_bytes(measured.memory_bytes)} of memory; "
                     f"measured over {measured.frames} frames{slow}"),
        ("battery", formula(measured.cpu_percent, given)),
        ("wasted", f"{plan.wasted_pixels:.0%} of its pixels and {plan.wasted_frames:.0%} of its frames"),
    ]  # fmt: skip
    return [clean(os.path.basename(clip.path)), *aligned(rows)]


def proposal(plan: Plan) -> list[str]:
    """What the copy is, and why."""
    return ["", f"proposed: a copy in {CODEC} with", *(f"  {reason}" for reason in plan.reasons)]


def comparison(clip: Clip, copy: Clip, before: Decoding, after: Decoding, given: Assumptions) -> list[str]:
    """Before and after, as measured."""
    pairs = (
        ("pixels", str(clip.seen), str(copy.seen), _less(_area(clip), _area(copy))),
        ("frames a second", _rate(clip), _rate(copy), _less(float(clip.rate), float(copy.rate))),
        ("file", format_bytes(clip.size_bytes), format_bytes(copy.size_bytes), _less(clip.size_bytes, copy.size_bytes)),
        ("CPU, % of a core", f"{before.cpu_percent:.1f}", f"{after.cpu_percent:.1f}",
         _less(before.cpu_percent, after.cpu_percent)),
        ("memory of decoding", format_bytes(before.memory_bytes), format_bytes(after.memory_bytes),
         _less(before.memory_bytes, after.memory_bytes)),
        ("battery, Wh a day", f"{daily_wh(before.cpu_percent, given):.1f}", f"{daily_wh(after.cpu_percent, given):.1f}",
         _less(before.cpu_percent, after.cpu_percent)),
    )  # fmt: skip
    return ["", *aligned([HEADINGS, *pairs], right=(1, 2, 3))]


def _rate(clip: Clip) -> str:
    return f"{float(clip.rate):.4g}"


def _area(clip: Clip) -> float:
    return float(clip.seen.width * clip.seen.height)


def _less(before: float, after: float) -> str:
    """By how much it is less; more has a plus."""
    return f"{100 * (before - after) / before:.0f} %".replace("-", "+") if before else ""
