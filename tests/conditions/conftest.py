"""Sensors in an event loop, and a bus to put services on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.system.conftest import rounds_of
from wayvid.conditions import Condition, Reading, Wanted
from wayvid.daemon.sensors import Sensors
from wayvid.system.events import EventLoop
from wayvid.wayland.connection import Connection

DEADLINE_S = 60.0


class Watched:
    """Sensors, and what they have told."""

    def __init__(
        self, loop: EventLoop, wanted: Wanted, environ: Mapping[str, str], connection: Connection | None
    ) -> None:
        self.loop = loop
        self.tellings = 0
        self._until: Callable[[], bool] = lambda: False
        self.sensors = Sensors(loop, wanted, self._on_change, environ, connection)

    def _on_change(self) -> None:
        self.tellings += 1

    def reading(self, condition: Condition, output: str = "") -> Reading:
        """How one stands now."""
        (found,) = [
            reading for reading in self.sensors.readings() if (reading.condition, reading.output) == (condition, output)
        ]
        return found

    def wait(self, is_right: Callable[[], bool], what: str) -> None:
        """Serve the loop until that is so."""

        def too_late() -> None:
            raise AssertionError(f"waited in vain for {what}; {self.sensors.readings()}")

        timer = self.loop.call_later(DEADLINE_S, too_late)
        self._until = is_right
        self.loop.before_sleep(self._stop_if_right)
        self.loop.call_soon(lambda: None)
        self.loop.run()
        timer.cancel()
        self._until = lambda: False

    def _stop_if_right(self) -> None:
        if self._until():
            self._until = lambda: False
            self.loop.stop()

    def wait_on(self, condition: Condition, is_on: bool | None, output: str = "") -> Reading:
        """Serve the loop until a condition stands so; its reading."""
        self.wait(lambda: self.reading(condition, output).is_on is is_on, f"{condition} to be {is_on}")
        return self.reading(condition, output)

    def settle(self) -> None:
        """Serve the loop until the first answers have come."""
        self.wait(lambda: self.sensors.is_settled, "the first answers")


def is_quiet(loop: EventLoop) -> bool:
    """Whether the loop comes to sleep for half a second; what is still on its way has its time before."""
    return any(rounds_of(loop, 0.5) <= 3 for _ in range(6))


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    """An event loop."""
    loop = EventLoop()
    yield loop
    loop.close()


@pytest.fixture
def watch(loop: EventLoop) -> Iterator[Callable[..., Watched]]:
    """Makes sensors: watch(Condition.LOCKED, ..., environ={...}, connection=..., low_percent=..., after_s=...)."""
    opened: list[Watched] = []

    def make(
        *conditions: Condition,
        environ: Mapping[str, str],
        connection: Connection | None = None,
        low_percent: float = 20,
        after_s: float = 0.3,
    ) -> Watched:
        wanted = Wanted(frozenset(conditions), low_percent, after_s)
        opened.append(Watched(loop, wanted, environ, connection))
        return opened[-1]

    yield make
    for watched in opened:
        watched.sensors.close()
        watched.sensors.close()
