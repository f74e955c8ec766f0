"""Outputs that come and go."""

import pytest

from tests.support import is_near, picture_size, pixel, wait_until
from wayvid.errors import DeskError


def test_nested_desk_has_the_outputs_asked_for(nested_desk):
    assert [(output.name, output.size_px) for output in nested_desk.describe_outputs()] == [
        ("WL-1", (640, 360)),
        ("WL-2", (640, 360)),
    ]


def test_outputs_come_and_go(nested_desk):
    nested_desk.remove_output("WL-1")
    assert nested_desk.outputs == ["WL-2"]
    name = nested_desk.add_output((320, 200))
    assert nested_desk.outputs == ["WL-2", name]
    assert nested_desk.output(name).size_px == (320, 200)


def test_desk_survives_the_last_output(nested_desk):
    for name in nested_desk.outputs:
        nested_desk.remove_output(name)
    assert nested_desk.outputs == []
    name = nested_desk.add_output()
    assert nested_desk.outputs == [name]


def test_new_output_shows_what_a_client_shows(nested_desk, tmp_path):
    nested_desk.start(["swaybg", "-c", "#336699"])
    name = nested_desk.add_output((320, 200))

    def is_blue():
        return is_near(pixel(nested_desk.shot(name, tmp_path / "shot.png"), 160, 100), (0x33, 0x66, 0x99))

    wait_until(is_blue, 5, "blue on the new output")
    assert picture_size(tmp_path / "shot.png") == (320, 200)


def test_removing_an_unknown_output_is_an_error(nested_desk):
    with pytest.raises(DeskError, match="no output 'DP-1'; outputs: WL-1, WL-2"):
        nested_desk.remove_output("DP-1")
