"""Which screens are switched off, as the compositor tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayvid.conditions import Condition, Reading
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.restprotocols import MODE_ON, ZwlrOutputPowerManagerV1

__all__ = ["OutputPowerWatch"]


class OutputPowerWatch:
    """Tells of each screen whether it is on.

    Args:
        connection: the compositor's, started.
        on_change: called after each change.
    """

    def __init__(self, connection: Connection, on_change: Callable[[], None]) -> None:
        self._connection = connection
        self._on_change = on_change
        self._manager = connection.bind_optional(ZwlrOutputPowerManagerV1, 1)
        self._powers: dict[str, Any] = {}
        self._is_on: dict[str, bool | None] = {}  # None: not told yet, or not told at all
        self._failed: set[str] = set()
        for output in connection.named_outputs():
            self.output_added(output)

    @property
    def is_settled(self) -> bool:
        """Whether the first answers have come."""
        return all(is_on is not None or name in self._failed for name, is_on in self._is_on.items())

    def output_added(self, output: Output) -> None:
        """There is another screen."""
        if self._manager is None or output.name in self._powers:
            return
        name = output.name
        power = self._powers[name] = self._manager.get_output_power(output.proxy)
        self._is_on[name] = None
        power.dispatcher["mode"] = self._connection.guard(lambda _proxy, mode: self._set(name, mode == MODE_ON))
        power.dispatcher["failed"] = self._connection.guard(lambda _proxy: self._on_failed(name))

    def output_removed(self, name: str) -> None:
        """A screen is gone."""
        power = self._powers.pop(name, None)
        self._is_on.pop(name, None)
        self._failed.discard(name)
        if power is not None:
            power.destroy()
            self._on_change()

    def readings(self) -> list[Reading]:
        """How the condition stands, on each screen."""
        if self._manager is None:
            why = "the compositor does not tell (no zwlr_output_power_manager_v1)"
            return [Reading(Condition.OUTPUT_OFF, "", None, why)]
        return [
            Reading(
                Condition.OUTPUT_OFF, name, None if is_on is None else not is_on,
                "the compositor does not tell of this screen" if is_on is None else "on" if is_on else "switched off",
            )
            for name, is_on in self._is_on.items()
        ]  # fmt: skip

    def close(self) -> None:
        """Give the protocol objects back; twice does nothing."""
        for power in self._powers.values():
            power.destroy()
        self._powers.clear()
        self._is_on.clear()

    def _set(self, name: str, is_on: bool) -> None:
        self._is_on[name] = is_on
        self._on_change()

    def _on_failed(self, name: str) -> None:
        self._failed.add(name)
        self._is_on[name] = None
        self._on_change()
