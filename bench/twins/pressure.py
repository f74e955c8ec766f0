"""Which frame is due for what."""

from __future__ import annotations

import threading
from typing import Final

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
