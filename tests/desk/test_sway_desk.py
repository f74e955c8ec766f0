"""Outputs, pictures and changes of a sway desk."""

import pytest

from tests.support import is_near, picture_size, pixel, wait_until
from wayvid.desk import Desk
from wayvid.errors import DeskError

BLUE = (0x33, 0x66, 0x99)
RED = (0xCC, 0x22, 0x11)


def shows(desk, output, path, colour):
    """Whether the middle of an output has this colour."""
    width, height = picture_size(desk.shot(output, path))
    return is_near(pixel(path, width // 2, height // 2), colour)


def test_desk_has_the_outputs_asked_for(sway_desk):
    described = sway_desk.describe_outputs()
    assert [output.name for output in described] == ["HEADLESS-1", "HEADLESS-2", "HEADLESS-3"]
    assert {output.size_px for output in described} == {(1280, 720)}
    assert {output.scale for output in described} == {1}


def test_desk_gives_each_output_its_own_size():
    sizes = ((800, 600), (1024, 768), (333, 777))
    with Desk(sizes=sizes) as desk:
        assert tuple(output.size_px for output in desk.describe_outputs()) == sizes


def test_desk_has_the_scale_asked_for_and_pictures_in_pixels(tmp_path):
    with Desk(outputs=1, size=(1200, 600), scale=1.5) as desk:
        assert [output["scale"] for output in desk.sway.outputs()] == [1.5]
        assert picture_size(desk.shot("HEADLESS-1", tmp_path / "shot.png")) == (1200, 600)


def test_pictures_show_what_a_client_shows_on_each_output(sway_desk, tmp_path):
    sway_desk.start(["swaybg", "-o", "HEADLESS-1", "-c", "#336699", "-o", "HEADLESS-2", "-c", "#cc2211"])
    wait_until(lambda: shows(sway_desk, "HEADLESS-1", tmp_path / "1.png", BLUE), 60, "blue on HEADLESS-1")
    wait_until(lambda: shows(sway_desk, "HEADLESS-2", tmp_path / "2.png", RED), 60, "red on HEADLESS-2")
    paths = sway_desk.shots(tmp_path / "all")
    assert [path.name for path in paths] == ["HEADLESS-1.png", "HEADLESS-2.png", "HEADLESS-3.png"]
    assert [pixel(path, 0, 0) for path in paths[:2]] == [BLUE, RED]
    assert pixel(paths[2], 0, 0) not in (BLUE, RED)


def test_output_can_be_added_resized_scaled_and_turned(tmp_path):
    with Desk(outputs=1, size=(640, 360)) as desk:
        name = desk.add_output((800, 600))
        assert desk.outputs == ["HEADLESS-1", name]
        assert desk.output(name).size_px == (800, 600)
        desk.set_size(name, (400, 200))
        desk.set_scale(name, 2)
        desk.set_transform(name, "90")
        wait_until(lambda: desk.output(name).scale == 2, 60, "the scale")
        assert desk.output(name).transform != 0
        assert picture_size(desk.shot(name, tmp_path / "shot.png")) == (200, 400)


def test_output_stays_connected_when_its_power_is_off(sway_desk):
    try:
        sway_desk.set_power("HEADLESS-2", False)
    except DeskError as error:
        assert "cannot switch the power of a virtual output off" in str(error)  # noqa: PT017 - sway 1.7 only
    else:
        assert sway_desk.outputs == ["HEADLESS-1", "HEADLESS-2", "HEADLESS-3"]
    sway_desk.set_power("HEADLESS-2", True)


def test_client_lives_in_the_desk_and_nowhere_else(sway_desk, monkeypatch):
    monkeypatch.setenv("DISPLAY", ":77")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-77")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    env = sway_desk.env
    assert env["XDG_RUNTIME_DIR"] == str(sway_desk.runtime_dir)
    assert (sway_desk.runtime_dir / env["WAYLAND_DISPLAY"]).is_socket()
    assert "DISPLAY" not in env
    assert "DBUS_SESSION_BUS_ADDRESS" not in env


def test_picture_of_an_unknown_output_is_an_error(sway_desk, tmp_path):
    with pytest.raises(DeskError, match="no output 'DP-1'; outputs: HEADLESS-1, HEADLESS-2, HEADLESS-3"):
        sway_desk.shot("DP-1", tmp_path / "shot.png")


def test_desk_says_what_the_compositor_said_when_it_ends_at_start(monkeypatch):
    monkeypatch.setenv("WLR_RENDERER", "gles2")  # a word that it does not know is passed over since wlroots 0.18
    monkeypatch.setenv("WLR_RENDER_DRM_DEVICE", "/dev/null")
    with pytest.raises(DeskError, match=r"sway ended by itself; it last said: .*renderer") as caught:
        Desk(outputs=1).open()
    assert "\n" not in str(caught.value)


def test_closing_twice_does_nothing():
    desk = Desk(outputs=1)
    desk.open()
    directory = desk.runtime_dir
    desk.close()
    desk.close()
    assert not directory.exists()


def test_closed_desk_can_be_opened_again():
    desk = Desk(outputs=1)
    for _ in range(2):
        with desk:
            assert desk.outputs == ["HEADLESS-1"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"compositor": "weston"}, "compositors: sway, kwin"),
        ({"compositor": "kwin", "sizes": [(10, 10), (20, 20)]}, "use sway for outputs of different sizes"),
    ],
    ids=["unknown compositor", "sizes with kwin"],
)
def test_desk_refuses_what_it_cannot_do(arguments, message):
    with pytest.raises(DeskError, match=message):
        Desk(**arguments)
