"""What does a wallpaper cost with more screens, larger clips, more pictures a second, other codecs, each renderer?

Measured: the real `wayvid run`, daemon and player together, on a virtual desk
(headless sway, pixman) with six 1080p outputs, and `mpv --vo=null` with the same lean
options and the same clip as the floor. Not every combination: one point in the
middle, 1080p30 H.264 on three screens, and a line through it along each axis. At the
middle also the start, a pause, and the hold that a pause becomes.

A floor is measured in each round beside the points of its clip, and ratios are taken
within the round. Whether the pictures came is asked of the daemon before and after: a
point that showed less than 95 % of the clip's rate on any screen has failed in that
round, and its figures of that round do not count. Processor time and memory are read
6 s after the first picture, when the start-up pages were given back.

Left out: the compositor's own share. Favoured: the floor, which shows nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench import clips, holding, kept, matrix_table, report, scenes
from bench.axes import AXES, MOST_SCREENS, Clip, Point, centre, plan
from wayvid.desk import Desk
from wayvid.errors import UsageError, WayvidError
from wayvid.ipc.client import ask_status
from wayvid.memtest.files import ResultFile

LEAST_RATE = 0.95  # of the clip's
# What a step takes beside the measuring itself: start, settling, reading, end.
POINT_OVERHEAD_S, FLOOR_OVERHEAD_S = 7.0, 3.2
CENTRE_S = 45.0  # all that is done at the middle, without the seconds of two measurements

Step = Callable[[], None]


def words_of(desk: Desk, point: Point) -> list[str]:
    """What `wayvid run` is told."""
    outputs = [word for name in desk.outputs[: point.screens] for word in ("-o", name)]
    return ["--renderer", point.renderer, *outputs, "--", str(clips.made(point.clip))]


def measure_point(desk: Desk, point: Point, seconds: float) -> dict[str, Any]:
    """One round of a point; its only figure is "failed", in words, where the pictures did not come.

    Raises:
        MeasurementFailed: there was not even a first one.
    """
    with scenes.running(desk, *words_of(desk, point)) as run:
        run.wait_shown()
        time.sleep(scenes.SETTLE_S)
        before, began_s = _presented(desk), time.monotonic()
        figures = scenes.read_steady(run, seconds)
        after, passed_s = _presented(desk), time.monotonic() - began_s
    if len(after) != point.screens:
        return {"failed": f"{len(after)} of {point.screens} screens had a picture"}
    rates = {name: (count - before.get(name, 0)) / passed_s for name, count in after.items()}
    slowest = min(rates, key=rates.__getitem__)
    if rates[slowest] < LEAST_RATE * point.clip.rate_hz:
        return {"failed": f"{slowest} showed {rates[slowest]:.1f} of {point.clip.rate_hz} pictures a second"}
    return figures | {"fps_min": rates[slowest], "fps_max": max(rates.values())}


def _presented(desk: Desk) -> dict[str, int]:
    return {output.name: output.presented for output in ask_status(desk.env).outputs if output.presented}


def measure_centre(desk: Desk, point: Point, seconds: float) -> dict[str, float]:
    """One round of what is measured at the middle alone."""
    words = words_of(desk, point)
    return {
        **scenes.start(desk, *words, outputs=point.screens),
        **holding.paused(desk, seconds, *words),
        **holding.held(desk, seconds, *words),
    }


class Matrix:
    """The measurement: its steps, and the report that they fill."""

    def __init__(self, made: kept.Report, points: Sequence[Point], seconds: float) -> None:
        self._points = points
        self._seconds = seconds
        self._floors: dict[Clip, list[dict[str, float]]] = {}
        self._rounds: dict[Point, list[dict[str, Any]]] = {point: [] for point in points}
        self._centres: dict[str, report.Samples] = {}
        self._centre_failed: dict[str, list[str]] = {}
        self.report = made
        self._fill()

    def steps(self, desk: Desk) -> list[tuple[str, float, Step]]:
        """One round: what it is called, how long it takes, and how to do it."""
        found: list[tuple[str, float, Step]] = []
        clip: Clip | None = None
        for point in self._points:
            if point.clip != clip:
                clip = point.clip
                found.append((f"floor, {clip.title}", FLOOR_OVERHEAD_S + self._seconds, self._floor_step(clip)))
            found.append((point.title, POINT_OVERHEAD_S + self._seconds, self._point_step(desk, point)))
            if point == centre(point.renderer):
                name = f"start, pause and hold, {point.renderer}"
                found.append((name, CENTRE_S + 2 * self._seconds, self._centre_step(desk, point)))
        return found

    def _floor_step(self, clip: Clip) -> Step:
        def step() -> None:
            floor = scenes.floor(self._seconds, clips.made(clip))
            self._floors.setdefault(clip, []).append(floor)

        return step

    def _point_step(self, desk: Desk, point: Point) -> Step:
        def step() -> None:
            try:
                figures = measure_point(desk, point, self._seconds)
            except (OSError, RuntimeError, ValueError, WayvidError, subprocess.CalledProcessError) as exc:
                figures = {"failed": str(exc)}
            self._rounds[point].append(figures | self._floors[point.clip][-1])
            self._fill()

        return step

    def _centre_step(self, desk: Desk, point: Point) -> Step:
        def step() -> None:
            try:
                figures = measure_centre(desk, point, self._seconds)
            except (OSError, RuntimeError, ValueError, WayvidError, subprocess.CalledProcessError) as exc:
                self._centre_failed.setdefault(point.renderer, []).append(str(exc))
            else:
                report.add(self._centres.setdefault(point.renderer, {}), figures)
            self._fill()

        return step

    def _fill(self) -> None:
        self.report["points"] = [
            {"renderer": point.renderer, "screens": point.screens, **point.clip._asdict(), "rounds": rounds}
            for point, rounds in self._rounds.items()
        ]
        self.report["centre"] = self._centres
        self.report["centre_failed"] = self._centre_failed


def make_clips(points: Sequence[Point]) -> tuple[list[Point], dict[str, str]]:
    """Make every clip before anything is timed.

    Returns:
        The points whose clips there are, and for each clip that cannot be made, why.
    """
    missing: dict[str, str] = {}
    for clip in dict.fromkeys(point.clip for point in points):
        print(f"clip {clip.title:24}", end="\r", file=sys.stderr, flush=True)
        try:
            clips.made(clip)
        except clips.ClipUnavailable as exc:
            missing[clip.title] = str(exc)
    return [point for point in points if point.clip.title not in missing], missing


def check_names(axes: Sequence[str], renderers: Sequence[str]) -> None:
    """Raise UsageError where there is no such axis, or this wayvid has no such renderer."""
    for name in axes:
        if name not in AXES:
            raise UsageError(f"there is no axis {name!r}; axes: {', '.join(AXES)}")
    for name in renderers:
        words = [sys.executable, "-m", "wayvid", "run", "--renderer", name, "--help"]
        if subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            raise UsageError(f"this wayvid has no renderer {name!r}; see 'wayvid run --help'")


def measure(matrix: Matrix, runs: int, file: ResultFile | None) -> None:
    """All rounds; says on stderr where it is and how long it takes, and writes the file after each round."""
    done_s, planned_s, began_s = 0.0, 0.0, time.monotonic()
    with Desk(outputs=MOST_SCREENS) as desk:
        steps = matrix.steps(desk)
        planned_s = runs * sum(seconds for _name, seconds, _step in steps)
        print(f"{runs} x {len(steps)} steps, about {planned_s / 60:.0f} minutes", file=sys.stderr)
        for number in range(1, runs + 1):
            for index, (name, seconds, step) in enumerate(steps, 1):
                pace = (time.monotonic() - began_s) / done_s if done_s else 1.0
                left_min = (planned_s - done_s) * pace / 60
                where = f"round {number} of {runs}, step {index} of {len(steps)}, {left_min:.0f} min left: {name}"
                print(f"\r\x1b[K{where}", end="", file=sys.stderr, flush=True)
                step()
                done_s += seconds
            matrix.report["runs"] = number
            kept.write(file, matrix.report, is_whole=False)
    print(file=sys.stderr)


def run(argv: list[str]) -> int:
    """`python -m bench matrix`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench matrix", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds (default: 5)")
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="of each measurement (default: 6)")
    parser.add_argument("--renderers", default="shm", metavar="A,B", help="of wayvid run (default: shm)")
    parser.add_argument("--axes", default=",".join(AXES), metavar="A,B", help=f"of {','.join(AXES)} (default: all)")
    kept.add_json_option(parser)
    kept.add_compare_option(parser, "matrix")
    options = parser.parse_args(argv)
    axes, renderers = options.axes.split(","), options.renderers.split(",")
    try:
        check_names(axes, renderers)
    except UsageError as exc:
        parser.error(str(exc))
    points, missing = make_clips(plan(renderers, axes))
    made = kept.new_report("matrix") | {"seconds": options.seconds, "runs": 0, "axes": axes, "missing": missing}
    matrix = Matrix(made, points, options.seconds)
    code = 0
    try:
        measure(matrix, options.runs, options.json)
    except KeyboardInterrupt:
        code = 130
        made["partial"] = "interrupted"
        print("\ninterrupted; what follows is partial", file=sys.stderr)
    kept.write(options.json, made, is_whole=not code)
    kept.print_stamp(made)
    print("", *matrix_table.lines(made, options.compare), sep="\n")
    return code
