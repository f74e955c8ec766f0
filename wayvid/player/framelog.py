"""How steadily one output shows its frames: shown, late, dropped, and how far off their times; pure.

Every frame is counted by the player's own clock. When frames were really on
screen is asked for in windows, since each answer wakes the player once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

__all__ = ["FrameLog", "Jitter", "Sample", "jitter_of"]

WINDOW_FRAMES = 32
# The first windows come soon, and later ones on demand, for what is unsteady from the start.
EARLY_WINDOWS = 4
EARLY_EVERY_NS = 2_000_000_000
EVERY_NS = 10_000_000_000
RECENT_FRAMES = 16
# A longer way from one frame to the next is a pause, not a row of lost frames.
PAUSE_NS = 500_000_000
NS_PER_MS = 1_000_000


class Sample(NamedTuple):
    """One frame. All in ns: when libmpv wanted it shown, when it was committed, and when it was shown."""

    due_ns: int
    committed_ns: int
    shown_ns: int


class Jitter(NamedTuple):
    """How far frames were shown from their own times, apart from the constant delay that all of them have."""

    median_ms: float
    p95_ms: float


def jitter_of(samples: Sequence[Sample]) -> Jitter | None:
    """The jitter of a window; None when it is too short to tell."""
    if len(samples) < RECENT_FRAMES:
        return None
    delays = [sample.shown_ns - sample.due_ns for sample in samples]
    usual = median(delays)
    off = sorted(abs(delay - usual) for delay in delays)
    return Jitter(median(off) / NS_PER_MS, off[(len(off) * 95 - 1) // 100] / NS_PER_MS)


class FrameLog:
    """The frames of one stream on one output.

    Args:
        on_window: called with the samples of each window; True: the next shall come soon.
    """

    def __init__(self, on_window: Callable[[Sequence[Sample]], bool]) -> None:
        self.late = 0
        self.dropped = 0
        self.jitter: Jitter | None = None
        self._on_window = on_window
        self._last_due_ns = 0
        self._frame_ns = 0.0  # usual time from frame to frame, 0 until known
        self._delay_ns: float | None = None  # usual time from due to commit
        self._gaps: list[int] = []
        self._delays: list[int] = []
        self._to_watch = 0  # frames of the window that begin yet
        self._awaited: dict[int, tuple[int, int]] = {}  # frame -> due, committed
        self._samples: list[Sample] = []
        self._windows = 0
        self._window_from_ns = 0

    def restart(self) -> None:
        """Another stream: what was usual is no more. The counts go on."""
        self._last_due_ns = 0
        self._frame_ns, self._delay_ns, self.jitter = 0.0, None, None
        self._gaps.clear()
        self._delays.clear()
        self._awaited.clear()
        self._samples.clear()
        self._to_watch = self._windows = self._window_from_ns = 0

    def committed(self, frame: int, due_ns: int, at_ns: int, refresh_ns: int) -> bool:
        """Count a frame that is being committed.

        Args:
            frame: its number.
            due_ns: when libmpv wants it shown; 0: it has not said.
            at_ns: now; both CLOCK_MONOTONIC.
            refresh_ns: of the output.

        Returns:
            Whether shown() wants to hear of it.
        """
        if not due_ns:
            return False
        delay_ns = at_ns - due_ns
        if self._delay_ns is not None and delay_ns - self._delay_ns > refresh_ns:
            self.late += 1
        gap_ns = due_ns - self._last_due_ns
        self._last_due_ns = due_ns
        if 0 < gap_ns < PAUSE_NS:
            if self._frame_ns and gap_ns > 1.5 * self._frame_ns:
                self.dropped += round(gap_ns / self._frame_ns) - 1
            self._gaps.append(gap_ns)
            self._delays.append(delay_ns)
            if len(self._gaps) == RECENT_FRAMES:
                self._frame_ns, self._delay_ns = median(self._gaps), median(self._delays)
                self._gaps.clear()
                self._delays.clear()
        return self._is_watched(frame, due_ns, at_ns)

    def _is_watched(self, frame: int, due_ns: int, at_ns: int) -> bool:
        if self._to_watch == 0:
            if at_ns < self._window_from_ns:
                return False
            self._to_watch = WINDOW_FRAMES
            self._windows += 1
            self._window_from_ns = at_ns + (EARLY_EVERY_NS if self._windows <= EARLY_WINDOWS else EVERY_NS)
            self._samples.clear()
            self._awaited.clear()
        self._to_watch -= 1
        self._awaited[frame] = (due_ns, at_ns)
        return True

    def shown(self, frame: int, at_ns: int) -> None:
        """A frame of the window was on screen at that moment, of any clock that runs as fast as the others."""
        times = self._awaited.pop(frame, None)
        if times is not None:
            self._samples.append(Sample(*times, at_ns))
            self._settle()

    def discarded(self, frame: int) -> None:
        """A frame of the window was never on screen."""
        if self._awaited.pop(frame, None) is not None:
            self.dropped += 1
            self._settle()

    def _settle(self) -> None:
        if self._to_watch == 0 and not self._awaited and self._samples:
            samples = sorted(self._samples)
            self._samples.clear()
            self.jitter = jitter_of(samples) or self.jitter
            if self._on_window(samples):
                soon_ns = samples[-1].committed_ns + EARLY_EVERY_NS
                self._window_from_ns = min(self._window_from_ns, soon_ns)
