"""Whose surfaces lie behind the desktop, from the compositors that tell it.

sway 1.9 and newer, Hyprland and niri do. What they print is taken as far as it
has the expected shape; anything else counts as nothing told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["layers_command", "background_namespaces"]

HYPRLAND_BACKGROUND = "0"  # key of the lowest level in `hyprctl layers -j`
# Set by the compositor for its clients: what to ask it with.
COMMANDS = {
    "HYPRLAND_INSTANCE_SIGNATURE": ["hyprctl", "layers", "-j"],
    "NIRI_SOCKET": ["niri", "msg", "--json", "layers"],
    "SWAYSOCK": ["swaymsg", "-r", "-t", "get_outputs"],
}


def layers_command(environment: Mapping[str, str]) -> list[str]:
    """What prints the layers of this session's compositor; empty when it tells none."""
    for variable, command in COMMANDS.items():
        if environment.get(variable):
            return command
    return []


def background_namespaces(printed: str) -> list[str]:
    """Namespaces of the surfaces on the background layer, each once.

    Args:
        printed: what layers_command() printed.
    """
    try:
        told = json.loads(printed)
    except ValueError:
        return []
    found = _hyprland(told) if isinstance(told, dict) else _sway_or_niri(told)
    return list(dict.fromkeys(name for name in found if isinstance(name, str) and name))


def _hyprland(told: dict[str, Any]) -> Iterator[Any]:
    """{output: {"levels": {"0": [{"namespace": …}], …}}}."""
    for output in _dicts(told.values()):
        levels = output.get("levels")
        if isinstance(levels, dict):
            yield from (surface.get("namespace") for surface in _dicts(levels.get(HYPRLAND_BACKGROUND)))


def _sway_or_niri(told: Any) -> Iterator[Any]:
    """niri: [{"namespace": …, "layer": "Background"}]; sway: the same within each output."""
    for item in _dicts(told):
        for surface in [item, *_dicts(item.get("layer_shell_surfaces"))]:
            if str(surface.get("layer")).lower() == "background":
                yield surface.get("namespace")


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if hasattr(values, "__iter__") else []
