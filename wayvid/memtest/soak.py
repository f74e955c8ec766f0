"""A soak: hours of faults, each followed by the question whether all is well again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic

from wayvid.desk import NestedDesk
from wayvid.errors import DeskError, IpcError, MeasurementFailed
from wayvid.memtest.faults import Faults
from wayvid.memtest.result import Fault, Result, Run
from wayvid.memtest.scene import Scene
from wayvid.memtest.schedule import RESTART, schedule

__all__ = ["SOAK_SIZE_PX", "soak"]

SOAK_SIZE_PX = (1280, 720)
# After a fault: a new player gives its start-up pages back 3 s after its first frame.
SETTLE_S, SETTLE_SHARE = 4.0, 0.5
READABLE = 0o755


def soak(
    result: Result,
    source: str,
    config: str,
    seed: int,
    on_sample: Callable[[Run], None],
) -> None:
    """Fill a result, fault by fault; what is in it when an exception comes has been measured.

    Where a fault leaves something broken, the wallpaper is started again, in a run of its own.

    Args:
        result: for its outputs, warm_up_s, seconds (of the whole) and every_s; its runs are added to.
        source: as the daemon takes it; empty: the built-in wallpaper.
        config: a config file.
        seed: for the order of the faults.
        on_sample: is told of each sample, which is the last of its run.

    Raises:
        MeasurementFailed: the wallpaper cannot start.
        DeskError: the desk cannot start.
    """
    random = Random(seed)
    with tempfile.TemporaryDirectory(prefix="wayvid-soak-") as name, NestedDesk(result.outputs, SOAK_SIZE_PX) as desk:
        Path(name).chmod(READABLE)
        scene = Scene(result, desk, source, config, on_sample)
        try:
            scene.start()
            faults = Faults(scene, source, Path(name), random)
            end_s = monotonic() + result.seconds
            for planned in schedule(result.seconds, random):
                left_s = end_s - monotonic()
                settle_s = min(SETTLE_S, SETTLE_SHARE * planned.calm_s)
                _leave_alone(scene, min(settle_s, left_s), min(planned.calm_s, left_s))
                if monotonic() >= end_s:
                    return
                _do(scene, faults, planned.name)
        finally:
            scene.close()


def _do(scene: Scene, faults: Faults, name: str) -> None:
    run, began_s = scene.run, monotonic()
    fault = Fault(round(scene.elapsed_s, 3), name)
    run.faults.append(fault)
    scene.fault = name
    try:
        with scene.naming_its_end():
            faults.do(name)
    except (MeasurementFailed, IpcError, DeskError) as exc:
        fault.broken = str(exc)
        fault.detail = faults.detail
        run.failed = f"{name} after {fault.t_s:.0f} s: {exc}"
        _begin_again(scene)
        return
    fault.took_s = round(monotonic() - began_s, 3)
    fault.detail = faults.detail
    try:
        if name != RESTART:
            scene.wait_handles()
            scene.check_crashes()
    except (MeasurementFailed, IpcError) as exc:
        fault.broken = str(exc)


def _leave_alone(scene: Scene, settle_s: float, seconds: float) -> None:
    """Let it play, first with what the fault has left behind."""
    try:
        scene.rest(settle_s)
        scene.fault = ""
        scene.rest(seconds - settle_s)
    except (MeasurementFailed, IpcError) as exc:
        scene.run.failed = f"between two faults, after {scene.elapsed_s:.0f} s: {exc}"
        _begin_again(scene)


def _begin_again(scene: Scene) -> None:
    """A new desk, with a new wallpaper on it."""
    scene.close()
    scene.desk.close()
    scene.desk.open()
    scene.start()
