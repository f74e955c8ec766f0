"""One screen as the compositor describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayvid.geometry import SCALE_STEPS, Rect, Size, scale_steps

__all__ = ["Output"]

RELEASE_SINCE = 3  # wl_output.release
MODE_CURRENT = 1  # wl_output.mode.current
QUARTER_TURNS = (1, 3, 5, 7)  # wl_output.transform: 90, 270 and their flipped twins
TRANSFORM_NAMES = ("normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270")


class Output:
    """A wl_output and what is known of it; filled by events.

    Args:
        proxy: the bound wl_output.
        registry_name: its number in the registry.
        version: the version it was bound with.
        guard: wraps event handlers so that their exceptions reach the loop.
        on_done: called each time a set of changes is complete.
    """

    def __init__(
        self,
        proxy: Any,
        registry_name: int,
        version: int,
        guard: Callable[[Callable[..., None]], Callable[..., None]],
        on_done: Callable[[Output], None],
    ) -> None:
        self.proxy = proxy
        self.registry_name = registry_name
        self._version = version
        self.name = ""
        self.has_made_up_name = False  # the compositor tells none
        self.description = ""
        self.make = ""
        self.model = ""
        self.mode = Size(0, 0)
        self.refresh_mhz = 0
        self.integer_scale = 1
        self.transform = 0
        self.size_mm = Size(0, 0)  # of the panel as it is built, rotation not applied; (0, 0) when unknown
        self.logical = Size(0, 0)  # from xdg_output, (0, 0) until known
        self._position = (0, 0)
        self._logical_position: tuple[int, int] | None = None  # from xdg_output
        self.xdg_output: Any = None
        self._on_done = on_done
        handlers: dict[str, Callable[..., None]] = {
            "geometry": self._on_geometry,
            "mode": self._on_mode,
            "scale": self._on_scale,
            "done": self._on_done_event,
            "name": self._on_name,
            "description": self._on_description,
        }
        for event, handler in handlers.items():
            proxy.dispatcher[event] = guard(handler)
        self._guard = guard

    def attach_xdg_output(self, xdg_output: Any) -> None:
        """Also listen to xdg_output: the logical size, and the name below wl_output 4."""
        self.xdg_output = xdg_output
        xdg_output.dispatcher["logical_size"] = self._guard(self._on_logical_size)
        xdg_output.dispatcher["logical_position"] = self._guard(self._on_logical_position)
        xdg_output.dispatcher["name"] = self._guard(self._on_name)
        xdg_output.dispatcher["description"] = self._guard(self._on_description)
        # Sent by managers below version 3; newer ones send wl_output.done instead.
        xdg_output.dispatcher["done"] = self._guard(self._on_done_event)

    @property
    def device(self) -> Size:
        """Size in device pixels as the user sees it, rotation applied; (0, 0) when unknown."""
        return self.mode.turned() if self.transform in QUARTER_TURNS else self.mode

    @property
    def seen_size_mm(self) -> Size:
        """Size of the panel in millimetres as the user sees it, rotation applied; (0, 0) when unknown."""
        return self.size_mm.turned() if self.transform in QUARTER_TURNS else self.size_mm

    @property
    def scale_steps(self) -> int:
        """Scale in 120ths; from the logical size where that is known."""
        if min(*self.logical, *self.mode) > 0:
            return scale_steps(self.logical, self.device)
        return self.integer_scale * SCALE_STEPS

    @property
    def place(self) -> Rect:
        """Where it is among the others, in logical pixels; without a size until that is known."""
        width, height = self.logical
        if min(self.logical) <= 0:
            device, steps = self.device, self.scale_steps
            width, height = device.width * SCALE_STEPS // steps, device.height * SCALE_STEPS // steps
        return Rect(*(self._logical_position or self._position), width, height)

    @property
    def transform_name(self) -> str:
        """The transform in words: "normal", "90", "flipped-180"."""
        return TRANSFORM_NAMES[self.transform] if self.transform < len(TRANSFORM_NAMES) else str(self.transform)

    def _on_geometry(
        self,
        _proxy: Any,
        x: int,
        y: int,
        mm_x: int,
        mm_y: int,
        _subpixel: int,
        make: str,
        model: str,
        transform: int,
    ) -> None:
        self.make, self.model, self.transform = make, model, transform
        self._position, self.size_mm = (x, y), Size(mm_x, mm_y)

    def _on_mode(self, _proxy: Any, flags: int, width: int, height: int, refresh_mhz: int) -> None:
        if flags & MODE_CURRENT:
            self.mode, self.refresh_mhz = Size(width, height), refresh_mhz

    def _on_scale(self, _proxy: Any, scale: int) -> None:
        self.integer_scale = scale

    def _on_name(self, _proxy: Any, name: str) -> None:
        self.name = name

    def _on_description(self, _proxy: Any, description: str) -> None:
        self.description = description

    def _on_logical_size(self, _proxy: Any, width: int, height: int) -> None:
        self.logical = Size(width, height)

    def _on_logical_position(self, _proxy: Any, x: int, y: int) -> None:
        self._logical_position = (x, y)

    def _on_done_event(self, _proxy: Any) -> None:
        self._on_done(self)

    def close(self) -> None:
        """Give the protocol objects back."""
        if self.xdg_output is not None:
            self.xdg_output.destroy()
            self.xdg_output = None
        if self.proxy is not None:
            if self._version >= RELEASE_SINCE:
                self.proxy.release()
            else:
                self.proxy.destroy()
            self.proxy = None
