"""The properties of an object on a bus, as they are now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayvid.system.bus import Answer, Bus

__all__ = ["PROPERTIES", "Remote", "words"]

PROPERTIES = "org.freedesktop.DBus.Properties"
ERRORS = "org.freedesktop.DBus.Error."
NOT_THERE = {f"{ERRORS}{name}" for name in ("ServiceUnknown", "NameHasNoOwner", "Spawn.ServiceNotFound")}


class Remote:
    """What a service tells of one object; asked once, and kept up to date by its signals.

    Args:
        bus: where the service is.
        title: what people call the service.
        service: its name on the bus.
        path: the object.
        interface: whose properties.
        on_change: called after each change, and once when it is known that there is nothing.
        starts: whether the service is started where it does not run.

    Attributes:
        values: the properties by name; empty while the service is not there.
        reason: why there are none; empty when there are.
        is_settled: whether the first answer has come.
    """

    def __init__(
        self,
        bus: Bus,
        title: str,
        service: str,
        path: str,
        interface: str,
        on_change: Callable[[], None],
        *,
        starts: bool = True,
    ) -> None:
        self.values: dict[str, Any] = {}
        self.reason = f"{title} has not answered yet"
        self.is_settled = False
        self._bus = bus
        self._title = title
        self._address = (service, path)
        self._interface = interface
        self._on_change = on_change
        self._is_owned = False
        bus.watch_owner(service, self._on_owner)
        bus.listen(service, path, PROPERTIES, "PropertiesChanged", self._on_changed, interface)
        self._ask(starts)

    @property
    def is_there(self) -> bool:
        """Whether there are values."""
        return not self.reason

    def refresh(self) -> None:
        """Ask for all values again: for services that tell of a change by another signal."""
        self._ask(starts=False)

    def _ask(self, starts: bool) -> None:
        self._bus.call(
            *self._address, PROPERTIES, "GetAll", "s", (self._interface,), on_answer=self._on_all, starts=starts
        )

    def _on_owner(self, is_owned: bool) -> None:
        was_owned, self._is_owned = self._is_owned, is_owned
        if is_owned and self.is_settled:
            self.refresh()
        elif was_owned and not is_owned:
            self.values.clear()
            self.reason = f"{self._title} has left the bus"
            self._on_change()

    def _on_all(self, answer: Answer) -> None:
        self.is_settled = True
        if answer.error:
            self.values.clear()
            self.reason = words(answer, self._title)
        else:
            self.values = {name: value for name, (_type, value) in answer.body[0].items()}
            self.reason = ""
        self._on_change()

    def _on_changed(self, body: tuple[Any, ...]) -> None:
        _interface, changed, invalidated = body
        if self.is_there:
            self.values.update((name, value) for name, (_type, value) in changed.items())
            self._on_change()
        if invalidated:
            self.refresh()


def words(answer: Answer, title: str) -> str:
    """Why a service gave no answer."""
    if answer.error in NOT_THERE:
        return f"{title} is not there"
    return f"{title} says: {' '.join(answer.text.split()) or answer.error}"
