"""A connection to a D-Bus message bus that the event loop serves; it never blocks.

jeepney makes and reads the messages; the part of it that does is loaded with the first
connection, 0.2 MB (docs/architecture.md).
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Literal, NamedTuple

from wayvid.system.buslogin import Login, load_jeepney
from wayvid.system.events import EventLoop

__all__ = ["Answer", "Bus", "BusName"]

BusName = Literal["system", "session"]

# Source: D-Bus Specification, "Message Bus Messages" and "Well-known Message Bus Instances".
SYSTEM_ADDRESS = "unix:path=/run/dbus/system_bus_socket"
DBUS, DBUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
UNKNOWN_METHOD = "org.freedesktop.DBus.Error.UnknownMethod"
READ_BYTES = 16384
NONSENSE = (ValueError, TypeError, LookupError, AssertionError, struct.error)  # what jeepney raises on it


class Answer(NamedTuple):
    """What a call came to.

    Attributes:
        body: the values it returned.
        error: the error's name; empty when it went well.
        text: the error in words.
    """

    body: tuple[Any, ...]
    error: str = ""
    text: str = ""


class _Listener(NamedTuple):
    service: str
    key: tuple[str, str, str]  # path, interface, member
    on_signal: Callable[[tuple[Any, ...]], None]


class Bus:
    """A message bus: calls with answers, signals of services, and who owns a name.

    A signal counts only when it comes from the owner of the service that is listened
    to: any program can send one to us alone.

    Args:
        loop: serves it.
        name: which bus.
        environ: where its address is looked for.
        on_gone: called once, with the reason, when the connection breaks; it is closed then.

    Attributes:
        on_call: called with jeepney's message when others call us; None: they are refused.

    Raises:
        OSError: there is no such bus, in words.
    """

    def __init__(
        self, loop: EventLoop, name: BusName, environ: Mapping[str, str], on_gone: Callable[[str], None]
    ) -> None:
        load_jeepney()
        from jeepney.low_level import Parser

        self.name = name
        self.on_call: Callable[[Any], None] | None = None
        self._loop = loop
        self._on_gone = on_gone
        self._socket: socket.socket | None = _connect(name, environ)
        self._login: Login | None = Login()
        self._parser = Parser()
        self._out = bytearray(self._login.first)
        self._queued = bytearray()  # messages that wait for the login
        self._serials = count(1)
        self._answers: dict[int, Callable[[Answer], None]] = {}
        self._owners: dict[str, str] = {}  # service -> unique name, empty while it has none
        self._owner_callbacks: dict[str, list[Callable[[bool], None]]] = {}
        self._listeners: list[_Listener] = []
        loop.watch(self._socket.fileno(), self._on_readable)
        self.call(DBUS, DBUS_PATH, DBUS, "Hello", on_answer=lambda _answer: None)
        self._flush()

    # What users ask.

    def call(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
        *,
        on_answer: Callable[[Answer], None] | None = None,
        starts: bool = True,
    ) -> None:
        """Call a method.

        Args:
            service: the name on the bus.
            path: the object.
            interface: whose method it is.
            member: the method.
            signature: D-Bus types of the body.
            body: the arguments.
            on_answer: called with what it came to, unless the bus goes first.
            starts: whether a service that does not run is started for it.
        """
        from jeepney.low_level import MessageFlag
        from jeepney.wrappers import DBusAddress, new_method_call

        message = new_method_call(DBusAddress(path, service, interface), member, signature or None, body)
        serial = next(self._serials)
        message.header.flags = MessageFlag(0 if starts else MessageFlag.no_auto_start)
        if on_answer is None:
            message.header.flags |= MessageFlag.no_reply_expected
        else:
            self._answers[serial] = on_answer
        self._send(message.serialise(serial))

    def watch_owner(self, service: str, on_owner: Callable[[bool], None]) -> None:
        """Call back with whether a service is there: once soon, and at each change."""
        callbacks = self._owner_callbacks.setdefault(service, [])
        callbacks.append(on_owner)
        if len(callbacks) > 1:
            if service in self._owners:
                self._loop.call_soon(lambda: on_owner(bool(self._owners.get(service))))
            return
        self._add_match(
            f"type='signal',sender='{DBUS}',path='{DBUS_PATH}',interface='{DBUS}',member='NameOwnerChanged',"
            f"arg0='{service}'"
        )
        self.call(
            DBUS, DBUS_PATH, DBUS, "GetNameOwner", "s", (service,),
            on_answer=lambda answer: self._set_owner(service, "" if answer.error else str(answer.body[0])),
        )  # fmt: skip

    def listen(
        self,
        service: str,
        path: str,
        interface: str,
        member: str,
        on_signal: Callable[[tuple[Any, ...]], None],
        arg0: str = "",
    ) -> None:
        """Call back with the values of each signal of that kind; the service's owner has to be watched.

        Args:
            arg0: only signals that have this as their first value.
        """
        self._listeners.append(_Listener(service, (path, interface, member), on_signal))
        rule = f"type='signal',sender='{service}',path='{path}',interface='{interface}',member='{member}'"
        self._add_match(f"{rule},arg0='{arg0}'" if arg0 else rule)

    def send(self, message: Any) -> None:
        """Send a message of jeepney's that wants no answer."""
        self._send(message.serialise(next(self._serials)))

    def close(self) -> None:
        """Leave the bus; nothing is called any more. Twice does nothing."""
        sock, self._socket = self._socket, None
        if sock is None:
            return
        self._loop.unwatch(sock.fileno())
        sock.close()
        self._answers.clear()
        self._listeners.clear()
        self._owner_callbacks.clear()
        for fd in self._parser.fds:
            fd.close()

    def _add_match(self, rule: str) -> None:
        self.call(DBUS, DBUS_PATH, DBUS, "AddMatch", "s", (rule,))

    # Out.

    def _send(self, data: bytes) -> None:
        if self._login is not None:
            self._queued += data
            return
        self._out += data
        self._flush()

    def _flush(self) -> None:
        if self._socket is None:
            return
        try:
            while self._out:
                sent = self._socket.send(self._out)
                del self._out[:sent]
        except BlockingIOError:
            self._loop.watch(self._socket.fileno(), self._on_readable, self._on_writable)
        except OSError as exc:
            reason = exc.strerror or str(exc)
            self._loop.call_soon(lambda: self._break(reason))

    def _on_writable(self) -> None:
        assert self._socket is not None
        self._loop.watch(self._socket.fileno(), self._on_readable)
        self._flush()

    # In.

    def _on_readable(self) -> None:
        from jeepney.fds import FileDescriptor, fds_buf_size

        assert self._socket is not None
        try:
            data, ancillary, _flags, _address = self._socket.recvmsg(READ_BYTES, fds_buf_size())
        except BlockingIOError:
            return
        except OSError as exc:
            self._break(exc.strerror or str(exc))
            return
        fds = FileDescriptor.from_ancdata(ancillary)
        if not data:
            self._break("end of connection")
            return
        try:
            if self._login is not None:
                self._log_in(self._login, data)
                return
            self._parser.add_data(data, fds)
            messages = list(iter(self._parser.get_next_message, None))
        except NONSENSE as exc:
            self._break(f"it talks nonsense: {exc}")
            return
        for message in messages:
            if self._socket is not None:
                self._take(message)

    def _log_in(self, login: Login, data: bytes) -> None:
        self._out += login.answer(data)
        if login.is_done:
            self._login = None
            self._out += self._queued
            self._queued.clear()
        self._flush()

    def _take(self, message: Any) -> None:
        from jeepney.low_level import HeaderFields, MessageType

        fields = message.header.fields
        kind = message.header.message_type
        if kind is MessageType.signal:
            sender = fields.get(HeaderFields.sender)
            key = tuple(fields.get(field) for field in (HeaderFields.path, HeaderFields.interface, HeaderFields.member))
            self._on_signal(sender, key, message.body)
        elif kind is MessageType.method_call:
            (self.on_call or self._refuse)(message)
        else:
            on_answer = self._answers.pop(fields.get(HeaderFields.reply_serial), None)
            if on_answer is not None and kind is MessageType.error:
                text = str(message.body[0]) if message.body else ""
                on_answer(Answer((), str(fields.get(HeaderFields.error_name)), text))
            elif on_answer is not None:
                on_answer(Answer(message.body))

    def _on_signal(self, sender: str, key: tuple[str, ...], body: tuple[Any, ...]) -> None:
        if sender == DBUS and key == (DBUS_PATH, DBUS, "NameOwnerChanged"):
            self._set_owner(str(body[0]), str(body[2]))
            return
        for listener in tuple(self._listeners):
            if listener.key == key and self._owners.get(listener.service) == sender:
                listener.on_signal(body)

    def _set_owner(self, service: str, owner: str) -> None:
        if service in self._owner_callbacks and self._owners.get(service) != owner:
            self._owners[service] = owner
            for on_owner in tuple(self._owner_callbacks[service]):
                on_owner(bool(owner))

    def _refuse(self, call: Any) -> None:
        """Tell who calls that there is nothing here, or it waits in vain."""
        from jeepney.low_level import MessageFlag
        from jeepney.wrappers import new_error

        if not call.header.flags & MessageFlag.no_reply_expected:
            answer = new_error(call, UNKNOWN_METHOD, "s", ("wayvid has no objects here",))
            self.send(answer)

    def _break(self, reason: str) -> None:
        if self._socket is not None:
            self.close()
            self._on_gone(f"the connection to the {self.name} bus broke: {reason}")


def _connect(name: BusName, environ: Mapping[str, str]) -> socket.socket:
    from jeepney.bus import get_connectable_addresses

    variable = f"DBUS_{name.upper()}_BUS_ADDRESS"
    address = environ.get(variable, "")
    if not address and name == "system":
        address = SYSTEM_ADDRESS
    elif not address:
        runtime = environ.get("XDG_RUNTIME_DIR", "")
        if not runtime or not os.path.exists(f"{runtime}/bus"):
            raise FileNotFoundError(f"there is no session bus: {variable} is not set")
        address = f"unix:path={runtime}/bus"
    try:
        path = next(get_connectable_addresses(address))
    except (ValueError, RuntimeError, KeyError) as exc:
        raise OSError(f"there is no {name} bus: its address {address!r} makes no sense") from exc
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        sock.connect(path)
    except OSError as exc:
        sock.close()
        shown = path.replace("\0", "@")
        raise OSError(f"there is no {name} bus at {shown}: {exc.strerror}") from exc
    return sock
