"""A pool of buffers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from bench.twins.buffer import ManagedBuffer, check_size, whole_pages


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
        check_size(size_bytes)
        capacity = whole_pages(size_bytes)
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
