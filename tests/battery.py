"""A battery at the edge of the machine: the folder and the messages that the kernel would give."""

from __future__ import annotations

import socket
from pathlib import Path

NO_BUS = "unix:path=/nowhere"


class Battery:
    """A notebook's battery; plugged in and full at first.

    Args:
        folder: to be made; stands for /sys/class/power_supply.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(folder / "uevent"))
        self._listener.listen()
        self._listener.setblocking(False)
        self._connections: list[socket.socket] = []
        self._write("Full", 100)

    @property
    def env(self) -> dict[str, str]:
        """For a wayvid that is to have this battery, and no buses."""
        return {
            "WAYVID_POWER_SUPPLY": str(self.folder),
            "DBUS_SYSTEM_BUS_ADDRESS": NO_BUS,
            "DBUS_SESSION_BUS_ADDRESS": NO_BUS,
        }

    def _write(self, status: str, percent: int) -> None:
        battery = self.folder / "BAT0"
        battery.mkdir(exist_ok=True)
        for name, word in {"type": "Battery", "present": "1", "status": status, "capacity": str(percent)}.items():
            (battery / name).write_text(f"{word}\n")

    def _tell(self, status: str, percent: int) -> None:
        self._write(status, percent)
        try:
            while True:
                self._connections.append(self._listener.accept()[0])
        except BlockingIOError:
            pass
        for connection in self._connections:
            try:
                connection.send(b"change@/devices/BAT0\0ACTION=change\0SUBSYSTEM=power_supply\0")
            except (BrokenPipeError, ConnectionResetError):
                continue

    def unplug(self, percent: int = 80) -> None:
        """The machine runs on it."""
        self._tell("Discharging", percent)

    def plug_in(self) -> None:
        """It does not any more."""
        self._tell("Charging", 80)

    def close(self) -> None:
        """Tell nothing any more."""
        for connection in [self._listener, *self._connections]:
            connection.close()
