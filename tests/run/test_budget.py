"""The budget holds: it is set below what playing takes, and the ladder is watched climbing and coming down."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.run.conftest import START_S, Run
from tests.shortage import make_shortage
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.ipc.status import Status
from wayvid.memory.ladder import UP, Rung
from wayvid.units import MIB

SCREEN = "HEADLESS-1"
CLIP_FRAMES, RATE = 300, 30
LEAN, FRUGAL, HELD = ([action.value for action in UP[rung]] for rung in (Rung.LEAN, Rung.FRUGAL, Rung.HELD))
LEAST_MB = 20  # that the config takes
OVER_BYTES = 10_000_000  # how far above the budget the ladder may end


def actions(status: Status) -> list[str]:
    return [action.action for action in status.memory.actions]


def set_budget(run: Run, write_config: Callable[..., str], **power: float) -> None:
    write_config(**power)
    answer = run.ask("reload")
    assert answer["ok"], answer


def player_threads(status: Status) -> int:
    return next(process.threads for process in status.processes if process.name == "player")


def needed_bytes(run: Run) -> int:
    """What the run holds once its start is over: the memory that no budget cuts."""
    readings: dict[float, int] = {}  # who asks too soon is told the same as before

    def newest() -> list[int]:
        return list(readings.values())[-3:]

    def has_settled() -> bool:
        memory = run.status().memory
        readings[memory.at_s] = memory.pss_bytes
        return len(readings) > 3 and max(newest()) - min(newest()) < MIB // 2

    wait_until(has_settled, START_S, "memory to settle")
    return newest()[-1]


def test_budget_below_the_need_is_kept_by_a_hold_and_no_screen_is_ever_black(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(max_memory_mb=0))
    run.wait_playing()
    assert run.status().memory.level == "normal"
    budget_mb = max(needed_bytes(run) // 2 // MIB, LEAST_MB)
    set_budget(run, write_config, max_memory_mb=budget_mb, check_every_s=1)
    seen: list[int | None] = []

    def is_held() -> bool:
        seen.extend(read_number(run.shot(name)) for name in sway_desk.outputs)
        return run.status().state == "held"

    wait_until(is_held, START_S, "the hold")
    status = run.status()
    assert None not in seen, "a screen was black on the way"
    assert status.reason == "memory"
    assert actions(status) == [*LEAN, *FRUGAL, *HELD]
    assert "of the budget" in status.memory.actions[-1].reason
    assert status.memory.actions[-1].freed_bytes > 10 * MIB
    assert status.memory.budget_bytes == budget_mb * MIB
    assert status.memory.pss_bytes < status.memory.budget_bytes + OVER_BYTES
    held = {read_number(run.shot(name)) for name in sway_desk.outputs}
    (before,) = held
    assert before is not None
    assert seen[-1] is not None
    assert (before - seen[-1]) % CLIP_FRAMES <= RATE, "the still is not the last picture"

    # The same budget never lets it go; a larger one does, and it goes on where it was.
    set_budget(run, write_config, max_memory_mb=0, check_every_s=1)
    after: list[int | None] = []

    def plays_on() -> bool:
        after.append(read_number(run.shot(SCREEN)))
        return after[-1] != before

    # Undone only after some patience: see wayvid.memory.ladder.
    wait_until(plays_on, 60, "the clip to go on")
    assert after[-1] is not None
    assert (after[-1] - before) % CLIP_FRAMES <= RATE


def test_high_pressure_takes_only_what_nobody_sees(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(max_memory_mb=0))
    run.wait_playing()
    need_bytes = needed_bytes(run)
    # Between 75 and 90 %: high, nothing that can be seen.
    set_budget(run, write_config, max_memory_mb=round(need_bytes / 0.82 / MIB))
    wait_until(lambda: run.status().memory.level == "high", START_S, "high pressure")
    status = wait_until(lambda: (now := run.status()).memory.actions and now, START_S, "the first steps")
    assert actions(status) == LEAN
    assert status.state == "playing"
    assert "of the budget" in status.memory.reason
    # The ladder's cut reaches libmpv.
    assert status.streams[0].limits["demuxer-max-bytes"] < 2 * MIB


def test_memory_pressure_of_the_machine_is_acted_on_at_once(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    tmp_path: Path,
) -> None:
    shortage = make_shortage(tmp_path)
    # A check by time or by frames would come too late to be what acts here.
    config = write_config(max_memory_mb=0, check_every_s=3600, check_every_frames=0)
    try:
        run = run_wayvid(sway_desk, str(numbered_clip), "-c", config, env={"WAYVID_PSI": shortage.path})
        run.wait_playing()
        shortage.begin()
        status = wait_until(lambda: (now := run.status()).memory.actions and now, 60, "an action")
    finally:
        shortage.close()
    assert actions(status)[: len(LEAN)] == LEAN
    assert "the machine is short of memory" in status.memory.actions[0].reason
    assert status.memory.level in ("high", "critical")


@pytest.mark.parametrize("way", ["signal", "command"])
def test_limits_of_a_changed_config_are_read_back_from_libmpv(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path, way: str
) -> None:
    keys = {"demuxer_ahead_mb": 50, "demuxer_back_mb": 10, "max_pool_mb": 100}
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(max_memory_mb=0, decode_threads=4, **keys))
    status = run.wait_playing()
    limits = {"demuxer-max-bytes": 50 * MIB, "demuxer-max-back-bytes": 10 * MIB, "vd-lavc-threads": 4}
    assert status.streams[0].limits == limits
    assert status.memory.pool.max_bytes == 100 * MIB
    # The loop without a seam, which begins soon after the first picture, opens a decoder of its own.
    wait_until(lambda: run.status().streams[0].frames > RATE, START_S, "a second of frames")
    threads = player_threads(run.status())

    write_config(max_memory_mb=160, decode_threads=1, max_buffers=5, **keys)
    if way == "signal":
        os.kill(run.process.pid, signal.SIGHUP)
    else:
        assert run.ask("reload")["ok"]

    def has_fewer() -> Status | None:
        now = run.status()
        return now if now.streams and now.streams[0].limits != limits else None

    status = wait_until(has_fewer, START_S, "other limits")
    assert status is not None
    # Shares of the budget: see wayvid.daemon.limits.
    fewer_limits = {"demuxer-max-bytes": 10 * MIB, "demuxer-max-back-bytes": 5 * MIB, "vd-lavc-threads": 1}
    assert status.streams[0].limits == fewer_limits
    assert status.memory.pool.max_buffers == 5
    assert status.memory.pool.max_bytes == 72 * MIB
    wait_until(lambda: player_threads(run.status()) < threads, START_S, "fewer threads")


# Of 3.7 MB each; in the smaller pool not even the one on screen has room beside one of the new ones.
@pytest.mark.parametrize("pool_mb", [9, 4], ids=["room-for-two", "room-for-one"])
def test_pictures_shrink_to_a_smaller_pool_while_the_clip_plays_on(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path, pool_mb: int
) -> None:
    clip = make_numbered_clip(tmp_path / "large.mp4", CLIP_FRAMES, size=(1280, 720))
    run = run_wayvid(sway_desk, str(clip), "-c", write_config(max_memory_mb=0, max_pool_mb=100))
    status = run.wait_playing()
    assert status.memory.pool.in_use_bytes >= 1280 * 720 * 4
    set_budget(run, write_config, max_memory_mb=0, max_pool_mb=pool_mb)

    def some_are_smaller() -> bool:
        pool = run.status().memory.pool
        buffers = pool.buffers_in_use + pool.buffers_idle
        return 0 < pool.in_use_bytes + pool.idle_bytes < buffers * 1280 * 720 * 4

    wait_until(some_are_smaller, START_S, "smaller pictures")
    shown = run.status().streams[0].frames
    wait_until(lambda: run.status().streams[0].frames > shown + RATE, START_S, "a second of them")

    def fits() -> bool:
        pool = run.status().memory.pool
        return pool.in_use_bytes + pool.idle_bytes <= pool.max_bytes == pool_mb * MIB

    wait_until(fits, START_S, "pictures within the limit")
    run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip")


def test_wrong_config_on_reload_names_the_key_and_changes_nothing(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(max_memory_mb=300))
    run.wait_playing()
    write_config(max_memory_mb=-1)
    answer = run.ask("reload")
    assert not answer["ok"]
    assert "power.max_memory_mb" in answer["error"]
    status = run.status()
    assert status.memory.budget_bytes == 300 * MIB
    assert "power.max_memory_mb" in status.config_error
    assert status.state == "playing"
    os.kill(run.process.pid, signal.SIGHUP)
    wait_until(lambda: "power.max_memory_mb" in run.stderr, START_S, "the error")
    assert run.stderr.count("\n") == 1
    write_config(max_memory_mb=200)
    assert run.ask("reload")["ok"]
    assert run.status().memory.budget_bytes == 200 * MIB
    assert run.status().config_error == ""
