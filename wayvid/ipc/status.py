"""What `wayvid status --json` prints and the socket answers: typed, so that its keys are written down once."""

from __future__ import annotations

import msgspec

from wayvid.link.messages import CounterFigures, PoolFigures

__all__ = ["Action", "MemoryStatus", "OutputStatus", "ProcessStatus", "Status", "StreamStatus"]


class Action(msgspec.Struct, frozen=True):
    """Something that was done for memory's sake.

    Attributes:
        at: Unix time in seconds.
        level: "normal", "high" or "critical": the level that it answered.
        action: what, such as "trim idle buffers to half" or "hold".
        freed_bytes: by how much PSS fell, daemon and player together.
        reason: why, in words.
    """

    at: float
    level: str
    action: str
    freed_bytes: int
    reason: str = ""


class ProcessStatus(msgspec.Struct, frozen=True):
    """What one process holds and uses.

    Attributes:
        name: "daemon" or "player".
        rss_bytes: resident, shared pages counted whole.
        pss_bytes: resident, shared pages divided among their users; the next three are its parts.
        swap_bytes: its share of the swap.
        gpu_bytes: as its DRM clients tell; None where no driver does.
        cpu_s: processor time since its start, all threads.
    """

    name: str
    pid: int
    rss_bytes: int
    pss_bytes: int
    pss_anon_bytes: int
    pss_file_bytes: int
    pss_shmem_bytes: int
    swap_bytes: int
    gpu_bytes: int | None
    cpu_s: float
    threads: int
    fds: int


class StreamStatus(msgspec.Struct, frozen=True):
    """One source that is decoded, as its player tells (link.messages.StreamFigures)."""

    source: str
    state: str
    position_s: float
    duration_s: float
    frames: int
    dropped: int
    demuxer_cache_bytes: int
    decoded_frames: int
    decoded_bytes: int
    limits: dict[str, int]
    hwdec: str = ""


class OutputStatus(msgspec.Struct, frozen=True):
    """One screen.

    Attributes:
        state: "playing", "hidden" (asks for no frames), "still" (the daemon's picture) or "nothing" (not yet).
        presented: frames that the present player has put on it.
    """

    name: str
    layout: str
    state: str
    presented: int = 0


class MemoryStatus(msgspec.Struct, frozen=True):
    """Memory of daemon and player together.

    Attributes:
        budget_bytes: 0: unlimited.
        level: "normal", "high" or "critical".
        reason: why that level.
        stills_bytes: pictures that the daemon keeps and does not map, so in no process's PSS.
        growth_mb_per_hour: slope of the player's private, shared, swapped and GPU memory over the last minutes; None
            while there is not enough to tell.
        actions: newest last.
    """

    budget_bytes: int
    pss_bytes: int
    rss_bytes: int
    level: str
    reason: str
    demuxer_cache_bytes: int
    decoded_bytes: int
    stills_bytes: int
    gpu_bytes: int | None
    growth_mb_per_hour: float | None
    counters: CounterFigures
    pool: PoolFigures
    actions: list[Action] = []


class Status(msgspec.Struct, frozen=True):
    """Everything at one moment.

    Attributes:
        at_s: CLOCK_MONOTONIC, for rates between two of them.
        state: "starting", "playing", "paused", "held", "still" or "failed".
        reason: why, in words; empty when nothing is to be said.
        source: in the user's words.
        config_error: why the config file is not in force; empty when it is, or when there is none.
    """

    version: str
    at_s: float
    state: str
    reason: str
    source: str
    config_path: str
    config_error: str
    outputs: list[OutputStatus]
    processes: list[ProcessStatus]
    streams: list[StreamStatus]
    memory: MemoryStatus
