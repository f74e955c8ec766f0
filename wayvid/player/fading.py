"""An output on its way from one source to another: what goes, what comes, and how far it is."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Protocol
from weakref import WeakValueDictionary

from wayvid.geometry import Laid, Placement, Size
from wayvid.link.messages import Show
from wayvid.player.decoder import Decoder
from wayvid.player.shared_decode import DecoderHandle
from wayvid.transition import Change, is_over, progress

if TYPE_CHECKING:
    from wayvid.player.output import OutputView
    from wayvid.render.renderer import Frame, Renderer
    from wayvid.system.events import Timer

__all__ = ["Before", "Course", "Fading", "Kept", "Leaving", "Leaver", "MixingRoom", "Stills", "settle_all"]

log = logging.getLogger(__name__)

# A screen of 60 Hz shows each step, one of 144 Hz every third; more are not seen.
LEAST_STEP_S = 0.012
# Of the time, a half at most goes into mixing, so that the decoders keep up.
STEP_PER_COST = 2.0
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
    """What an output showed before."""

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
        self.is_resting = False
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


class Course:
    """When a transition began; outputs that are parts of one wall go it together."""

    def __init__(self) -> None:
        self.began_s = monotonic()
        self.is_seen = False

    def on_mixed(self) -> None:
        """A mixture was made; the first one may take long (a driver compiles shaders): time runs from now on."""
        if not self.is_seen:
            self.is_seen = True
            self.began_s = monotonic()

    def gone_s(self) -> float:
        """How long it has lasted."""
        return monotonic() - self.began_s


class Fading:
    """The way of one output from what it showed to what its stream shows.

    Args:
        change: how it goes over.
        before: what it showed; owned.

    Attributes:
        mixed: the mixture that is shown; None until there is one.
    """

    def __init__(self, change: Change, before: Before) -> None:
        self.change = change
        self.before = before
        self.mixed: Frame | None = None
        self.is_told = False  # that the first mixture is on the screen
        self._course: Course | None = None
        self._step_s = 0.0
        self._rest_until_s = 0.0

    @property
    def is_mixing(self) -> bool:
        """Whether the new source has come."""
        return self._course is not None

    def begin(self, course: Course) -> None:
        """The new source has come."""
        self._course = course

    @property
    def is_over(self) -> bool:
        """Whether only the new source is left to be shown."""
        return self._course is not None and is_over(self._course.gone_s(), self.change.duration_s)

    @property
    def overdue_s(self) -> float:
        """From its beginning, by when it has to be over."""
        return self.change.duration_s + OVERDUE_S

    def gone(self) -> float:
        """How much of the way is gone, 0 .. 1; a step begins."""
        self._step_s = monotonic()
        return progress(self._course.gone_s(), self.change.duration_s) if self._course is not None else 0.0

    def show(self, mixed: Frame) -> None:
        """The step is done: this is its mixture, owned from now on."""
        before, self.mixed = self.mixed, mixed
        if before is not None:
            before.let_go()
        if before is None:  # what it cost says nothing of the next ones
            self._step_s = monotonic()
        if self._course is not None:
            self._course.on_mixed()
        cost_s = monotonic() - self._step_s
        self._rest_until_s = self._step_s + max(LEAST_STEP_S, STEP_PER_COST * cost_s)

    def rest_s(self) -> float:
        """How long to wait before the next step."""
        return self._rest_until_s - monotonic()

    def close(self) -> None:
        """Give everything back; twice does nothing."""
        self.before.close()
        mixed, self.mixed = self.mixed, None
        if mixed is not None:
            mixed.let_go()


class MixingRoom:
    """Sees to it that transitions stay in the budget.

    Args:
        renderer: whose pool it is.
        decoders: gives those that live.
        call_later: the event loop's timer.
    """

    def __init__(
        self,
        renderer: Renderer,
        decoders: Callable[[], Iterable[Decoder]],
        call_later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self.renderer = renderer
        self._decoders = decoders
        self._call_later = call_later
        self._leaving = 0
        self._mixtures: dict[object, Size] = {}
        self._courses: WeakValueDictionary[tuple[Decoder, Size, Change], Course] = WeakValueDictionary()

    def _streams(self) -> list[Size]:
        return [decoder.made for decoder in self._decoders() if decoder.made is not None]

    def leave(self, leaver: Leaver, handle: DecoderHandle, laid: Laid) -> Before | None:
        """What is left: the stream that plays on, where that fits, else its last picture; None without one.

        Args:
            leaver: the output.
            handle: its share in the decoder; owned from now on.
            laid: how the stream is laid out.
        """
        decoder = handle.decoder
        frame = decoder.newest
        if frame is None or decoder.made is None or decoder.is_image:
            handle.close()
            return None
        # The one that comes is taken to be as large: it is not known yet.
        if not self.renderer.has_room([*self._streams(), decoder.made], []):
            kept = Kept(frame.keep(), laid)
            handle.close()
            return kept
        self._leaving += 1
        self._settle()
        return Leaving(leaver, handle, laid, self._on_left, self._call_later)

    def has_room_beside(self, decoder: Decoder, mixtures: Iterable[Size]) -> bool:
        """Whether there is room for one more stream as this one, and then for mixtures, if need be with one stopped."""
        streams = self._streams()
        if decoder.made is None or not self.renderer.has_room([*streams, decoder.made], []):
            return False
        return self.renderer.has_room(streams, [*self._mixtures.values(), *mixtures])

    def _on_left(self) -> None:
        self._leaving -= 1
        self._settle()

    def take(self, owner: object, size: Size, before: Before) -> bool:
        """Have room for an output's mixtures, if need be by stopping what it leaves; False when there is none.

        Args:
            owner: the output.
            size: of the mixtures.
            before: what it leaves.
        """
        mixtures = [*self._mixtures.values(), size]
        if not self.renderer.has_room(self._streams(), mixtures) and isinstance(before, Leaving):
            before.stop()
        if not self.renderer.has_room(self._streams(), mixtures):
            return False
        self._mixtures[owner] = size
        self._settle()
        return True

    def course(self, decoder: Decoder, laid: Laid, change: Change) -> Course:
        """When a transition to a stream begins: now, or when it began on other outputs of the same wall.

        Args:
            decoder: the stream's.
            laid: how it is laid out.
            change: how outputs go over to it.
        """
        if laid.part is None:
            return Course()
        key = decoder, laid.part.wall, change
        course = self._courses.get(key)
        if course is None or is_over(course.gone_s(), change.duration_s):
            course = self._courses[key] = Course()
        return course

    def give_back(self, owner: object) -> None:
        """An output mixes no more; what it had goes back to the system when the compositor has let go of it."""
        if self._mixtures.pop(owner, None) is None:
            return
        self._settle()
        self._call_later(OVERDUE_S, self._trim)

    def _trim(self) -> None:
        self.renderer.pool.trim(0)

    def _settle(self) -> None:
        self.renderer.set_mixing(self._leaving, len(self._mixtures))


class Stills:
    """What the daemon shows on outputs that are not known here yet, or about to be taken over."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def take(self, show: Show, fd: int, renderer: Renderer | None) -> None:
        """Keep the still that a message carries; fd is owned, -1: there is none."""
        self.drop(show.output)
        if fd < 0:
            return
        try:
            if show.still is not None and renderer is not None:
                self._kept[show.output] = Kept(renderer.still(fd, show.still), show.still_laid)
        except (OSError, ValueError) as exc:  # then the source comes at once
            log.info("%s: the picture that is shown cannot be read: %s", show.output, exc)
        finally:
            os.close(fd)

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
