"""What wayvid._core would be in plain Python: same names, same contract tests.

The twins are written as one would write them without a compiler, not slowed
down: __slots__, one lock, ordered dicts, named tuples. They differ in one point. Before
Python 3.12 no Python class can export a buffer, so ManagedBuffer hands out
memoryviews by view(), and a pool does not see them.
"""

from bench.twins.buffer import ManagedBuffer
from bench.twins.bufpool import BufferPool, BufferPoolStats, PoolExhausted
from bench.twins.counters import (
    FRAME,
    OTHER,
    STAGING,
    TEXTURE,
    KindStats,
    MemoryStats,
    allocated,
    freed,
    memory_stats,
    resized,
)
from bench.twins.pressure import CHECK_DUE, STATS_DUE, FrameTicker

__all__ = [
    "FRAME",
    "TEXTURE",
    "STAGING",
    "OTHER",
    "allocated",
    "freed",
    "resized",
    "memory_stats",
    "MemoryStats",
    "KindStats",
    "ManagedBuffer",
    "BufferPool",
    "BufferPoolStats",
    "PoolExhausted",
    "FrameTicker",
    "STATS_DUE",
    "CHECK_DUE",
]
