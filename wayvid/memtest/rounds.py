"""Rounds of a comparison: A and B have a turn in each, never at once, and take turns at being first."""

from __future__ import annotations

import time
from collections.abc import Callable

from wayvid.desk import Desk
from wayvid.errors import MeasurementFailed
from wayvid.memtest.comparison import Comparison, Look, Turn
from wayvid.memtest.contender import Contender
from wayvid.memtest.showing import Showing, showing
from wayvid.memtest.turns import STOPPED_AFTER_S, why_stopped

__all__ = ["Pictures", "compare"]

Pictures = dict[str, bytes]  # PNG, by the screen's name


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
                turn.first_picture_s = running.first_picture_s
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
    clock.look_once(is_warm_up=True)  # rates of the first look that counts begin here
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
        self._began_s = time.monotonic()

    def look_for(self, seconds: float, is_warm_up: bool) -> None:
        """A look at the beginning, one each every_s, and one at the end; less where it has stopped by then."""
        began_s = due_s = time.monotonic()
        while seconds:
            self.look_once(is_warm_up)
            due_s += self._comparison.every_s
            if due_s > began_s + seconds + self._comparison.every_s / 2 or self._has_stopped():
                return
            time.sleep(max(due_s - time.monotonic(), 0.0))

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
        looks = [look for look in self._turn.looks if not look.is_warm_up]
        is_enough = len(looks) > 1 and looks[-1].t_s - looks[0].t_s > STOPPED_AFTER_S
        return is_enough and not self._comparison.is_still and bool(why_stopped(looks, self._comparison.outputs))
