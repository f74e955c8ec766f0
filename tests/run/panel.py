"""What a panel or a media key says on a session bus, and hears there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jeepney import DBusAddress, MatchRule, Properties, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, Proxy, open_dbus_connection

from tests.support import wait_until
from wayvid.daemon.media import BUS_NAME, PATH, PLAYER

DEADLINE_S = 60.0


class Panel:
    """A connection to a bus that a wallpaper is to be on."""

    def __init__(self, address: str) -> None:
        self.connection: DBusConnection = open_dbus_connection(address)
        self.player = DBusAddress(PATH, BUS_NAME, PLAYER)

    def has_player(self, name: str = BUS_NAME) -> bool:
        """Whether somebody has that name."""
        return bool(Proxy(message_bus, self.connection).NameHasOwner(name)[0])

    def wait_player(self, name: str = BUS_NAME) -> None:
        """Until somebody has that name."""
        wait_until(lambda: self.has_player(name), DEADLINE_S, f"{name} on the bus")

    def call(self, method: str, signature: str | None = None, body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        """Call a method of the player; its error is raised."""
        message = new_method_call(self.player, method, signature, body)
        reply = self.connection.send_and_get_reply(message, timeout=DEADLINE_S)
        assert reply.header.message_type.name == "method_return", reply.body
        return tuple(reply.body)

    def get(self, name: str) -> Any:
        """A property of the player."""
        reply = self.connection.send_and_get_reply(Properties(self.player).get(name), timeout=DEADLINE_S)
        return reply.body[0][1]

    def listen(self) -> None:
        """Have signals of the player kept from now on."""
        rule = MatchRule(type="signal", path=PATH)
        Proxy(message_bus, self.connection).AddMatch(rule)
        self._filter = self.connection.filter(rule, bufsize=100)
        self.signals = self._filter.__enter__()

    def wait_signal(self, is_it: Callable[[tuple[Any, ...]], bool]) -> None:
        """Until a signal with such values comes."""
        while not is_it(tuple(self.connection.recv_until_filtered(self.signals, timeout=DEADLINE_S).body)):
            pass

    def close(self) -> None:
        """Leave the bus."""
        self.connection.close()
