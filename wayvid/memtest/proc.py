"""What the daemon does not tell of a process: its private memory, how often it slept, who shares its libraries."""

from __future__ import annotations

import os

__all__ = ["private_bytes", "sharing", "sleeps"]

PRIVATE_KEYS = ("Private_Clean:", "Private_Dirty:", "Private_Hugetlb:")


def private_bytes(pid: int, proc: str = "/proc") -> int | None:
    """Pages that no other process maps (USS): what its end would give back; None when it may not be read, or ended.

    Source: Linux, Documentation/ABI/testing/procfs-smaps_rollup.
    """
    try:
        with open(f"{proc}/{pid}/smaps_rollup", encoding="utf-8", errors="replace") as file:
            words = [line.split() for line in file]
    except OSError:
        return None
    return 1024 * sum(int(line[1]) for line in words if line and line[0] in PRIVATE_KEYS)


def sleeps(pid: int, proc: str = "/proc") -> int | None:
    """Voluntary context switches of all living threads, each a wake-up later; None when it has ended.

    Source: proc_pid_status(5), voluntary_ctxt_switches.
    """
    try:
        threads = os.listdir(f"{proc}/{pid}/task")
    except OSError:
        return None
    count = 0
    for thread in threads:
        try:
            with open(f"{proc}/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
                count += next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))
        except (OSError, StopIteration):
            continue  # the thread has just ended
    return count


def sharing(pid: int, library: str) -> list[int]:
    """Other processes that map the very file that this one has loaded for a library, as far as this user may see."""
    files = {line.split(maxsplit=5)[5] for line in _maps(pid) if library in line}
    if not files:
        return []
    others = [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != pid]
    return [
        other for other in others if any(line.split(maxsplit=5)[5] in files for line in _maps(other) if library in line)
    ]


def _maps(pid: int) -> list[str]:
    """The lines of its mappings; none where it has ended, or is another user's."""
    try:
        with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as file:
            return list(file)
    except OSError:
        return []
