"""An output on its way from one source to another: what goes, what comes, and how far it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

from wayvid.geometry import Laid, Placement, Size
from wayvid.link.messages import Picture, Show
from wayvid.player.course import Course, Shape
from wayvid.player.decoder import Decoder
from wayvid.player.shared_decode import DecoderHandle
from wayvid.transition import Change

if TYPE_CHECKING:
    from wayvid.player.output import OutputView
    from wayvid.render.renderer import Frame, Renderer, Still
    from wayvid.system.events import Timer

__all__ = ["Before", "Fading", "Kept", "Leaving", "Leaver", "OVERDUE_S", "Stills", "settle_all"]

log = logging.getLogger(__name__)

# So long after its end a transition that nobody looks at ends all the same.
OVERDUE_S = 0.25
# A new source that takes longer to come finds the picture of the old one, which was closed.
LEAVES_WITHIN_S = 10.0


class Leaver(Protocol):
    """The output that leaves a stream."""

    def can_present(self) -> bool:
        """See Viewer."""

    def is_hidden(self, now_s: float) -> bool:
        """See Viewer."""

    def placement_as(self, video: Size, laid: Laid) -> tuple[Placement, int] | None:
        """As Viewer.placement(), laid out in another way."""

    def present_old(self, frame: Frame) -> None:
        """A newer picture of the stream that is left."""


class Before(Protocol):
    """What an output showed before.

    Attributes:
        source: the same object for all outputs that showed the same.
    """

    source: object

    @property
    def frame(self) -> Frame | None:
        """Its picture now."""

    @property
    def laid(self) -> Laid:
        """How it is laid out."""

    def refresh(self) -> None:
        """Look for a newer picture; the output can show one."""

    def close(self) -> None:
        """Give it back; twice does nothing."""


class Kept:
    """A picture that does not change.

    Args:
        frame: its holder's from now on.
        laid: how it is laid out.
    """

    def __init__(self, frame: Frame, laid: Laid) -> None:
        self.frame: Frame | None = frame
        self.laid = laid
        self.source: object = frame

    def refresh(self) -> None:
        """See Before: there is none."""

    def close(self) -> None:
        """See Before."""
        frame, self.frame = self.frame, None
        if frame is not None:
            frame.let_go()


class Leaving:
    """A stream that plays on while an output leaves it; a Viewer of its decoder.

    Args:
        leaver: the output.
        handle: its share in the decoder; owned.
        laid: how it is laid out.
        on_left: called when the decoder is not needed any more.
        call_later: the event loop's timer.
    """

    def __init__(
        self,
        leaver: Leaver,
        handle: DecoderHandle,
        laid: Laid,
        on_left: Callable[[], None],
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self.frame: Frame | None = None
        self.laid = laid
        self.source: object = handle.decoder
        self.is_resting = False
        self.max_fps = 0.0
        self._leaver = leaver
        self._handle: DecoderHandle | None = handle
        self._on_left = on_left
        newest = handle.decoder.newest
        if newest is not None:
            newest.hold()
            self.frame = newest
        self._timer = call_later(LEAVES_WITHIN_S, self.stop)
        handle.decoder.add_viewer(self, is_leaving=True)

    @property
    def decoder(self) -> Decoder | None:
        """The stream's; None when it has stopped."""
        return self._handle.decoder if self._handle is not None else None

    def can_present(self) -> bool:
        """See Viewer."""
        return self._leaver.can_present()

    def is_due(self, _due_ns: int) -> bool:
        """See Viewer: it is too short for fewer."""
        return True

    def is_hidden(self, now_s: float) -> bool:
        """See Viewer."""
        return self._leaver.is_hidden(now_s)

    def placement(self, video: Size) -> tuple[Placement, int] | None:
        """See Viewer."""
        return self._leaver.placement_as(video, self.laid)

    def present(self, frame: Frame) -> None:
        """See Viewer."""
        before = self.frame
        if frame is before:
            return
        frame.hold()
        self.frame = frame
        if before is not None:
            before.let_go()
        self._leaver.present_old(frame)

    def refresh(self) -> None:
        """See Before."""
        decoder = self.decoder
        if decoder is not None and decoder.has_newer(self.frame.sequence if self.frame is not None else 0):
            decoder.viewer_ready(self)

    def stop(self) -> None:
        """Its decoder goes; its picture stays."""
        if self._handle is None:
            return
        if self.frame is not None:
            before, self.frame = self.frame, self.frame.keep()
            before.let_go()
        self._timer.cancel()
        handle, self._handle = self._handle, None
        handle.decoder.remove_viewer(self)
        handle.close()
        self._on_left()

    def close(self) -> None:
        """See Before."""
        frame, self.frame = self.frame, None
        if frame is not None:
            frame.let_go()
        self.stop()


