"""Batteries as the kernel tells of them: files and messages of a test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conditions.conftest import Watched
from wayvid.conditions import Condition
from wayvid.system.conditions.supply import Charge, PowerSupply, read_charge
from wayvid.system.events import EventLoop

BATTERY = {"type": "Battery", "status": "Discharging", "capacity": "43", "present": "1"}
MAINS = {"type": "Mains", "online": "0"}


def write(folder: Path, **supplies: dict[str, str]) -> str:
    for name, values in supplies.items():
        (folder / name).mkdir(exist_ok=True)
        for attribute, value in values.items():
            (folder / name / attribute).write_text(f"{value}\n")
    return str(folder)


@pytest.mark.parametrize(
    ("supplies", "charge"),
    [
        ({}, None),
        ({"AC": MAINS}, None),
        ({"BAT0": BATTERY, "AC": MAINS}, Charge(True, 43, "Discharging")),
        ({"BAT0": BATTERY}, Charge(True, 43, "Discharging")),
        ({"BAT0": BATTERY, "AC": MAINS | {"online": "1"}}, Charge(False, 43, "Discharging")),
        ({"BAT0": BATTERY | {"status": "Charging"}}, Charge(False, 43, "Charging")),
        ({"BAT0": BATTERY, "BAT1": BATTERY | {"status": "Full", "capacity": "57"}}, Charge(True, 50, "Discharging")),
        ({"hidpp_battery_0": BATTERY | {"scope": "Device"}}, None),
        ({"BAT0": BATTERY | {"present": "0"}}, None),
        ({"BAT0": BATTERY | {"capacity": ""}}, Charge(True, None, "Discharging")),
    ],
    ids=["nothing", "mains", "unplugged", "no-mains", "weak-mains", "charging", "two", "mouse", "empty-bay", "silent"],
)
def test_charge_is_that_of_the_machines_own_batteries(
    tmp_path: Path, supplies: dict[str, dict[str, str]], charge: Charge | None
) -> None:
    assert read_charge(write(tmp_path, **supplies)) == charge


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[socket.socket]:
    """Where the kernel's messages are sent from."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(tmp_path / "uevent"))
        listener.listen()
        yield listener


def test_kernel_tells_of_plugging_in_where_there_is_no_upower(
    tmp_path: Path, kernel: socket.socket, watch: Callable[..., Watched]
) -> None:
    folder = write(tmp_path, BAT0=BATTERY, AC=MAINS)
    environ = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/proc/no-bus", "WAYVID_POWER_SUPPLY": folder}
    watched = watch(Condition.BATTERY, Condition.BATTERY_LOW, environ=environ, low_percent=50)
    with kernel.accept()[0] as says:
        assert watched.reading(Condition.BATTERY)[2:] == (True, "43 %, discharging")
        assert watched.reading(Condition.BATTERY_LOW).is_on is True
        says.send(b"change@/devices/card0\0SUBSYSTEM=drm\0")
        write(tmp_path, AC={"online": "1"}, BAT0={"status": "Charging"})
        says.send(b"change@/devices/AC\0ACTION=change\0SUBSYSTEM=power_supply\0")
        assert watched.wait_on(Condition.BATTERY, False).detail == "43 %, charging"
        assert watched.reading(Condition.BATTERY_LOW).is_on is False
    watched.wait(lambda: "not tell" in watched.reading(Condition.BATTERY).detail, "the end of the messages")


def test_kernels_own_messages_are_heard_without_privileges(loop: EventLoop) -> None:
    supply = PowerSupply(loop, {}, lambda: None)
    assert supply.reason == ""
    supply.close()
    supply.close()
