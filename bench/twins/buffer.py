"""Shared memory of whole pages that is counted while it lives."""

from __future__ import annotations

import fcntl
import itertools
import mmap
import os
from typing import Final, Self

from bench.twins.counters import FRAME, allocated, check_counted, freed, resized

MAX_SIZE_BYTES: Final = 1 << 40


def whole_pages(size_bytes: int) -> int:
    return -(-size_bytes // mmap.PAGESIZE) * mmap.PAGESIZE


def check_size(size_bytes: int) -> None:
    if not 1 <= size_bytes <= MAX_SIZE_BYTES:
        raise ValueError(f"a buffer has 1..{MAX_SIZE_BYTES} bytes, not {size_bytes}")


_buffer_ids = itertools.count(1)


class ManagedBuffer:
    """Twin of wayvid._core.ManagedBuffer."""

    __slots__ = ("_mapping", "_pool", "aged", "capacity_bytes", "fd", "id", "is_lent", "kind", "size_bytes")

    def __init__(self, size_bytes: int, kind: int = FRAME) -> None:
        self.fd = -1
        check_size(size_bytes)
        check_counted(kind, 0)
        capacity = whole_pages(size_bytes)
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
        check_size(size_bytes)
        self._check_stands_alone()
        if size_bytes < self.size_bytes:
            raise ValueError(f"buffer {self.id} has {self.size_bytes} bytes and cannot shrink to {size_bytes}")
        capacity = whole_pages(size_bytes)
        self._mapping.resize(capacity)  # also when nothing changes: it is what notices views
        resized(self.kind, self.capacity_bytes, capacity)
        self.capacity_bytes = capacity
        self.size_bytes = size_bytes

    def close(self) -> None:
        if self.closed:
            return
        self._check_stands_alone()
        self._free()
