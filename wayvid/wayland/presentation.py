"""When a picture was really shown, as the compositor tells: wp_presentation, where it has it."""

from __future__ import annotations

from collections.abc import Callable
from time import CLOCK_MONOTONIC
from typing import Any

from pywayland.protocol.presentation_time import WpPresentation

from wayvid.wayland.connection import Connection, Requirement

__all__ = ["PRESENTATION", "PresentationClock", "PresentationWatch"]

PRESENTATION = Requirement(
    WpPresentation, 0, 1, "when a frame was seen", "jitter is told by frame callbacks, and no speed is trimmed"
)

# An answer takes a few refreshes. A compositor that owes more than these never answers (wlroots 0.15, headless).
MOST_UNANSWERED = 8
NS_PER_S = 1_000_000_000


class PresentationClock:
    """The compositor's wp_presentation; one per connection, however many surfaces ask it.

    Attributes:
        is_offered: whether it is there, on the clock that wayvid reads (CLOCK_MONOTONIC).
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.is_offered = False
        self.proxy = connection.bind_optional(WpPresentation, PRESENTATION.use_up_to)
        if self.proxy is not None:
            self.proxy.dispatcher["clock_id"] = connection.guard(self._on_clock_id)

    def _on_clock_id(self, _proxy: Any, clock: int) -> None:
        self.is_offered = clock == CLOCK_MONOTONIC


class PresentationWatch:
    """Asks for single commits of a surface when they were shown.

    Every question is an object and an event, so ask for a few frames now and then.

    Args:
        clock: the connection's.
        on_shown: called with the question's tag, when its commit was shown (CLOCK_MONOTONIC, ns) and the time from
            refresh to refresh in ns, 0 where that is unknown.
        on_discarded: called with the tag of a commit that another one replaced before it was shown.
    """

    def __init__(
        self, clock: PresentationClock, on_shown: Callable[[int, int, int], None], on_discarded: Callable[[int], None]
    ) -> None:
        self._clock = clock
        self._on_shown = on_shown
        self._on_discarded = on_discarded
        self._open: dict[Any, int] = {}  # question -> tag; pywayland forgets proxies that nobody holds
        self.is_answered = True  # not yet known to be asked in vain

    def ask(self, surface: Any, tag: int) -> bool:
        """Ask about the surface's next commit; False where the compositor does not tell."""
        if not self._clock.is_offered or not self.is_answered:
            return False
        if len(self._open) >= MOST_UNANSWERED:
            self.is_answered = False
            self.close()
            return False
        question = self._clock.proxy.feedback(surface)
        guard = self._clock.connection.guard
        question.dispatcher["presented"] = guard(self._on_presented)
        question.dispatcher["discarded"] = guard(self._on_discarded_event)
        self._open[question] = tag
        return True

    def _on_presented(
        self,
        question: Any,
        s_high: int,
        s_low: int,
        ns: int,
        refresh_ns: int,
        _seq_high: int,
        _seq_low: int,
        _flags: int,
    ) -> None:
        tag = self._take(question)
        if tag is not None:
            self._on_shown(tag, (s_high << 32 | s_low) * NS_PER_S + ns, refresh_ns)

    def _on_discarded_event(self, question: Any) -> None:
        tag = self._take(question)
        if tag is not None:
            self._on_discarded(tag)

    def _take(self, question: Any) -> int | None:
        tag = self._open.pop(question, None)
        if tag is not None:
            question._destroy()  # either event ends it, there is no request for that
        return tag

    def close(self) -> None:
        """Want no more answers. Twice does nothing."""
        for question in self._open:
            question._destroy()
        self._open.clear()
