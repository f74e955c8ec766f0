"""What services on a bus tell: a real bus, services that leave, come again and lie."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.buses import PrivateBus, Service
from tests.conditions.conftest import Watched, is_quiet
from tests.system.conftest import rounds_of
from wayvid.conditions import Condition
from wayvid.system import buslogin

UPOWER, UPOWER_PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
DEVICE = (f"{UPOWER_PATH}/devices/DisplayDevice", f"{UPOWER}.Device")
LOGIN, LOGIN_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
SESSION = (f"{LOGIN_PATH}/session/_32", f"{LOGIN}.Session")
GAMES, GAMES_PATH = "com.feralinteractive.GameMode", "/com/feralinteractive/GameMode"
NO_BATTERY = {"WAYVID_POWER_SUPPLY": "/proc/no-power-supply"}

Watch = Callable[..., Watched]


def offer_upower(bus: PrivateBus, on_battery: bool = False, percent: float = 80.0) -> Service:
    return bus.offer(
        UPOWER,
        {
            (UPOWER_PATH, UPOWER): {"OnBattery": ("b", on_battery)},
            DEVICE: {"IsPresent": ("b", True), "Percentage": ("d", percent)},
        },
    )


class Login:
    """A logind: one session, and locks that have a sleep wait."""

    def __init__(self, bus: PrivateBus, session_id: str = "2", is_locked: bool = False) -> None:
        self.locks: list[socket.socket] = []
        self.bus = bus
        self._session_id = session_id
        self.service = bus.offer(
            LOGIN,
            {SESSION: {"LockedHint": ("b", is_locked)}},
            GetSession=self._get_session,
            ListSessions=lambda: ("a(susso)", ([("2", os.getuid(), "me", "seat0", SESSION[0])],)),
            Inhibit=self._inhibit,
        )

    def _get_session(self, name: str) -> tuple[str, tuple[Any, ...]]:
        return "o", ({self._session_id: SESSION[0]}[name],)

    def _inhibit(self, what: str, _who: str, _why: str, mode: str) -> tuple[str, tuple[Any, ...]]:
        assert (what, mode) == ("sleep", "delay")
        ours, theirs = socket.socketpair()
        self.locks.append(ours)
        self._theirs = theirs  # until the message is sent
        self.bus.to_close += [ours, theirs]
        return "h", (theirs.fileno(),)

    def is_released(self) -> bool:
        """Whether nobody has the last lock any more."""
        self._theirs.close()
        self.locks[-1].setblocking(False)
        try:
            return self.locks[-1].recv(1) == b""
        except BlockingIOError:
            return False

    def set_locked(self, is_locked: bool) -> None:
        self.service.set(*SESSION, "LockedHint", is_locked)

    def prepare_for_sleep(self, is_near: bool) -> None:
        self.service.emit(LOGIN_PATH, f"{LOGIN}.Manager", "PrepareForSleep", "b", (is_near,))


# Battery and profile.


def test_battery_is_on_when_upower_says_so_and_low_below_the_limit(bus: PrivateBus, watch: Watch) -> None:
    upower = offer_upower(bus)
    watched = watch(Condition.BATTERY, Condition.BATTERY_LOW, environ=bus.env, low_percent=30)
    watched.settle()
    assert watched.wait_on(Condition.BATTERY, False).detail == "80 %, plugged in"
    assert watched.reading(Condition.BATTERY_LOW).is_on is False
    upower.set(UPOWER_PATH, UPOWER, "OnBattery", True)
    assert watched.wait_on(Condition.BATTERY, True).detail == "80 %, on battery"
    assert watched.reading(Condition.BATTERY_LOW).is_on is False
    upower.set(*DEVICE, "Percentage", 29.4)
    assert watched.wait_on(Condition.BATTERY_LOW, True).detail == "29 %, on battery"
    upower.set(UPOWER_PATH, UPOWER, "OnBattery", False)
    watched.wait_on(Condition.BATTERY_LOW, False)
    assert watched.reading(Condition.BATTERY).is_on is False


def test_service_that_leaves_is_not_there_and_is_heard_again_when_it_is_back(bus: PrivateBus, watch: Watch) -> None:
    upower = offer_upower(bus, on_battery=True)
    watched = watch(Condition.BATTERY, environ=bus.env | NO_BATTERY)
    watched.wait_on(Condition.BATTERY, True)
    upower.close()
    assert watched.wait_on(Condition.BATTERY, None).detail == "this machine has no battery"
    offer_upower(bus, on_battery=False, percent=12)
    assert watched.wait_on(Condition.BATTERY, False).detail == "12 %, plugged in"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles"),
        ("net.hadess.PowerProfiles", "/net/hadess/PowerProfiles"),
    ],
)
def test_power_saver_is_the_profile_in_force_by_either_name(
    bus: PrivateBus, watch: Watch, name: str, path: str
) -> None:
    daemon = bus.offer(name, {(path, name): {"ActiveProfile": ("s", "balanced")}})
    watched = watch(Condition.POWER_SAVER, environ=bus.env)
    assert watched.wait_on(Condition.POWER_SAVER, False).detail == "the profile is balanced"
    daemon.set(path, name, "ActiveProfile", "power-saver")
    watched.wait_on(Condition.POWER_SAVER, True)
    daemon.close()
    assert "left the bus" in watched.wait_on(Condition.POWER_SAVER, None).detail or name.startswith("net")


def test_gamemode_is_on_while_it_has_games_also_where_only_the_game_is_told(bus: PrivateBus, watch: Watch) -> None:
    watched = watch(Condition.GAMEMODE, environ=bus.env)
    watched.settle()
    assert watched.reading(Condition.GAMEMODE)[2:] == (None, "GameMode is not there")
    values: dict[str, tuple[str, Any]] = {"ClientCount": ("i", 0)}
    games = bus.offer(GAMES, {(GAMES_PATH, GAMES): values})
    watched.wait_on(Condition.GAMEMODE, False)
    values["ClientCount"] = ("i", 1)
    games.emit(GAMES_PATH, GAMES, "GameRegistered", "io", (7, "/com/feralinteractive/GameMode/Games/7"))
    assert watched.wait_on(Condition.GAMEMODE, True).detail == "1 game"


# Session and sleep.


@pytest.mark.parametrize(
    ("known_as", "environ"),
    [("2", {"XDG_SESSION_ID": "2"}), ("auto", {}), ("other", {"XDG_SESSION_ID": "gone"})],
    ids=["by-its-id", "by-the-process", "by-the-list"],
)
def test_locked_is_the_hint_of_the_session(
    bus: PrivateBus, watch: Watch, known_as: str, environ: dict[str, str]
) -> None:
    login = Login(bus, known_as)
    watched = watch(Condition.LOCKED, environ=bus.env | environ)
    watched.wait_on(Condition.LOCKED, False)
    login.set_locked(True)
    watched.wait_on(Condition.LOCKED, True)
    login.set_locked(False)
    watched.wait_on(Condition.LOCKED, False)


def test_signal_lock_does_not_count_where_nobody_tells_when_it_is_over(bus: PrivateBus, watch: Watch) -> None:
    # swaylock heeds the signal and never says Unlock: the wallpaper would have rested for ever.
    login = Login(bus)
    watched = watch(Condition.LOCKED, Condition.SLEEP, environ=bus.env)
    watched.settle()
    login.service.emit(*SESSION, "Lock")
    login.prepare_for_sleep(True)
    watched.wait_on(Condition.SLEEP, True)  # so the signal before has come, too
    assert watched.reading(Condition.LOCKED).is_on is False


def test_sleep_waits_until_the_wallpaper_is_ready_and_the_next_one_does_too(bus: PrivateBus, watch: Watch) -> None:
    login = Login(bus)
    watched = watch(Condition.SLEEP, environ=bus.env)
    assert watched.wait_on(Condition.SLEEP, False).detail == "awake"
    watched.sensors.ready_to_sleep()  # without need: nothing
    assert not login.is_released()
    login.prepare_for_sleep(True)
    watched.wait_on(Condition.SLEEP, True)
    assert not login.is_released()
    watched.sensors.ready_to_sleep()
    assert login.is_released()
    login.prepare_for_sleep(False)
    watched.wait_on(Condition.SLEEP, False)
    watched.wait(lambda: len(login.locks) == 2, "another lock")
    watched.settle()
    watched.wait(lambda: "will not wait" not in watched.reading(Condition.SLEEP).detail, "the lock")
    assert not login.is_released()
    watched.sensors.close()
    assert login.is_released()


# Buses.


def test_bus_that_goes_is_said_and_joined_again_when_it_is_back(bus: PrivateBus, watch: Watch) -> None:
    Login(bus, is_locked=True)
    watched = watch(Condition.LOCKED, Condition.SLEEP, environ=bus.env)
    watched.wait_on(Condition.LOCKED, True)
    bus.stop()
    watched.wait(lambda: "system bus broke" in watched.reading(Condition.LOCKED).detail, "the end of the bus")
    assert watched.reading(Condition.SLEEP).is_on is None
    bus.start()
    Login(bus, is_locked=True)
    watched.wait_on(Condition.LOCKED, True)


def test_no_bus_is_a_reason_and_nothing_fails(watch: Watch) -> None:
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/proc/no-bus", **NO_BATTERY}
    watched = watch(*Condition, environ=environ)
    details = {reading.condition: reading.detail for reading in watched.sensors.readings()}
    known = {reading.condition for reading in watched.sensors.readings() if reading.is_on is not None}
    assert known == {Condition.OTHER_SOUND}, "that does not matter while nothing of the wallpaper is to be heard"
    assert details[Condition.BATTERY] == "this machine has no battery"
    assert details[Condition.LOCKED] == "there is no system bus at /proc/no-bus: No such file or directory"
    assert details[Condition.GAMEMODE] == "there is no session bus: DBUS_SESSION_BUS_ADDRESS is not set"
    assert details[Condition.FULLSCREEN] == "there is no compositor to ask"
    assert details.keys() == {*Condition} - {Condition.MEMORY}


@pytest.mark.parametrize("first", [b"REJECTED\r\n", b"\0" * 64, b""], ids=["rejects", "babbles", "hangs-up"])
def test_something_else_behind_the_address_is_given_up(tmp_path, watch: Watch, first: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        environ = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/bus"}
        watched = watch(Condition.LOCKED, environ=environ)
        peer, _address = listener.accept()
        if first:
            peer.sendall(first + b"\r\n")
            listener.close()
            watched.wait(lambda: "broke" in watched.reading(Condition.LOCKED).detail, "the end")
        peer.close()
        watched.wait(lambda: "broke" in watched.reading(Condition.LOCKED).detail, "the end")


def test_signal_of_somebody_else_is_not_believed(bus: PrivateBus, watch: Watch) -> None:
    login = Login(bus)
    watched = watch(Condition.LOCKED, Condition.SLEEP, environ=bus.env)
    watched.wait_on(Condition.LOCKED, False)
    liar = bus.offer("org.example.Liar", {})
    changed = (SESSION[1], {"LockedHint": ("b", True)}, [])
    for number in range(20):  # the bus numbers its clients
        liar.emit_to(
            f":1.{number}", SESSION[0], "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", changed
        )
    liar.ping()  # the bus has passed on what it was sent before
    login.prepare_for_sleep(True)
    watched.wait_on(Condition.SLEEP, True)
    assert watched.reading(Condition.LOCKED).is_on is False


def test_nothing_wakes_while_nothing_changes_and_only_a_change_is_told(bus: PrivateBus, watch: Watch) -> None:
    Login(bus)
    upower = offer_upower(bus)
    watched = watch(*Condition, environ=bus.env)
    watched.settle()
    assert is_quiet(watched.loop)
    before = watched.tellings
    upower.set(*DEVICE, "Percentage", 80.2)  # the same in whole percent
    rounds_of(watched.loop, 0.2)
    assert watched.tellings == before


def test_no_rule_opens_nothing(bus: PrivateBus, watch: Watch) -> None:
    fds = len(os.listdir("/proc/self/fd"))
    assert watch(environ=bus.env).sensors.readings() == []
    assert len(os.listdir("/proc/self/fd")) == fds


def test_only_a_part_of_jeepney_is_loaded_and_all_of_it_can_be_later(bus: PrivateBus) -> None:
    script = (
        "import sys; from wayvid.system.bus import Bus; from wayvid.system.events import EventLoop; import os;"
        "loop = EventLoop(); bus = Bus(loop, 'system', os.environ, print);"
        "bus.watch_owner('org.freedesktop.DBus', lambda is_there: loop.stop()); loop.run(); bus.close();"
        "print('jeepney.auth' in sys.modules, 'jeepney' in sys.modules);"
        "import jeepney; from jeepney.wrappers import new_method_call;"
        "print(jeepney.new_method_call is new_method_call, 'jeepney.auth' in sys.modules)"
    )
    env = os.environ | bus.env
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.split() == ["False", "False", "True", "True"]


@pytest.mark.parametrize(
    ("before", "last"),
    [
        ([], b"REJECTED EXTERNAL\r\n"),
        ([], b"OK 1\r\nOK 1\r\n"),
        ([], b"x" * 9000),
        ([], b"AGREE_UNIX_FD\r\n"),
        ([b"OK 1\r\n"], b"OK 1\r\n"),
    ],
    ids=["refused", "too-much", "endless", "too-early", "twice"],
)
def test_login_that_goes_another_way_is_refused(before: list[bytes], last: bytes) -> None:
    login = buslogin.Login()
    for data in before:
        login.answer(data)
    with pytest.raises(ValueError, match="to a login"):
        login.answer(last)


def test_login_goes_on_line_by_line_also_where_fds_cannot_be_passed() -> None:
    login = buslogin.Login()
    assert [login.answer(data) for data in (b"O", b"K 12\r", b"\n", b"ERROR no\r\n")] == [
        b"", b"", b"NEGOTIATE_UNIX_FD\r\n", b"BEGIN\r\n",
    ]  # fmt: skip
    assert login.is_done
