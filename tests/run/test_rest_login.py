"""A locked session and a machine that is about to sleep, told by a logind on a bus of the test's own: default rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.buses import PrivateBus
from tests.conditions.test_on_bus import Login
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.run.test_rest import CLIP_FRAMES, doing, number, wait_doing, wait_moving, wait_still
from tests.support import wait_until
from wayvid.desk import Desk


@pytest.fixture
def login() -> Iterator[Login]:
    """A logind, on a bus that is the system's and the session's."""
    need_programs("dbus-daemon")
    bus = PrivateBus()
    yield Login(bus)
    bus.close()


def is_known(run: Run, name: str) -> bool:
    return any(each.name == name and each.is_on is not None for each in run.status().conditions)


def test_a_lock_and_a_sleep_hold_the_wallpaper_and_it_goes_on_after(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, login: Login
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", "/dev/null", env=login.bus.env)
    run.wait_playing()
    wait_until(lambda: is_known(run, "locked") and is_known(run, "sleep"), START_S, "logind to be watched")
    wait_until(lambda: len(login.locks) == 1, START_S, "the lock")

    login.set_locked(True)
    assert wait_doing(run, "held").because.startswith("locked")
    still = wait_still(run)
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    login.set_locked(False)
    wait_doing(run, "playing")
    assert (number(run) - still) % CLIP_FRAMES < CLIP_FRAMES // 2
    wait_moving(run)

    # Before a sleep the machine waits until the player has gone; what a command has paused stays so after it.
    run.ask("pause")
    still = wait_still(run)
    assert not login.is_released()
    login.prepare_for_sleep(True)
    wait_until(login.is_released, START_S, "the machine to be let sleep")
    assert run.player_pid() is None
    assert doing(run).does == "held"
    login.prepare_for_sleep(False)
    wait_until(lambda: len(login.locks) == 2, START_S, "another lock")
    assert number(run) == still
    assert doing(run).because == "a command"
    run.ask("resume")
    wait_moving(run)
    assert run.end() == 0
