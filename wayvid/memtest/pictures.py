"""Curves of a measurement as SVG. matplotlib is imported by whoever calls these, never before."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

from wayvid.errors import UsageError
from wayvid.memtest.columns import Row, rows_of
from wayvid.memtest.result import Fault, Run
from wayvid.memtest.sample import Sample
from wayvid.units import MIB

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WARM_UP_COLOUR", "check_plotting", "picture_of_run", "picture_of_runs", "settings", "svg"]

WIDTH_IN = 11.0
MOST_NAMED = 60  # names of faults beside each other
HEADROOM = 1.35  # above the highest value, for the names of actions
PARTS = (
    ("player_pss_shmem_bytes", "player: pictures", "#4f6fc8"),
    ("player_pss_anon_bytes", "player: own memory", "#2e2458"),
    ("player_pss_file_bytes", "player: libraries", "#8a93c4"),
    ("daemon_pss_shmem_bytes", "daemon: pictures", "#1fa39b"),
    ("daemon_pss_anon_bytes", "daemon: own memory", "#0d4a50"),
    ("daemon_pss_file_bytes", "daemon: libraries", "#8cc7c2"),
)
CURVES = (
    ("rss_bytes", "RSS", "#b0413e"),
    ("pss_bytes", "PSS", "#2e2458"),
    ("uss_bytes", "USS", "#4f6fc8"),
)
HELD = (
    ("pool_in_use_bytes", "pool, in use", "#4f6fc8"),
    ("pool_idle_bytes", "pool, idle", "#8a93c4"),
    ("demuxer_cache_bytes", "demuxer cache", "#b0413e"),
    ("decoded_bytes", "decoded (estimate)", "#d79a2b"),
    ("counters_current_bytes", "counted", "#0d4a50"),
)
LEVEL_COLOURS = {"high": "#f5c542", "critical": "#e0524d"}
WARM_UP_COLOUR = "#d9d9d9"
FAULT_COLOUR, BROKEN_COLOUR = "#7b3fb5", "#b3261e"
# Words of others are no mathematics; the SVG keeps text as text.
SETTINGS: Any = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "wayvid",
    "font.size": 9,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}


def check_plotting() -> None:
    """Raise UsageError where the library for curves is missing."""
    if find_spec("matplotlib") is None:
        raise UsageError("--report needs matplotlib, which is not installed; install it: pip install 'wayvid[report]'")


def picture_of_run(run: Run) -> str:
    """Memory in parts, its curves, what is held, load and frames of one run, above each other, as an SVG element."""
    rows = list(rows_of(run.number, run.samples))
    with settings():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH_IN, 15.0), layout="constrained")
        every = figure.subplots(6, 1, sharex=True, height_ratios=(3.6, 2, 2, 1.5, 1.5, 1.5))
        parts, curves, held, load, wakeups, frames = every
        _stack(parts, rows)
        for axes, lines in ((curves, CURVES), (held, HELD)):
            for name, label, colour in lines:
                _curve(axes, rows, name, label, colour, MIB)
            axes.set_ylabel("MB")
        _curve(load, rows, "cpu_percent", "both processes", "#b0413e")
        load.set_ylabel("% of a core")
        _curve(wakeups, rows, "wakeups_per_s", "both processes", "#4f6fc8")
        wakeups.set_ylabel("wake-ups a second")
        for number, name in enumerate(_outputs(run.samples)):
            frames.plot(*_rates(run.samples, name), label=name, color=f"C{number}", linewidth=1.2)
        frames.set_ylabel("frames a second")
        frames.set_xlabel("seconds since the first picture on every screen")
        for axes in (parts, load, wakeups, frames):
            axes.set_ylim(0, max(axes.dataLim.y1, 1) * HEADROOM)
        for axes in every:
            _mark(axes, run.samples)
            _mark_faults(axes, run.faults)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        _name_actions(parts, run.samples)
        _name_faults(frames, run.faults)
        return svg(figure)


def picture_of_runs(runs: Sequence[Run]) -> str:
    """PSS of all runs over each other, as an SVG element."""
    with settings():
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH_IN, 3.2), layout="constrained")
        axes = figure.subplots()
        for run in runs:
            label = f"run {run.number}" + (" (failed)" if run.failed else "")
            rows = list(rows_of(run.number, run.samples))
            _curve(axes, rows, "pss_bytes", label, f"C{run.number - 1}", MIB, style=":" if run.failed else "-")
        axes.set_ylabel("PSS, MB")
        axes.set_xlabel("seconds")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
        return svg(figure)


def settings() -> Any:
    """A context in which matplotlib draws as all reports do."""
    import matplotlib as mpl

    return mpl.rc_context(SETTINGS)


def _stack(axes: Axes, rows: Sequence[Row]) -> None:
    seconds = [_number(row["t_s"]) for row in rows]
    values = [[_number(row[name]) / MIB for row in rows] for name, _label, _colour in PARTS]
    axes.stackplot(seconds, values, labels=[part[1] for part in PARTS], colors=[part[2] for part in PARTS])
    axes.set_ylabel("PSS, MB")


def _curve(
    axes: Axes, rows: Sequence[Row], name: str, label: str, colour: str, unit: float = 1.0, style: str = "-"
) -> None:
    points = [(_number(row["t_s"]), _number(row[name]) / unit) for row in rows if row[name] is not None]
    if points:
        seconds, values = zip(*points, strict=True)
        axes.plot(seconds, values, label=label, color=colour, linewidth=1.2, linestyle=style)


def _mark(axes: Axes, samples: Sequence[Sample]) -> None:
    """The warm-up and the levels as shades behind the curves, actions as lines."""
    for colour, stretch in groupby(pairwise(samples), key=lambda pair: _shade(*pair)):
        pairs = list(stretch)
        if colour:
            axes.axvspan(pairs[0][0].t_s, pairs[-1][1].t_s, color=colour, alpha=0.4, linewidth=0, zorder=0)
    for t_s, _name in _actions(samples):
        axes.axvline(t_s, color="#444444", linewidth=0.8, linestyle="--")


def _mark_faults(axes: Axes, faults: Sequence[Fault]) -> None:
    """As shades from their beginning until all was well again."""
    for fault in faults:
        colour = BROKEN_COLOUR if fault.broken else FAULT_COLOUR
        axes.axvspan(fault.t_s, fault.t_s + (fault.took_s or 0.0), color=colour, alpha=0.25, linewidth=1.0, zorder=0)


def _name_faults(axes: Axes, faults: Sequence[Fault]) -> None:
    """Upright, at their beginning, where they are not too many to be read."""
    top = axes.get_ylim()[1]
    for fault in faults if len(faults) <= MOST_NAMED else [fault for fault in faults if fault.broken]:
        axes.text(fault.t_s, top, fault.name, rotation=90, ha="left", va="top", fontsize=7, color="#222222")


def _shade(before: Sample, sample: Sample) -> str | None:
    """Of the time between two samples; a level is worth more than the warm-up."""
    return LEVEL_COLOURS.get(sample.status.memory.level) or (WARM_UP_COLOUR if before.is_warm_up else None)


def _name_actions(axes: Axes, samples: Sequence[Sample]) -> None:
    top = axes.get_ylim()[1]
    for number, (t_s, name) in enumerate(_actions(samples)):
        axes.text(t_s, top * (1 - 0.04 * (number % 6)), f" {name}", ha="left", va="top", fontsize=8, color="#222222")


def _actions(samples: Sequence[Sample]) -> Iterator[tuple[float, str]]:
    for sample in samples:
        for action in sample.status.memory.actions:
            yield sample.t_s - (sample.at - action.at), action.action


def _outputs(samples: Sequence[Sample]) -> list[str]:
    """In the order in which they were first seen."""
    return list(dict.fromkeys(output.name for sample in samples for output in sample.status.outputs))


def _rates(samples: Sequence[Sample], name: str) -> tuple[list[float], list[float]]:
    """Seconds, and frames a second since the sample before."""
    points = [
        (sample.t_s, output.presented) for sample in samples for output in sample.status.outputs if output.name == name
    ]
    rates = [
        (t_s, (count - before) / (t_s - before_s))
        for (before_s, before), (t_s, count) in pairwise(points)
        if count >= before and t_s > before_s
    ]
    return [t_s for t_s, _rate in rates], [rate for _t_s, rate in rates]


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, (int, float)) else 0.0


def svg(figure: Any) -> str:
    """A figure as an SVG element."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]  # within HTML there is no XML declaration
