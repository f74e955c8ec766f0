"""Memory counters."""

from __future__ import annotations

import threading
from typing import Final, NamedTuple

FRAME: Final = 0
TEXTURE: Final = 1
STAGING: Final = 2
OTHER: Final = 3

KIND_NAMES: Final = ("frame", "texture", "staging", "other")
MAX_COUNTED_BYTES: Final = 1 << 47


class Counter:
    """Mutable figures of one kind; guarded by `_counters_lock`."""

    __slots__ = ("active", "allocated", "current", "peak")

    def __init__(self) -> None:
        self.current = self.peak = self.allocated = self.active = 0

    def add(self, nbytes: int) -> None:
        self.current += nbytes
        self.peak = max(self.peak, self.current)


_counters_lock = threading.Lock()
_kinds = [Counter() for _ in KIND_NAMES]
_total = Counter()


class KindStats(NamedTuple):
    """Twin of wayvid._core.KindStats."""

    current_bytes: int
    peak_bytes: int
    allocated_bytes: int
    freed_bytes: int
    active_allocations: int


class MemoryStats(NamedTuple):
    """Twin of wayvid._core.MemoryStats."""

    current_bytes: int
    peak_bytes: int
    allocated_bytes: int
    freed_bytes: int
    active_allocations: int
    frame: KindStats
    texture: KindStats
    staging: KindStats
    other: KindStats

    @property
    def kinds(self) -> dict[str, KindStats]:
        return {name: getattr(self, name) for name in KIND_NAMES}


def check_counted(kind: int, nbytes: int) -> None:
    if not 0 <= kind < len(KIND_NAMES):
        raise ValueError(f"memory kind must be 0..{len(KIND_NAMES) - 1}, not {kind}")
    if not 0 <= nbytes <= MAX_COUNTED_BYTES:
        raise ValueError(f"a size must be 0..{MAX_COUNTED_BYTES} bytes, not {nbytes}")


def allocated(kind: int, nbytes: int) -> None:
    """Twin of wayvid._core.allocated."""
    check_counted(kind, nbytes)
    counter = _kinds[kind]
    with _counters_lock:
        counter.active += 1
        counter.allocated += nbytes
        counter.add(nbytes)
        _total.add(nbytes)


def freed(kind: int, nbytes: int) -> None:
    """Twin of wayvid._core.freed."""
    check_counted(kind, nbytes)
    counter = _kinds[kind]
    with _counters_lock:
        if counter.active < 1 or counter.current < nbytes:
            raise ValueError(f"memory kind {kind} holds less than the {nbytes} bytes to be freed")
        counter.active -= 1
        counter.current -= nbytes
        _total.current -= nbytes


def resized(kind: int, old: int, new: int) -> None:
    """Twin of wayvid._core.resized."""
    check_counted(kind, old)
    check_counted(kind, new)
    counter = _kinds[kind]
    with _counters_lock:
        if counter.active < 1 or counter.current < old:
            raise ValueError(f"memory kind {kind} holds less than the {old} bytes to be resized")
        counter.allocated += max(new - old, 0)
        counter.add(new - old)
        _total.add(new - old)


def memory_stats() -> MemoryStats:
    """Twin of wayvid._core.memory_stats."""
    with _counters_lock:
        kinds = [KindStats(c.current, c.peak, c.allocated, c.allocated - c.current, c.active) for c in _kinds]
        return MemoryStats(
            _total.current,
            _total.peak,
            sum(kind.allocated_bytes for kind in kinds),
            sum(kind.freed_bytes for kind in kinds),
            sum(kind.active_allocations for kind in kinds),
            *kinds,
        )
