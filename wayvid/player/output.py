"""One output's pipeline: shows a stream's frames at the pace of the output's own frame callbacks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from time import monotonic, monotonic_ns
from typing import TYPE_CHECKING, Any

from wayvid._core import PoolExhausted
from wayvid.geometry import Crop, Laid, Layout, Placement, Size, placed
from wayvid.player.audience import HIDDEN_AFTER_S
from wayvid.player.course import Shape
from wayvid.player.decoder import Decoder
from wayvid.player.fading import Before, Fading, Kept, Leaving
from wayvid.player.mixing import MixingRoom
from wayvid.player.pacing import Pacer
from wayvid.player.ratelimit import RateLimit
from wayvid.player.shared_decode import DecoderHandle
from wayvid.render.frame import FrameBuffer
from wayvid.render.renderer import Layered
from wayvid.transition import CUT, Change, Step, layer, mixed_size, stage
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.presentation import PresentationClock
from wayvid.wayland.shm import SharedMemory
from wayvid.wayland.surface import COVERED_AFTER_S, WallpaperSurface, part_of, seen_size

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["OutputView"]

log = logging.getLogger(__name__)

# A mixture has the output's own shape.
WHOLE = Laid(Layout.STRETCH)


class OutputView:
    """A stream on an output; a Viewer of its decoder.

    Args:
        connection: to the compositor.
        clock: the connection's.
        output: the screen.
        handle: this output's share in the decoder; owned.
        laid: how to lay the video out.
        memory_of: finds the wl_shm pool of a frame's memory.
        call_later: the event loop's timer.
        on_shown: called when the first frame is on screen; before that, with True, when a mixture with it is.
        room: makes mixtures, and knows whether there is memory for them.
        change: how to go over from what the daemon shows.
        still: that; None for nothing. Held once for this view.

    Attributes:
        is_resting: see Viewer.
        max_fps: likewise.
    """

    def __init__(
        self,
        connection: Connection,
        clock: PresentationClock,
        output: Output,
        handle: DecoderHandle,
        laid: Laid,
        memory_of: Callable[[FrameBuffer], SharedMemory],
        call_later: Callable[[float, Callable[[], None]], object],
        on_shown: Callable[[bool], None],
        room: MixingRoom,
        change: Change = CUT,
        still: Kept | None = None,
    ) -> None:
        self.output = output
        self.presented = 0
        self.is_resting = False
        self.max_fps = 0.0
        self._limit = RateLimit()
        self._connection = connection
        self._handle = handle
        self._laid = laid
        self._memory_of = memory_of
        self._call_later = call_later
        self._on_shown: Callable[[bool], None] | None = on_shown
        self._room = room
        self._fading = Fading(change, still) if still is not None else None
        self._image: Frame | None = None  # that only the daemon shows in the end
        self._on_settled: Callable[[], None] = lambda: None
        self._shown_sequence = 0
        self._awaits_first = True  # nothing of this stream was presented yet
        self._asked_at_s = 0.0
        self.pacer = Pacer(clock, output, self._steer)
        self._surface = self._open_surface()
        handle.decoder.add_viewer(self)

    def _open_surface(self) -> WallpaperSurface:
        return WallpaperSurface(self._connection, self.output, self._on_ready, self._on_surface_closed)

    def switch(self, handle: DecoderHandle, laid: Laid, on_shown: Callable[[bool], None], change: Change = CUT) -> None:
        """Show another stream, or another layout; the picture stays until the first one of that stream.

        Args:
            handle: this output's share in the stream's decoder; owned.
            laid: how to lay it out.
            on_shown: see the class.
            change: how to go over to it.
        """
        self._forget_image()
        left, self._handle = self._handle, handle
        left_laid, self._laid = self._laid, laid
        before = self._leave(left, left_laid, change)
        self._shown_sequence = 0
        self._awaits_first = True
        self._on_shown = on_shown
        self.pacer.restart()
        self._fading = Fading(change, before) if before is not None else None
        handle.decoder.add_viewer(self)

    def go_round(self, handle: DecoderHandle, change: Change) -> None:
        """Show the next round of its stream.

        Args:
            handle: this output's share in that round's decoder; owned.
            change: how to go over to it.
        """
        self.switch(handle, self._laid, self._on_shown or (lambda _is_mixed: None), change)

    def _leave(self, left: DecoderHandle, laid: Laid, change: Change) -> Before | None:
        """What to go over from; None for a cut."""
        left.decoder.remove_viewer(self)
        fading, self._fading = self._fading, None
        came = self._handle.decoder
        # Until its moment what is left plays on.
        is_cut = (
            (change.is_cut and not came.waits_for_moment)
            or came is left.decoder
            or self._surface.size is None
            or self.is_hidden(monotonic())
        )
        if fading is None and not self._awaits_first and not is_cut:
            return self._room.leave(self, left, laid)
        left.close()
        if fading is None:
            return None
        is_back = isinstance(fading.before, Leaving) and fading.before.decoder is came
        if not is_cut and not fading.is_mixing and not is_back:  # what was to come in between was never seen
            return fading.before
        newest = fading.newest() or fading.mixed  # the same for all outputs, so that they go on together
        mixed = newest.keep() if newest is not None and not is_cut else None
        self._room.give_back(self)
        fading.close()
        return Kept(mixed, WHOLE) if mixed is not None else None

    def shows(self, decoder: Decoder) -> bool:
        """Whether it shows that stream, or is about to."""
        return self._handle.decoder is decoder

    @property
    def is_fading(self) -> bool:
        """Whether it is on its way to its stream."""
        return self._fading is not None

    def set_pace(self, max_fps: float, is_resting: bool) -> None:
        """Show fewer frames, or none but what is there; the first frame of a stream is always shown.

        Args:
            max_fps: at most so many a second; 0: all.
            is_resting: whether the picture that is shown stays.
        """
        self.max_fps = max_fps
        self._limit = RateLimit(max_fps)
        self.is_resting = is_resting
        self.pacer.restart()  # what was usual is no more
        self._handle.decoder.thrift.look()
        if not is_resting and self.can_present():
            self._handle.decoder.viewer_ready(self)

    def can_present(self) -> bool:
        """See Viewer."""
        if self._surface.size is None or self._surface.awaits_frame:
            return False
        return self._fading is None or self._fading.rest_s() <= 0

    def is_due(self, due_ns: int) -> bool:
        """See Viewer."""
        if self._awaits_first or self._fading is not None:
            return True
        if self.is_resting:
            return False
        return not self._limit.max_fps or self._limit.allows(due_ns or monotonic_ns())

    def is_hidden(self, now_s: float) -> bool:
        """See Viewer."""
        return self._surface.awaits_frame and now_s - self._asked_at_s > HIDDEN_AFTER_S

    def placement(self, video: Size) -> tuple[Placement, int] | None:
        """See Viewer."""
        return self.placement_as(video, self._laid)

    def placement_as(self, video: Size, laid: Laid) -> tuple[Placement, int] | None:
        """See Leaver."""
        placement = self._surface.placement(video, laid)
        return (placement, self._surface.steps) if placement else None

    def present(self, frame: Frame) -> None:
        """See Viewer."""
        if self._surface.size is None or (self._fading is not None and self._mix(frame)):
            return
        self._asked_at_s = monotonic()
        is_new = frame.sequence != self._shown_sequence
        is_measured = is_new and not self._limit.max_fps  # else frames that are left out would be told as lost
        self._put(frame, self._laid, partial(self.pacer.before_commit, frame) if is_measured else None)
        self._expect_first()
        if is_new:
            self._shown_sequence = frame.sequence
            self.presented += 1
            if self._limit.max_fps:
                self._limit.took(frame.due_ns or monotonic_ns())
        if self._image is not None:
            self._on_shown = None  # the daemon shows it itself
            self._forget_image()

    def _expect_first(self) -> None:
        if self._awaits_first:
            self._awaits_first = False
            # Where another surface covers this one no frame callback comes: take
            # the picture for shown once the compositor has had time to draw it.
            on_shown = self._on_shown  # another stream's is not to be called for this one's picture
            self._connection.sync(lambda: self._expect_shown(on_shown))

    def _put(self, frame: Frame, laid: Laid, before_commit: Callable[[Any], None] | None) -> None:
        assert isinstance(frame, FrameBuffer)
        memory = self._memory_of(frame)
        frame.hold()
        self._surface.present(memory, frame.picture, laid, frame.let_go, self._on_frame, before_commit)

    def _on_frame(self) -> None:
        """The compositor asks for the next frame: the last one is on screen."""
        self.pacer.on_frame(self._surface.frame_time_ms)
        if not self._awaits_first:
            self._tell_shown()
        decoder = self._handle.decoder
        if self._fading is not None:
            self._go_on(self._fading)
        elif not self.is_resting and decoder.has_newer(self._shown_sequence):
            decoder.viewer_ready(self)

    # From one source to another.

    def _go_on(self, fading: Fading) -> None:
        """A mixture is on the screen, or still the old source."""
        rest_s = fading.rest_s() if fading.is_mixing else 0.0
        if rest_s > 0:
            self._call_later(rest_s, self._step)
        else:
            self._step()

    def _step(self) -> None:
        fading, decoder = self._fading, self._handle.decoder
        if fading is None or not self.can_present():
            return
        if fading.is_mixing:
            fading.before.refresh()
        if self._image is not None:
            self.present(self._image)
        elif fading.is_mixing or decoder.has_newer(0):
            decoder.viewer_ready(self)
        if not fading.is_mixing and self.can_present():
            fading.before.refresh()

    def present_old(self, frame: Frame) -> None:
        """See Leaver: it goes on until the new source has come."""
        fading = self._fading
        if fading is not None and not fading.is_mixing and self._surface.size is not None:
            self._asked_at_s = monotonic()
            self._put(frame, fading.before.laid, None)

    def _mix(self, frame: Frame) -> bool:
        """Show a mixture of what was and a picture of what comes; False when it is time for that alone."""
        fading, surface = self._fading, self._surface
        assert fading is not None
        assert surface.size is not None
        before, renderer = fading.before.frame, self._room.renderer
        places = [self._seen(before, fading.before.laid), self._seen(frame, self._laid)] if before is not None else []
        is_black = all(at.is_nothing for at, _part, _turn in places)  # bars, on an output of a wall
        if before is not None and not (fading.is_over or fading.change.is_cut or is_black):
            shape = self._shape_of(places)
            if not fading.is_mixing:
                wall = self._laid.part.wall if self._laid.part is not None else None
                self._room.begin(self, fading, shape, self._handle.decoder, wall)
            if fading.mixed is not None and fading.shape == shape and surface.awaits_frame:
                self._put(fading.mixed, WHOLE, None)  # the surface was configured again
                return True
            if fading.is_mixing:
                # What is left may have stopped meanwhile, and is another frame of the same picture.
                both = Layered(fading.before.frame or before, shape.before), Layered(frame, shape.after)
                kind = fading.change.transition

                def make(gone: float) -> Frame:
                    return renderer.mix(shape.size, *both, Step(kind, gone, shape.stage))

                try:
                    mixed = fading.mix(shape, self._room.kind(self, fading, shape), make)
                except PoolExhausted as exc:
                    log.info("%s: the %s ends early: %s", self.output.name, kind, exc)
                else:
                    self._asked_at_s = monotonic()
                    self._put(mixed, WHOLE, None)
                    if fading.mixed is None:
                        self._call_later(fading.overdue_s, lambda: self._end_overdue(fading))
                    fading.show(mixed)
                    self._expect_first()
                    return True
            else:
                kind = fading.change.transition
                log.info("%s: cut: the pictures of a %s do not fit into the budget", self.output.name, kind)
        self._end_fading()
        return False

    def mixture_shape(self) -> Shape | None:
        """How a mixture with what it shows would be made; None where nothing of that is seen."""
        newest = self._handle.decoder.newest
        if self._surface.size is None or newest is None:
            return None
        place = self._seen(newest, self._laid)
        return self._shape_of([place, place]) if not place[0].is_nothing else None

    def _shape_of(self, places: list[tuple[Placement, Crop, int]]) -> Shape:
        """How two pictures are mixed that are seen like that."""
        logical, steps = self._surface.size, self._surface.steps
        assert logical is not None
        size = mixed_size(logical, steps, *((part, at.destination, turn) for at, part, turn in places))
        before, after = (layer(at, part, turn, logical, size) for at, part, turn in places)
        return Shape(size, before, after, stage(size, logical, self._laid.part))

    def _seen(self, frame: Frame, laid: Laid) -> tuple[Placement, Crop, int]:
        """Where a picture goes on the output, which part of it that is, and how it is turned."""
        assert self._surface.size is not None
        placement = placed(seen_size(frame.picture), self._surface.size, laid, self._surface.steps)
        return placement, part_of(placement.source, frame.picture), frame.picture.rotation

    def _end_fading(self) -> None:
        fading, self._fading = self._fading, None
        if fading is not None:
            self._room.give_back(self)
            fading.close()
            self._awaits_first = True

    def _end_overdue(self, fading: Fading) -> None:
        """Nobody looks: what is left need not play on for that."""
        if self._fading is fading:
            self._end_fading()
            newest = self._image or self._handle.decoder.newest
            if newest is not None:
                self.present(newest)

    def settle_on(self, image: Frame, on_settled: Callable[[], None]) -> None:
        """Go over to an image, of which there will be no other picture.

        Args:
            image: the picture.
            on_settled: called once, when it is there, or is not wanted any more.
        """
        self._forget_image()
        image.hold()
        self._image, self._on_settled = image, on_settled
        if self.can_present():
            self._step()

    def _forget_image(self) -> None:
        image, self._image = self._image, None
        if image is not None:
            image.let_go()
            self._on_settled()

    def _steer(self, trim: float) -> None:
        self._handle.decoder.steer(self, trim)

    def _expect_shown(self, on_shown: Callable[[bool], None] | None) -> None:
        self._call_later(COVERED_AFTER_S, lambda: self._tell_shown() if on_shown is self._on_shown else None)

    def _tell_shown(self) -> None:
        fading, on_shown = self._fading, self._on_shown
        if fading is None:
            self._on_shown = None
        if on_shown is not None and (fading is None or not fading.is_told):
            on_shown(fading is not None)
        if fading is not None:
            fading.is_told = True

    def _on_ready(self) -> None:
        self._handle.decoder.viewer_reshaped(self)

    def _on_surface_closed(self) -> None:
        """The compositor took the surface: make another, unless it wants none there."""
        was_wanted = self._surface.size is not None
        self.pacer.restart()
        self._surface.close()
        if was_wanted:
            self._surface = self._open_surface()

    def forget_memory(self, memory: SharedMemory) -> None:
        """Drop the buffers over a memory that goes away."""
        self._surface.forget_memory(memory)

    def close(self) -> None:
        """Take the picture off the output and give the share back."""
        self._on_shown = None
        self._end_fading()
        self._forget_image()
        self._handle.decoder.remove_viewer(self)
        self.pacer.close()
        self._surface.close()
        self._handle.close()
