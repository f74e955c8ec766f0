"""One stream: its libmpv core, its newest frame and the outputs that look at it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

import mpv

from wayvid._core import PoolExhausted
from wayvid.geometry import Size, picture_size
from wayvid.link.messages import StreamSpec
from wayvid.player.audience import Audience
from wayvid.player.core import MpvCore
from wayvid.player.environment import Environment, Viewer
from wayvid.player.failures import BROKEN_OFF
from wayvid.player.lifeline import Lifeline
from wayvid.player.properties import VideoShape
from wayvid.player.sound import Sound
from wayvid.player.source import CoreMemory, CoreStart
from wayvid.player.thrift import Thrift
from wayvid.player.waiting import WaitingPicture

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["Decoder"]

log = logging.getLogger(__name__)

# How often the position in the source is asked for: about every half second.
POSITION_EVERY_FRAMES = 15  # those that are left out count, too
# A server that is silent is given up by libmpv, and asked once more; and it may send just too little.
PATIENCE = 3.0
# The position is that old at most, and a file's last pictures may be a second from the end that it names.
POSITION_WITHIN_S = 2.0
NEAR_END_S = 1.0
# A smaller change of the speed moves a frame by less than 0.1 ms until it is looked at again.
SPEED_STEP = 1e-5
# A first picture that the player was too late or had no room for is asked for again.
FIRST_AGAIN_S = 0.5


def _takes(viewer: Viewer, due_ns: int) -> bool:
    """Whether a viewer wants a picture that is due then, and would put it on screen now."""
    return viewer.can_present() and viewer.is_due(due_ns)


class Decoder:
    """One libmpv core, its newest frame and the outputs that look at it.

    A frame is made when libmpv has a new picture and at least one viewer can
    show it; then every viewer that can is given the same frame.
    """

    def __init__(
        self, spec: StreamSpec, environment: Environment, memory: CoreMemory, start: CoreStart, begin_at_s: float
    ) -> None:
        self.spec = spec
        self.newest: Frame | None = None
        self.frames = 0
        self.dropped = 0
        self.frames_before = 0  # of earlier rounds, by other cores
        self.dropped_before = 0
        self.position_s = start.resume_s or spec.start_s
        self.position_at_s = monotonic()
        self.duration_s = 0.0  # 0 while unknown
        self.is_image = False
        self.is_full_size = False  # the newest frame has all the pixels of the source
        self.frame_step = 1  # of so many pictures one is shown
        self._pictures = 0  # that libmpv has had, also those that were left out
        self._asked_at = 0  # the position, at so many
        self._resume_s = start.resume_s
        self._audience = Audience()
        self._may_break_off = spec.may_break_off
        self._renderer = environment.renderer
        self._no_hwdec = environment.no_hwdec
        self._listener = environment.listener
        self._call_later = environment.call_later
        self._is_known = False  # it was loaded, so that is_image and duration_s are right
        self._shape: VideoShape | None = None
        self._asks_shape = False
        self._target: Size | None = None  # of the next frame; None: to be found out
        self._made: Size | None = None  # the last target
        self._trims_again = False
        self._is_looking = False  # for the first picture, soon
        self._trim = 1.0
        self._is_resting = False
        self._is_paused = False
        self._is_frozen = False
        self._begin_at_s = begin_at_s  # 0 once it has begun
        within_s = PATIENCE * float(environment.graphics.get("network-timeout", "10"))
        self._lifeline = Lifeline(environment.call_later, within_s, self._on_silence)
        self.core = MpvCore(
            spec,
            start._replace(is_paused=bool(begin_at_s)),
            memory,
            self,
            environment.renderer,
            environment.graphics,
            environment.watch,
            environment.unwatch,
        )
        self.sound = Sound(self.core)
        self.thrift = Thrift(
            self.core,
            spec,
            environment.call_later,
            lambda: self._audience.max_fps,
            lambda: self.state == "playing" and bool(self.frames) and not self.is_image,
            lambda is_sparse: self._listener.on_thrift(self, is_sparse),
            start.is_sparse,
        )
        self._waiting = WaitingPicture(self.core)

    def why_no_hwdec(self, codec: str) -> str:
        """Why no hardware decodes, in words.

        Args:
            codec: of the stream, as libmpv calls it; "" while unknown.
        """
        if self._no_hwdec or not codec:
            return self._no_hwdec
        return self.core.hwdec_error or f"libmpv found no hardware here that decodes {codec}"

    @property
    def state(self) -> str:
        """ "playing", "resting", "paused" or "frozen"."""
        states = {"frozen": self._is_frozen, "paused": self._is_paused, "resting": self._is_resting}
        return next((word for word, is_so in states.items() if is_so), "playing")

    def follow(self, earlier: Decoder) -> None:
        """Be the next round of a stream: its figures go on."""
        self.frames_before = earlier.frames_before + earlier.frames
        self.dropped_before = earlier.dropped_before + earlier.dropped
        self.frame_step = earlier.frame_step
        self.thrift.follow(earlier.thrift)

    # Stopping and going on.

    def _settle_pause(self) -> None:
        waits = bool(self._begin_at_s)
        self.core.set_paused(waits or self._is_paused or self._is_resting or self._is_frozen or self.is_image)
        self.thrift.look()

    def set_paused(self, is_paused: bool, on_done: Callable[[], None] = lambda: None) -> None:
        """Stop at the picture that is shown, or go on; called back when that has happened and the position is known."""

        def on_position(position_s: float | None) -> None:
            self._on_position(position_s)
            on_done()

        self._is_paused = is_paused
        if is_paused and self._is_drawable() and self._audience.is_looking():
            self._make_frame()  # libmpv would lose it, and yet draw it for a snapshot
        self._settle_pause()
        self.core.ask_position(on_position)

    def freeze(self, on_frozen: Callable[[], None]) -> None:
        """Show no newer frame from now on; called back when the position is known. thaw() undoes it."""

        def on_position(position_s: float | None) -> None:
            self._on_position(position_s)
            if self._is_frozen:
                on_frozen()

        self._is_frozen = True
        self._settle_pause()
        self.core.ask_position(on_position)

    def thaw(self) -> None:
        """Go on after freeze()."""
        self._is_frozen = False
        self._settle_pause()

    def set_volume(self, volume: int, on_done: Callable[[], None]) -> None:
        """How loud it is; see Sound. What is heard goes by the sound card's clock, and its speed is not trimmed."""
        self.sound.set_volume(volume, on_done)
        if volume and self._trim != 1.0:
            self._trim = 1.0
            self.core.trim_speed(1.0)

    def _rest(self, is_resting: bool) -> None:
        if is_resting != self._is_resting:
            self._is_resting = is_resting
            log.debug("%s: %s", self.spec.path, "no screen shows it, resting" if is_resting else "seen again")
            self._settle_pause()
            self._listener.on_rest(self, is_resting)

    def _begin(self) -> None:
        if self._begin_at_s and not self.core.closed:
            self._begin_at_s = 0.0
            self.position_at_s = monotonic()  # it waited there
            self._settle_pause()
            if self._waiting.is_there:
                self._offer()

    @property
    def waits_for_moment(self) -> bool:
        """Whether it is not to be shown yet."""
        return bool(self._begin_at_s)

    # Viewers.

    def forget_size(self) -> None:
        """Choose the size of the next frame anew: the pool's limits have changed."""
        self._target = None

    @property
    def is_viewed(self) -> bool:
        """Whether any output shows it that is not about to leave it."""
        return self._audience.is_staying

    @property
    def has_begun(self) -> bool:
        """Whether there is a picture of it, or one that can be made."""
        return self.newest is not None or self._waiting.is_there

    @property
    def made(self) -> Size | None:
        """Size of its frames; None before the first."""
        return self._made

    def add_viewer(self, viewer: Viewer, is_leaving: bool = False) -> None:
        """Show the stream on one more output.

        Args:
            viewer: the output.
            is_leaving: whether it soon shows another stream.
        """
        self._audience.add(viewer, is_leaving)
        self._target = None
        self.viewer_ready(viewer)
        self.thrift.look()

    def remove_viewer(self, viewer: Viewer) -> None:
        """An output shows it no more."""
        if self._audience.remove(viewer):
            self._target = None
            self.thrift.look()

    def viewer_reshaped(self, viewer: Viewer) -> None:
        """A viewer's size, scale or layout changed: show it the newest frame again."""
        self._target = None
        if self.newest is not None and not self.is_image:
            viewer.present(self.newest)
        self.viewer_ready(viewer)

    def has_newer(self, sequence: int) -> bool:
        """Whether there is something to show after the frame of that number."""
        is_newer = self.newest is not None and self.newest.sequence != sequence
        return is_newer or (not self._is_frozen and (self._waiting.is_there or self._is_resting))

    def viewer_ready(self, viewer: Viewer) -> None:
        """A viewer can show a frame now."""
        if not self._is_frozen:
            self._rest(False)
        if self._is_drawable():
            if self.is_image or _takes(viewer, self._waiting.due_ns):  # else in what size?
                self._make_frame()
        elif self.newest is not None and not self.is_image and _takes(viewer, self.newest.due_ns):
            viewer.present(self.newest)

    def steer(self, viewer: Viewer, trim: float) -> None:
        """Trim the speed as suits a viewer: the first that wants to, as long as it is looked at."""
        if self.sound.volume or not self._audience.may_steer(viewer):
            return
        if abs(trim - self._trim) > SPEED_STEP:
            self._trim = trim
            self.core.trim_speed(trim)

    # The core's events.

    def on_frame_waiting(self) -> None:
        """libmpv has a picture: make a frame of it if somebody can show it."""
        is_new = self._waiting.is_new()
        if self.newest is not None and (self.is_image or not is_new):
            self._waiting.drop()
            return
        if self._lifeline.is_waiting:
            self._lifeline.end()
        due_ns = self.core.due_ns()
        if self._is_left_out(due_ns):
            self._waiting.drop()
            return
        self._waiting.begin(due_ns)
        if self._begin_at_s:
            self._call_later(max(0.0, self._begin_at_s - monotonic()), self._begin)
        elif not self._is_frozen:
            self._offer()

    def _is_left_out(self, due_ns: int) -> bool:
        self._pictures += 1
        if self.newest is None:
            return False
        thrift = self.thrift
        if thrift.seen is not None:
            thrift.on_picture(due_ns)
        if self._pictures % (self.frame_step * thrift.step):
            return True
        return self._audience.leaves_out(due_ns)

    def _offer(self) -> None:
        """Make a frame of the waiting picture if somebody can show it."""
        if not self._is_known:
            self._waiting.take()
        elif self.is_image or self._audience.takes(self._waiting.due_ns):
            self._make_frame()
        elif not self._audience.is_looking():
            self._rest(True)

    def _is_drawable(self) -> bool:
        waiting = self._waiting
        if not waiting.is_there or self._is_frozen or self._begin_at_s:
            return False
        if not waiting.is_drawable():
            self._look_later()
        return waiting.is_there

    def _look_later(self) -> None:
        """Miss no first picture: libmpv gives up what nobody draws within 0.2 s, and when paused it has no other."""
        if not self._is_looking:
            self._is_looking = True
            self._call_later(FIRST_AGAIN_S, self._look_for_first)

    def _look_for_first(self) -> None:
        self._is_looking = False
        if not self.has_begun and not self.core.closed:
            self._waiting.ask_again()
            self._look_later()

    def _on_shape(self, shape: VideoShape | None) -> None:
        self._asks_shape = False
        self._shape = shape
        if shape is not None and self._waiting.is_there and not self._is_frozen and not self._begin_at_s:
            self._offer()

    def _make_frame(self) -> None:
        context = self.core.render_context
        shape = self._shape
        if shape is None or not self._is_known:
            self._waiting.take()
            if not self._asks_shape:
                self._asks_shape = True
                self.core.ask_shape(self._on_shape)
            return
        if self._target is None and not self._aim(shape):
            return
        assert self._target is not None
        try:
            frame = self._renderer.render(
                context,
                self._target,
                shape.seen,
                shape.rotation,
                self.frames + 1,
                self._may_break_off or len(self._audience) > 1,
            )
        except PoolExhausted as exc:
            if not self.dropped:
                log.warning("%s: a frame was left out: %s", self.spec.path, exc)
            self.dropped += 1
            self._waiting.is_there = False
            self._waiting.drop()
            self._free_old_frames()
            self._look_later()
            return
        self._waiting.is_there = False
        # Kept, as libmpv 0.41 tells of a new shape after an image's picture, though it has the old one.
        self.is_full_size = self._target == shape.coded
        frame.due_ns = self._waiting.due_ns
        self.frames += 1
        if self.frames == 1:
            self._on_first(shape)
        previous, self.newest = self.newest, frame
        if previous is not None:
            previous.let_go()
        if not self.is_image:
            self._audience.present(frame)
        frame.settle()
        context.report_swap()
        if self._pictures - self._asked_at >= POSITION_EVERY_FRAMES:
            self._asked_at = self._pictures
            self.core.ask_position(self._on_position)
            if self._trims_again:  # frames of the old size have come back from the screens by now
                self._trims_again = False
                self._renderer.pool.trim(0)
        self._listener.on_frame(self, frame)

    def _on_first(self, shape: VideoShape) -> None:
        self.position_at_s = monotonic()  # until now it waited
        self.thrift.look()
        # The list would lose a rotation. To begin it anywhere but at its start would mean to seek and decode twice, a
        # second late: what was resumed is played to its end first.
        if not (self.is_image or shape.rotation):
            self.core.loop_without_seam(self.duration_s, after_this_round=bool(self._resume_s))

    def _free_old_frames(self) -> None:
        """Each hidden screen keeps the frame it showed last: give them all the newest, that the others come free."""
        if self.newest is not None:
            self._audience.present_hidden(self.newest)

    def _aim(self, shape: VideoShape) -> bool:
        """Choose the size of the frames: what the video has, and no more than a viewer can show.

        False while an image waits for a screen that has no size yet.
        """
        seen = shape.seen.turned() if shape.rotation in (90, 270) else shape.seen
        placements = self._audience.placements(seen)
        if self.is_image and (not placements or None in placements):
            return False
        known = [placement for placement in placements if placement is not None]
        wanted = picture_size(seen, known, may_enlarge=self._renderer.is_native)
        if shape.rotation in (90, 270):
            wanted = wanted.turned()
        target = wanted
        if not self._renderer.is_native:
            target = Size(min(wanted.width, shape.coded.width), min(wanted.height, shape.coded.height))
        target = self._renderer.affordable(target)
        if self.newest is not None and target != self._made:  # the old size will not be asked for again
            self._renderer.pool.trim(0)
            self._trims_again = True
        self._target = self._made = target
        return True

    def on_started(self) -> None:
        """See CoreOwner."""
        self._waiting.is_there = False  # of the file before
        if self.spec.is_network:
            self._lifeline.begin()

    def on_loaded(self, is_image: bool, duration_s: float) -> None:
        """See CoreOwner."""
        self.is_image = is_image
        self.duration_s = duration_s
        self._is_known = True
        self._listener.on_loaded(self, is_image, duration_s)
        if self._waiting.is_there and not self._is_frozen and not self._begin_at_s:
            self._offer()
        self._look_later()

    def on_reshaped(self) -> None:
        """See CoreOwner."""
        self._shape = None
        self._target = None

    def _on_position(self, position_s: float | None) -> None:
        if position_s is not None:
            self.position_s, self.position_at_s = position_s, monotonic()
            self._listener.on_position(self)

    def on_failed(self, reason: str, code: int) -> None:
        """See CoreOwner."""
        self._waiting.is_there = False
        self._renderer.close_file(self.core.render_context)
        self._listener.on_failed(self, reason, code)

    def on_ended(self) -> None:
        """See CoreOwner."""
        if self.spec.is_network and self.duration_s > 0 and not self.is_at_end():
            self.on_failed(BROKEN_OFF, 0)
        elif self.has_begun or self._resume_s or self.spec.is_network:  # resumed behind its last picture, it has none
            self._listener.on_ended(self)
        else:
            self.core.ask_shape(self._on_shape_at_end)

    def _on_shape_at_end(self, shape: VideoShape | None) -> None:
        """At the end and without a picture: one is on its way where its shape is known."""
        if shape is None and not self.has_begun:
            self.on_failed("no picture in it can be decoded", mpv.ErrorCode.NOTHING_TO_PLAY)
        else:
            self._listener.on_ended(self)

    def is_at_end(self) -> bool:
        """See CoreOwner."""
        elapsed_s = min(monotonic() - self.position_at_s, POSITION_WITHIN_S)
        return self.duration_s > 0 and self.position_s + elapsed_s * self.spec.speed >= self.duration_s - NEAR_END_S

    def on_starved(self, is_starved: bool) -> None:
        """See CoreOwner."""
        if is_starved and not self._is_paused and not self._is_frozen:
            self._lifeline.begin()
        else:
            self._lifeline.end()

    def _on_silence(self) -> None:
        if not self.core.closed:
            self.on_failed("the server sends nothing any more", 0)

    def close(self) -> threading.Thread | None:
        """Stop decoding; the newest frame stays with those who hold it."""
        if self.newest is not None:
            self.newest.let_go()
            self.newest = None
        return self.core.close()
