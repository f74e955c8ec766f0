"""What a process has used, from /proc: processor time, memory, wake-ups."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from wayvid.memory.usage import process_load, process_memory
from wayvid.memtest.proc import sleeps

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """Totals of a process since its start; the difference of two is what it used between them."""

    cpu_s: float  # all threads, also ended ones
    main_cpu_s: float  # the first thread alone
    sleeps: int  # voluntary context switches of living threads: each is a wake-up later

    def since(self, earlier: Usage) -> Usage:
        """What was used since an earlier reading."""
        return Usage(self.cpu_s - earlier.cpu_s, self.main_cpu_s - earlier.main_cpu_s, self.sleeps - earlier.sleeps)


class Memory(NamedTuple):
    """Memory of a process now, in bytes."""

    rss: int
    pss: int
    peak_rss: int


def status_figure(text: str, name: str) -> int:
    """A number from "Name:  123 kB" lines of a status file, as printed (kB stay kB)."""
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0])
    raise ValueError(f"no line {name!r}")


def usage(pid: int) -> Usage:
    """What a process has used so far."""
    process = Path(f"/proc/{pid}")
    load = process_load(pid)
    if load is None:
        raise ProcessLookupError(f"process {pid} has ended, or cannot be read")
    # Nanoseconds on a processor: proc_pid_schedstat(5).
    main_cpu_s = int((process / "task" / str(pid) / "schedstat").read_text().split()[0]) / 1e9
    return Usage(load.cpu_s, main_cpu_s, sleeps(pid) or 0)


def memory(pid: int) -> Memory:
    """What a process holds now."""
    held = process_memory(pid)
    if held is None:
        raise ProcessLookupError(f"process {pid} has ended, or cannot be read")
    peak_kib = status_figure(Path(f"/proc/{pid}/status").read_text(), "VmHWM")
    return Memory(held.rss_bytes, held.pss_bytes, peak_kib * 1024)


def children(pid: int) -> list[int]:
    """Processes that the first thread of a process started and that have not ended."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def total(readings: Iterable[Usage]) -> Usage:
    """Several processes as one."""
    together = Usage(0.0, 0.0, 0)
    for one in readings:
        together = Usage(together.cpu_s + one.cpu_s, together.main_cpu_s + one.main_cpu_s, together.sleeps + one.sleeps)
    return together


def machine_busy_s() -> float:
    """Processor time that everything on the machine has used since it was started.

    Source: proc_stat(5), "cpu": user, nice, system, idle, iowait, irq, softirq, steal.
    """
    user, nice, system, _idle, _iowait, irq, softirq = map(int, Path("/proc/stat").read_text().split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS_PER_S
