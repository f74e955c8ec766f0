"""The names of memory pressure."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["MemoryPressureLevel"]


class MemoryPressureLevel(IntEnum):
    """How near memory is to its end; higher is worse."""

    NORMAL = 0
    HIGH = 1
    CRITICAL = 2

    @property
    def word(self) -> str:
        """As status and logs say it: "normal", "high", "critical"."""
        return self.name.lower()
