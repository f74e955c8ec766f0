"""What services on a real bus tell has the wallpaper rest: a game, a low battery, a sleep from full play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.buses import PrivateBus
from tests.conditions.test_on_bus import GAMES, GAMES_PATH, Login, offer_upower
from tests.run.conftest import START_S, Run
from tests.run.test_rest import CLIP_FRAMES, doing, knows, number, wait_doing, wait_moving, wait_still
from tests.support import wait_until
from wayvid.desk import Desk

NO_SUPPLY = {"WAYVID_POWER_SUPPLY": "/proc/no-power-supply"}


@pytest.fixture
def start(sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, bus: PrivateBus) -> Callable[[], Run]:
    """Plays the numbered clip without a config, with services on the bus."""

    def play() -> Run:
        run = run_wayvid(sway_desk, str(numbered_clip), env=bus.env | NO_SUPPLY)
        run.wait_playing()
        wait_until(lambda: knows(run, "locked"), START_S, "the session to be watched")
        return run

    return play


def told(run: Run, name: str) -> bool | None:
    return next(each.is_on for each in run.status().conditions if each.name == name)


def test_games_and_the_battery_are_heeded_and_a_sleep_waits_until_the_player_has_ended(
    start: Callable[[], Run], bus: PrivateBus
) -> None:
    login = Login(bus)
    upower = offer_upower(bus, percent=10)
    games = bus.offer(GAMES, {(GAMES_PATH, GAMES): {"ClientCount": ("i", 0)}})
    run = start()
    wait_until(lambda: told(run, "gamemode") is False, START_S, "the first answer")
    games.set(GAMES_PATH, GAMES, "ClientCount", 2)
    assert wait_doing(run, "paused").because == "gamemode (2 games)"
    wait_still(run)
    player = run.wait_player()
    games.close()  # with its games
    wait_doing(run, "playing")
    assert run.player_pid() == player

    upower.set("/org/freedesktop/UPower", "org.freedesktop.UPower", "OnBattery", True)
    assert wait_doing(run, "slow").because == "battery_low (10 %, on battery)"

    wait_until(lambda: len(login.locks) == 1 and told(run, "sleep") is False, START_S, "the lock")
    assert not login.is_released()
    login.prepare_for_sleep(True)
    wait_until(login.is_released, START_S, "the machine to be let asleep")
    assert run.player_pid() is None, "the machine slept before the player had ended"
    assert doing(run).because.startswith("sleep")
    before = number(run)
    login.prepare_for_sleep(False)
    wait_until(lambda: len(login.locks) == 2, START_S, "another lock")
    wait_doing(run, "slow")
    assert (wait_moving(run) - before) % CLIP_FRAMES < CLIP_FRAMES // 2, "it went on elsewhere"
    assert not login.is_released()
    assert run.end() == 0
    wait_until(login.is_released, START_S, "the lock to be let go")  # the bus has its descriptor a moment longer
