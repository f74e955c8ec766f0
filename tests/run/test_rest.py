"""Outputs that rest by a rule: seen in pictures, in commits and in memory. A battery is the condition."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.battery import Battery
from tests.clips import read_number
from tests.run.conftest import START_S, Run
from tests.run.test_events import Heard, listen
from tests.run.test_hold import voluntary_switches
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.ipc.status import OutputStatus
from wayvid.memtest.wiretap import Wiretap

__all__ = ["listen"]  # a fixture

FIRST, SECOND, THIRD = SCREENS = ("HEADLESS-1", "HEADLESS-2", "HEADLESS-3")
MB = 1_000_000
CLIP_FRAMES = 300
# Every source there is, and none of them the case.
ALL_RULES = """
[rest]
battery = "pause"
battery_low = "hold"
power_saver = "slow"
locked = "hold"
idle = "pause"
idle_after_s = 3600
output_off = "pause"
fullscreen = "pause"
other_sound = "mute"
gamemode = "pause"
memory = "slow"
"""


@pytest.fixture
def start(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path, battery: Battery
) -> Callable[..., Run]:
    """Plays the numbered clip with a config, on a machine with the battery: start("[rest]...", WAYLAND_DISPLAY=...)."""

    def play(config: str, **env: str) -> Run:
        path = tmp_path / "config.toml"
        path.write_text(config)
        run = run_wayvid(sway_desk, str(numbered_clip), "-c", str(path), env=battery.env | env)
        run.wait_playing()
        wait_until(lambda: knows(run, "battery"), START_S, "the battery to be watched")
        return run

    return play


def knows(run: Run, name: str) -> bool:
    return any(each.name == name for each in run.status().conditions)


def doing(run: Run, output: str = FIRST) -> OutputStatus:
    return next(each for each in run.status().outputs if each.name == output)


def wait_doing(run: Run, does: str, output: str = FIRST) -> OutputStatus:
    def is_so() -> OutputStatus | None:
        found = doing(run, output)
        return found if found.does == does else None

    found = wait_until(is_so, START_S, f"{output} to be {does}; {doing(run, output)}; {run.stderr}")
    assert found is not None
    return found


def number(run: Run, output: str = FIRST) -> int:
    found = read_number(run.shot(output))
    assert found is not None, f"no picture of the clip on {output}"
    return found


def wait_still(run: Run, output: str = FIRST) -> int:
    """The number that stays, once what was on its way has come."""
    seen = [number(run, output)]

    def is_still() -> bool:
        seen.append(number(run, output))
        return len(seen) > 2 and len(set(seen[-3:])) == 1

    wait_until(is_still, START_S, f"the picture of {output} to stay")
    return seen[-1]


def wait_moving(run: Run, output: str = FIRST) -> int:
    before = number(run, output)
    run.wait_picture(output, lambda path: read_number(path) not in (None, before), "another picture")
    return before


def test_a_rule_stops_the_picture_and_a_command_goes_before_it(start: Callable[..., Run], battery: Battery) -> None:
    run = start('[rest]\nbattery = "pause"\n')
    player = run.wait_player()
    assert doing(run).does == "playing"
    # Who takes a picture when he is told of a pause is to get one that stays: nobody says so before the player does.
    os.kill(player, signal.SIGSTOP)
    battery.unplug(43)
    wait_until(lambda: run.status().conditions[0].is_on, START_S, "the battery")
    status = run.status()
    assert (status.state, {each.does for each in status.outputs}) == ("playing", {"playing"})
    os.kill(player, signal.SIGCONT)
    assert wait_doing(run, "paused").because == "battery (43 %, discharging)"
    assert not doing(run).is_paused
    assert run.status().state == "paused"
    still = wait_still(run)
    assert {number(run, name) for name in SCREENS} == {still}
    battery.plug_in()
    wait_doing(run, "playing")
    wait_moving(run)
    assert run.player_pid() == player

    # What a command has paused stays so, whatever comes and goes.
    run.ask("pause")
    assert wait_doing(run, "paused").because == "a command"
    still = wait_still(run)
    battery.unplug()
    wait_until(lambda: run.status().conditions[0].is_on, START_S, "the battery")
    assert doing(run).because == "a command"
    battery.plug_in()
    wait_until(lambda: not run.status().conditions[0].is_on, START_S, "the mains")
    assert doing(run).because == "a command"
    assert wait_still(run) == still
    # And it does not end what a rule has stopped.
    battery.unplug()
    wait_until(lambda: run.status().conditions[0].is_on, START_S, "the battery")
    assert run.ask("resume")["ok"]
    assert doing(run).because == "battery (80 %, discharging)"
    assert wait_still(run) == still
    battery.plug_in()
    wait_moving(run)
    assert run.end() == 0


def test_a_hold_by_a_rule_gives_the_memory_back(start: Callable[..., Run], battery: Battery, tmp_path: Path) -> None:
    run = start('[rest]\nbattery = "hold"\n')
    battery.unplug()
    assert wait_doing(run, "held").because == "battery (80 %, discharging)"
    still = wait_still(run)
    status = run.wait_state("held")
    assert run.player_pid() is None
    assert status.memory.rss_bytes < 30 * MB
    assert status.memory.actions[-1].freed_bytes > 20 * MB
    # The rule changes: it plays on, from there; and the battery is watched no more.
    (tmp_path / "config.toml").write_text("")
    run.ask("reload")
    wait_doing(run, "playing")
    assert (number(run) - still) % CLIP_FRAMES < CLIP_FRAMES // 2
    wait_moving(run)
    assert "battery" not in {each.name for each in run.status().conditions if each.is_on}
    # Of a paused one no player comes back only for its picture.
    (tmp_path / "config.toml").write_text('[rest]\nbattery = "hold"\n')
    run.ask("reload")
    wait_doing(run, "held")
    run.ask("pause")
    battery.plug_in()
    wait_until(lambda: not run.status().conditions[0].is_on, START_S, "the mains")
    assert doing(run).does == "held"
    assert doing(run).because == "a command"
    run.ask("resume")
    wait_moving(run)
    assert run.end() == 0


def test_outputs_that_share_a_stream_rest_each_for_itself(
    start: Callable[..., Run], battery: Battery, listen: Callable[[Run], Heard]
) -> None:
    run = start(
        f'[rest]\nbattery = "keep"\n[[output]]\nmatch = "{FIRST}"\n[output.rest]\nbattery = "hold"\n'
        f'[[output]]\nmatch = "{SECOND}"\n[output.rest]\nbattery = "pause"\n'
    )
    heard = listen(run)
    assert [heard.next()["rest"] for _ in SCREENS] == ["keep"] * 3
    battery.unplug()
    told = [heard.next() for _ in (FIRST, SECOND)]
    assert [(line["output"], line["rest"]) for line in told] == [(FIRST, "hold"), (SECOND, "pause")]
    assert told[0]["changed"] == ["rest", "because"]
    assert wait_doing(run, "paused").because.startswith("battery")
    still = wait_still(run)
    wait_moving(run, THIRD)
    assert number(run) == still
    assert number(run, SECOND) in range(still - 1, still + 2)
    status = run.status()
    assert len(status.streams) == 1
    assert [each.does for each in status.outputs] == ["paused", "paused", "playing"]
    battery.plug_in()
    wait_doing(run, "playing")
    run.wait_picture(FIRST, lambda path: read_number(path) not in (None, still), "another picture")
    run.ask("pause")
    wait_still(run)
    assert len({number(run, name) for name in SCREENS}) == 1
    assert run.end() == 0


def commits(tap: Wiretap) -> list[int]:
    """Pictures on each surface that has had any, the fewest first; of the player, which has had the most."""
    return max((sorted(client.log.pictures.values()) for client in tap.clients()), key=sum, default=[])


def test_max_fps_leaves_pictures_out_and_the_others_of_the_stream_have_them_all(
    start: Callable[..., Run], sway_desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / sway_desk.display.name
    with Wiretap(sway_desk.display, path) as tap:
        config = f'[rest]\nbattery = "slow"\n[[output]]\nmatch = "{FIRST}"\nmax_fps = 10\n'
        run = start(config, WAYLAND_DISPLAY=str(path))
        assert (doing(run).does, doing(run).because, doing(run).max_fps) == ("playing", "", 10)
        before = commits(tap)

        def has_grown() -> bool:
            return len(commits(tap)) == len(before) and commits(tap)[-1] - before[-1] >= 2 * 30

        wait_until(has_grown, START_S, f"pictures; {commits(tap)}")
        slow, *full = (after - was for was, after in zip(before, commits(tap), strict=True))
        assert slow == pytest.approx(full[0] / 3, abs=4)
        assert full[0] == pytest.approx(full[1], abs=2)
        wait_moving(run)
        assert run.end() == 0


def test_a_slow_stream_makes_fewer_pictures_and_never_stops(start: Callable[..., Run], battery: Battery) -> None:
    run = start('[rest]\nbattery = "slow"\nslow_fps = 5\n')
    battery.unplug()
    assert wait_doing(run, "slow").max_fps == 5
    wait_moving(run)
    first, made = number(run), run.status().streams[0].frames

    def advanced() -> int:
        return (number(run) - first) % CLIP_FRAMES

    wait_until(lambda: 60 <= advanced() < 200, START_S, "two seconds of the clip")
    made = run.status().streams[0].frames - made
    assert made <= advanced() * 5 / 30 + 3
    assert made >= 5
    battery.plug_in()
    wait_doing(run, "playing")
    assert run.end() == 0


def test_a_daemon_with_all_rules_sleeps(start: Callable[..., Run]) -> None:
    run = start(ALL_RULES + "[power]\nhold_after_s = 0.3\n")
    told = {each.name for each in run.status().conditions}
    assert {"battery", "battery_low", "power_saver", "locked", "idle", "output_off", "fullscreen", "other_sound",
            "gamemode", "memory", "sleep"} <= told  # fmt: skip
    run.ask("pause")
    run.wait_state("held")

    def sleeps() -> bool:
        before = voluntary_switches(run.process.pid)
        for _ in range(20):  # some seconds of pictures that other programs take
            run.shot(FIRST)
        return voluntary_switches(run.process.pid) == before

    wait_until(sleeps, START_S, "the daemon to sleep")
    assert run.end() == 0
