"""Compiled parts: memory counters, picture buffers and the frame ticker."""

try:
    from wayvid._core.buffer import ManagedBuffer
    from wayvid._core.bufpool import BufferPool, BufferPoolStats, PoolExhausted
    from wayvid._core.counters import (
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
    from wayvid._core.pressure import CHECK_DUE, STATS_DUE, FrameTicker
except ModuleNotFoundError as exc:
    if not (exc.name or "").startswith("wayvid._core."):
        raise
    raise ImportError(
        f"{exc.name} is not compiled: run 'make setup' (or 'pip install -e .') in wayvid's source folder"
    ) from exc

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
