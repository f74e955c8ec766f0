"""What wayvid._core would be in plain Python: same names, same contract tests.

The twins are written as one would write them without a compiler, not slowed
down: __slots__, one lock, ordered dicts, named tuples. They differ in one point. Before
Python 3.12 no Python class can export a buffer, so ManagedBuffer hands out
memoryviews by view(), and a pool does not see them.
"""

from __future__ import annotations

import fcntl
import itertools
import mmap
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Self

FRAME: Final = 0
TEXTURE: Final = 1
STAGING: Final = 2
OTHER: Final = 3

KIND_NAMES: Final = ("frame", "texture", "staging", "other")
MAX_COUNTED_BYTES: Final = 1 << 47
MAX_SIZE_BYTES: Final = 1 << 40


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


def _check(kind: int, nbytes: int) -> None:
    if not 0 <= kind < len(KIND_NAMES):
        raise ValueError(f"memory kind must be 0..{len(KIND_NAMES) - 1}, not {kind}")
    if not 0 <= nbytes <= MAX_COUNTED_BYTES:
        raise ValueError(f"a size must be 0..{MAX_COUNTED_BYTES} bytes, not {nbytes}")


def allocated(kind: int, nbytes: int) -> None:
    """Twin of wayvid._core.allocated."""
    _check(kind, nbytes)
    counter = _kinds[kind]
    with _counters_lock:
        counter.active += 1
        counter.allocated += nbytes
        counter.add(nbytes)
        _total.add(nbytes)


def freed(kind: int, nbytes: int) -> None:
    """Twin of wayvid._core.freed."""
    _check(kind, nbytes)
    counter = _kinds[kind]
    with _counters_lock:
        if counter.active < 1 or counter.current < nbytes:
            raise ValueError(f"memory kind {kind} holds less than the {nbytes} bytes to be freed")
        counter.active -= 1
        counter.current -= nbytes
        _total.current -= nbytes


def resized(kind: int, old: int, new: int) -> None:
    """Twin of wayvid._core.resized."""
    _check(kind, old)
    _check(kind, new)
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


def _whole_pages(size_bytes: int) -> int:
    return -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE


def _check_size(size_bytes: int) -> None:
    if not 1 <= size_bytes <= MAX_SIZE_BYTES:
        raise ValueError(f"a buffer has 1..{MAX_SIZE_BYTES} bytes, not {size_bytes}")


_buffer_ids = itertools.count(1)


