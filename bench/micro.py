"""What does compiling save on the paths that run per frame or per figure?

Timed: one call (or those named) from Python, as the daemon and the player make it.
Left out: writing the pictures, and the first touch of new pages, which costs both
contenders the same milliseconds; libmpv itself, for which a C function that does
nothing stands. Favoured: neither is contended and all is in cache, which flatters
the twins, whose lock is always free; and the wake-up's twin, which would have to
wait for the GIL where libmpv's own threads ring.

Each contender runs each case in a process of its own. A figure is nanoseconds per
operation over samples of `batch` operations; the row `empty loop` is the price of
the loop itself, included in every figure. Python bytes are what one operation
allocates at its worst moment, by tracemalloc; native bytes what it leaves in the
C library's heap and in mappings until it is undone.
"""

from __future__ import annotations

import argparse
import ctypes
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Mapping
from typing import Any

from bench import kept
from bench.cases import CASES, PACKAGES, Case, contender

SAMPLES = 400
HEAP_SAMPLES = 5
SMALLEST_CHUNK_BYTES = 16  # of malloc; less than that an operation is the look itself
FIGURES = {
    "min_ns": "min ns",
    "median_ns": "median",
    "p95_ns": "p95",
    "python_bytes": "py bytes",
    "native_bytes": "native",
}


def measure(case: Case) -> dict[str, float]:
    """One case in this process; ns per operation and bytes."""
    return _time(case) | {"python_bytes": _python_bytes(case), "native_bytes": _native_bytes(case)}


def _time(case: Case) -> dict[str, float]:
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
    return {
        "min_ns": min(samples_ns),
        "median_ns": statistics.median(samples_ns),
        "p95_ns": statistics.quantiles(samples_ns, n=20)[-1],
    }


def _python_bytes(case: Case) -> int:
    tracemalloc.start()
    case.operation()
    before_bytes, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    case.operation()
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if case.undo:
        case.undo()
    return peak_bytes - before_bytes


class _HeapFigures(ctypes.Structure):
    """malloc.h, struct mallinfo2."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keep",
        )
    )


def _native_held() -> int:
    """Bytes in shared mappings, and in the C library's heap where it tells (glibc 2.33 or newer)."""
    mapped_bytes = 0
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            begins, _, rest = line.partition("-")
            ends, permissions, _ = rest.split(maxsplit=2)
            if permissions.endswith("s"):
                mapped_bytes += int(ends, 16) - int(begins, 16)
    try:
        told = ctypes.CDLL(None).mallinfo2
    except AttributeError:
        return mapped_bytes
    told.restype = _HeapFigures
    heap = told()
    return int(mapped_bytes + heap.uordblks + heap.hblkhd)


def _native_bytes(case: Case) -> int:
    """Of the samples the one with the least: what the look itself takes is in the others."""
    found = []
    for _ in range(HEAP_SAMPLES):
        _native_held()
        before = _native_held()
        for _ in itertools.repeat(None, case.batch):
            case.operation()
        found.append(round((_native_held() - before) / case.batch))
        if case.undo:
            case.undo()
    return min(found) if min(found) >= SMALLEST_CHUNK_BYTES else 0


def measure_apart(name: str, side: str) -> dict[str, float]:
    """One case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "micro", "--inside", name, side],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "0"},
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def lines(report: Mapping[str, Any], earlier: Mapping[str, Any] | None) -> list[str]:
    """The table; with an earlier report also how the medians moved."""
    head = f"{'':36}{'':10}" + "".join(f"{title:>10}" for title in FIGURES.values()) + f"{'x twin':>8}"
    table = [head + (f"{'was':>10}{'now/was':>9}" if earlier else "")]
    for name, sides in report["cases"].items():
        for side, row in sides.items():
            line = f"{name:36}{side:10}" + "".join(
                f"{row[key]:10.{1 if key.endswith('_ns') else 0}f}" for key in FIGURES
            )
            line += f"{sides['twin']['median_ns'] / row['median_ns']:8.1f}"
            was = earlier["cases"].get(name, {}).get(side) if earlier else None
            table.append(line + (f"{was['median_ns']:10.1f}{row['median_ns'] / was['median_ns']:9.2f}" if was else ""))
    return table


def run(argv: list[str]) -> int:
    """`python -m bench micro`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench micro", description=(__doc__ or "").splitlines()[0])
    kept.add_json_option(parser)
    kept.add_compare_option(parser, "micro")
    parser.add_argument("--inside", nargs=2, metavar=("CASE", "CONTENDER"), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.inside:
        name, side = options.inside
        print(json.dumps(measure(CASES[name](contender(side)))))
        return 0
    report = kept.new_report("micro")
    report["cases"] = {}
    for number, name in enumerate(CASES, 1):
        print(f"{number} of {len(CASES)}: {name:40}", end="\r", file=sys.stderr, flush=True)
        report["cases"][name] = {side: measure_apart(name, side) for side in PACKAGES}
    print(file=sys.stderr)
    kept.write(options.json, report)
    kept.print_stamp(report)
    print("", *lines(report, options.compare), sep="\n")
    return 0
