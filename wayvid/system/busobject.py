"""What others call on a message bus, and the answers and signals they get.

Its library is loaded with this module, so that is imported only where something is served.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from jeepney.low_level import HeaderFields, MessageFlag
from jeepney.wrappers import DBusAddress, new_error, new_method_return, new_signal

from wayvid.system.bus import Bus

__all__ = ["BusObject", "Call"]


class Call(NamedTuple):
    """A method that somebody calls.

    Attributes:
        message: jeepney's, by which it is answered.
        interface: of the method; empty when the caller left it out.
        member: its name.
        body: its values.
    """

    message: Any
    interface: str
    member: str
    body: tuple[Any, ...]


class BusObject:
    """Answers what is called on our connection, whatever object is named.

    Args:
        bus: the connection.
        on_call: called with each call, which is to be answered once, at once or later.
    """

    def __init__(self, bus: Bus, on_call: Callable[[Call], None]) -> None:
        self._bus = bus
        self._on_call = on_call
        bus.on_call = self._take

    def _take(self, message: Any) -> None:
        fields = message.header.fields
        interface, member = (str(fields.get(key, "")) for key in (HeaderFields.interface, HeaderFields.member))
        self._on_call(Call(message, interface, member, tuple(message.body)))

    def reply(self, call: Call, signature: str = "", body: tuple[Any, ...] = ()) -> None:
        """Answer a call."""
        self._answer(call, new_method_return(call.message, signature or None, body))

    def refuse(self, call: Call, error: str, words: str) -> None:
        """Answer a call with an error, such as "org.freedesktop.DBus.Error.Failed"."""
        self._answer(call, new_error(call.message, error, "s", (words,)))

    def _answer(self, call: Call, answer: Any) -> None:
        if not call.message.header.flags & MessageFlag.no_reply_expected:
            self._bus.send(answer)

    def emit(self, path: str, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        """Send a signal to whoever asked for it."""
        self._bus.send(new_signal(DBusAddress(path, interface=interface), member, signature, body))
