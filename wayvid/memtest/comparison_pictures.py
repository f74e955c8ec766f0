"""Pictures of a comparison: ratios, parts of memory and curves as SVG, and what the screens showed."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wayvid.memtest.columns import Row
from wayvid.memtest.comparison import Comparison
from wayvid.memtest.pictures import WARM_UP_COLOUR, settings, svg
from wayvid.memtest.ratios import Pair
from wayvid.memtest.turns import rows_of_turn
from wayvid.units import MIB

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["picture_of_parts", "picture_of_ratios", "picture_of_turns", "thumbnail"]

WIDTH_IN = 11.0
THUMBNAIL_PX = 640
COLOURS = {"A": "#2e2458", "B": "#d0722a"}
# What a bar of memory is made of, the darkest first.
PARTS = (("pss_anon_bytes", "own memory", 1.0), ("pss_shmem_bytes", "pictures", 0.65),
         ("pss_file_bytes", "libraries", 0.35))  # fmt: skip
# The figures that a picture of ratios is about.
COMPARED = ("pss_bytes", "uss_bytes", "rss_bytes", "pss_anon_bytes", "cpu_percent", "wakeups_per_s", "threads", "fds",
            "frames_per_s")  # fmt: skip
CURVES = (("pss_bytes", "PSS, MB", MIB), ("cpu_percent", "% of a core", 1), ("frames_per_s", "frames a second", 1))


def picture_of_ratios(figures: Mapping[str, Pair]) -> str:
    """A / B of each figure on a scale of factors: a dot for each round, the median, and its interval."""
    told = [pair for name in COMPARED if (pair := figures.get(name)) and any(value > 0 for value in pair.ratios)]
    with settings():
        from matplotlib.figure import Figure
        from matplotlib.ticker import FuncFormatter, NullFormatter

        figure = Figure(figsize=(WIDTH_IN, 1.4 + 0.42 * len(told)), layout="constrained")
        axes = figure.subplots()
        axes.set_xscale("log", base=2)
        axes.axvline(1.0, color="#444444", linewidth=1)
        for row, pair in enumerate(told):
            ratios = [value for value in pair.ratios if value > 0]
            axes.plot(ratios, [row] * len(ratios), "o", color="#8a93c4", markersize=4, zorder=2)
            if pair.interval is not None and pair.interval.low > 0:
                axes.plot([pair.interval.low, pair.interval.high], [row, row], color="#4f6fc8", linewidth=3, alpha=0.6)
            if pair.ratio:
                axes.plot([pair.ratio], [row], "D", color="#2e2458", markersize=7, zorder=3)
                axes.annotate(
                    f"{pair.ratio:.2f}", (pair.ratio, row), (0, 7), textcoords="offset points", ha="center", fontsize=8
                )
        axes.set_yticks(range(len(told)), [pair.title for pair in told])
        axes.set_ylim(len(told) - 0.4, -0.8)
        low, high = axes.get_xlim()
        axes.set_xlim(min(low, 0.8), max(high, 1.25))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("A / B: left of 1, A takes less (of frames: shows fewer)")
        return svg(figure)


def picture_of_parts(comparison: Comparison, figures: Mapping[str, Pair]) -> str:
    """PSS of both in its parts, as bars above each other."""
    with settings():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH_IN, 2.2), layout="constrained")
        axes = figure.subplots()
        for place, one in enumerate(comparison.contenders):
            left = 0.0
            for name, label, strength in PARTS:
                pair = figures.get(name)
                value = ((pair.a if one.key == "A" else pair.b) or 0.0) / MIB if pair else 0.0
                axes.barh(place, value, left=left, color=COLOURS[one.key], alpha=strength, height=0.6)
                if value > 0:
                    words = f"{label}\n{value:.0f}"
                    colour = "white" if strength > 0.6 else "#222222"
                    axes.text(left + value / 2, place, words, ha="center", va="center", fontsize=8, color=colour)
                left += value
        axes.set_yticks(range(2), [f"{one.key}: {one.name}" for one in comparison.contenders])
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        axes.set_xlabel("PSS, MB: medians of the parts")
        return svg(figure)


def picture_of_turns(comparison: Comparison) -> str:
    """Memory, load and frames of all turns over each other."""
    left_out_s = min(
        (max((look.t_s for look in turn.looks if look.is_warm_up), default=0.0) for turn in comparison.turns),
        default=0.0,
    )
    rows = [(turn, list(rows_of_turn(turn, comparison.outputs))) for turn in comparison.turns if turn.looks]
    with settings():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH_IN, 8.0), layout="constrained")
        every = figure.subplots(len(CURVES), 1, sharex=True)
        for axes, (name, label, unit) in zip(every, CURVES, strict=True):
            named: set[str] = set()
            for turn, of_turn in rows:
                style = ":" if turn.failed else "-"
                key = turn.contender
                words = f"{key}: {_name(comparison, key)}" if key not in named else None
                named.add(key)
                _curve(axes, of_turn, name, unit, COLOURS[key], style, words)
            axes.axvspan(0, left_out_s, color=WARM_UP_COLOUR, alpha=0.4, linewidth=0, zorder=0)
            axes.set_ylabel(label)
            axes.set_ylim(0, None)
        every[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        every[-1].set_xlabel(
            "seconds since the first picture on every screen (grey: warm-up, and a look whether it moves)"
        )
        return svg(figure)


def thumbnail(ppm: bytes) -> str:
    """A picture of a screen, made smaller, as the text of a data URL.

    Args:
        ppm: with 255 levels, as grim writes it: ppm(5), "P6".
    """
    import numpy as np
    from matplotlib.image import imsave

    _magic, words, _levels, pixels = ppm.split(b"\n", 3)
    width, height = map(int, words.split())
    picture = np.frombuffer(pixels, np.uint8, width * height * 3).reshape(height, width, 3)
    step = max(-(-width // THUMBNAIL_PX), 1)
    out = io.BytesIO()
    imsave(out, np.ascontiguousarray(picture[::step, ::step]), format="jpg")
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def _name(comparison: Comparison, key: str) -> str:
    return next(one.name for one in comparison.contenders if one.key == key)


def _curve(axes: Axes, rows: Sequence[Row], name: str, unit: float, colour: str, style: str, label: str | None) -> None:
    points = [
        (float(at_s), float(value) / unit)
        for row in rows
        if isinstance(at_s := row["t_s"], (int, float)) and isinstance(value := row[name], (int, float))
    ]
    if points:
        seconds, values = zip(*points, strict=True)
        axes.plot(seconds, values, color=colour, linewidth=1.0, linestyle=style, alpha=0.8, label=label)
