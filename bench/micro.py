"""What does compiling save on the paths that run per frame or per figure?

Timed: one call (or the pair named) from Python, as the daemon and the player
make it. Left out: writing the pictures, and the first touch of new pages, which
costs both contenders the same milliseconds. Favoured: neither is contended and
all is in cache, which flatters the twins, whose lock is always free.

Each contender runs each case in a process of its own. A figure is nanoseconds
per operation over samples of `batch` operations; the row `empty loop` is the
price of the loop itself, included in every figure. Python bytes are what one
operation allocates at its worst moment, by tracemalloc.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from bench import stamp

CONTENDERS = {"compiled": "wayvid._core", "twin": "bench.twins"}
SAMPLES = 400
FULL_HD_BYTES = 1920 * 1080 * 4


class Case(NamedTuple):
    """One thing to time."""

    operation: Callable[[], object]
    batch: int  # operations per sample: enough to dwarf the clock's own 50 ns
    undo: Callable[[], object] | None = None  # after each sample, not timed


def empty_loop(_core: ModuleType) -> Case:
    return Case(lambda: None, 2000)


def counter_update(core: ModuleType) -> Case:
    allocated, freed, kind = core.allocated, core.freed, core.OTHER

    def operation() -> None:
        allocated(kind, 4096)
        freed(kind, 4096)

    return Case(operation, 1000)


def frame_tick(core: ModuleType) -> Case:
    return Case(core.FrameTicker().tick, 2000)


def stats_snapshot(core: ModuleType) -> Case:
    return Case(core.memory_stats, 500)


def acquire_release_hit(core: ModuleType) -> Case:
    pool = core.BufferPool()
    for buffer in [pool.acquire(FULL_HD_BYTES) for _ in range(3)]:
        pool.release(buffer)
    acquire, release = pool.acquire, pool.release
    return Case(lambda: release(acquire(FULL_HD_BYTES)), 500)


def acquire_miss(core: ModuleType) -> Case:
    pool = core.BufferPool()
    lent: list[Any] = []

    def undo() -> None:
        while lent:
            pool.release(lent.pop())
        pool.trim()

    return Case(lambda: lent.append(pool.acquire(FULL_HD_BYTES)), 8, undo)


def pool_stats(core: ModuleType) -> Case:
    return Case(core.BufferPool().stats, 500)


CASES: dict[str, Callable[[ModuleType], Case]] = {
    "empty loop": empty_loop,
    "frame tick": frame_tick,
    "counter update (allocated + freed)": counter_update,
    "memory_stats": stats_snapshot,
    "acquire + release, hit": acquire_release_hit,
    "acquire, miss": acquire_miss,
    "pool stats": pool_stats,
}


def measure(case: Case) -> dict[str, float]:
    """Time one case in this process; ns per operation and Python bytes."""
    operation, batch, undo = case
    clock = time.perf_counter_ns
    samples_ns = []
    for number in range(SAMPLES + SAMPLES // 10):
        started_ns = clock()
        for _ in itertools.repeat(None, batch):
            operation()
        passed_ns = clock() - started_ns
        if number >= SAMPLES // 10:  # the first tenth warms caches and the interpreter's specialisations
            samples_ns.append(passed_ns / batch)
        if undo:
            undo()
    tracemalloc.start()
    operation()
    before_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    operation()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if undo:
        undo()
    return {
        "min_ns": min(samples_ns),
        "median_ns": statistics.median(samples_ns),
        "p95_ns": statistics.quantiles(samples_ns, n=20)[-1],
        "python_bytes": peak_bytes - before_bytes,
    }


def measure_apart(name: str, contender: str) -> dict[str, float]:
    """Time one case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "micro", "--inside", name, contender],
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def write_table(report: dict[str, Any], earlier: dict[str, Any] | None) -> None:
    """Human output; with an earlier report also how the medians moved."""
    print(*(f"{key}: {value}" for key, value in report["machine"].items()), report["date"], sep="\n")
    if earlier and earlier["machine"] != report["machine"]:
        print("warning: the earlier figures are from another machine or version; the last column means little")
    header = f"{'':36}{'':10}{'min ns':>10}{'median':>10}{'p95':>10}{'py bytes':>10}{'x twin':>9}"
    print("\n" + header + (f"{'median was':>12}" if earlier else ""))
    for name, contenders in report["cases"].items():
        for contender, row in contenders.items():
            line = f"{name:36}{contender:10}{row['min_ns']:10.1f}{row['median_ns']:10.1f}{row['p95_ns']:10.1f}"
            line += f"{row['python_bytes']:10.0f}{contenders['twin']['median_ns'] / row['median_ns']:9.1f}"
            was = earlier["cases"].get(name, {}).get(contender) if earlier else None
            print(line + (f"{was['median_ns']:12.1f}" if was else ""))


def run(argv: list[str]) -> int:
    """`python -m bench micro`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench micro", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="write the report as JSON, to keep for --compare")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="show the medians of an earlier --json report too")
    parser.add_argument("--inside", nargs=2, metavar=("CASE", "CONTENDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inside:
        name, contender = options.inside
        print(json.dumps(measure(CASES[name](importlib.import_module(CONTENDERS[contender])))))
        return 0
    earlier = json.loads(options.compare.read_text()) if options.compare else None
    report = {
        "machine": stamp.machine(),
        "date": stamp.now(),
        "cases": {name: {each: measure_apart(name, each) for each in CONTENDERS} for name in CASES},
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        write_table(report, earlier)
    return 0
