"""The governor: what it does to the player, seen with the memory of this very process."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from wayvid.config.model import PowerConfig
from wayvid.daemon import governor as governor_module
from wayvid.daemon.governor import Governor, pss_of
from wayvid.daemon.phase import HoldReason
from wayvid.link.figures import CounterFigures, Figures, PoolFigures
from wayvid.link.messages import Ease, Eased
from wayvid.memory.ladder import PATIENCE_S, UP, Rung
from wayvid.memory.levels import MemoryPressureLevel
from wayvid.memory.usage import process_memory
from wayvid.system.events import EventLoop, Timer
from wayvid.units import MIB

LEAN, FRUGAL = ([action.value for action in UP[rung]] for rung in (Rung.LEAN, Rung.FRUGAL))


class FakeGoverned:
    """A playback that does nothing and remembers what it was told."""

    def __init__(self, player: int | None) -> None:
        self.player = player
        self.eased: list[str] = []
        self.told: list[str] = []
        self.can_exchange = True

    def player_pid(self) -> int | None:
        return self.player

    def ease(self, message: Ease) -> bool:
        self.eased += message.actions
        return True

    def on_pressure(self) -> None:
        """Nothing rests for it."""

    def hold_for_memory(self) -> None:
        self.told.append("hold")

    def resume_for_memory(self) -> None:
        self.told.append("resume")

    def exchange_player(self) -> bool:
        self.told.append("exchange")
        return self.can_exchange

    def hold_and_resume(self) -> None:
        self.told.append("hold and resume")


class Clock:
    """The time that the governor sees."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(governor_module, "monotonic", clock)
    return clock


@pytest.fixture
def child() -> Iterator[int]:
    """The player: sleeps, and holds as much as this process, the daemon, which grows with each test."""
    own = process_memory(os.getpid())
    assert own is not None
    code = f"import sys; kept = b'x' * {max(own.pss_bytes, 40 * MIB)}; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def governed(child: int) -> FakeGoverned:
    return FakeGoverned(child)


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    loop = EventLoop()
    yield loop
    loop.close()


@pytest.fixture
def make(governed: FakeGoverned, loop: EventLoop) -> Iterator[Callable[..., Governor]]:
    """Makes a governor; used_share: a budget of which so much is used already."""
    made: list[Governor] = []

    def make(used_share: float = 0.0, **power: float) -> Governor:
        used_mb = pss_of(Governor(loop, governed, PowerConfig(max_memory_mb=0)).look()) / MIB
        budget_mb = round(used_mb / used_share) if used_share else 0
        governor = Governor(loop, governed, PowerConfig(**{"max_memory_mb": budget_mb, **power}))
        made.append(governor)
        return governor

    yield make
    for governor in made:
        governor.close()


def test_both_processes_are_looked_at_and_summed(make: Callable[..., Governor], child: int) -> None:
    held = make().look()
    daemon, player = process_memory(os.getpid()), process_memory(child)
    assert daemon is not None
    assert player is not None
    assert pss_of(held) == pytest.approx(daemon.pss_bytes + player.pss_bytes, rel=0.05)
    assert held["player"].pss_anon_bytes > 40 * MIB


def test_who_asks_again_at_once_is_told_the_same_and_when_that_was(
    make: Callable[..., Governor], loop: EventLoop, governed: FakeGoverned, clock: Clock
) -> None:
    governor = make()

    def look_again() -> None:
        loop.call_later(0.0, loop.stop)
        loop.run()

    first = governor.held()
    assert first.at_s == clock.now_s
    clock.now_s += 0.4
    assert governor.held() is first
    look_again()
    assert governor.held() is first
    clock.now_s += 0.8  # he asks once a second: at once he is told what was, and then it is read for the next time
    assert governor.held() is governor.held() is first
    read_s = clock.now_s
    look_again()
    clock.now_s += 1
    assert governor.held().at_s == read_s
    clock.now_s += 3
    again = governor.held()
    assert again.at_s == clock.now_s, "too old"
    clock.now_s += 0.1
    governor.outdate()
    assert governor.held().at_s == clock.now_s, "a command has changed it"
    governed.player = None
    assert set(again.processes) == {"daemon", "player"}
    assert set(governor.held().processes) == {"daemon"}, "of a player that has gone"


