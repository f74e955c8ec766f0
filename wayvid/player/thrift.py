"""How much of a clip is decoded where only some of its pictures are to be seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from math import ceil
from time import monotonic_ns
from typing import TYPE_CHECKING

import mpv

if TYPE_CHECKING:
    from wayvid.link.messages import StreamSpec
    from wayvid.player.core import MpvCore

__all__ = ["Thrift", "is_even", "step_for"]

# Each change takes a second decoder for a moment, so a limit that comes and goes at once makes none.
SETTLES_S = 1.0
# After so long it is tried again.
AGAIN_S = 10.0
# It is looked for so long which pictures come.
SEEN_S = 3.0
# Encoders refer to every second picture of a run of B-frames unless told otherwise.
USUAL_EVERY = 2
# Of the pictures that are wanted at least so many must come, by what is usual, and in fact.
LEAST_USUAL, LEAST_RATIO = 0.74, 0.55
# So far may the time between two pictures be from the mean, of that, but for a few.
MOST_UNEVEN, FEW = 0.35, 0.2
# Where pictures come so much too early nothing is left out: all of them are referred to.
MOST_EARLY = 0.9
# libmpv's decoders of VP9 and AV1 know no pictures to leave out.
CODECS = ("h264", "hevc")
NS_PER_S = 1_000_000_000


def step_for(rate_fps: float, limit_fps: float) -> int:
    """Of so many pictures that others refer to one is to be shown; 0: the others are needed, too.

    Args:
        rate_fps: pictures a second that the clip has.
        limit_fps: that are wanted at most; 0: all.
    """
    if limit_fps <= 0:
        return 0
    ratio = rate_fps / limit_fps / USUAL_EVERY
    step = ceil(ratio - 0.02)
    return step if ratio >= 0.98 and ratio / step >= LEAST_USUAL else 0


def is_even(moments_ns: list[int], limit_fps: float) -> bool:
    """Whether pictures that are shown then are even, no more than the limit has, and not much fewer."""
    gaps = [after - before for before, after in pairwise(moments_ns)]
    if not gaps:
        return False
    mean = sum(gaps) / len(gaps)
    odd = sum(abs(gap - mean) > MOST_UNEVEN * mean for gap in gaps)
    wanted = NS_PER_S / limit_fps
    return MOST_EARLY * wanted <= mean <= wanted / LEAST_RATIO and odd <= FEW * len(gaps)


class Thrift:
    """Has libmpv decode only what other pictures refer to, as long as no more pictures are wanted.

    What is left out is told to a decoder when it is opened, so with each change another one takes over.

    Args:
        core: plays the clip.
        spec: the clip.
        call_later: the event loop's timer.
        limit_fps: tells how many pictures a second are wanted at most; 0: all.
        is_playing: tells whether they come.
        renew: has another decoder take over, which decodes so or all.
        is_sparse: whether this one decodes so.

    Attributes:
        step: of so many pictures that come one is to be shown.
        seen: when those that came were due, CLOCK_MONOTONIC; None: it need not be known.
    """

    def __init__(
        self,
        core: MpvCore,
        spec: StreamSpec,
        call_later: Callable[[float, Callable[[], None]], object],
        limit_fps: Callable[[], float],
        is_playing: Callable[[], bool],
        renew: Callable[[bool], None],
        is_sparse: bool,
    ) -> None:
        self.step = 1
        self.seen: list[int] | None = None
        self._core = core
        self._call_later = call_later
        self._limit_fps = limit_fps
        self._is_playing = is_playing
        self._renew = renew
        self._is_sparse = is_sparse
        self._is_renewing = False
        # Elsewhere another decoder finds no way to where this one is, or each round has one of its own.
        self._can_skip = not (spec.may_break_off or spec.loop_fade_s or spec.path.startswith(("av:", "mf:")))
        self._speed = spec.speed
        self._rate_fps = 0.0  # 0 until it is known
        self._is_waiting = False
        self._is_unjudged = False  # it was begun to decode so, and not yet seen what comes of it

    def look(self) -> None:
        """What is wanted may have changed."""
        is_concerned = (self._can_skip and self._limit_fps()) or self._is_sparse
        if is_concerned and not self._is_waiting and self._is_playing():
            self._is_waiting = True
            self._call_later(SETTLES_S, self._settle)

    def on_picture(self, due_ns: int) -> None:
        """A picture came, while `seen` is a list."""
        if self.seen is not None:
            self.seen.append(due_ns or monotonic_ns())

    def _settle(self) -> None:
        self._is_waiting = False
        if self._core.closed or not self._is_playing():  # it looks again when it plays
            return
        if self._rate_fps:
            self._apply()
            if self._is_unjudged and self.seen is None and step_for(self._rate_fps, self._limit_fps()) == self.step:
                self._begin_to_judge()
        elif self._limit_fps():
            self._ask()

    def _ask(self) -> None:
        """Find out what the clip is; the answers come in this order."""
        is_apt: list[bool] = []

        def on_rate(rate_fps: float | int | str | None) -> None:
            self._rate_fps = float(rate_fps or 0.0) * self._speed
            self._can_skip = all(is_apt) and self._rate_fps > 0
            if self._can_skip:
                self._apply()

        ask, form = self._core.ask, mpv.MpvFormat
        ask("video-format", form.STRING, lambda codec: is_apt.append(codec in CODECS))
        ask("hwdec-current", form.STRING, lambda method: is_apt.append(method in (None, "no")))
        ask("duration", form.DOUBLE, lambda duration_s: is_apt.append(bool(duration_s)))
        ask("container-fps", form.DOUBLE, on_rate)

    def _apply(self) -> None:
        limit_fps = self._limit_fps()
        step = step_for(self._rate_fps, limit_fps) if self._can_skip else 0
        if bool(step) is self._is_sparse:
            self.step = step or 1
        elif not self._is_renewing:
            self._is_renewing = True
            self._renew(bool(step))

    def put_off(self) -> None:
        """No other decoder takes over now, for lack of memory or because the picture stands still."""
        self._is_renewing = False
        self._call_later(AGAIN_S, self.look)

    def follow(self, earlier: Thrift) -> None:
        """Go on for the decoder that is followed."""
        self._rate_fps, self._can_skip = earlier._rate_fps, earlier._can_skip
        if self._is_sparse:
            self.step = step_for(self._rate_fps, earlier._limit_fps()) or 1
            self._begin_to_judge()

    def _begin_to_judge(self) -> None:
        self._is_unjudged, self.seen = True, []
        self._call_later(SEEN_S, partial(self._judge, self.step))

    def _judge(self, step: int) -> None:
        """Look which pictures came: a clip may be made in another way than usual."""
        seen, self.seen = self.seen or [], None
        limit_fps = self._limit_fps()
        if self._core.closed or not self._is_playing() or step_for(self._rate_fps, limit_fps) != step:
            self.look()  # and where it stands still, when it plays
            return
        self._is_unjudged = False
        if not is_even(seen[::step], limit_fps):
            self._can_skip = False
            self._apply()
