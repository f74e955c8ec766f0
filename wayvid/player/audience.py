"""The outputs that look at a stream."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wayvid.geometry import Placement, Size
from wayvid.player.environment import Viewer

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["HIDDEN_AFTER_S", "Audience"]

# A screen that asks for no frame for so long is not looked at. Longer than any
# compositor's hiccup, shorter than anybody waits for a battery.
HIDDEN_AFTER_S = 1.0


class Audience:
    """The viewers of one stream, in the order they came."""

    def __init__(self) -> None:
        self._viewers: list[Viewer] = []
        self._leaving: list[Viewer] = []  # those among them that soon show another stream
        self._steered_by: Viewer | None = None
        self._alone_since_s = monotonic()

    def __len__(self) -> int:
        return len(self._viewers)

    def add(self, viewer: Viewer, is_leaving: bool) -> None:
        """One more; is_leaving: it soon shows another stream."""
        self._viewers.append(viewer)
        if is_leaving:
            self._leaving.append(viewer)

    def remove(self, viewer: Viewer) -> bool:
        """One less; whether it was there."""
        if viewer not in self._viewers:
            return False
        self._viewers.remove(viewer)
        if viewer in self._leaving:
            self._leaving.remove(viewer)
        self._alone_since_s = monotonic()
        return True

    @property
    def is_staying(self) -> bool:
        """Whether there is any that is not about to leave."""
        return len(self._viewers) > len(self._leaving)

    @property
    def max_fps(self) -> float:
        """How many pictures a second they want at most; 0: all, or they want different numbers."""
        limits = {each.max_fps for each in self._viewers if not each.is_resting and each not in self._leaving}
        return limits.pop() if len(limits) == 1 else 0.0

    def may_steer(self, viewer: Viewer) -> bool:
        """Whether the speed is to suit a viewer: the first that wants to steer, as long as it is looked at."""
        before = self._steered_by
        is_other = before is not None and before is not viewer and before in self._viewers
        if before is not None and is_other and not before.is_resting and not before.is_hidden(monotonic()):
            return False
        self._steered_by = viewer
        return True

    # Loops: these run for every picture.

    def leaves_out(self, due_ns: int) -> bool:
        """Whether all that there are, by their own limits, do without a picture that is due then."""
        for viewer in self._viewers:
            if viewer.is_due(due_ns):
                return False
        return bool(self._viewers)

    def takes(self, due_ns: int) -> bool:
        """Whether any of them would put a picture that is due then on screen now."""
        for viewer in self._viewers:  # noqa: SIM110
            if viewer.can_present() and viewer.is_due(due_ns):
                return True
        return False

    def present(self, frame: Frame) -> None:
        """Give a new frame to those that take it."""
        due_ns = frame.due_ns
        for viewer in self._viewers:
            if viewer.can_present() and viewer.is_due(due_ns):
                viewer.present(frame)

    # Seldom.

    def present_hidden(self, frame: Frame) -> None:
        """Give a frame to those that are hidden, each of which keeps the one it showed last."""
        now_s = monotonic()
        for viewer in self._viewers:
            if viewer.is_hidden(now_s):
                viewer.present(frame)

    def is_looking(self) -> bool:
        """Whether any of them is looked at, or they may be about to come."""
        now_s = monotonic()
        if not self._viewers:
            return now_s - self._alone_since_s < HIDDEN_AFTER_S
        return not all(viewer.is_resting or viewer.is_hidden(now_s) for viewer in self._viewers)

    def placements(self, seen: Size) -> list[tuple[Placement, int] | None]:
        """Where each of them would put a video, and its scale in 120ths; None while not known."""
        return [viewer.placement(seen) for viewer in self._viewers]
