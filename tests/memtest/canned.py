"""Samples, runs and results as a measurement might have given them."""

from __future__ import annotations

import msgspec

from tests.ipc.canned import AT_NOON, some_memory, some_status
from wayvid.ipc.status import Action, OutputStatus
from wayvid.memtest.comparison import Comparison, Look, Turn
from wayvid.memtest.contender import Contender
from wayvid.memtest.household import Held
from wayvid.memtest.result import Result, Run
from wayvid.memtest.sample import Sample

DAEMON, PLAYER = 4711, 4712


def sample(
    t_s: float,
    shown: dict[str, int],
    *,
    state: str = "playing",
    output_state: str = "playing",
    warm_up: bool = False,
    level: str = "normal",
    actions: tuple[str, ...] = (),
    pss_bytes: int = 0,
    picture_s: float = 0.0,
    crashes: int = 0,
) -> Sample:
    """A look after so many seconds, with frames shown by output."""
    done = [Action(AT_NOON + t_s, level, name, 1024, "<why>") for name in actions]
    status = some_status(
        t_s,
        state=state,
        outputs=[OutputStatus(name, "fill", output_state, count) for name, count in shown.items()],
        memory=some_memory(level=level, actions=done),
        crashes=crashes,
    )
    streams = [msgspec.structs.replace(stream, picture_s=picture_s) for stream in status.streams]
    status = msgspec.structs.replace(status, streams=streams)
    if pss_bytes:
        daemon, player = status.processes
        player = msgspec.structs.replace(player, pss_bytes=pss_bytes)
        status = msgspec.structs.replace(status, processes=[daemon, player])
    slept = {DAEMON: round(10 + t_s), PLAYER: round(100 + 50 * t_s)}
    return Sample(t_s, AT_NOON + t_s, warm_up, status, {DAEMON: 8 << 20, PLAYER: 60 << 20}, slept)


def playing_run(number: int = 1, seconds: int = 12, warm_up_s: int = 2, pss_mb: int = 98) -> Run:
    """A run at 30 frames a second on one screen."""
    samples = [
        sample(at, {"DP-1": 30 * at}, warm_up=at < warm_up_s, pss_bytes=pss_mb << 20) for at in range(seconds + 1)
    ]
    return Run(number, samples)


def some_result(*runs: Run) -> Result:
    """A whole one."""
    return Result("0.1.0", "2026-01-01T00:00:00+00:00", {"cpu": "a & b"}, "<waves>.mp4", False, 1, 2.0, 10.0, 1.0,
                  list(runs))  # fmt: skip


def held(pss_mb: int = 80, cpu_s: float = 1.0, sleeps: int = 0) -> Held:
    """A process with three threads; half of its memory is its own."""
    pss = pss_mb << 20
    return Held("mpv", pss, pss // 2, pss // 4, pss // 4, pss // 2, pss + (9 << 20), 0, None, cpu_s, sleeps, 3, 20)


def look(t_s: float, processes: dict[int, Held], pictures: dict[str, int], *, warm_up: bool = False) -> Look:
    """A look after so many seconds."""
    return Look(t_s, AT_NOON + t_s, warm_up, processes, pictures)


def turn(number: int, key: str, pss_mb: int = 80, frames: int = 30) -> Turn:
    """Four seconds on one screen, the first of which is warm-up; a quarter of a core."""
    looks = [
        look(at, {4711: held(pss_mb, 1 + at / 4, 50 * at)}, {"1.1": frames * at}, warm_up=at < 1) for at in range(5)
    ]
    return Turn(number, key, looks, 250.0)


def comparison(*turns: Turn) -> Comparison:
    """A whole one of two programs with awkward names."""
    contenders = [
        Contender("A", "wayvid", ["wayvid", "run"], version="0.1.0"),
        Contender("B", "<b> & $x$", ["b", "a b"]),
    ]
    return Comparison("0.1.0", "2026-01-01T00:00:00+00:00", {"cpu": "a & b"}, "<waves>.mp4", False, 1, 1.0, 4.0, 1.0,
                      contenders, list(turns))  # fmt: skip
