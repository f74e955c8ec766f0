"""Outputs that go over together show the same mixtures, and each makes its own where it has to."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from wayvid._core import BufferPool, PoolExhausted
from wayvid.geometry import Crop, Rect, Size
from wayvid.link.messages import Picture
from wayvid.player.course import JOINS_WITHIN_S, LEAST_STEP_S, STEP_PER_COST, Course, Shape
from wayvid.player.mixing import MixingRoom
from wayvid.render.frame import FrameBuffer
from wayvid.transition import Change, Layer, Transition

DURATION_S = 1.0
BYTES = 4096


class Mixer:
    """Makes mixtures on a clock of its own.

    Attributes:
        now_s: what the clock says.
        cost_s: by so much making a mixture, or showing it, puts the clock on.
        gone: of each mixture made how much of the way was gone.
    """

    def __init__(self) -> None:
        self.pool = BufferPool()
        self.now_s = 5.0
        self.cost_s = 0.0
        self.gone: list[float] = []

    def make(self, gone: float) -> FrameBuffer:
        self.gone.append(gone)
        self.now_s += self.cost_s
        return FrameBuffer(self.pool, self.pool.acquire(BYTES), Picture(0, 1, 1, 4, 1, 1), 0)


class Screen:
    """What an output does with the mixtures of a course."""

    def __init__(self, course: Course, mixer: Mixer, kind: str = "alike") -> None:
        self.course, self.mixer, self.kind = course, mixer, kind
        self.shown: FrameBuffer | None = None

    def step(self) -> FrameBuffer:
        mixed = self.course.mixture(self.kind, self.shown, self.mixer.make)
        assert isinstance(mixed, FrameBuffer)
        before, self.shown = self.shown, mixed
        if before is not None:
            before.let_go()
        self.course.settle(self.kind)
        return mixed

    def rest_s(self) -> float:
        return self.course.rest_s(self.kind, self.shown)

    def leave(self) -> None:
        if self.shown is not None:
            self.shown.let_go()
            self.shown = None


@pytest.fixture
def mixer() -> Iterator[Mixer]:
    mixer = Mixer()
    yield mixer
    assert mixer.pool.stats().buffers_in_use == 0, "a mixture is still held"
    mixer.pool.close()


@pytest.fixture
def course(mixer: Mixer) -> Iterator[Course]:
    course = Course(DURATION_S, lambda: mixer.now_s)
    yield course
    course.close()


def test_three_screens_show_one_mixture_after_the_other(course: Course, mixer: Mixer) -> None:
    screens = [Screen(course, mixer) for _each in range(3)]
    for step in range(20):
        mixtures = set()
        for screen in screens:  # each asks at another moment of the 60th of a second
            mixtures.add(screen.step())
            mixer.now_s += 1 / 180
        assert len(mixtures) <= 2
        assert mixer.pool.stats().buffers_in_use <= 2
        assert len(mixer.gone) <= step + 2, "each screen had its own"
    assert mixer.gone == sorted(set(mixer.gone)), "it stood still, or went back"
    for screen in screens:
        screen.leave()


def test_screens_that_are_not_alike_have_their_own(course: Course, mixer: Mixer) -> None:
    screens = [Screen(course, mixer, kind) for kind in ("wide", "tall")]
    assert screens[0].step() is not screens[1].step()
    assert len(mixer.gone) == 2
    for screen in screens:
        screen.leave()


def test_a_screen_waits_for_another_mixture_than_it_shows(course: Course, mixer: Mixer) -> None:
    first, second = Screen(course, mixer), Screen(course, mixer)
    assert first.rest_s() == 0
    first.step()
    assert first.rest_s() == pytest.approx(LEAST_STEP_S)
    assert second.rest_s() == 0, "there is one that it does not show"
    second.step()
    mixer.now_s += LEAST_STEP_S
    assert first.rest_s() <= 0
    mixer.cost_s = 0.05
    first.step()
    assert first.rest_s() == pytest.approx((STEP_PER_COST - 1) * mixer.cost_s), "no time is left for the decoders"
    assert second.rest_s() == 0
    assert second.step() is first.shown, "it is made again while it is new enough"
    first.leave()
    second.leave()


def test_time_runs_from_the_first_mixture_on(course: Course, mixer: Mixer) -> None:
    screen = Screen(course, mixer)
    mixer.cost_s = 0.7 * DURATION_S
    screen.step()
    mixer.cost_s = 0.0
    mixer.now_s += DURATION_S / 2
    assert not course.is_over
    screen.step()
    assert mixer.gone == [0.0, pytest.approx(0.5)]
    mixer.now_s += DURATION_S / 2
    assert course.is_over
    screen.leave()


def test_a_screen_that_comes_later_goes_its_own_way(course: Course, mixer: Mixer) -> None:
    assert course.can_be_joined
    mixer.now_s += 1.01 * JOINS_WITHIN_S
    assert not course.can_be_joined


def test_a_mixture_for_which_there_is_no_room_leaves_none_held(course: Course, mixer: Mixer) -> None:
    first, second = Screen(course, mixer), Screen(course, mixer)
    first.step()
    mixer.now_s += LEAST_STEP_S
    mixer.pool.set_limits(1, 0)
    with pytest.raises(PoolExhausted):
        second.step()
    first.leave()
    assert mixer.pool.stats().buffers_in_use == 0
    assert second.step() is not None
    second.leave()


class Way:
    """A way of an output from one source to another, as far as a room sees it."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.before = SimpleNamespace(source="before")
        self.course: Course | None = None

    def begin(self, course: Course) -> None:
        self.course = course


def test_outputs_of_one_wall_go_the_same_course_until_it_is_over() -> None:
    renderer = SimpleNamespace(
        has_room=lambda _streams, _mixtures: True, mixes_once=True, set_mixing=lambda *_counts: None
    )
    room = MixingRoom(renderer, list, lambda _after_s, _call: None)  # type: ignore[arg-type,return-value]
    decoder, other = object(), object()
    wipe, wall = Change(Transition.WIPE, 60.0), Size(3000, 800)
    layer = Layer(Crop(0.0, 0.0, 1.0, 1.0), Rect(0, 0, 1, 1), 0)
    shape = Shape(Size(1, 1), layer, layer, Crop(0.0, 0.0, 1.0, 1.0))

    def course(after: object, change: Change, on: Size | None) -> Course | None:
        way = Way(change)
        assert room.begin(way, way, shape, after, on)  # type: ignore[arg-type]
        return way.course

    first = course(decoder, wipe, wall)
    assert first is not None
    first._began_s -= 30.0  # where it is no wall an output that comes so late begins for itself
    assert course(decoder, wipe, wall) is first
    for different in (
        (other, wipe, wall),
        (decoder, wipe, Size(2000, 800)),
        (decoder, Change(Transition.WIPE, 5.0), wall),
        (decoder, wipe, None),
    ):
        assert course(*different) is not first
    first._began_s -= 31.0
    assert course(decoder, wipe, wall) is not first
