"""One output's pace: its frame log, what the compositor tells of it, and what is made of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from wayvid.link.figures import PaceFigures
from wayvid.player.framelog import FrameLog, Sample
from wayvid.player.steering import Steering
from wayvid.wayland.outputs import Output
from wayvid.wayland.presentation import PresentationClock, PresentationWatch

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["Pacer"]

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
# wl_output.refresh is in mHz; what is unknown (0) is taken for what most screens have.
MHZ_NS = 1_000_000_000_000
USUAL_MHZ = 60_000


class Pacer:
    """Follows the frames of one output, whoever draws them.

    Args:
        clock: the connection's.
        output: the screen.
        steer: called with a new factor for the stream's speed.
    """

    def __init__(self, clock: PresentationClock, output: Output, steer: Callable[[float], None]) -> None:
        self._output = output
        self._steer = steer
        self._log = FrameLog(self._on_window)
        self._steering = Steering()
        self._watch = PresentationWatch(clock, self._on_shown, self._log.discarded)
        self._refresh_ns = 0  # as feedback tells it
        self._by_callback = 0  # frame whose frame callback is waited for, 0: none
        self._is_measured = False  # the jitter is from presentation feedback

    def restart(self) -> None:
        """Another stream comes."""
        self._watch.close()
        self._log.restart()
        self._steering = Steering()

    def before_commit(self, frame: Frame, surface: Any) -> None:
        """Call with each new frame, just before its commit, with the wl_surface that gets it."""
        wants_answer = self._log.committed(frame.sequence, frame.due_ns, monotonic_ns(), self._period_ns)
        is_asked = wants_answer and self._watch.ask(surface, frame.sequence)
        self._by_callback = frame.sequence if wants_answer and not is_asked else 0

    def on_frame(self, time_ms: int) -> None:
        """The compositor asks for the next frame, and says when, on its own clock."""
        if self._by_callback:
            self._is_measured = False
            self._log.shown(self._by_callback, time_ms * NS_PER_MS)
            self._by_callback = 0

    def _on_shown(self, frame: int, at_ns: int, refresh_ns: int) -> None:
        self._is_measured = True
        self._refresh_ns = refresh_ns
        self._log.shown(frame, at_ns)

    @property
    def _period_ns(self) -> int:
        return self._refresh_ns or MHZ_NS // (self._output.refresh_mhz or USUAL_MHZ)

    def _on_window(self, samples: Sequence[Sample]) -> bool:
        if not self._is_measured:  # a frame callback's time says too little of when the frame was seen
            return False
        self._steer(self._steering.take(samples, self._period_ns))
        return self._steering.is_restless

    def figures(self) -> PaceFigures:
        """What is to be told."""
        jitter = self._log.jitter
        return PaceFigures(
            self._log.late,
            self._log.dropped,
            self._refresh_hz(),
            jitter.median_ms if jitter else None,
            jitter.p95_ms if jitter else None,
            "" if jitter is None else "presentation" if self._is_measured else "callbacks",
        )

    def _refresh_hz(self) -> float:
        period_ns = self._steering.period_ns or self._refresh_ns
        return NS_PER_S / period_ns if period_ns else self._output.refresh_mhz / 1000

    def close(self) -> None:
        """Want no more answers; before the surface goes. Twice does nothing."""
        self._watch.close()
