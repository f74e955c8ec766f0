"""Questions about when a commit was shown, to a compositor made of lists."""

from __future__ import annotations

from collections.abc import Callable
from time import CLOCK_MONOTONIC, CLOCK_REALTIME
from typing import Any

from wayvid.wayland.presentation import MOST_UNANSWERED, PresentationClock, PresentationWatch

SURFACE = object()


class Proxy:
    """A protocol object: its handlers by event, and whether it was given back."""

    def __init__(self) -> None:
        self.dispatcher: dict[str, Callable[..., None]] = {}
        self.is_gone = False
        self.questions: list[Proxy] = []

    def feedback(self, surface: object) -> Proxy:
        assert surface is SURFACE
        self.questions.append(Proxy())
        return self.questions[-1]

    def _destroy(self) -> None:
        assert not self.is_gone
        self.is_gone = True

    def say(self, event: str, *values: int) -> None:
        self.dispatcher[event](self, *values)


class Compositor:
    """Stands in for a Connection."""

    def __init__(self, clock: int | None = CLOCK_MONOTONIC) -> None:
        self.proxy = Proxy() if clock is not None else None
        self.shown: list[tuple[int, int, int]] = []
        self.discarded: list[int] = []
        presentation = PresentationClock(self)  # type: ignore[arg-type]
        if self.proxy is not None and clock is not None:
            self.proxy.say("clock_id", clock)
        self.watch = PresentationWatch(presentation, lambda *told: self.shown.append(told), self.discarded.append)

    def bind_optional(self, _interface: Any, _version: int) -> Proxy | None:
        return self.proxy

    def guard(self, handler: Callable[..., None]) -> Callable[..., None]:
        return handler


def test_the_moment_a_commit_was_shown_is_told_once_and_the_question_is_given_back() -> None:
    compositor = Compositor()
    assert compositor.watch.ask(SURFACE, 7)
    (question,) = compositor.proxy.questions
    question.say("presented", 1, 2, 3, 16_666_667, 0, 9, 0)
    assert compositor.shown == [(7, ((1 << 32) + 2) * 10**9 + 3, 16_666_667)]
    assert question.is_gone


def test_a_commit_that_was_replaced_is_told_as_discarded() -> None:
    compositor = Compositor()
    compositor.watch.ask(SURFACE, 7)
    compositor.proxy.questions[0].say("discarded")
    assert compositor.discarded == [7]
    assert compositor.proxy.questions[0].is_gone


def test_a_compositor_without_presentation_feedback_is_not_asked() -> None:
    assert not Compositor(clock=None).watch.ask(SURFACE, 1)


def test_times_of_another_clock_are_not_asked_for() -> None:
    assert not Compositor(clock=CLOCK_REALTIME).watch.ask(SURFACE, 1)


def test_a_compositor_that_never_answers_is_asked_no_more_and_nothing_is_kept() -> None:
    compositor = Compositor()
    asked = sum(compositor.watch.ask(SURFACE, tag) for tag in range(10 * MOST_UNANSWERED))
    assert asked == len(compositor.proxy.questions) == MOST_UNANSWERED
    assert all(question.is_gone for question in compositor.proxy.questions)


def test_one_that_answers_late_is_asked_for_ever() -> None:
    compositor = Compositor()
    for tag in range(10 * MOST_UNANSWERED):
        assert compositor.watch.ask(SURFACE, tag)
        if tag >= MOST_UNANSWERED - 1:
            compositor.proxy.questions[tag - MOST_UNANSWERED + 1].say("presented", 0, 0, 1, 0, 0, 0, 0)


def test_closing_gives_the_open_questions_back_and_twice_does_nothing() -> None:
    compositor = Compositor()
    compositor.watch.ask(SURFACE, 1)
    compositor.watch.close()
    compositor.watch.close()
    assert compositor.proxy.questions[0].is_gone
