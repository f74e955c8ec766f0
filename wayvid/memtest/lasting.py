"""What a soak adds up to: how each kind of fault was got over, what grew, and what broke."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator

import msgspec

from wayvid.ipc.status import ProcessStatus
from wayvid.memtest.columns import PROCESSES
from wayvid.memtest.held import held_bytes
from wayvid.memtest.result import Result, Run, good_runs
from wayvid.memtest.sample import Sample
from wayvid.memtest.trend import Growth, Point, growth
from wayvid.units import MIB

__all__ = ["JUDGED_FROM_S", "Kind", "grown", "kinds", "what_broke", "what_grew"]

# Of each run: a process fills its heap in its first minutes, and that is no leak.
WARM_UP_SHARE = 0.2
# Growth of less time is told and not judged.
JUDGED_FROM_S = 600.0
# Per hour. With the whole interval above it a process grows: a tenth of what it holds in half a day.
MOST_MB_PER_HOUR = 2.0
FIGURES: dict[str, tuple[str, Callable[[ProcessStatus], float]]] = {
    "memory": ("MB", lambda process: held_bytes(process) / MIB),
    "open files": ("", lambda process: process.fds),
    "threads": ("", lambda process: process.threads),
}


class Kind(msgspec.Struct, frozen=True):
    """All faults of a kind.

    Attributes:
        median_s: until all was well again, of those that were got over; None: none was.
        max_s: likewise.
    """

    name: str
    count: int
    broken: int
    median_s: float | None
    max_s: float | None


def kinds(result: Result) -> list[Kind]:
    """Each kind that came, by name."""
    faults = [fault for run in result.runs for fault in run.faults]
    found = []
    for name in sorted({fault.name for fault in faults}):
        own = [fault for fault in faults if fault.name == name]
        took = [fault.took_s for fault in own if fault.took_s is not None]
        broken = sum(bool(fault.broken) for fault in own)
        median_s, max_s = (statistics.median(took), max(took)) if took else (None, None)
        found.append(Kind(name, len(own), broken, median_s, max_s))
    return found


def grown(result: Result) -> dict[str, Growth]:
    """Growth per hour of each process, by a name such as "player, memory, MB"; of what can be told.

    Only samples between faults count, when the wallpaper shows what it showed at the start.
    """
    found = {}
    for process in PROCESSES:
        for title, (unit, value_of) in FIGURES.items():
            runs = [list(_points(run, process, value_of)) for run in good_runs(result)]
            if (slope := growth(runs)) is not None:
                found[", ".join(filter(None, (process, title, unit)))] = slope
    return found


def what_grew(result: Result) -> list[str]:
    """Memory that surely grew, in words; empty also where too little was measured to judge."""
    measured_s = sum(run.samples[-1].t_s for run in good_runs(result))
    if measured_s < JUDGED_FROM_S:
        return []
    return [
        f"{name}: {slope.low:+.1f} to {slope.high:+.1f} an hour, at most {MOST_MB_PER_HOUR:g} wanted"
        for name, slope in grown(result).items()
        if "memory" in name and slope.low > MOST_MB_PER_HOUR
    ]


def what_broke(result: Result) -> list[str]:
    """Each fault that was not got over as it has to be, and each run that ended between two."""
    found = []
    for run in result.runs:
        broken = [f"{fault.name} after {fault.t_s:.0f} s of run {run.number}: {fault.broken}"
                  for fault in run.faults if fault.broken]  # fmt: skip
        if run.failed and not any(fault.broken in run.failed for fault in run.faults if fault.broken):
            broken.append(f"run {run.number}, {run.failed}")
        found += broken
    return found


def _points(run: Run, name: str, value_of: Callable[[ProcessStatus], float]) -> Iterator[Point]:
    calm = [sample for sample in run.samples if not sample.is_warm_up and not sample.fault]
    begins_s = WARM_UP_SHARE * run.samples[-1].t_s if run.samples else 0.0
    for sample in calm:
        if sample.t_s >= begins_s:
            yield from ((sample.t_s, value_of(process)) for process in _named(sample, name))


def _named(sample: Sample, name: str) -> list[ProcessStatus]:
    return [process for process in sample.status.processes if process.name == name]
