"""Loaded by Python itself in the processes of some benches, to measure the player from within.

`glplay`: what does the player's own thread do for a picture? Of the thread's processor
time what libmpv's render, the draws and the swaps take is left out. Every so many
pictures the time so far goes to $BENCH_TIMES: pictures, nanoseconds.

`pacing`: when was each frame seen? The compositor is asked for every one, and the answers
go to $BENCH_SEEN, a frame and its nanoseconds a line. With $BENCH_UNTRIMMED the speed stays as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from time import thread_time_ns
from typing import Any

WRITE_EVERY = 30


class Times:
    """Of one player."""

    def __init__(self) -> None:
        self.pictures = 0
        self.foreign_ns = 0

    def foreign(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with its time left out."""

        def timed(*words: Any, **options: Any) -> Any:
            began_ns = thread_time_ns()
            try:
                return call(*words, **options)
            finally:
                self.foreign_ns += thread_time_ns() - began_ns

        return timed

    def count(self) -> None:
        """One more picture."""
        self.pictures += 1
        if self.pictures % WRITE_EVERY == 0:
            path = os.environ["BENCH_TIMES"]
            with open(f"{path}.new", "w", encoding="ascii") as file:
                file.write(f"{self.pictures} {thread_time_ns() - self.foreign_ns}")
            os.replace(f"{path}.new", path)


class Timed:
    """A render context or a drawer, one method of which is foreign."""

    def __init__(self, wrapped: Any, method: str, times: Times) -> None:
        self._wrapped = wrapped
        setattr(self, method, times.foreign(getattr(wrapped, method)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)


def _time_player() -> None:
    from wayvid.player import loop
    from wayvid.render import gl

    times = Times()
    drawing: Any = gl
    player: Any = loop.Player
    make_context, make_drawer, on_frame = drawing.RenderContext, drawing.QuadDrawer, player.on_frame
    drawing.RenderContext = lambda *words: Timed(make_context(*words), "render_gl", times)
    drawing.QuadDrawer = lambda *words: Timed(make_drawer(*words), "draw", times)
    drawing.GlContext.swap = times.foreign(drawing.GlContext.swap)

    def counted(*words: Any) -> None:
        times.count()
        on_frame(*words)

    player.on_frame = counted


def _log_frames(path: str, is_trimmed: bool) -> None:
    from wayvid.player import pacing
    from wayvid.player.steering import Steering
    from wayvid.wayland.presentation import PresentationWatch

    pacer: Any = pacing.Pacer
    make, before_commit = pacer.__init__, pacer.before_commit
    seen = open(path, "w", encoding="ascii", buffering=1)  # noqa: SIM115 - as long as the player lives

    def made(self: Any, clock: Any, *words: Any) -> None:
        make(self, clock, *words)
        self.every = PresentationWatch(
            clock, lambda frame, at_ns, _refresh_ns: print(frame, at_ns, file=seen), lambda _frame: None
        )

    def asked(self: Any, frame: Any, surface: Any) -> None:
        self.every.ask(surface, frame.sequence)
        before_commit(self, frame, surface)

    pacer.__init__, pacer.before_commit = made, asked
    if not is_trimmed:
        steering: Any = Steering
        take = steering.take

        def untrimmed(*words: Any) -> float:
            take(*words)
            return 1.0

        steering.take = untrimmed


if "wayvid.player" in sys.orig_argv:
    if "BENCH_TIMES" in os.environ:
        _time_player()
    if "BENCH_SEEN" in os.environ:
        _log_frames(os.environ["BENCH_SEEN"], "BENCH_UNTRIMMED" not in os.environ)
