"""What compositors tell of the surfaces behind the desktop."""

import json

import pytest

from wayvid.system.layers import background_namespaces, layers_command

HYPRLAND = {
    "DP-1": {"levels": {"0": [{"namespace": "hyprpaper", "pid": 9}], "2": [{"namespace": "waybar"}]}},
    "DP-2": {"levels": {"0": [{"namespace": "hyprpaper", "pid": 9}], "1": []}},
}
NIRI = [
    {"namespace": "waybar", "output": "DP-1", "layer": "Top", "keyboard_interactivity": "None"},
    {"namespace": "wallpaper", "output": "DP-1", "layer": "Background", "keyboard_interactivity": "None"},
]
SWAY = [
    {"name": "DP-1", "layer_shell_surfaces": [{"namespace": "wallpaper", "layer": "background"}]},
    {"name": "DP-2", "layer_shell_surfaces": [{"namespace": "panel", "layer": "top"}]},
]
OLD_SWAY = [{"name": "DP-1", "layout": "output"}]


@pytest.mark.parametrize(
    ("told", "namespaces"),
    [(HYPRLAND, ["hyprpaper"]), (NIRI, ["wallpaper"]), (SWAY, ["wallpaper"]), (OLD_SWAY, [])],
    ids=["hyprland", "niri", "sway", "sway-1.7"],
)
def test_namespaces_on_the_background_are_told_once_each(told, namespaces):
    assert background_namespaces(json.dumps(told)) == namespaces


@pytest.mark.parametrize("printed", ["", "no such command", "7", "[7]", '{"DP-1": []}', '{"a": {"levels": {"0": 7}}}'])
def test_anything_else_counts_as_nothing_told(printed):
    assert background_namespaces(printed) == []


def test_command_is_that_of_the_compositor_of_the_session():
    assert layers_command({"NIRI_SOCKET": "/run/niri"})[0] == "niri"
    assert layers_command({"SWAYSOCK": ""}) == []
