"""The picture that libmpv has ready, and that nobody has drawn yet."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wayvid._core.mpvrender import FRAME_PRESENT, FRAME_REDRAW, FRAME_REPEAT

if TYPE_CHECKING:
    from wayvid.player.core import MpvCore

__all__ = ["WaitingPicture"]

# It waits 0.2 s for somebody to draw a picture (0.35.1, vo_libmpv.c), by its own clock.
LIBMPV_WAITS_S = 0.15


class WaitingPicture:
    """The one of a core that waits, and may go again before it is drawn.

    Args:
        core: whose pictures they are.

    Attributes:
        is_there: whether one waits.
        due_ns: when it should be shown, CLOCK_MONOTONIC; 0 when libmpv does not say.
    """

    def __init__(self, core: MpvCore) -> None:
        self.is_there = False
        self.due_ns = 0
        self._core = core
        self._context = core.render_context
        self._is_taken = False  # so that the core could go on; it can still be drawn
        self._since_s = 0.0  # it waits
        self._times_asked = 0

    def is_new(self) -> bool:
        """Whether what libmpv has ready now is another picture than its last one."""
        flags = self._context.next_frame_flags()
        if not flags:  # a file was closed: libmpv has forgotten its pictures, and would draw black
            self.is_there = False
        return flags & (FRAME_PRESENT | FRAME_REDRAW | FRAME_REPEAT) == FRAME_PRESENT

    def begin(self, due_ns: int) -> None:
        """What libmpv has ready now waits."""
        self.is_there, self._is_taken = True, False
        self._since_s = monotonic()
        self.due_ns = due_ns

    def take(self) -> None:
        """Take it: the core may wait for that before it answers, 0.2 s long. It can still be drawn."""
        self._is_taken = True
        self.drop()

    def drop(self) -> None:
        """Have libmpv go on from what it has ready."""
        self._context.skip()
        self._context.report_swap()

    def ask_again(self) -> None:
        """Have libmpv give its last picture once more; nothing comes where it has none."""
        self._times_asked += 1
        # Any change of what has to do with windows does it; here is no window.
        self._core.set_property("keepaspect-window", "no" if self._times_asked % 2 else "yes")

    def is_drawable(self) -> bool:
        """Whether it can still be drawn: its file may have been closed meanwhile.

        After a while libmpv does not wait any more, and takes it for the last one, which can be drawn, too.
        """
        is_open = self._context.next_frame_flags() & FRAME_PRESENT
        if not self._is_taken and not is_open and monotonic() - self._since_s < LIBMPV_WAITS_S:
            self.is_there = False
        return self.is_there
