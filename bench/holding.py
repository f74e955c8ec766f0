"""What the memory bench has the program do beyond steady play. One call is one run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import clips, procs
from bench.scenes import HIDDEN_SETTLE_S, MB, SETTLE_S, Run, running, wait_for
from wayvid.desk import Desk
from wayvid.ipc.status import Status
from wayvid.units import MIB

HOLD_AFTER_S = 1
# The daemon gives back what it no longer shares when the player has gone; then nothing more is due.
HELD_SETTLE_S = 3.0
# libmpv's reader looks up once a second for five more seconds, as when a clip is hidden.
PAUSED_SETTLE_S = HIDDEN_SETTLE_S


def status(run: Run) -> Status:
    """What `wayvid status` says."""
    return msgspec.json.decode(run.command("status", "--json"), type=Status)


@contextmanager
def _config(line: str) -> Iterator[Path]:
    """A config file with one key of [power]."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(f"[power]\n{line}\n")
        file.flush()
        yield Path(file.name)


def large(desk: Desk) -> dict[str, float]:
    """A 4K clip: how large are the buffers that its pictures are made in."""
    with running(desk, str(clips.large())) as run:
        time.sleep(SETTLE_S)
        pool = status(run).memory.pool
        memory = [procs.memory(pid) for pid in run.pids]
    buffers = pool.buffers_in_use + pool.buffers_idle
    return {
        "large_buffer": (pool.in_use_bytes + pool.idle_bytes) / buffers / MB,
        "large_buffers": buffers,
        "large_player_rss": memory[1].rss / MB,
        "large_pss": sum(one.pss for one in memory) / MB,
    }


def paused(desk: Desk, seconds: float, *words: str) -> dict[str, float]:
    """Paused, and the player still there, as it is for the first minute.

    Args:
        words: for `wayvid run`.
    """
    with running(desk, *words) as run:
        time.sleep(SETTLE_S)
        run.command("pause")
        time.sleep(PAUSED_SETTLE_S)
        before, began_s = run.usage(), time.monotonic()
        time.sleep(seconds)
        used, passed_s = run.usage().since(before), time.monotonic() - began_s
        pss = sum(procs.memory(pid).pss for pid in run.pids)
    return {"paused_cpu": 100 * used.cpu_s / passed_s, "paused_wakes": used.sleeps / passed_s, "paused_pss": pss / MB}


def held(desk: Desk, seconds: float, *words: str) -> dict[str, float]:
    """Paused for so long that the player has gone: pictures stay, and what else.

    Args:
        words: for `wayvid run`; none: the busy clip.
    """
    words = words or (str(clips.busy()),)
    with _config(f"hold_after_s = {HOLD_AFTER_S}") as config, running(desk, *words, config=config) as run:
        time.sleep(SETTLE_S)
        run.command("pause")
        wait_for(lambda: len(run.pids) == 1, "the hold")
        time.sleep(HELD_SETTLE_S)
        before = run.usage()
        time.sleep(seconds)
        pids, used = run.pids, run.usage().since(before)
        memory = [procs.memory(pid) for pid in pids]
    return {
        "held_rss": sum(one.rss for one in memory) / MB,
        "held_pss": sum(one.pss for one in memory) / MB,
        "held_processes": len(pids),
        "held_wakes": used.sleeps / seconds,
    }


def budget(desk: Desk, budget_bytes: int) -> dict[str, float]:
    """A budget that playing does not fit into: what is held once the ladder has acted.

    Args:
        desk: three screens.
        budget_bytes: rounded down to whole MiB, as the config has it.
    """
    budget_mib = budget_bytes // MIB
    words = [str(clips.busy()), "--log-level", "error"]  # the daemon warns of such a budget
    with _config(f"max_memory_mb = {budget_mib}") as config, running(desk, *words, config=config) as run:
        wait_for(lambda: len(run.pids) == 2, "the player")
        started_s = time.monotonic()
        wait_for(lambda: len(run.pids) == 1, "the ladder's last step")
        acted_s = time.monotonic() - started_s
        time.sleep(HELD_SETTLE_S)
        pss = sum(procs.memory(pid).pss for pid in run.pids)
    return {"budget": budget_mib * MIB / MB, "budget_over": (pss - budget_mib * MIB) / MB, "budget_acted": acted_s}
