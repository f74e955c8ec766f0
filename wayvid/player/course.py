"""The way that outputs go together from one source to another: its time, and the mixtures that they share."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from wayvid.geometry import Crop, Size
from wayvid.transition import Layer, is_over, progress

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["Course", "Shape"]

# A screen of 60 Hz shows each step, one of 144 Hz every third; more are not seen.
LEAST_STEP_S = 0.012
# Of the time, a half at most goes into mixing, so that the decoders keep up.
STEP_PER_COST = 2.0
# An output that comes later begins for itself; until then there is next to nothing to be seen of the new source.
JOINS_WITHIN_S = 0.1


class Shape(NamedTuple):
    """How two pictures are mixed; outputs with equal ones can show the same mixture.

    Attributes:
        size: of the mixture in pixels.
        before: where the picture that goes is in it.
        after: where the one that comes is.
        stage: what the change goes over; see Step.
    """

    size: Size
    before: Layer
    after: Layer
    stage: Crop


class _Step(NamedTuple):
    mixed: Frame
    until_s: float  # it is new enough for whoever asks


class Course:
    """The time of a change, and of each kind of mixture the newest.

    Args:
        duration_s: how long the change takes.
        clock: tells the time in seconds.
    """

    def __init__(self, duration_s: float, clock: Callable[[], float] = monotonic) -> None:
        self._duration_s = duration_s
        self._clock = clock
        self._began_s = clock()
        self._is_seen = False
        self._step_s = 0.0  # when the one that is being made was begun; 0: none is
        self._steps: dict[Hashable, _Step] = {}

    @property
    def can_be_joined(self) -> bool:
        """Whether it has only just begun."""
        return self._clock() - self._began_s < JOINS_WITHIN_S

    @property
    def is_over(self) -> bool:
        """Whether only the new source is left to be shown."""
        return is_over(self._clock() - self._began_s, self._duration_s)

    def mixture(self, kind: Hashable, shown: Frame | None, make: Callable[[float], Frame]) -> Frame:
        """The mixture for an output, which shows it and then calls settle().

        Args:
            kind: equal for outputs that can show the same.
            shown: what the output shows now; None before the first.
            make: makes one; gets how much of the way is gone, 0 .. 1.

        Returns:
            A new one, or another output's that is new enough; held once for the caller.

        Raises:
            PoolExhausted: by make.
        """
        newest, now_s = self._steps.get(kind), self._clock()
        if newest is not None and newest.mixed is not shown and now_s < newest.until_s:
            newest.mixed.hold()
            return newest.mixed
        if newest is not None:  # before the next is made: its memory may be wanted for that
            del self._steps[kind]
            newest.mixed.let_go()
        self._step_s = now_s
        mixed = make(progress(now_s - self._began_s, self._duration_s))
        mixed.hold()
        self._steps[kind] = _Step(mixed, 0.0)
        return mixed

    def settle(self, kind: Hashable) -> None:
        """The mixture was shown: from what it cost follows when the next is made.

        Args:
            kind: as for mixture().
        """
        if not self._step_s:
            return
        began_s, self._step_s = self._step_s, 0.0
        now_s = self._clock()
        if not self._is_seen:  # it may take long (a driver compiles shaders): time runs from now on
            self._is_seen = True
            self._began_s = began_s = now_s
        rest_s = max(LEAST_STEP_S, STEP_PER_COST * (now_s - began_s))
        self._steps[kind] = self._steps[kind]._replace(until_s=began_s + rest_s)

    def newest(self, kind: Hashable) -> Frame | None:
        """The newest mixture; None without one. Not held for the caller."""
        step = self._steps.get(kind)
        return step.mixed if step is not None else None

    def rest_s(self, kind: Hashable, shown: Frame | None) -> float:
        """How long an output is to wait for another mixture than it shows; 0 or less: it can have one."""
        step = self._steps.get(kind)
        return step.until_s - self._clock() if step is not None and step.mixed is shown else 0.0

    def close(self) -> None:
        """Give the mixtures back; those that are shown stay. Twice does nothing."""
        while self._steps:
            _kind, step = self._steps.popitem()
            step.mixed.let_go()
