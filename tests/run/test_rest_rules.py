"""What rules make of pictures: idle, power saver, a fullscreen window, an output that is off, memory.

One wallpaper on one desk; its config is saved anew for each of them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.buses import PrivateBus
from tests.clips import make_colour_clip
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.run.test_rest import CLIP_FRAMES, FIRST, SCREENS, SECOND, doing, number, wait_doing, wait_moving, wait_still
from tests.shortage import SaidShortage
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.memtest import wire_log
from wayvid.memtest.wiretap import Wiretap

PROFILES, PROFILES_PATH = "org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles"
OUTPUT_POWER = "zwlr_output_power_v1"
OFF, ON = 0, 1
SLOW_FPS = 5


class Rests:
    """A wallpaper whose rules change.

    Attributes:
        run: the wallpaper.
        desk: with three screens.
        tap: between both.
        profiles: sets the power profile.
        shortage: says that memory is short.
    """

    def __init__(self, run: Run, tap: Wiretap, profiles: Callable[[str], None], shortage: SaidShortage) -> None:
        self.run = run
        self.desk = run.desk
        self.tap = tap
        self.profiles = profiles
        self.shortage = shortage

    def rule(self, words: str) -> None:
        """Have no rules but these."""
        (self.run.folder.parent / "config.toml").write_text(
            f"transition = 'none'\n[rest]\nslow_fps = {SLOW_FPS}\n{words}"
        )
        assert self.run.ask("reload")["ok"]

    def switch(self, mode: int) -> None:
        """Say in the compositor's place that one screen is off, or on: a headless sway 1.7 cannot switch them."""
        (daemon,) = self.tap.clients(self.run.process.pid)
        power = next(number for number, kind in daemon.log._interfaces.items() if kind == OUTPUT_POWER)
        daemon.near.sendall(struct.pack("=III", power, 12 << 16, mode))

    def knows(self, name: str) -> bool:
        """Whether there is an answer for each reading of a condition."""
        found = [each.is_on for each in self.run.status().conditions if each.name == name]
        return bool(found) and None not in found


@pytest.fixture
def rests(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    numbered_clip: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Rests]:
    need_programs("dbus-daemon", "mpv")
    monkeypatch.setitem(wire_log.CREATED, ("zwlr_output_power_manager_v1", 0), OUTPUT_POWER)
    config = tmp_path / "config.toml"
    config.write_text("")
    bus, shortage = PrivateBus(), SaidShortage(tmp_path)
    daemon = bus.offer(PROFILES, {(PROFILES_PATH, PROFILES): {"ActiveProfile": ("s", "balanced")}})
    path = tmp_path / sway_desk.display.name
    with Wiretap(sway_desk.display, path) as tap:
        env = {**bus.env, "WAYLAND_DISPLAY": str(path), "WAYVID_PSI": shortage.path}
        run = run_wayvid(sway_desk, str(numbered_clip), "-c", str(config), env=env)
        run.wait_playing()
        yield Rests(run, tap, lambda profile: daemon.set(PROFILES_PATH, PROFILES, "ActiveProfile", profile), shortage)
        assert run.end() == 0
        assert run.stderr == ""
    shortage.close()
    bus.close()


def test_each_rule_has_its_effect_on_the_pictures_and_is_named(rests: Rests, tmp_path: Path) -> None:
    nobody_there(rests)
    saving_power(rests)
    under_a_window(rests, make_colour_clip(tmp_path / "film.mkv", (320, 180), (40, 120, 200)))
    switched_off(rests)
    short_of_memory(rests)


def nobody_there(rests: Rests) -> None:
    run = rests.run
    rests.rule("idle = 'pause'\nidle_after_s = 1\n")
    assert wait_doing(run, "paused").because == "idle (no input for 1 s)"
    still = wait_still(run)
    assert {number(run, name) for name in SCREENS} == {still}
    rests.desk.sway.command("seat seat0 cursor move 5 5")
    wait_until(lambda: number(run) != still, START_S, "the clip to go on")
    rests.rule("")
    wait_doing(run, "playing")


def saving_power(rests: Rests) -> None:
    run = rests.run
    rests.rule('power_saver = "slow"\n')
    wait_until(lambda: rests.knows("power_saver"), START_S, "the profile")
    assert doing(run).does == "playing"
    rests.profiles("power-saver")
    assert wait_doing(run, "slow").because.startswith("power_saver")
    wait_moving(run)
    first, made = number(run), run.status().streams[0].frames
    wait_until(lambda: 45 <= (number(run) - first) % CLIP_FRAMES < 200, START_S, "two seconds of the clip")
    made, passed = run.status().streams[0].frames - made, (number(run) - first) % CLIP_FRAMES
    assert made <= passed * SLOW_FPS / 30 + 3
    rests.profiles("balanced")
    wait_doing(run, "playing")


def under_a_window(rests: Rests, film: Path) -> None:
    run, sway = rests.run, rests.desk.sway
    rests.rule('fullscreen = "pause"\n')
    sway.command(f"focus output {SECOND}")
    window = rests.desk.start(["mpv", "--no-config", "--really-quiet", "--vo=wlshm", "--fs", "--pause", str(film)])
    assert wait_doing(run, "paused", SECOND).because.startswith("fullscreen (")
    assert doing(run).does == "playing"

    def stands_still() -> bool:  # once what was on its way has come
        shown = doing(run, SECOND).presented
        wait_moving(run)
        return doing(run, SECOND).presented == shown

    wait_until(stands_still, START_S, "no pictures behind the window")
    rests.desk.stop(window)
    wait_doing(run, "playing", SECOND)
    wait_moving(run, SECOND)


def switched_off(rests: Rests) -> None:
    run = rests.run
    rests.rule('output_off = "pause"\n')
    wait_until(lambda: rests.knows("output_off"), START_S, "the first answers")
    rests.switch(OFF)

    def resting() -> list[str]:
        return [each.name for each in run.status().outputs if each.does == "paused"]

    (off,) = wait_until(resting, START_S, "one screen to rest") or []
    assert doing(run, off).because == "output_off (switched off)"
    still = wait_still(run, off)
    wait_moving(run, next(name for name in SCREENS if name != off))
    assert number(run, off) == still
    rests.switch(ON)
    wait_doing(run, "playing", off)
    wait_moving(run, off)


def short_of_memory(rests: Rests) -> None:
    run = rests.run
    rests.rule('memory = "pause"\n')
    rests.shortage.say(b"s")
    because = wait_doing(run, "paused", FIRST).because
    assert because == "memory (the machine is short of memory: tasks wait for it)"
    still = wait_still(run)
    assert {number(run, name) for name in SCREENS} == {still}
    assert {each.does for each in run.status().outputs} == {"paused"}
