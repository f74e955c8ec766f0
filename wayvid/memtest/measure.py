"""Runs, one after the other: floor, wallpaper, samples each second, verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from wayvid.errors import IpcError, MeasurementFailed
from wayvid.memtest.floor import measure_floor
from wayvid.memtest.result import Result, Run
from wayvid.memtest.sample import Sample, Sampler
from wayvid.memtest.stopped import STOPPED_AFTER_S, why_crashed, why_stopped
from wayvid.memtest.wallpaper import DIES_WITHIN_S, Wallpaper

__all__ = ["FLOOR_SECONDS", "OnSample", "measure"]

FLOOR_SECONDS = 10.0
# So many of the last samples tell during a run that it has stopped.
WATCHED = round(STOPPED_AFTER_S) + 5

OnSample = Callable[[Run], None]


def measure(
    result: Result,
    runs: int,
    wallpaper: Callable[[], AbstractContextManager[Wallpaper]],
    floor_command: list[str] | None,
    on_run: Callable[[int], None],
    on_sample: OnSample,
) -> None:
    """Fill a result, run by run; what is in it when an exception comes has been measured.

    A run that fails while it is measured is marked, and the next one begins.

    Args:
        result: for its warm_up_s, seconds and every_s; its runs are added to.
        runs: how many.
        wallpaper: starts or finds it, for one run.
        floor_command: is measured before each run; None: no floor.
        on_run: is told the number of each run that begins.
        on_sample: is told of each sample, which is the run's last.

    Raises:
        MeasurementFailed: it could not start, or the floor could not.
        IpcError: there is none to be attached to.
    """
    for number in range(1, runs + 1):
        on_run(number)
        run = Run(number)
        if floor_command is not None:
            run.floor = measure_floor(floor_command, min(FLOOR_SECONDS, result.seconds))
        with wallpaper() as running:
            result.runs.append(run)
            try:
                _measure_run(run, running, result, on_sample)
            except (MeasurementFailed, IpcError) as exc:
                run.failed = str(exc)
            finally:
                run.failed = run.failed or _why_failed(run.samples, not result.is_attached)


def _measure_run(run: Run, wallpaper: Wallpaper, result: Result, on_sample: OnSample) -> None:
    sampler = Sampler(wallpaper.environ)
    due_s = 0.0
    while True:
        elapsed_s = sampler.elapsed_s
        try:
            sample = sampler.take(elapsed_s < result.warm_up_s)
        except IpcError:
            wallpaper.check_alive(DIES_WITHIN_S)  # its own last line says more
            raise
        run.samples.append(sample)
        on_sample(run)
        if elapsed_s >= result.warm_up_s + result.seconds or _has_stopped(run, result):
            return
        due_s += result.every_s
        time.sleep(max(due_s - sampler.elapsed_s, 0.0))


def _has_stopped(run: Run, result: Result) -> bool:
    last = run.samples[-WATCHED:]
    is_enough = len(last) == WATCHED and not last[0].is_warm_up
    return is_enough and bool(why_stopped(last, not result.is_attached))


def _why_failed(samples: Sequence[Sample], is_own_desk: bool) -> str:
    return why_crashed(samples, is_own_desk) or why_stopped(samples, is_own_desk)
