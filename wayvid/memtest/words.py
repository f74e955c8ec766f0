"""A measurement in words: the table's cells, and the lines of answer."""

from __future__ import annotations

from collections.abc import Mapping

from wayvid.memtest.columns import BYTES
from wayvid.memtest.result import Result, good_runs
from wayvid.memtest.summary import Figure
from wayvid.memtest.trend import Growth
from wayvid.units import format_bytes

__all__ = ["amount", "answer", "figure_cells", "growth_line", "result_line", "warm_up_line"]

LEAST_GROWTH_S = 600.0  # a shorter time says little about an hour


def result_line(result: Result) -> str:
    """Which runs count, and what did not come to its end."""
    good, runs = len(good_runs(result)), len(result.runs)
    failed = [f"run {run.number} failed: {run.failed}" for run in result.runs if run.failed]
    text = f"{good} of {runs} run{'s' * (runs != 1)} count{'s' * (runs == 1)}"
    if failed:
        text += "; " + "; ".join(failed)
    return f"PARTIAL ({result.partial}): {text}" if result.partial else text


def warm_up_line(result: Result) -> str:
    """What was measured, and what was left out."""
    if result.seed is not None:
        return (
            f"{result.seconds:g} s in all, a sample every {result.every_s:g} s; the first {result.warm_up_s:g} s "
            "of each run and what was taken within a fault are left out of every figure"
        )
    return (
        f"{result.seconds:g} s of each run, a sample every {result.every_s:g} s; "
        f"the first {result.warm_up_s:g} s (warm-up) are left out of every figure"
    )


def growth_line(result: Result) -> str:
    """What the column of growth is worth; empty when it is worth what it says."""
    if result.seconds >= LEAST_GROWTH_S:
        return ""
    return f"growth: {result.seconds:g} s say little about an hour; measure {LEAST_GROWTH_S:g} s or longer"


def figure_cells(figure: Figure) -> tuple[str, ...]:
    """A row: title, n, median, min, max, growth."""
    numbers = (amount(value, figure.unit) for value in (figure.median, figure.min, figure.max))
    return figure.title, str(figure.n), *numbers, _growth(figure.growth_mb_per_hour)


def answer(result: Result, figures: Mapping[str, Figure]) -> list[str]:
    """Three lines: memory, load, frames; without a good run the reason instead."""
    pss = figures.get("pss_bytes")
    if pss is None:
        return [result_line(result)]
    parts = [
        f"{name} {amount(figures[key].median, BYTES)}"
        for name, key in (("daemon", "daemon_pss_bytes"), ("player", "player_pss_bytes"))
        if key in figures
    ]
    # Own memory: what other programs do to shared pages is no growth of ours.
    own = figures["pss_anon_bytes"].growth_mb_per_hour
    growth = "too short to tell growth"
    if own and result.seconds >= LEAST_GROWTH_S:
        growth = f"own memory grows by {_growth(own)} an hour"
    lines = [f"memory  {amount(pss.median, BYTES)} PSS ({', '.join(parts)}); {growth}"]
    load = [_named(figures, "cpu_percent", "% of a core"), _named(figures, "wakeups_per_s", "wake-ups a second")]
    lines.append("load    " + ", ".join([*filter(None, load), _named(figures, "threads", "threads")]))
    frames = _named(figures, "frames_per_s", "a second on the slowest screen") or "none asked for"
    levels = sorted({sample.status.memory.level for run in good_runs(result) for sample in run.samples})
    done = sum(len(sample.status.memory.actions) for run in good_runs(result) for sample in run.samples)
    lines.append(f"frames  {frames}; level {', '.join(levels)}, {done} actions for memory's sake")
    return lines


def _named(figures: Mapping[str, Figure], key: str, words: str) -> str:
    return f"{figures[key].median:.3g} {words}" if key in figures else ""


def amount(value: float, unit: str) -> str:
    """A value with its unit."""
    if unit == BYTES:
        return format_bytes(round(value))
    return f"{value:.1f} {unit}".rstrip() if unit else f"{value:g}"


def _growth(growth: Growth | None) -> str:
    return "" if growth is None else f"{growth.per_hour:+.1f} MB ({growth.low:+.1f} to {growth.high:+.1f})"
