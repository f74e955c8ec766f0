"""What a process really holds and uses, as the kernel tells it.

PSS is the figure that can be summed: a page that n processes map counts 1/n in
each. No psutil here, since the daemon loads this module. What a reading costs:
`python -m bench usage`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["ProcessMemory", "ProcessLoad", "process_memory", "process_load"]

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# What a DRM client may tell of a region, the less exact first: all that was asked for, the older name of
# what has pages, what has pages. Source: Linux, Documentation/gpu/drm-usage-stats.rst, "Memory".
GPU_KEYS = ("drm-total-", "drm-memory-", "drm-resident-")
GPU_UNITS = {"": 1, "KiB": 1024, "MiB": 1024 * 1024}


class ProcessMemory(NamedTuple):
    """Memory of one process at one moment, in bytes.

    Attributes:
        rss_bytes: resident; shared pages count whole.
        pss_bytes: resident, shared pages divided among those who map them; the next three are its parts.
        pss_anon_bytes: heaps and stacks, and pages of files that were written to privately.
        pss_file_bytes: libraries and other files.
        pss_shmem_bytes: memfds and tmpfs, which is where pictures are.
        swap_bytes: its share of what is swapped out.
        gpu_bytes: buffers that its DRM clients hold, in video memory or the system's; None where no driver tells.
            Those in system memory that are mapped too may be in the PSS as well.
    """

    rss_bytes: int
    pss_bytes: int
    pss_anon_bytes: int
    pss_file_bytes: int
    pss_shmem_bytes: int
    swap_bytes: int
    gpu_bytes: int | None


class ProcessLoad(NamedTuple):
    """What one process keeps busy.

    Attributes:
        cpu_s: processor time since its start, user and system, all threads, ended ones too.
        threads: alive now.
        fds: open now.
    """

    cpu_s: float
    threads: int
    fds: int


def process_memory(pid: int, proc: str = "/proc") -> ProcessMemory | None:
    """What a process holds; None when it has ended, or may not be looked at.

    Linux before 5.3 does not split the PSS: there all that is anonymous counts as
    this process's alone, the rest as files, nothing as shared memory.

    Threads: any. Blocks for as long as the kernel walks the process's page tables.
    Source: Linux, Documentation/filesystems/proc.rst and ABI/testing/procfs-smaps_rollup.
    """
    process = f"{proc}/{pid}"
    try:
        held = _fields(f"{process}/smaps_rollup")
        gpu_bytes = _gpu_bytes(process)
    except OSError:
        return None
    if "Pss" not in held:
        return None
    pss_bytes = _kib(held, "Pss")
    if "Pss_Anon" in held:
        parts = _kib(held, "Pss_Anon"), _kib(held, "Pss_File"), _kib(held, "Pss_Shmem")
    else:
        anon_bytes = min(_kib(held, "Anonymous"), pss_bytes)
        parts = anon_bytes, pss_bytes - anon_bytes, 0
    return ProcessMemory(_kib(held, "Rss"), pss_bytes, *parts, _kib(held, "SwapPss"), gpu_bytes)


def process_load(pid: int, proc: str = "/proc") -> ProcessLoad | None:
    """What a process keeps busy; None when it has ended, or may not be looked at.

    Source: proc_pid_stat(5), fields 14, 15 (utime, stime) and 20 (num_threads).
    """
    process = f"{proc}/{pid}"
    try:
        with open(f"{process}/stat", encoding="utf-8", errors="replace") as file:
            # The command's name, which is field 2, may hold spaces and brackets.
            fields = file.read().rpartition(")")[2].split()
        fds = len(os.listdir(f"{process}/fd"))
    except OSError:
        return None
    return ProcessLoad((int(fields[11]) + int(fields[12])) / TICKS_PER_S, int(fields[17]), fds)


def _fields(path: str) -> dict[str, str]:
    """The "key: value" lines of a file in /proc."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return {key: value.strip() for key, _, value in (line.partition(":") for line in file)}


def _kib(fields: Mapping[str, str], key: str) -> int:
    """The bytes of a "123 kB" value, which are KiB; 0 where there is none."""
    return int(fields.get(key, "0").split()[0]) * 1024


def _gpu_bytes(process: str) -> int | None:
    """What a process's DRM clients hold; each counts once, however many of its fds lead to it."""
    clients: dict[tuple[str, str], int] = {}
    for fd in os.listdir(f"{process}/fd"):
        try:
            if not os.readlink(f"{process}/fd/{fd}").startswith("/dev/dri/"):
                continue
            fields = _fields(f"{process}/fdinfo/{fd}")
        except OSError:
            continue  # closed meanwhile
        regions = _gpu_regions(fields)
        if regions:
            # A client's number is unique on its device; without one, nothing says that two fds are the same client.
            clients[fields.get("drm-pdev", ""), fields.get("drm-client-id", f"fd {fd}")] = sum(regions.values())
    return sum(clients.values()) if clients else None


def _gpu_regions(fields: Mapping[str, str]) -> dict[str, int]:
    """Bytes a client holds in each memory region, by the most exact key that the driver has for it."""
    regions = {}
    for prefix in GPU_KEYS:
        for key, value in fields.items():
            number, _, unit = value.partition(" ")
            # drm-total-cycles-* are a clock's.
            if key.startswith(prefix) and not key.startswith("drm-total-cycles-") and unit in GPU_UNITS:
                regions[key.removeprefix(prefix)] = int(number) * GPU_UNITS[unit]
    return regions
