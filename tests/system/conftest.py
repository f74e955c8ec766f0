"""What the tests of this folder share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from wayvid.system.events import EventLoop
from wayvid.system.psi import PATH_VARIABLE

LOOP_DEADLINE_S = 60.0


@pytest.fixture(autouse=True)
def _real_pressure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own pressure file: the parts that read it are tested here."""
    monkeypatch.delenv(PATH_VARIABLE)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    """A loop that fails the test rather than wait for ever."""

    def too_late() -> None:
        raise AssertionError("the loop waited in vain")

    loop = EventLoop()
    loop.call_later(LOOP_DEADLINE_S, too_late)
    yield loop
    loop.close()


def rounds_of(loop: EventLoop, for_s: float) -> int:
    """How often the loop goes round in a while: some few, or thousands if it spins."""
    rounds: list[None] = []
    loop.before_sleep(lambda: rounds.append(None))
    loop.call_later(for_s, loop.stop)
    loop.run()
    return len(rounds)
