"""A comparison in words: the table's cells, and the lines above it."""

from __future__ import annotations

from collections.abc import Mapping

from wayvid.memtest.comparison import Comparison, good_turns
from wayvid.memtest.ratios import LEAST_PAIRS, Pair
from wayvid.memtest.words import amount

__all__ = ["HEADINGS", "caution", "contender_lines", "method_line", "neighbours_line", "pair_cells", "verdict_line"]

HEADINGS = ("", "A", "B", "A / B", "n", "interval of A / B")
LONGEST = 150
SAME_FRAMES = 0.03


def contender_lines(comparison: Comparison) -> list[str]:
    """Who is A, and who is B."""
    return [
        f"{one.key}  {one.name}{f' {one.version}' * bool(one.version)}: {_short(str(one))}"
        for one in comparison.contenders
    ]


def method_line(comparison: Comparison) -> str:
    """What was measured, and what was left out."""
    return (
        f"{comparison.seconds:g} s of each turn, a look every {comparison.every_s:g} s, all processes of a contender "
        f"together; the first {comparison.warm_up_s:g} s (warm-up) are left out"
    )


def verdict_line(comparison: Comparison) -> str:
    """Which turns count, and what did not come to its end."""
    parts = []
    for one in comparison.contenders:
        turns = [turn for turn in comparison.turns if turn.contender == one.key]
        good = len(good_turns(comparison, one.key))
        parts.append(f"{good} of {len(turns)} turn{'s' * (len(turns) != 1)} of {one.key} count{'s' * (good == 1)}")
    parts += [f"round {turn.round}, {turn.contender} failed: {turn.failed}" for turn in comparison.turns if turn.failed]
    text = "; ".join(parts)
    return f"PARTIAL ({comparison.partial}): {text}" if comparison.partial else text


def neighbours_line(comparison: Comparison) -> str:
    """In which turns other programs shared libraries; empty when in none."""
    turns = [turn for turn in comparison.turns if turn.neighbours]
    if not turns:
        return ""
    return (
        f"NEIGHBOURS: in {len(turns)} of {len(comparison.turns)} turns another program had the same libavcodec loaded; "
        "PSS and USS are smaller for it and RSS may be larger, own memory is as it is"
    )


def caution(figures: Mapping[str, Pair]) -> str:
    """That the two did not do the same work, where one showed fewer frames; else empty."""
    frames = figures.get("frames_per_s")
    if frames is None or frames.a is None or frames.b is None or not frames.ratio:
        return ""
    if 1 - SAME_FRAMES <= frames.ratio <= 1 + SAME_FRAMES:
        return ""
    fewer, less, more = ("A", frames.a, frames.b) if frames.ratio < 1 else ("B", frames.b, frames.a)
    return (
        f"CAUTION: {fewer} showed {less:.1f} frames a second where the other showed {more:.1f}; "
        "its load is that of less work, so compare memory alone"
    )


def pair_cells(pair: Pair) -> tuple[str, ...]:
    """A row: title, A, B, ratio, pairs, interval."""
    sides = ("" if value is None else amount(value, pair.unit) for value in (pair.a, pair.b))
    ratio = "" if pair.ratio is None else f"{pair.ratio:.3f}"
    return pair.title, *sides, ratio, str(len(pair.ratios)), _interval(pair)


def _interval(pair: Pair) -> str:
    if pair.interval is None:
        return f"too few pairs, {LEAST_PAIRS} wanted" if pair.ratios else ""
    low, high, confidence = pair.interval.low, pair.interval.high, pair.interval.confidence
    return f"{low:.3f} to {high:.3f} ({100 * confidence:.3g} %)"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
