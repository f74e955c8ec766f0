"""Which screens a fullscreen window covers, as the compositor tells of its windows."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any

from wayvid.conditions import Condition, Reading
from wayvid.wayland.connection import Connection
from wayvid.wayland.restprotocols import (
    STATE_ACTIVATED,
    STATE_FULLSCREEN,
    STATE_MINIMIZED,
    ZwlrForeignToplevelManagerV1,
)

__all__ = ["Window", "WindowWatch", "covered"]

FULLSCREEN_SINCE = 2  # zwlr_foreign_toplevel_handle_v1.state


class Window:
    """A window as far as it matters here.

    Attributes:
        outputs: the screens it is on, or would be if its workspace were shown.
        states: of zwlr_foreign_toplevel_handle_v1.state.
        last_active: a count that grows with each window that gets the keyboard; 0: never.
    """

    # No dataclass: in the daemon that would load inspect, 0.8 MB.
    def __init__(self, outputs: Iterable[str] = (), states: Iterable[int] = (), last_active: int = 0) -> None:
        self.outputs = set(outputs)
        self.states = frozenset(states)
        self.last_active = last_active


def covered(windows: Iterable[Window]) -> frozenset[str]:
    """The screens of which only a fullscreen window can be seen.

    The compositor does not tell which workspace is shown. So a fullscreen window covers
    its screen while it has the keyboard. When it has lost that to a window on another
    screen, it still covers; to one on its own screen, not. When no window has it, there
    may be an empty workspace to look at: then it does not.
    """
    windows = [window for window in windows if STATE_MINIMIZED not in window.states]
    active = [window for window in windows if STATE_ACTIVATED in window.states]
    found: set[str] = set()
    for output in {output for window in windows for output in window.outputs}:
        here = [window for window in windows if output in window.outputs]
        last = max(here, key=lambda window: (STATE_ACTIVATED in window.states, window.last_active))
        rivals = [window for window in here if window.last_active == last.last_active]
        if active and any(STATE_FULLSCREEN in window.states for window in rivals):
            found.add(output)
    return frozenset(found)


class WindowWatch:
    """Tells which screens are covered by a fullscreen window.

    The compositor also tells of each new title of each window; that is a wake-up that
    cannot be declined, and costs no more than that.

    Args:
        connection: the compositor's, started.
        on_change: called after each change of what is covered.
    """

    def __init__(self, connection: Connection, on_change: Callable[[], None]) -> None:
        self._connection = connection
        self._on_change = on_change
        self._windows: dict[Any, Window] = {}
        self._covered: frozenset[str] = frozenset()
        self._count = 0
        self._is_closed = False
        self.is_settled = True
        _name, offered = connection.globals.get(ZwlrForeignToplevelManagerV1.name, (0, 0))
        self._manager = None
        if offered >= FULLSCREEN_SINCE:
            self._manager = connection.bind_optional(ZwlrForeignToplevelManagerV1, FULLSCREEN_SINCE)
            self._manager.dispatcher["toplevel"] = connection.guard(self._on_toplevel)
            self._manager.dispatcher["finished"] = connection.guard(self._on_finished)
            self.is_settled = False
            connection.sync(self._on_first)

    def readings(self) -> list[Reading]:
        """How the condition stands, on each screen."""
        if self._manager is None:
            why = "the compositor does not tell of windows (no zwlr_foreign_toplevel_manager_v1)"
            return [Reading(Condition.FULLSCREEN, "", None, why)]
        return [
            Reading(
                Condition.FULLSCREEN, output.name, output.name in self._covered,
                "a fullscreen window" if output.name in self._covered else "no fullscreen window",
            )
            for output in self._connection.named_outputs()
        ]  # fmt: skip

    def output_removed(self, name: str) -> None:
        """A screen is gone; no window leaves it any more."""
        for window in self._windows.values():
            window.outputs.discard(name)
        self._judge()

    def close(self) -> None:
        """Hear no more of windows; twice does nothing."""
        for handle in self._windows:
            handle.destroy()
        self._windows.clear()
        if self._manager is not None and not self._is_closed:
            self._connection.unbind(ZwlrForeignToplevelManagerV1)
            self._manager.stop()
        self._is_closed = True

    def _on_first(self) -> None:
        self.is_settled = True
        self._on_change()

    def _on_finished(self, manager: Any) -> None:
        manager._destroy()  # the compositor has; there is no request for it
        self._manager = None
        if not self._is_closed:
            self._connection.unbind(ZwlrForeignToplevelManagerV1)
            self._on_change()

    def _on_toplevel(self, _manager: Any, handle: Any) -> None:
        if self._is_closed:  # it was on its way
            handle.destroy()
            return
        self._windows[handle] = Window()
        guard = self._connection.guard
        handle.dispatcher["output_enter"] = guard(self._on_output_enter)
        handle.dispatcher["output_leave"] = guard(self._on_output_leave)
        handle.dispatcher["state"] = guard(self._on_state)
        handle.dispatcher["done"] = guard(lambda _handle: self._judge())
        handle.dispatcher["closed"] = guard(self._on_closed)

    def _name(self, proxy: Any) -> str:
        return next((output.name for output in self._connection.outputs.values() if output.proxy is proxy), "")

    def _on_output_enter(self, handle: Any, proxy: Any) -> None:
        name = self._name(proxy)
        if name and handle in self._windows:
            self._windows[handle].outputs.add(name)

    def _on_output_leave(self, handle: Any, proxy: Any) -> None:
        if handle in self._windows:
            self._windows[handle].outputs.discard(self._name(proxy))

    def _on_state(self, handle: Any, state: bytes) -> None:
        window = self._windows.get(handle)
        if window is None:
            return
        states = frozenset(number for (number,) in struct.iter_unpack("=I", state))
        if STATE_ACTIVATED in states - window.states:
            self._count += 1
            window.last_active = self._count
        window.states = states

    def _on_closed(self, handle: Any) -> None:
        if self._windows.pop(handle, None) is not None:
            handle.destroy()
            self._judge()

    def _judge(self) -> None:
        after = covered(self._windows.values())
        if after != self._covered:
            self._covered = after
            self._on_change()
