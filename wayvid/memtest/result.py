"""All that was measured, ready for JSON."""

from __future__ import annotations

import msgspec

from wayvid.memtest.sample import Sample

__all__ = ["Fault", "Floor", "Result", "Run", "good_runs"]


class Floor(msgspec.Struct, frozen=True):
    """The least that playing the source costs: `mpv --vo=null` in the place of wayvid."""

    rss_bytes: int
    pss_bytes: int
    uss_bytes: int
    cpu_percent: float
    wakeups_per_s: float


class Fault(msgspec.Struct):
    """Something that a soak did to the wallpaper.

    Attributes:
        t_s: when, on the time line of its run.
        name: its kind, one of wayvid.memtest.faults.
        detail: to what.
        took_s: until all was well again; None: it never was.
        broken: what was not as it has to be; empty when nothing.
    """

    t_s: float
    name: str
    detail: str = ""
    took_s: float | None = None
    broken: str = ""


class Run(msgspec.Struct):
    """One start of the wallpaper, or one look at one that ran.

    Attributes:
        number: from 1.
        samples: in the order of time, those of the warm-up first.
        failed: why it does not count; empty when it does.
        floor: measured just before it; None where that was not asked for.
        faults: of a soak, in the order of time.
    """

    number: int
    samples: list[Sample] = []
    failed: str = ""
    floor: Floor | None = None
    faults: list[Fault] = []


class Result(msgspec.Struct):
    """A whole measurement.

    Attributes:
        wayvid: version.
        date: UTC, ISO 8601, of its start.
        machine: what must be equal for two of them to be compared.
        source: what was played, in the user's words; empty: the built-in wallpaper.
        is_attached: to a wallpaper that ran, instead of one on a desk of our own.
        warm_up_s: from the first picture on every screen; left out of all figures.
        seconds: measured in each run, after the warm-up.
        every_s: between two samples.
        partial: why it ended early; empty when it is whole.
        seed: of a soak, for the order of its faults.
    """

    wayvid: str
    date: str
    machine: dict[str, str]
    source: str
    is_attached: bool
    outputs: int
    warm_up_s: float
    seconds: float
    every_s: float
    runs: list[Run] = []
    partial: str = ""
    seed: int | None = None


def good_runs(result: Result) -> list[Run]:
    """Those that count."""
    return [run for run in result.runs if not run.failed and any(not sample.is_warm_up for sample in run.samples)]
