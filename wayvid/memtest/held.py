"""What has to come back after each fault, and what must not grow."""

from __future__ import annotations

from typing import NamedTuple

from wayvid.ipc.status import ProcessStatus, Status

__all__ = ["Handles", "handles_of", "held_bytes"]


class Handles(NamedTuple):
    """What a process has to give back.

    Attributes:
        fds: without those of the pool's pictures, of which there may be one more or less at any time.
    """

    fds: int
    threads: int


def handles_of(status: Status) -> dict[str, Handles]:
    """Of each process, by name."""
    pool = status.memory.pool
    buffers = pool.buffers_in_use + pool.buffers_idle  # both processes have a descriptor of each
    return {process.name: Handles(process.fds - buffers, process.threads) for process in status.processes}


def held_bytes(process: ProcessStatus) -> int:
    """What a process holds for itself: pages of files are left out, as neighbours that map them change their share."""
    return process.pss_anon_bytes + process.pss_shmem_bytes + process.swap_bytes
