"""Which of the pictures that come are shown where there are to be fewer; pure."""

from __future__ import annotations

__all__ = ["RateLimit"]

NS_PER_S = 1_000_000_000
# A picture that comes so much of an interval before its turn takes it: the next one would be later than this is early.
EARLY_RATIO = 0.25
# After a picture that came late the next turn is no nearer than this part of an interval, less the part above.
NEAREST_RATIO = 0.5


class RateLimit:
    """At most so many pictures a second, at times that are as even as those of the clip allow.

    Turns are counted from the first one, so that 30 pictures a second become 20, and
    not 15, where 20 are allowed.

    Args:
        max_fps: how many; 0: all.
    """

    def __init__(self, max_fps: float = 0.0) -> None:
        self.max_fps = max_fps
        self._interval_ns = round(NS_PER_S / max_fps) if max_fps else 0
        self._next_ns = 0

    def allows(self, due_ns: int) -> bool:
        """Whether a picture that is due then may be shown."""
        return due_ns >= self._next_ns - self._interval_ns * EARLY_RATIO

    def took(self, due_ns: int) -> None:
        """A picture that is due then is shown."""
        if due_ns - self._next_ns >= self._interval_ns:  # the first one, or after a pause
            self._next_ns = due_ns
        self._next_ns = max(self._next_ns + self._interval_ns, due_ns + round(self._interval_ns * NEAREST_RATIO))