def test_high_pressure_takes_only_what_cannot_be_seen(make: Callable[..., Governor], governed: FakeGoverned) -> None:
    governor = make(0.82)
    governor.check()
    assert governor.pressure.level is MemoryPressureLevel.HIGH
    assert governed.eased == LEAN
    governor.check()
    assert governed.eased == LEAN, "the same steps twice"
    assert governed.told == []


@pytest.mark.parametrize(("used_share", "is_warned_of"), [(0.82, False), (1.2, True)])
def test_pressure_is_warned_of_only_where_pictures_stop_for_it(
    make: Callable[..., Governor], caplog: pytest.LogCaptureFixture, used_share: float, is_warned_of: bool
) -> None:
    make(used_share).check()
    said = [record for record in caplog.records if "pressure is" in record.message]
    assert bool(said) == is_warned_of
    assert all(record.levelno == logging.WARNING for record in said)


def test_critical_pressure_that_lasts_ends_in_a_hold(
    make: Callable[..., Governor], governed: FakeGoverned, clock: Clock
) -> None:
    governor = make(1.2)
    governor.check()
    assert governed.eased == [*LEAN, *FRUGAL]
    assert governed.told == []
    clock.now_s += 1
    governor.check()
    assert governed.told == [], "the steps had no time to show what they bring"
    clock.now_s += 5
    governor.check()
    assert governed.told == ["hold"]


def hold(governor: Governor, governed: FakeGoverned, clock: Clock) -> None:
    governor.check()
    clock.now_s += 5
    governor.check()
    governor.on_holding(HoldReason.MEMORY)
    governed.player = None
    governor.on_held()
    assert governed.told == ["hold"]


def test_hold_records_what_it_freed_and_why(
    make: Callable[..., Governor], governed: FakeGoverned, clock: Clock
) -> None:
    governor = make(1.2)
    hold(governor, governed, clock)
    (record,) = governor.actions
    assert (record.action, record.level) == ("hold", "critical")
    assert record.freed_bytes > 35 * MIB
    assert "of the budget" in record.reason


def test_hold_for_another_reason_says_that_reason(make: Callable[..., Governor], governed: FakeGoverned) -> None:
    governor = make()
    governor.on_holding(HoldReason.UNSEEN)
    governed.player = None
    governor.on_held()
    assert [record.reason for record in governor.actions] == ["no screen shows it"]


def calm(governor: Governor, clock: Clock, seconds: float) -> None:
    until_s = clock.now_s + seconds
    while clock.now_s < until_s:
        clock.now_s += 2
        governor.check()


def test_what_did_not_fit_is_not_tried_again_in_the_same_budget(
    make: Callable[..., Governor], governed: FakeGoverned, clock: Clock
) -> None:
    governor = make(1.2)
    hold(governor, governed, clock)
    calm(governor, clock, 10 * PATIENCE_S)
    assert governed.told == ["hold"]
    governor.configure(PowerConfig(max_memory_mb=0))
    calm(governor, clock, 2 * PATIENCE_S)
    assert governed.told == ["hold", "resume"]


def test_new_player_is_as_lean_as_the_one_before(make: Callable[..., Governor], governed: FakeGoverned) -> None:
    governor = make(0.82)
    governor.check()
    governed.eased.clear()
    governor.on_playing()
    assert governed.eased == LEAN


