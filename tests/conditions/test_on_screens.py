"""What compositors tell: real ones, with real windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.buses import PrivateBus
from tests.clips import make_colour_clip
from tests.conditions.conftest import Watched, is_quiet
from tests.conditions.test_on_bus import SESSION, Login
from tests.conftest import need_programs
from tests.system.conftest import rounds_of
from wayvid.conditions import Condition
from wayvid.daemon import sensors
from wayvid.desk import Desk, NestedDesk
from wayvid.system.events import EventLoop
from wayvid.wayland.connection import Connection
from wayvid.wayland.restprotocols import (
    STATE_ACTIVATED,
    STATE_FULLSCREEN,
    STATE_MINIMIZED,
    OrgKdeKwinDpms,
    ZwlrOutputPowerV1,
)
from wayvid.wayland.toplevels import Window, covered

FIRST, SECOND = "HEADLESS-1", "HEADLESS-2"
F, A, M = STATE_FULLSCREEN, STATE_ACTIVATED, STATE_MINIMIZED

Watch = Callable[..., Watched]


def window(output: str, *states: int, last_active: int = 0) -> Window:
    return Window({output}, frozenset(states), last_active)


@pytest.mark.parametrize(
    ("windows", "outputs"),
    [
        ([], set()),
        ([window("A", A, last_active=1)], set()),
        ([window("A", A, F, last_active=1)], {"A"}),
        ([window("A", F, last_active=1), window("B", A, last_active=2)], {"A"}),
        ([window("A", F, last_active=1), window("A", A, last_active=2)], set()),
        ([window("A", F, last_active=1)], set()),
        ([window("A", F, M, last_active=1), window("B", A, last_active=2)], set()),
        ([window("A", F), window("B", A, last_active=1)], {"A"}),
        ([window("A", F, last_active=1), window("B", A, F, last_active=2)], {"A", "B"}),
    ],
    ids=[
        "none",
        "window",
        "fullscreen",
        "keyboard-elsewhere",
        "keyboard-here",
        "nobody",
        "minimized",
        "unknown",
        "both",
    ],
)
def test_screen_is_covered_by_the_fullscreen_window_that_must_be_in_view(
    windows: list[Window], outputs: set[str]
) -> None:
    assert covered(windows) == outputs


@pytest.fixture
def connect(loop: EventLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Desk], Connection]]:
    """Connects to a desk's compositor and has the loop serve it."""
    opened: list[Connection] = []

    def make(desk: Desk) -> Connection:
        monkeypatch.setenv("WAYLAND_DISPLAY", str(desk.display))
        connection = Connection()
        opened.append(connection)
        connection.start()
        connection.watch_in(loop)
        return connection

    yield make
    for connection in opened:
        connection.close()


def test_switched_off_screen_is_told_and_so_is_one_that_is_told_of_no_more(
    sway_desk: Desk, connect: Callable[[Desk], Connection], watch: Watch
) -> None:
    connection = connect(sway_desk)
    watched = watch(Condition.OUTPUT_OFF, environ={}, connection=connection)
    watched.settle()
    assert watched.reading(Condition.OUTPUT_OFF, FIRST)[2:] == (False, "on")
    # A headless sway 1.7 cannot switch its outputs off: the compositor's event is made here.
    powers = list(ZwlrOutputPowerV1.registry.values())
    assert len(powers) == 3
    for power in powers:
        power.dispatcher["mode"](power, 0)
    watched.wait(lambda: watched.tellings > 0, "the change")
    assert watched.reading(Condition.OUTPUT_OFF, SECOND)[2:] == (True, "switched off")
    for power in powers:
        power.dispatcher["failed"](power)
    assert watched.reading(Condition.OUTPUT_OFF, SECOND).is_on is None
    (second,) = [output for output in connection.named_outputs() if output.name == SECOND]
    watched.sensors.output_removed(SECOND)
    assert SECOND not in {reading.output for reading in watched.sensors.readings()}
    watched.sensors.output_added(second)
    watched.wait_on(Condition.OUTPUT_OFF, False, SECOND)


def test_fullscreen_window_covers_its_screen_until_it_is_hidden_or_closed(
    sway_desk: Desk, connect: Callable[[Desk], Connection], watch: Watch, tmp_path: Path
) -> None:
    need_programs("mpv", "ffmpeg")
    clip = make_colour_clip(tmp_path / "clip.mkv", (320, 180), (40, 120, 200))
    watched = watch(Condition.FULLSCREEN, environ={}, connection=connect(sway_desk))
    watched.settle()
    assert watched.reading(Condition.FULLSCREEN, SECOND)[2:] == (False, "no fullscreen window")
    sway_desk.sway.command(f"focus output {SECOND}")
    player = sway_desk.start(["mpv", "--no-config", "--really-quiet", "--vo=wlshm", "--fs", "--pause", str(clip)])
    watched.wait_on(Condition.FULLSCREEN, True, SECOND)
    assert watched.reading(Condition.FULLSCREEN, FIRST).is_on is False
    sway_desk.sway.command("fullscreen disable")
    watched.wait_on(Condition.FULLSCREEN, False, SECOND)
    sway_desk.sway.command("fullscreen enable")
    watched.wait_on(Condition.FULLSCREEN, True, SECOND)
    sway_desk.sway.command("workspace 77")  # an empty one, on the same screen
    watched.wait_on(Condition.FULLSCREEN, False, SECOND)
    sway_desk.sway.command("workspace back_and_forth")
    watched.wait_on(Condition.FULLSCREEN, True, SECOND)
    sway_desk.stop(player)
    watched.wait_on(Condition.FULLSCREEN, False, SECOND)