class ManagedBuffer:
    """Twin of wayvid._core.ManagedBuffer."""

    __slots__ = ("_mapping", "_pool", "aged", "capacity_bytes", "fd", "id", "is_lent", "kind", "size_bytes")

    def __init__(self, size_bytes: int, kind: int = FRAME) -> None:
        self.fd = -1
        _check_size(size_bytes)
        _check(kind, 0)
        capacity = _whole_pages(size_bytes)
        self.fd = os.memfd_create("wayvid-twin", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(self.fd, capacity)
            fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
            self._mapping = mmap.mmap(self.fd, capacity)
        except BaseException:
            os.close(self.fd)
            self.fd = -1
            raise
        self.id = next(_buffer_ids)
        self.kind = kind
        self.size_bytes = size_bytes
        self.capacity_bytes = capacity
        self.is_lent = False
        self.aged = False
        self._pool: int | None = None
        allocated(kind, capacity)

    def __del__(self) -> None:
        if self.fd >= 0:
            self._free()

    def _free(self) -> None:
        self._mapping.close()
        os.close(self.fd)
        freed(self.kind, self.capacity_bytes)
        self.fd = -1
        self.size_bytes = self.capacity_bytes = 0

    def _check_stands_alone(self) -> None:
        if self.closed:
            raise ValueError(f"buffer {self.id} is closed")
        if self._pool is not None:
            raise ValueError(f"buffer {self.id} belongs to a pool: release it there")

    def __enter__(self) -> Self:
        self._check_stands_alone()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        return self.fd < 0

    def view(self) -> memoryview:
        """What memoryview(buffer) is for the compiled one."""
        if self.closed or (self._pool is not None and not self.is_lent):
            raise BufferError(f"buffer {self.id}: its memory is not yours to look at")
        return memoryview(self._mapping)[: self.size_bytes]

    def grow(self, size_bytes: int) -> None:
        _check_size(size_bytes)
        self._check_stands_alone()
        if size_bytes < self.size_bytes:
            raise ValueError(f"buffer {self.id} has {self.size_bytes} bytes and cannot shrink to {size_bytes}")
        capacity = _whole_pages(size_bytes)
        self._mapping.resize(capacity)  # also when nothing changes: it is what notices views
        resized(self.kind, self.capacity_bytes, capacity)
        self.capacity_bytes = capacity
        self.size_bytes = size_bytes

    def close(self) -> None:
        if self.closed:
            return
        self._check_stands_alone()
        self._free()


def _check_caps(max_buffers: int, max_bytes: int) -> None:
    if max_buffers < 0 or max_bytes < 0:
        raise ValueError(f"a cap is 0 (unlimited) or more, not {max_buffers} buffers, {max_bytes} bytes")


class PoolExhausted(MemoryError):
    """Twin of wayvid._core.PoolExhausted."""

    def __init__(
        self, wanted_bytes: int, cap_bytes: int, in_use_bytes: int, buffers_in_use: int, max_buffers: int
    ) -> None:
        self.wanted_bytes = wanted_bytes
        self.cap_bytes = cap_bytes
        self.in_use_bytes = in_use_bytes
        self.buffers_in_use = buffers_in_use
        self.max_buffers = max_buffers
        super().__init__(
            f"the buffer pool has no room for {wanted_bytes} bytes: {buffers_in_use} of {max_buffers or 'unlimited'} "
            f"buffers and {in_use_bytes} of {cap_bytes or 'unlimited'} bytes are lent"
        )


class BufferPoolStats(NamedTuple):
    """Twin of wayvid._core.BufferPoolStats."""

    buffers_in_use: int
    buffers_idle: int
    max_buffers: int
    in_use_bytes: int
    idle_bytes: int
    max_bytes: int
    hits: int
    misses: int
    evictions: int


class BufferPool:
    """Twin of wayvid._core.BufferPool."""

    def __init__(
        self,
        max_buffers: int = 8,
        max_bytes: int = 100 * 1024 * 1024,
        on_evict: Callable[[ManagedBuffer], object] | None = None,
    ) -> None:
        _check_caps(max_buffers, max_bytes)
        if on_evict is not None and not callable(on_evict):
            raise TypeError("on_evict must be callable")
        self._max_buffers = max_buffers
        self._max_bytes = max_bytes
        self._on_evict = on_evict
        self._lock = threading.Lock()
        self._lent: dict[int, ManagedBuffer] = {}
        self._idle: OrderedDict[int, ManagedBuffer] = OrderedDict()  # longest idle first
        self._lent_bytes = self._idle_bytes = 0
        self._reserved = self._reserved_bytes = 0
        self._hits = self._misses = self._evictions = 0
        self._is_closed = False

    def _has_room(self, buffers: int, nbytes: int) -> bool:
        if self._max_buffers and len(self._lent) + self._reserved + buffers > self._max_buffers:
            return False
        return not self._max_bytes or self._lent_bytes + self._reserved_bytes + nbytes <= self._max_bytes

    def _best_fit(self, capacity: int) -> ManagedBuffer | None:
        best = None
        bound = capacity + capacity // 2
        for buffer in reversed(self._idle.values()):
            if capacity <= buffer.capacity_bytes <= bound:
                best = buffer
                bound = buffer.capacity_bytes - 1
        return best

    def _take(self, buffer: ManagedBuffer) -> ManagedBuffer:
        del self._idle[buffer.id]
        self._idle_bytes -= buffer.capacity_bytes
        return buffer

    def _take_oldest(self) -> ManagedBuffer:
        return self._take(next(iter(self._idle.values())))

    def acquire(self, size_bytes: int) -> ManagedBuffer:
        _check_size(size_bytes)
        capacity = _whole_pages(size_bytes)
        doomed = []
        with self._lock:
            if self._is_closed:
                raise ValueError("the buffer pool is closed")
            buffer = self._best_fit(capacity)
            if buffer is not None:
                self._take(buffer)
                self._lent[buffer.id] = buffer
                self._lent_bytes += buffer.capacity_bytes
                self._hits += 1
                buffer.size_bytes = size_bytes
                buffer.is_lent = True
                return buffer
            if not self._has_room(1, capacity):
                raise PoolExhausted(
                    capacity,
                    self._max_bytes,
                    self._lent_bytes + self._reserved_bytes,
                    len(self._lent) + self._reserved,
                    self._max_buffers,
                )
            while not self._has_room(len(self._idle) + 1, self._idle_bytes + capacity):
                doomed.append(self._take_oldest())
                self._evictions += 1
            self._misses += 1
            self._reserved += 1
            self._reserved_bytes += capacity
        buffer = None
        try:
            self._evict(doomed)
            buffer = ManagedBuffer(size_bytes)
        finally:
            with self._lock:
                self._reserved -= 1
                self._reserved_bytes -= capacity
                if buffer is not None:
                    buffer._pool = id(self)
                    buffer.is_lent = True
                    self._lent[buffer.id] = buffer
                    self._lent_bytes += capacity
        return buffer

    def release(self, buffer: ManagedBuffer) -> None:
        if not isinstance(buffer, ManagedBuffer):
            raise TypeError(f"not a ManagedBuffer: {buffer!r}")
        doomed = []
        with self._lock:
            if buffer._pool != id(self):
                raise ValueError(f"buffer {buffer.id} is not from this pool")
            if not buffer.is_lent:
                raise ValueError(f"buffer {buffer.id} is not lent: it was released before")
            has_room = self._has_room(len(self._idle), self._idle_bytes)
            buffer.is_lent = buffer.aged = False
            del self._lent[buffer.id]
            self._lent_bytes -= buffer.capacity_bytes
            if self._is_closed:
                doomed.append(buffer)
            elif not has_room:
                doomed.append(buffer)
                self._evictions += 1
            else:
                self._idle[buffer.id] = buffer
                self._idle_bytes += buffer.capacity_bytes
        self._evict(doomed)

    def trim(self, keep_buffers: int = 0) -> int:
        if keep_buffers < 0:
            raise ValueError(f"keep_buffers must be 0 or more, not {keep_buffers}")
        doomed = []
        with self._lock:
            while len(self._idle) > keep_buffers:
                doomed.append(self._take(max(self._idle.values(), key=lambda buffer: buffer.capacity_bytes)))
        return self._evict(doomed)

    def trim_unused(self) -> int:
        with self._lock:
            doomed = [self._take(buffer) for buffer in [*self._idle.values()] if buffer.aged]
            for buffer in self._idle.values():
                buffer.aged = True
        return self._evict(doomed)

    def set_limits(self, max_buffers: int, max_bytes: int) -> int:
        _check_caps(max_buffers, max_bytes)
        doomed = []
        with self._lock:
            self._max_buffers = max_buffers
            self._max_bytes = max_bytes
            while self._idle and not self._has_room(len(self._idle), self._idle_bytes):
                doomed.append(self._take_oldest())
                self._evictions += 1
        return self._evict(doomed)

    def _evict(self, doomed: list[ManagedBuffer]) -> int:
        freed_bytes = sum(buffer.capacity_bytes for buffer in doomed)
        error: BaseException | None = None
        for buffer in doomed:
            try:
                if self._on_evict is not None:
                    self._on_evict(buffer)
            except BaseException as exc:  # noqa: BLE001 - raised below, once all are closed
                error = error or exc
            buffer._free()
        if error is not None:
            raise error
        return freed_bytes

    def stats(self) -> BufferPoolStats:
        with self._lock:
            return BufferPoolStats(
                buffers_in_use=len(self._lent) + self._reserved,
                buffers_idle=len(self._idle),
                max_buffers=self._max_buffers,
                in_use_bytes=self._lent_bytes + self._reserved_bytes,
                idle_bytes=self._idle_bytes,
                max_bytes=self._max_bytes,
                hits=self._hits,
                misses=self._misses,
                evictions=self._evictions,
            )

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
        self.trim()


STATS_DUE: Final = 1
CHECK_DUE: Final = 2
MAX_EVERY_FRAMES: Final = 10**9


class FrameTicker:
    """Twin of wayvid._core.FrameTicker."""

    __slots__ = ("_check_every", "_counted_from", "_frames", "_lock", "_stats_every")

    def __init__(self, stats_every_frames: int = 300, check_every_frames: int = 600) -> None:
        self._lock = threading.Lock()
        self._frames = 0
        self.set_cadence(stats_every_frames, check_every_frames)

    @property
    def frames(self) -> int:
        return self._frames

    def tick(self) -> int:
        with self._lock:
            self._frames += 1
            due = 0
            if self._stats_every and (self._frames - self._counted_from) % self._stats_every == 0:
                due |= STATS_DUE
            if self._check_every and (self._frames - self._counted_from) % self._check_every == 0:
                due |= CHECK_DUE
            return due

    def set_cadence(self, stats_every_frames: int, check_every_frames: int) -> None:
        for every in (stats_every_frames, check_every_frames):
            if not 0 <= every <= MAX_EVERY_FRAMES:
                raise ValueError(f"a cadence is 0 (never) .. {MAX_EVERY_FRAMES} frames, not {every}")
        with self._lock:
            self._counted_from = self._frames
            self._stats_every = stats_every_frames
            self._check_every = check_every_frames
