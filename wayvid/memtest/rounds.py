"""Rounds of a comparison: A and B have a turn in each, never at once, and take turns at being first."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from wayvid.desk import Desk
from wayvid.errors import MeasurementFailed
from wayvid.memtest.comparison import Comparison, Look, Turn
from wayvid.memtest.contender import Contender
from wayvid.memtest.showing import Showing, showing
from wayvid.memtest.turns import STOPPED_AFTER_S, why_stopped

__all__ = ["Pictures", "compare"]

Pictures = dict[str, bytes]  # PPM, by the screen's name


def compare(
    comparison: Comparison,
    rounds: int,
    desk: Desk,
    on_turn: Callable[[Turn], None],
    on_look: Callable[[Turn], None],
    on_pictures: Callable[[Turn, Pictures], None],
) -> None:
    """Fill a comparison, turn by turn; what is in it when an exception comes has been measured.

    A turn that fails while it is measured is marked, and the next one begins.

    Args:
        comparison: for its contenders and times; its turns are added to.
        rounds: how many.
        desk: open, with nothing on it.
        on_turn: is told of each turn that begins.
        on_look: is told of each look, which is the turn's last.
        on_pictures: gets what the screens showed at the end of each good turn.

    Raises:
        MeasurementFailed: a contender could not start, or showed no picture.
    """
    first, second = comparison.contenders
    for number in range(1, rounds + 1):
        for contender in (first, second) if number % 2 else (second, first):
            turn = Turn(number, contender.key)
            on_turn(turn)
            with showing(desk, contender) as running:
                turn.first_picture_ms = running.first_picture_ms
                comparison.turns.append(turn)
                try:
                    pictures = _measure_turn(turn, running, comparison, contender, on_look)
                    on_pictures(turn, pictures)
                except MeasurementFailed as exc:
                    turn.failed = str(exc)


def _measure_turn(
    turn: Turn, running: Showing, comparison: Comparison, contender: Contender, on_look: Callable[[Turn], None]
) -> Pictures:
    """What the screens showed at the end."""
    clock = _Clock(turn, running, comparison, on_look)
    clock.look_for(comparison.warm_up_s, is_warm_up=True)
    _check_moving(running, comparison, contender)
    turn.neighbours = len(running.neighbours())
    # Pictures have cost the machine time: rates of what counts begin at a look after them.
    clock.look_once(is_warm_up=True)
    clock.look_for(comparison.seconds, is_warm_up=False)
    if not comparison.is_still and (why := why_stopped(turn.looks, comparison.outputs)):
        raise MeasurementFailed(f"{contender.name}: {why}; it last said: {running.last_words()}")
    _check_moving(running, comparison, contender)
    return running.take_pictures()


def _check_moving(running: Showing, comparison: Comparison, contender: Contender) -> None:
    if not comparison.is_still and (why := running.why_resting()):
        running.check_alive()  # its own last words say more
        raise MeasurementFailed(f"{contender.name}: {why}; it last said: {running.last_words()}")


class _Clock:
    """Takes looks at their times."""

    def __init__(self, turn: Turn, running: Showing, comparison: Comparison, on_look: Callable[[Turn], None]) -> None:
        self._turn = turn
        self._running = running
        self._comparison = comparison
        self._on_look = on_look
        self._enough = math.ceil(STOPPED_AFTER_S / comparison.every_s) + 1
        self._began_s = time.monotonic()

    def look_for(self, seconds: float, is_warm_up: bool) -> None:
        """A look each every_s, the first after that time, for so long; less where it has stopped by then."""
        due_s = time.monotonic()
        for _number in range(round(seconds / self._comparison.every_s)):
            due_s += self._comparison.every_s
            time.sleep(max(due_s - time.monotonic(), 0.0))
            self.look_once(is_warm_up)
            if self._has_stopped():
                return

    def look_once(self, is_warm_up: bool) -> None:
        """One look."""
        self._running.check_alive()
        at_s, pictures = time.monotonic(), self._running.pictures
        look = Look(
            t_s=round(at_s - self._began_s, 6), at=time.time(), is_warm_up=is_warm_up,
            processes=self._running.processes, pictures=pictures,
        )  # fmt: skip
        self._turn.looks.append(look)
        self._on_look(self._turn)

    def _has_stopped(self) -> bool:
        if self._comparison.is_still or sum(not look.is_warm_up for look in self._turn.looks) < self._enough:
            return False
        return bool(why_stopped(self._turn.looks, self._comparison.outputs))