def test_screen_that_is_unplugged_under_a_window_leaves_nothing_behind(
    nested_desk: NestedDesk,
    connect: Callable[[Desk], Connection],
    watch: Watch,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    need_programs("mpv", "ffmpeg")
    clip = make_colour_clip(tmp_path / "clip.mkv", (320, 180), (40, 120, 200))
    connection = connect(nested_desk)
    watched = watch(Condition.FULLSCREEN, Condition.OUTPUT_OFF, environ={}, connection=connection)
    connection.on_output_removed = lambda output: watched.sensors.output_removed(output.name)
    watched.settle()
    nested_desk.sway.command("focus output WL-2")
    nested_desk.start(["mpv", "--no-config", "--really-quiet", "--vo=wlshm", "--fs", "--pause", str(clip)])
    watched.wait_on(Condition.FULLSCREEN, True, "WL-2")
    nested_desk.remove_output("WL-2")
    watched.wait(lambda: {reading.output for reading in watched.sensors.readings()} == {"WL-1"}, "one screen")
    rounds_of(watched.loop, 0.3)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("compositor", ["sway", "kwin"])
def test_idle_is_told_after_the_time(
    request: pytest.FixtureRequest, connect: Callable[[Desk], Connection], watch: Watch, compositor: str
) -> None:
    desk = request.getfixturevalue(f"{compositor}_desk")
    watched = watch(Condition.IDLE, environ={}, connection=connect(desk), after_s=0.3)
    assert watched.reading(Condition.IDLE)[2:] == (False, "somebody is there")
    assert watched.wait_on(Condition.IDLE, True).detail == "no input for 0.3 s"
    if compositor == "sway":
        desk.sway.command("seat seat0 cursor move 5 5")
        watched.wait_on(Condition.IDLE, False)
        watched.wait_on(Condition.IDLE, True)


def test_signal_lock_counts_until_somebody_is_there_again(
    sway_desk: Desk,
    connect: Callable[[Desk], Connection],
    watch: Watch,
    bus: PrivateBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sensors, "LOCKING_S", 0.3)
    login = Login(bus)
    watched = watch(Condition.LOCKED, environ=bus.env, connection=connect(sway_desk))
    watched.wait_on(Condition.LOCKED, False)
    for _ in range(2):
        login.service.emit(*SESSION, "Lock")
        assert watched.wait_on(Condition.LOCKED, True).detail == "asked to lock"
        asked = watched.sensors._wish_watch
        watched.wait(lambda asked=asked: asked.is_idle, "whoever locks to leave")
        assert watched.reading(Condition.LOCKED).is_on is True
        sway_desk.sway.command("seat seat0 cursor move 5 5")
        watched.wait_on(Condition.LOCKED, False)


def test_kwin_tells_of_screens_in_its_own_words_and_not_of_windows(
    kwin_desk: Desk, connect: Callable[[Desk], Connection], watch: Watch
) -> None:
    watched = watch(Condition.FULLSCREEN, Condition.OUTPUT_OFF, environ={}, connection=connect(kwin_desk))
    watched.settle()
    assert watched.reading(Condition.OUTPUT_OFF, "Virtual-0")[2:] == (False, "on")
    # KWin cannot switch a virtual output off: its event is made here.
    for power in OrgKdeKwinDpms.registry.values():
        power.dispatcher["mode"](power, 3)
    assert watched.reading(Condition.OUTPUT_OFF, "Virtual-1")[2:] == (True, "switched off")
    assert watched.reading(Condition.FULLSCREEN).is_on is None
    assert "no zwlr_foreign_toplevel_manager_v1" in watched.reading(Condition.FULLSCREEN).detail
    watched.sensors.output_removed("Virtual-1")
    assert {reading.output for reading in watched.sensors.readings()} == {"", "Virtual-0"}


def test_compositor_does_not_wake_the_loop_while_nothing_changes(
    sway_desk: Desk, connect: Callable[[Desk], Connection], watch: Watch
) -> None:
    conditions = (Condition.FULLSCREEN, Condition.OUTPUT_OFF, Condition.IDLE)
    connection = connect(sway_desk)
    for _ in range(2):  # opened again, as a reload does
        watched = watch(*conditions, environ={}, connection=connection, after_s=3600)
        watched.settle()
        assert is_quiet(watched.loop)
        watched.sensors.close()