class Fading:
    """The way of one output from what it showed to what its stream shows.

    Args:
        change: how it goes over.
        before: what it showed; owned.

    Attributes:
        mixed: the mixture that is shown; None until there is one.
        shape: of that.
    """

    def __init__(self, change: Change, before: Before) -> None:
        self.change = change
        self.before = before
        self.mixed: Frame | None = None
        self.shape: Shape | None = None
        self.is_told = False  # that the first mixture is on the screen
        self._course: Course | None = None
        self._kind: Hashable = None

    @property
    def is_mixing(self) -> bool:
        """Whether the new source has come."""
        return self._course is not None

    def begin(self, course: Course) -> None:
        """The new source has come.

        Args:
            course: of all outputs that go over with this one.
        """
        self._course = course

    @property
    def is_over(self) -> bool:
        """Whether only the new source is left to be shown."""
        return self._course is not None and self._course.is_over

    @property
    def overdue_s(self) -> float:
        """From its beginning, by when it has to be over."""
        return self.change.duration_s + OVERDUE_S

    def mix(self, shape: Shape, kind: Hashable, make: Callable[[float], Frame]) -> Frame:
        """The next mixture; show() follows when it is on its way to the screen.

        Args:
            shape: of the mixture.
            kind: see Course.
            make: see Course.

        Returns:
            Held once for the caller.

        Raises:
            PoolExhausted: there is no room for it.
        """
        assert self._course is not None
        self.shape, self._kind = shape, kind
        return self._course.mixture(kind, self.mixed, make)

    def show(self, mixed: Frame) -> None:
        """The mixture of mix() is shown; owned from now on."""
        assert self._course is not None
        before, self.mixed = self.mixed, mixed
        if before is not None:
            before.let_go()
        self._course.settle(self._kind)

    def newest(self) -> Frame | None:
        """The newest mixture of all outputs that go this way; None before the first. Not held for the caller."""
        return self._course.newest(self._kind) if self._course is not None else None

    def rest_s(self) -> float:
        """How long to wait before the next step."""
        return self._course.rest_s(self._kind, self.mixed) if self._course is not None else 0.0

    def close(self) -> None:
        """Give everything back; twice does nothing."""
        self.before.close()
        mixed, self.mixed = self.mixed, None
        if mixed is not None:
            mixed.let_go()


class Stills:
    """What the daemon shows on outputs that are not known here yet, or about to be taken over."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._frames: WeakValueDictionary[tuple[int, int, Picture], Still] = WeakValueDictionary()

    def take(self, show: Show, fd: int, renderer: Renderer | None) -> None:
        """Keep the still that a message carries; fd is owned, -1: there is none."""
        self.drop(show.output)
        if fd < 0:
            return
        try:
            if show.still is not None and renderer is not None:
                self._kept[show.output] = Kept(self._frame(fd, show.still, renderer), show.still_laid)
        except (OSError, ValueError) as exc:  # then the source comes at once
            log.info("%s: the picture that is shown cannot be read: %s", show.output, exc)
        finally:
            os.close(fd)

    def _frame(self, fd: int, picture: Picture, renderer: Renderer) -> Still:
        """A picture as a frame, held once for the caller; the same for all outputs that show it."""
        file = os.fstat(fd)
        key = (file.st_dev, file.st_ino, picture)
        frame = self._frames.get(key)
        if frame is not None and frame.is_held:
            frame.hold()
            return frame
        frame = self._frames[key] = renderer.still(fd, picture)
        return frame

    def pop(self, name: str) -> Kept | None:
        """The still of an output, the caller's from now on."""
        return self._kept.pop(name, None)

    def drop(self, name: str) -> None:
        """It is not needed."""
        kept = self.pop(name)
        if kept is not None:
            kept.close()


def settle_all(views: Iterable[OutputView], decoder: Decoder, frame: Frame, on_settled: Callable[[], None]) -> None:
    """Have the outputs of an image, which only the daemon shows, go over to it first.

    Args:
        views: all outputs.
        decoder: of the image.
        frame: the image.
        on_settled: called once, when none of them is on its way any more.
    """
    waiting: set[OutputView] = set()

    def settle(view: OutputView) -> None:
        waiting.discard(view)
        if not waiting:
            on_settled()

    concerned = [view for view in views if view.shows(decoder) and view.is_fading]
    waiting.update(concerned)
    for view in concerned:
        view.settle_on(frame, partial(settle, view))
    if not concerned:
        on_settled()
