"""The machine's batteries as the kernel tells of them, for machines without UPower.

The kernel sends a message for each device that changes; nothing is polled. Where a
battery's firmware keeps quiet about its charge, the percent is as old as the last
message: plugging in and out is always told.

For tests, WAYVID_POWER_SUPPLY names another folder; a listening Unix socket called
`uevent` in it says what the kernel would.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wayvid.system.events import EventLoop

__all__ = ["Charge", "PowerSupply"]

FOLDER = "/sys/class/power_supply"
FOLDER_VARIABLE = "WAYVID_POWER_SUPPLY"
FAKE_KERNEL = "uevent"
# Source: linux/netlink.h; the kernel sends to the first group (lib/kobject_uevent.c).
NETLINK_KOBJECT_UEVENT = 15
KERNEL_GROUP = 1
SUBSYSTEM = b"SUBSYSTEM=power_supply"
MOST_BYTES = 8192
# Source: Documentation/ABI/testing/sysfs-class-power, "type".
MAINS = ("Mains", "USB", "Wireless")


class Charge(NamedTuple):
    """How the batteries of the machine stand.

    Attributes:
        is_discharging: whether the machine runs on them.
        percent: of all together; None: no battery tells.
        status: the kernel's word, "Discharging", "Full".
    """

    is_discharging: bool
    percent: float | None
    status: str


class PowerSupply:
    """The batteries now, and a call when they change.

    Args:
        loop: watches for the kernel's messages.
        environ: see the module.
        on_change: called when the kernel has told of a power supply.

    Attributes:
        charge: None where the machine has no battery.
        reason: why changes are not told; empty when they are.
    """

    def __init__(self, loop: EventLoop, environ: Mapping[str, str], on_change: Callable[[], None]) -> None:
        self._loop = loop
        self._folder = environ.get(FOLDER_VARIABLE) or FOLDER
        self._on_change = on_change
        self._socket: socket.socket | None = None
        self.reason = ""
        try:
            self._socket = _listen(self._folder)
            loop.watch(self._socket.fileno(), self._on_readable)
        except OSError as exc:
            self.reason = f"the kernel does not tell of changes: {exc.strerror or exc}"
        self.charge = read_charge(self._folder)

    def close(self) -> None:
        """Watch no more; twice does nothing."""
        sock, self._socket = self._socket, None
        if sock is not None:
            self._loop.unwatch(sock.fileno())
            sock.close()

    def _on_readable(self) -> None:
        is_ours = False
        while self._socket is not None:
            try:
                data, address = self._socket.recvfrom(MOST_BYTES)
            except BlockingIOError:
                break
            except OSError:  # ENOBUFS: there were too many to keep
                is_ours = True
                continue
            if not data:
                self.close()
                self.reason = "the kernel does not tell of changes any more"
                is_ours = True
            elif SUBSYSTEM in data.split(b"\0") and not _is_of_program(address):
                is_ours = True
        if is_ours:
            self.charge = read_charge(self._folder)
            self._on_change()


def read_charge(folder: str) -> Charge | None:
    """How the batteries stand; None where there is none."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return None
    percents: list[float] = []
    states: list[str] = []
    is_plugged = False
    for name in names:
        kind = _word(folder, name, "type")
        if kind in MAINS:
            is_plugged = is_plugged or _word(folder, name, "online") == "1"
        # A mouse has a battery, too: its scope is "Device".
        elif kind == "Battery" and _word(folder, name, "scope") != "Device" and _word(folder, name, "present") != "0":
            states.append(_word(folder, name, "status"))
            capacity = _word(folder, name, "capacity")
            percents += [float(capacity)] if capacity.isdecimal() else []
    if not states:
        return None
    # Of two batteries one is used up first, and the other waits.
    status = "Discharging" if "Discharging" in states else states[0]
    percent = sum(percents) / len(percents) if percents else None
    return Charge(status == "Discharging" and not is_plugged, percent, status)


def _is_of_program(address: Any) -> bool:
    """Whether a netlink message is from a program: the kernel's number is 0."""
    return isinstance(address, tuple) and address[0] != 0


def _word(folder: str, name: str, attribute: str) -> str:
    try:
        with open(f"{folder}/{name}/{attribute}", encoding="ascii", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def _listen(folder: str) -> socket.socket:
    flags = socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
    is_fake = folder != FOLDER
    family, kind, number = (
        (socket.AF_UNIX, socket.SOCK_SEQPACKET, 0) if is_fake else
        (socket.AF_NETLINK, socket.SOCK_DGRAM, NETLINK_KOBJECT_UEVENT)
    )  # fmt: skip
    sock = socket.socket(family, kind | flags, number)
    try:
        if is_fake:
            sock.connect(f"{folder}/{FAKE_KERNEL}")
        else:
            sock.bind((0, KERNEL_GROUP))
    except OSError:
        sock.close()
        raise
    return sock
