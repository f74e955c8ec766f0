"""What a report of the matrix bench says: medians of rounds, ratios within rounds, failures by name."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from bench.axes import Clip, Point
from bench.report import Figure

# What is measured at the middle alone.
CENTRE = {
    "start_first": Figure("exec to first picture on any screen", "ms"),
    "start_all": Figure("exec to first picture on all screens", "ms"),
    "paused_cpu": Figure("paused: CPU of both", "% core", decimals=2),
    "paused_wakes": Figure("paused: wake-ups of both", "/s", decimals=2),
    "paused_pss": Figure("paused: PSS of both", "MB"),
    "held_pss": Figure("held: PSS", "MB"),
    "held_wakes": Figure("held: wake-ups", "/s", decimals=2),
}


class Spread(NamedTuple):
    """The median of some rounds, and their least and most."""

    median: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """With what is around the median."""
        return f"{self.median:.1f} ({self.low:.1f} to {self.high:.1f})"


class Row(NamedTuple):
    """A point, over the rounds in which its pictures came.

    Attributes:
        n: those rounds.
        failed: why the others do not count, a line each.
        cpu: of daemon and player, % of a core.
        pss: likewise, MB.
        cpu_ratio: to the floor, within the round; likewise pss_ratio.
        floor_cpu: of all rounds; likewise floor_pss.
    """

    point: Point
    n: int
    failed: list[str]
    cpu: Spread | None
    pss: Spread | None
    cpu_ratio: Spread | None
    pss_ratio: Spread | None
    fps: Spread | None
    floor_cpu: Spread | None
    floor_pss: Spread | None


def spread(values: Sequence[float]) -> Spread | None:
    """None where there are no values."""
    return Spread(statistics.median(values), min(values), max(values)) if values else None


def rows(report: Mapping[str, Any]) -> list[Row]:
    """Every point of a report, in its order."""
    return [_row(entry) for entry in report["points"]]


def _row(entry: Mapping[str, Any]) -> Row:
    rounds: list[dict[str, Any]] = entry["rounds"]
    good = [one for one in rounds if "failed" not in one]

    def of(name: str, counted: Sequence[Mapping[str, Any]] = good) -> Spread | None:
        return spread([one[name] for one in counted])

    def ratio(above: str, below: str) -> Spread | None:
        return spread([one[above] / one[below] for one in good if one[below]])

    return Row(
        point=Point(entry["renderer"], entry["screens"], Clip(entry["codec"], entry["height_px"], entry["rate_hz"])),
        n=len(good),
        failed=[one["failed"] for one in rounds if "failed" in one],
        cpu=of("cpu"),
        pss=of("pss"),
        cpu_ratio=ratio("cpu", "floor_cpu"),
        pss_ratio=ratio("pss", "floor_pss"),
        fps=of("fps_min"),
        floor_cpu=of("floor_cpu", rounds),
        floor_pss=of("floor_pss", rounds),
    )


def lines(report: Mapping[str, Any], earlier: Mapping[str, Any] | None = None) -> list[str]:
    """The tables, what failed, and what could not be measured; with an earlier report also ratios to it."""
    was = {row.point: row for row in rows(earlier)} if earlier else {}
    head = f"{'':34}{'n':>2}{'CPU, % core':>22}{'floor':>7}{'x':>6}{'PSS, MB':>25}{'floor':>7}{'x':>6}{'fps':>7}"
    table = [head + (f"{'CPU now/was':>13}{'PSS now/was':>13}" if earlier else "")]
    for row in rows(report):
        line = (
            f"{row.point.title:34}{row.n:2}"
            f"{_words(row, row.cpu):>22}{_median(row.floor_cpu)}{_median(row.cpu_ratio, 6, 2)}"
            f"{_words(row, row.pss):>25}{_median(row.floor_pss)}{_median(row.pss_ratio, 6, 2)}{_median(row.fps)}"
        )
        before = was.get(row.point)
        if before is not None:
            line += _now_to_was(row.cpu, before.cpu) + _now_to_was(row.pss, before.pss)
        table.append(line.rstrip())
    table += _centre_lines(report, earlier)
    others = spread([one["other_cpu"] for entry in report["points"] for one in entry["rounds"] if "other_cpu" in one])
    if others:
        table += ["", f"meanwhile all else on the machine, the compositor too: {others.words} % of a core"]
    said = faults(report)
    return [*table, *([""] if said else []), *said]


def faults(report: Mapping[str, Any]) -> list[str]:
    """What failed or was not measured, a line each, and whether the report is partial."""
    found = [f"failed: {row.point.title}: {words}" for row in rows(report) for words in row.failed]
    for renderer, said in report["centre_failed"].items():
        found += [f"failed: start, pause and hold, {renderer}: {words}" for words in said]
    found += [f"not measured: {title}: {why}" for title, why in report["missing"].items()]
    return found + ([f"partial: {report['partial']}"] if "partial" in report else [])


def _centre_lines(report: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> list[str]:
    found = []
    for renderer, samples in report["centre"].items():
        found += ["", f"at the middle, {renderer:17}{'n':>3}{'unit':>8}{'median':>10}{'min':>10}{'max':>10}"]
        was = earlier["centre"].get(renderer, {}) if earlier else {}
        for name, figure in CENTRE.items():
            one = spread(samples.get(name, []))
            if one is None:
                continue
            numbers = "".join(f"{value:10.{figure.decimals}f}" for value in one)
            before = spread(was.get(name, []))
            tail = _now_to_was(one, before) if before else ""
            found.append(f"{figure.title:36}{len(samples[name]):3}{figure.unit:>8}{numbers}{tail}")
    return found


def _words(row: Row, one: Spread | None) -> str:
    if one is None:
        return "failed" if row.failed else "-"
    return one.words


def _median(one: Spread | None, columns: int = 7, decimals: int = 1) -> str:
    return f"{'-':>{columns}}" if one is None else f"{one.median:{columns}.{decimals}f}"


def _now_to_was(now: Spread | None, was: Spread | None) -> str:
    if now is None or was is None or not was.median:
        return f"{'-':>13}"
    return f"{now.median / was.median:13.2f}"