def test_a_change_is_looked_at_soon_and_others_do_not_put_that_off(
    make: Callable[..., Governor], governed: FakeGoverned, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[float] = []
    call_later = EventLoop.call_later

    def note(loop: EventLoop, delay_s: float, on_due: Callable[[], None]) -> Timer:
        delays.append(delay_s)
        return call_later(loop, delay_s, on_due)

    monkeypatch.setattr(EventLoop, "call_later", note)
    governor = make(check_every_s=30)
    governor.on_playing()
    assert delays == [4.0], "its start is over then"
    clock.now_s += 1
    governor.on_playing()
    assert delays == [4.0]
    clock.now_s += 10
    governor.check()
    governor.on_playing()
    assert delays == [4.0, 30.0, 1.0]
    clock.now_s += 0.5
    governor.on_playing()
    assert delays == [4.0, 30.0, 1.0], "a change each half second put it off for ever"
    governed.player = os.getpid()
    governor.check()
    governor.on_playing()
    assert delays[-1] == 4.0, "another player"


def test_what_the_player_freed_is_recorded(make: Callable[..., Governor]) -> None:
    governor = make()
    governor.look()
    governor.on_eased(Eased((("drop idle buffers", 12345), ("one decode thread", 0))))
    assert [(record.action, record.freed_bytes) for record in governor.actions] == [
        ("drop idle buffers", 12345),
        ("one decode thread", 0),
    ]


# Growth.


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every watch finds that the player grows."""
    monkeypatch.setattr(governor_module.GrowthWatch, "is_excessive", lambda _watch, limit: bool(limit))
    monkeypatch.setattr(governor_module.GrowthWatch, "growth_mb_per_hour", lambda _watch: 500.0)


@pytest.mark.usefixtures("grown")
def test_growing_player_is_exchanged_once(
    make: Callable[..., Governor], governed: FakeGoverned, caplog: pytest.LogCaptureFixture
) -> None:
    governor = make()
    governor.on_playing()
    with caplog.at_level(logging.WARNING):
        governor.check()
        governor.check()
    assert governed.told == ["exchange"]
    assert "500 MB an hour" in caplog.text
    governor.on_replaced()
    assert [record.action for record in governor.actions] == ["exchange the player"]


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize("why", ["no room for two players", "cannot be exchanged now"])
def test_growing_player_that_cannot_be_exchanged_beside_another_is_held_and_resumed(
    make: Callable[..., Governor], governed: FakeGoverned, why: str
) -> None:
    governed.can_exchange = why != "cannot be exchanged now"
    governor = make(0.74 if governed.can_exchange else 0.0)
    governor.on_playing()
    governor.check()
    assert governed.told[-1] == "hold and resume"
    governor.on_holding(HoldReason.GROWTH)
    governed.player = None
    governor.on_held()
    assert [record.action for record in governor.actions] == ["exchange the player"]


@pytest.mark.usefixtures("grown")
def test_growth_is_left_alone_where_the_limit_is_none(make: Callable[..., Governor], governed: FakeGoverned) -> None:
    governor = make(max_growth_mb_per_hour=0)
    governor.on_playing()
    governor.check()
    assert governed.told == []


# Figures.


def test_statistics_are_logged_when_they_are_due(
    make: Callable[..., Governor], caplog: pytest.LogCaptureFixture
) -> None:
    governor = make()
    with caplog.at_level(logging.INFO):
        governor.on_figures(Figures("asked", CounterFigures(), PoolFigures()))
        assert caplog.text == ""
        governor.on_figures(Figures("stats", CounterFigures(), PoolFigures(hits=77)))
    assert "memory: PSS" in caplog.text
    assert "77 hits" in caplog.text


def test_pressure_is_checked_when_a_frame_calls_for_it(make: Callable[..., Governor], governed: FakeGoverned) -> None:
    governor = make(0.82)
    governor.on_figures(Figures("stats", CounterFigures(), PoolFigures()))
    assert governed.eased == []
    governor.on_figures(Figures("stats+check", CounterFigures(), PoolFigures()))
    assert governed.eased == LEAN
