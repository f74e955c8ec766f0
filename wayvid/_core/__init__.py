"""Compiled parts: memory counters and picture buffers."""

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
]
