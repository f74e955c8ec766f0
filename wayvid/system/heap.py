"""The C library's heap and Python's, kept from holding what was freed."""

from __future__ import annotations

import gc

__all__ = ["collect", "keep_heap_small", "trim_heap"]

# malloc.h of glibc. Fixed values: by default each freed large block raises the
# thresholds, up to 32 MiB, and pictures then stay in the heap.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_THRESHOLD_BYTES = 128 * 1024


def keep_heap_small() -> None:
    """Have large blocks go back to the kernel when they are freed, and all threads share one heap.

    Takes 10 MB off the player and off its peak (docs/memory.md). Before threads
    are started; does nothing where the C library is not glibc.

    Source: mallopt(3).
    """
    from wayvid._core.libc import mallopt  # `wayvid check` says so where it is not compiled

    mallopt(_M_ARENA_MAX, 1)
    mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES)
    mallopt(_M_TRIM_THRESHOLD, _THRESHOLD_BYTES)


def collect() -> None:
    """Free what only holds itself, and what Python keeps of freed tuples and lists for the next ones.

    Some ms, so after what is urgent. Left to its own pace Python does it seldom in a
    process that does little: after a hundred changes of the source 0.5 MB was kept.
    """
    gc.collect()


def trim_heap() -> None:
    """Give free heap back to the kernel. Source: malloc_trim(3); glibc only."""
    from wayvid._core.libc import malloc_trim

    malloc_trim()
