"""Whether a player grows without end, told from samples of its memory over minutes. Pure values."""

from __future__ import annotations

from typing import NamedTuple

from wayvid.units import MIB

__all__ = ["GrowthWatch", "Sample", "slope_mb_per_hour"]

SAMPLES = 60  # spread over the window
FEWEST_SAMPLES = 10
# Below that a slope is noise, however steep: a buffer more, a cache that fills.
SMALLEST_GROWTH_BYTES = 4 * MIB
SECONDS_PER_HOUR = 3600.0


class Sample(NamedTuple):
    """Memory at a moment (CLOCK_MONOTONIC)."""

    at_s: float
    held_bytes: int


def slope_mb_per_hour(samples: list[Sample]) -> float:
    """The median slope of all pairs of samples, in MB (of 1024 * 1024 bytes) an hour.

    Theil and Sen's estimate: a single step, up or down, does not move it much, as it
    would a least-squares line.

    Raises:
        IndexError: no two samples from different moments.
    """
    slopes = sorted(
        (later.held_bytes - earlier.held_bytes) / (later.at_s - earlier.at_s)
        for index, earlier in enumerate(samples)
        for later in samples[index + 1 :]
        if later.at_s > earlier.at_s
    )
    return slopes[len(slopes) // 2] * SECONDS_PER_HOUR / MIB


class GrowthWatch:
    """Samples of one player's memory, from the end of its warm-up on.

    Args:
        started_s: when it began to play, CLOCK_MONOTONIC.
        warmup_s: so long its memory is not looked at.
        window_s: over how long a slope is taken.
    """

    def __init__(self, started_s: float, warmup_s: float, window_s: float) -> None:
        self._from_s = started_s + warmup_s
        self._window_s = window_s
        self._samples: list[Sample] = []

    def add(self, sample: Sample) -> None:
        """Take a sample, unless one of about the same moment is there."""
        if sample.at_s < self._from_s:
            return
        if self._samples and sample.at_s - self._samples[-1].at_s < self._window_s / SAMPLES:
            return
        self._samples.append(sample)
        oldest_s = sample.at_s - self._window_s
        while self._samples[0].at_s < oldest_s:
            self._samples.pop(0)

    def growth_mb_per_hour(self) -> float | None:
        """The slope; None while there are too few samples or they span less than half the window."""
        samples = self._samples
        if len(samples) < FEWEST_SAMPLES or samples[-1].at_s - samples[0].at_s < self._window_s / 2:
            return None
        return slope_mb_per_hour(samples)

    def is_excessive(self, limit_mb_per_hour: float) -> bool:
        """Whether memory grows faster than that, and by more than noise; a limit of 0 is none."""
        growth = self.growth_mb_per_hour()
        if not limit_mb_per_hour or growth is None or growth <= limit_mb_per_hour:
            return False
        return self._samples[-1].held_bytes - self._samples[0].held_bytes >= SMALLEST_GROWTH_BYTES
