"""Gives start-up memory back to the system.

A process that loads libmpv reads some 200 libraries once; most of those pages
are never needed again but stay mapped. What of them is really used comes back
from the page cache. Measured: docs/memory.md.
"""

from __future__ import annotations

import logging

from wayvid.system.heap import trim_heap

__all__ = ["free_pages", "release_startup_pages"]

log = logging.getLogger(__name__)

MADV_PAGEOUT = 21  # linux/mman.h, Linux 5.4 or newer


def _file_backed_read_only() -> list[tuple[int, int]]:
    """(start, length) of mappings of files that this process can only read.

    Never writable ones: relocated data would have to be swapped, not dropped.
    """
    ranges = []
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            addresses, permissions, _offset, _device, inode, *path = line.split(maxsplit=5)
            if permissions in ("r-xp", "r--p") and inode != "0" and path and not path[0].startswith("/memfd:"):
                start, end = (int(part, 16) for part in addresses.split("-"))
                ranges.append((start, end - start))
    return ranges


def release_startup_pages() -> None:
    """Hand free heap back to the kernel, and map no page of a library that is not used again.

    Takes two milliseconds, and reads nothing from the disk: the pages stay in the page cache, for whoever starts next.
    """
    from wayvid._core.libc import forget_code

    trim_heap()
    forget_code()


def free_pages() -> None:
    """What release_startup_pages() does, and have the kernel take the pages, and those of other files, for others now.

    Costs some milliseconds; what is needed again is read from the disk. Pages that other processes map stay in memory.
    On a kernel without MADV_PAGEOUT nothing is taken.
    """
    from wayvid._core.libc import madvise

    refused = 0
    for start, length in _file_backed_read_only():
        try:
            madvise(start, length, MADV_PAGEOUT)
        except OSError:
            refused += 1
    if refused:
        log.debug("memory: the kernel refused to page out %d mappings", refused)
    release_startup_pages()
