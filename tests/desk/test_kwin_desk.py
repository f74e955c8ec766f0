"""A KWin desk: its outputs and its pictures."""

import pytest

from tests.conftest import need_programs
from tests.support import is_near, picture_size, pixel, wait_until
from wayvid.desk import Desk
from wayvid.errors import DeskError

BLUE = (0x33, 0x66, 0x99)


def test_kwin_desk_has_the_outputs_asked_for(kwin_desk):
    assert [(output.name, output.size_px) for output in kwin_desk.describe_outputs()] == [
        ("Virtual-0", (640, 360)),
        ("Virtual-1", (640, 360)),
    ]


def test_kwin_pictures_show_what_a_layer_shell_client_shows(kwin_desk, tmp_path):
    kwin_desk.start(["swaybg", "-c", "#336699"])

    def are_blue():
        return all(is_near(pixel(path, 320, 180), BLUE) for path in kwin_desk.shots(tmp_path))

    wait_until(are_blue, 60, "blue on both outputs")
    assert picture_size(tmp_path / "Virtual-1.png") == (640, 360)


def test_kwin_desk_has_the_scale_asked_for_and_pictures_in_pixels(tmp_path):
    need_programs("kwin_wayland", "dbus-daemon")
    with Desk(outputs=1, size=(640, 480), scale=2, compositor="kwin") as desk:
        assert desk.output("Virtual-0").size_px == (640, 480)
        assert desk.output("Virtual-0").scale == 2
        assert picture_size(desk.shot("Virtual-0", tmp_path / "shot.png")) == (640, 480)


def test_kwin_outputs_cannot_be_changed(kwin_desk):
    with pytest.raises(DeskError, match="only a sway desk can change its outputs"):
        kwin_desk.add_output()


def test_kwin_without_opengl_runs_but_gives_no_pictures(monkeypatch, tmp_path):
    need_programs("kwin_wayland", "dbus-daemon")
    monkeypatch.setenv("KWIN_COMPOSE", "Q")
    with Desk(outputs=1, size=(640, 480), compositor="kwin") as desk, pytest.raises(DeskError, match="KWIN_COMPOSE=O2"):
        desk.shot("Virtual-0", tmp_path / "shot.png")
