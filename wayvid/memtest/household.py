"""All processes of one program, whatever it starts and however it leaves its parent, as the kernel tells of them."""

from __future__ import annotations

import os

import msgspec

from wayvid.memory.usage import process_load, process_memory
from wayvid.memtest.proc import private_bytes, sleeps

__all__ = ["MARK", "Held", "held_by", "members"]

# In the environment of what was started; a daemon that has left its parent still has it.
MARK = "WAYVID_CONTENDER"


class Held(msgspec.Struct, frozen=True):
    """What one process holds now, and has used since its start; rss to gpu and uss in bytes.

    Attributes:
        name: as the kernel has it.
        uss_bytes: None where it may not be read.
    """

    name: str
    pss_bytes: int
    pss_anon_bytes: int
    pss_file_bytes: int
    pss_shmem_bytes: int
    uss_bytes: int | None
    rss_bytes: int
    swap_bytes: int
    gpu_bytes: int | None
    cpu_s: float
    sleeps: int
    threads: int
    fds: int


def members(mark: str, roots: list[int], proc: str = "/proc") -> list[int]:
    """Living processes that carry a mark in their environment, the roots, and all below any of them.

    Args:
        mark: the value of MARK that they were started with.
        roots: processes that were started with it; they may have replaced their environment.
    """
    wanted = f"{MARK}={mark}".encode()
    below: dict[int, list[int]] = {}
    found = []
    for entry in os.listdir(proc):
        if not entry.isdigit():
            continue
        pid = int(entry)
        try:
            with open(f"{proc}/{pid}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]  # proc_pid_stat(5): state, ppid
            if state == "Z":
                continue
            below.setdefault(int(parent), []).append(pid)
            with open(f"{proc}/{pid}/environ", "rb") as environ:
                is_marked = wanted in environ.read().split(b"\0")
        except OSError:
            is_marked = False  # it ended meanwhile, or is another user's
        if is_marked or pid in roots:
            found.append(pid)
    for pid in found:
        found += [child for child in below.get(pid, []) if child not in found]
    return sorted(found)


def held_by(pid: int) -> Held | None:
    """What a process holds; None when it has ended."""
    memory, load, slept = process_memory(pid), process_load(pid), sleeps(pid)
    if memory is None or load is None or slept is None:
        return None
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            name = file.read().strip()
    except OSError:
        return None
    return Held(
        name, memory.pss_bytes, memory.pss_anon_bytes, memory.pss_file_bytes, memory.pss_shmem_bytes,
        private_bytes(pid), memory.rss_bytes, memory.swap_bytes, memory.gpu_bytes,
        load.cpu_s, slept, load.threads, load.fds,
    )  # fmt: skip
