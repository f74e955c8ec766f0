"""What does it cost the daemon to look at what a process holds?

Timed: one call of `wayvid.memory.usage`, as the daemon makes it for itself and for
the player. The observed are a bare Python and one with a libmpv core, which maps
some 200 libraries; both are asleep. The kernel walks all their pages, so the size
of a process matters, and the number of its mappings and fds.

Left out: pictures and decoders in the observed. Favoured: the reading, which finds
everything in cache.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import kept
from wayvid.memory.usage import process_load, process_memory
from wayvid.units import format_bytes

READINGS = 300
# Each says that it is ready and waits for the end of its input.
OBSERVED = {
    "bare Python": "",
    "Python with a libmpv core": "import mpv; core = mpv.backend.mpv_create(); mpv.backend.mpv_initialize(core)",
}
READERS: dict[str, Callable[[int], object]] = {"process_memory": process_memory, "process_load": process_load}


def measure(reader: Callable[[int], object], pid: int) -> dict[str, float]:
    """Time one reader on one process: microseconds a reading."""
    samples_us = []
    for number in range(READINGS + READINGS // 10):
        started_ns = time.perf_counter_ns()
        reader(pid)
        passed_ns = time.perf_counter_ns() - started_ns
        if number >= READINGS // 10:  # the first tenth warms caches
            samples_us.append(passed_ns / 1000)
    return {
        "min_us": min(samples_us),
        "median_us": statistics.median(samples_us),
        "p95_us": statistics.quantiles(samples_us, n=20)[-1],
    }


def observe(code: str) -> dict[str, Any]:
    """Time all readers on a process that has run this code."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint('ready', flush=True)\nsys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            raise SystemExit("error: the process to be observed did not start")
        held = process_memory(process.pid)
        assert held is not None
        with open(f"/proc/{process.pid}/maps", encoding="utf-8", errors="replace") as maps:
            mappings = sum(1 for _ in maps)
        rows = {name: measure(reader, process.pid) for name, reader in READERS.items()}
        process.stdin.close()
    return {"rss_bytes": held.rss_bytes, "mappings": mappings, "readers": rows}


def write_table(report: dict[str, Any]) -> None:
    """Human output."""
    kept.print_stamp(report)
    print(f"\n{'':28}{'RSS':>12}{'mappings':>10}  {'':16}{'min us':>10}{'median':>10}{'p95':>10}")
    for title, seen in report["observed"].items():
        for name, row in seen["readers"].items():
            print(
                f"{title:28}{format_bytes(seen['rss_bytes']):>12}{seen['mappings']:10}  {name:16}"
                f"{row['min_us']:10.1f}{row['median_us']:10.1f}{row['p95_us']:10.1f}"
            )


def run(argv: list[str]) -> int:
    """`python -m bench usage`; see --help."""
    parser = argparse.ArgumentParser(prog="python -m bench usage", description=(__doc__ or "").splitlines()[0])
    kept.add_json_option(parser)
    options = parser.parse_args(argv)
    report = kept.new_report("usage")
    report["observed"] = {title: observe(code) for title, code in OBSERVED.items()}
    kept.write(options.json, report)
    write_table(report)
    return 0
