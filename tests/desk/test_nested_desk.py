"""Outputs that come and go."""

import pytest

from tests.conftest import need_programs
from tests.support import is_near, picture_size, pixel, wait_until
from wayvid.desk import NestedDesk
from wayvid.errors import DeskError


def test_nested_desk_has_the_outputs_asked_for(nested_desk):
    assert [(output.name, output.size_px) for output in nested_desk.describe_outputs()] == [
        ("WL-1", (640, 360)),
        ("WL-2", (640, 360)),
    ]


class LateDesk(NestedDesk):
    """One whose windows are all there before the first is moved to its own place, as on a busy machine."""

    def _place(self, places):
        wait_until(lambda: self.output("WL-1").size_px[0] < self.sizes[0][0], 60, "a place shared with other windows")
        super()._place(places)


def test_nested_desk_starts_when_its_windows_come_all_at_once():
    # Found by a soak: it waited in vain for the size of WL-1, which shared its place with the others.
    need_programs("sway")
    with LateDesk(outputs=3, size=(640, 360)) as desk:
        assert {output.size_px for output in desk.describe_outputs()} == {(640, 360)}


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

    wait_until(is_blue, 60, "blue on the new output")
    assert picture_size(tmp_path / "shot.png") == (320, 200)


def test_removing_an_unknown_output_is_an_error(nested_desk):
    with pytest.raises(DeskError, match="no output 'DP-1'; outputs: WL-1, WL-2"):
        nested_desk.remove_output("DP-1")
