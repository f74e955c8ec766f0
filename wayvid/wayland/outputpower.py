"""Which screens are switched off, as the compositor tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayvid.conditions import Condition, Reading
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.restprotocols import DPMS_ON, MODE_ON, OrgKdeKwinDpmsManager, ZwlrOutputPowerManagerV1

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
        self._kwin_manager = None if self._manager else connection.bind_optional(OrgKdeKwinDpmsManager, 1)
        self._powers: dict[str, tuple[Any, Callable[[], None]]] = {}  # by output: what tells, and what ends that
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
        name, guard = output.name, self._connection.guard
        if name in self._powers:
            return
        if self._manager is not None:
            power = self._manager.get_output_power(output.proxy)
            power.dispatcher["mode"] = guard(lambda _proxy, mode: self._set(name, mode == MODE_ON))
            power.dispatcher["failed"] = guard(lambda _proxy: self._on_failed(name))
            self._powers[name] = (power, power.destroy)
        elif self._kwin_manager is not None:
            power = self._kwin_manager.get(output.proxy)
            power.dispatcher["mode"] = guard(lambda _proxy, mode: self._set(name, mode == DPMS_ON))
            self._powers[name] = (power, power.release)
        if name in self._powers:
            self._is_on[name] = None

    def output_removed(self, name: str) -> None:
        """A screen is gone."""
        _power, give_back = self._powers.pop(name, (None, None))
        self._is_on.pop(name, None)
        self._failed.discard(name)
        if give_back is not None:
            give_back()
            self._on_change()

    def readings(self) -> list[Reading]:
        """How the condition stands, on each screen."""
        if self._manager is None and self._kwin_manager is None:
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
        for _power, give_back in self._powers.values():
            give_back()
        self._powers.clear()
        self._is_on.clear()

    def _set(self, name: str, is_on: bool) -> None:
        self._is_on[name] = is_on
        self._on_change()

    def _on_failed(self, name: str) -> None:
        self._failed.add(name)
        self._is_on[name] = None
        self._on_change()
