"""A real message bus of a test's own, and services on it that are made of dictionaries."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from tests.support import wait_until

PROPERTIES = "org.freedesktop.DBus.Properties"
CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/><allow user="*"/>
  </policy>
</busconfig>
"""
Values = dict[str, tuple[str, Any]]  # property -> D-Bus type and value
# What a method gives: D-Bus types and values. Raises KeyError with the text of a D-Bus error.
Method = Callable[..., tuple[str, tuple[Any, ...]]]


class PrivateBus:
    """A dbus-daemon that serves as system and as session bus.

    Attributes:
        env: what leads clients to it.
        to_close: what services have left open for messages on their way.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="wayvid-bus-"))
        self._socket = self._folder / "bus"
        self.address = f"unix:path={self._socket}"
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": self.address, "DBUS_SESSION_BUS_ADDRESS": self.address}
        (self._folder / "bus.conf").write_text(CONFIG.format(socket=self._socket))
        self._process: subprocess.Popen[bytes] | None = None
        self._services: list[Service] = []
        self.to_close: list[socket.socket] = []
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        self._socket.unlink(missing_ok=True)
        command = ["dbus-daemon", "--nofork", "--nopidfile", f"--config-file={self._folder}/bus.conf"]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_until(self._listens, 60, "the bus")

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self._socket)) == 0

    def stop(self) -> None:
        """End it: all its clients lose their connection."""
        for service in self._services:
            service.close()
        self._services.clear()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def offer(self, name: str, objects: dict[tuple[str, str], Values], **methods: Method) -> Service:
        """Put a service on the bus.

        Args:
            name: its name.
            objects: (path, interface) -> properties.
            methods: by member, whatever the object.
        """
        self._services.append(Service(self.address, name, objects, methods))
        return self._services[-1]

    def close(self) -> None:
        """End it and remove its folder."""
        self.stop()
        for each in self.to_close:
            each.close()
        shutil.rmtree(self._folder)


class Service:
    """A service on a bus; answers in a thread of its own.

    Attributes:
        calls: the members that were called, in order.
    """

    def __init__(
        self, address: str, name: str, objects: dict[tuple[str, str], Values], methods: dict[str, Method]
    ) -> None:
        self.name = name
        self.objects = objects
        self.calls: list[str] = []
        self._methods = methods
        self._connection: DBusConnection = open_dbus_connection(address, enable_fds=True)
        self._connection.send_and_get_reply(message_bus.RequestName(name))
        self._is_over = False
        self._pinged = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def set(self, path: str, interface: str, property_name: str, value: Any) -> None:
        """Change a property and tell of it."""
        kind = self.objects[path, interface][property_name][0]
        self.objects[path, interface][property_name] = (kind, value)
        self.emit(path, PROPERTIES, "PropertiesChanged", "sa{sv}as", (interface, {property_name: (kind, value)}, []))

    def emit(self, path: str, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()) -> None:
        """Send a signal to all who listen."""
        address = DBusAddress(path, self.name, interface)
        self._connection.send(new_signal(address, member, signature or None, body))

    def emit_to(self, client: str, path: str, interface: str, member: str, signature: str, body: Any) -> None:
        """Send a signal to one client, whether it listens or not."""
        message = new_signal(DBusAddress(path, self.name, interface), member, signature, body)
        message.header.fields[HeaderFields.destination] = client
        self._connection.send(message)

    def ping(self) -> None:
        """Wait until the bus has passed on all that was sent."""
        self._pinged.clear()
        self._connection.send(message_bus.ListNames())
        assert self._pinged.wait(60)

    def close(self) -> None:
        """Leave the bus; twice does nothing."""
        if not self._is_over:
            self._is_over = True
            self._connection.sock.shutdown(2)
            self._thread.join()
            self._connection.close()

    def _serve(self) -> None:
        while not self._is_over:
            try:
                message = self._connection.receive()
            except (ConnectionError, OSError):
                return
            if message.header.message_type is MessageType.method_call:
                self._answer(message)
            elif message.header.message_type is MessageType.method_return:
                self._pinged.set()

    def _answer(self, message: Any) -> None:
        fields = message.header.fields
        member = fields[HeaderFields.member]
        self.calls.append(member)
        try:
            if member == "GetAll":
                values = self.objects[fields[HeaderFields.path], message.body[0]]
                reply = new_method_return(message, "a{sv}", (dict(values),))
            else:
                signature, body = self._methods[member](*message.body)
                reply = new_method_return(message, signature or None, body)
        except KeyError as exc:
            reply = new_error(message, "org.freedesktop.DBus.Error.Failed", "s", (f"no {exc}",))
        try:
            self._connection.send(reply)
        except OSError:
            return
