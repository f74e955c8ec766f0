"""`wayvid outputs`: what is told of each screen, exactly, and what is said where there is none."""

import json
from types import SimpleNamespace

import pytest

from tests.cli.conftest import run_wayvid
from tests.support import wait_until
from wayvid.cli.main import main
from wayvid.cli.outputs import describe, table
from wayvid.desk import Desk
from wayvid.geometry import Rect, Size
from wayvid.wayland import connection

KEYS = [
    "name", "description", "make", "model", "serial", "width_px", "height_px", "mode", "logical",
    "position", "size_mm", "scale", "transform", "refresh_hz",
]  # fmt: skip


def ask_json(env):
    done = run_wayvid("outputs", "--json", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def some_output(**more):
    """An output as far as describe() looks at it."""
    facts = {
        "name": "DP-1", "description": "Dell Inc. DELL U2720Q 5KC03", "make": "Dell Inc.", "model": "DELL U2720Q",
        "mode": Size(3840, 2160), "device": Size(2160, 3840), "logical": Size(1440, 2560), "scale_steps": 180,
        "transform_name": "90", "refresh_mhz": 59997, "place": Rect(2560, 0, 1440, 2560),
        "seen_size_mm": Size(340, 600),
    }  # fmt: skip
    return SimpleNamespace(**facts | more)


def test_table_has_a_line_for_each_screen_in_columns_that_stand_below_their_headings(sway_desk):
    done = run_wayvid("outputs", env=sway_desk.env)
    assert (done.returncode, done.stderr) == (0, "")
    headings, *lines = done.stdout.splitlines()
    assert sorted(line.split()[0] for line in lines) == ["HEADLESS-1", "HEADLESS-2", "HEADLESS-3"]
    for line in lines:
        assert line[headings.index("PIXELS") :].startswith("1280x720 ")
        assert line[headings.index("TRANSFORM") :].startswith("normal ")
        assert line[headings.index("REFRESH") :].startswith("60 Hz ")


def test_json_has_every_key_and_null_for_what_is_not_told(sway_desk):
    told = ask_json(sway_desk.env)
    assert [list(output) for output in told] == [KEYS] * 3
    assert {output["serial"] for output in told} == {None}
    assert {output["make"] for output in told} <= {"headless", "Unknown"}  # newer wlroots have no word for it
    assert told[0]["mode"] == {"width": 1280, "height": 720}


@pytest.mark.parametrize(
    # sway turns clockwise, Wayland the other way round (wayland.xml, wl_output.transform).
    ("scale", "in_sway", "transform", "pixels", "logical"),
    [
        (1.25, "normal", "normal", (1280, 720), (1024, 576)),
        (1.5, "90", "270", (720, 1280), (480, 853)),
        (2, "flipped", "flipped", (1280, 720), (640, 360)),
        (1.25, "flipped-270", "flipped-90", (720, 1280), (576, 1024)),
    ],
)
def test_json_has_the_exact_scale_and_the_pixels_as_turned(sway_desk, scale, in_sway, transform, pixels, logical):
    sway_desk.set_scale("HEADLESS-2", scale)
    sway_desk.set_transform("HEADLESS-2", in_sway)
    wait_until(lambda: sway_desk.sway.outputs()[1]["transform"] == in_sway, 60, "the transform")
    output = ask_json(sway_desk.env)[1]
    assert (output["scale"], output["transform"]) == (scale, transform)
    assert (output["width_px"], output["height_px"]) == pixels
    assert output["mode"] == {"width": 1280, "height": 720}
    assert (output["logical"]["width"], output["logical"]["height"]) == logical


@pytest.mark.parametrize("scale", [1.25, 1.5])
def test_json_has_the_exact_scale_on_kwin(scale):
    with Desk(outputs=2, size=(1200, 600), scale=scale, compositor="kwin") as desk:
        told = ask_json(desk.env)
    assert [(output["name"], output["scale"]) for output in told] == [("Virtual-0", scale), ("Virtual-1", scale)]
    assert {(output["width_px"], output["height_px"]) for output in told} == {(1200, 600)}


def test_screens_are_listed_also_where_there_is_no_place_for_a_wallpaper(bare_env):
    assert [output["name"] for output in ask_json(bare_env)] == ["HEADLESS-1"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "WAYLAND_DISPLAY is not set"),
        (
            {"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": "/nowhere"},
            "no compositor listens at /nowhere/wayland-9",
        ),
        ({"WAYLAND_DISPLAY": "wayland-9", "XDG_RUNTIME_DIR": ""}, "XDG_RUNTIME_DIR is not set"),
        ({"WAYLAND_DISPLAY": "/dev/null"}, "cannot connect"),
    ],
    ids=["no-display", "no-socket", "no-runtime-dir", "not-a-socket"],
)
def test_error_is_one_line_when_there_is_no_compositor(monkeypatch, variables, words):
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with monkeypatch.context() as patch:
        patch.setattr("tests.cli.conftest.SESSION", ())
        done = run_wayvid("outputs")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("wayvid outputs: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("silent_compositor")
def test_error_is_one_line_when_the_compositor_hangs(monkeypatch, capsys):
    # Every command waited for ever.
    monkeypatch.setattr(connection, "ANSWER_WITHIN_S", 0.2)
    assert main(["outputs"]) == 3
    said = capsys.readouterr().err
    assert "has not answered for 0.2 s" in said
    assert said.count("\n") == 1


def test_unknown_option_is_one_line_that_leads_to_the_help():
    done = run_wayvid("outputs", "--jsn")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "wayvid outputs: there is no option --jsn; did you mean --json? see 'wayvid outputs --help'\n"


def test_description_keeps_what_a_screen_says_of_itself_but_no_control_characters():
    told = describe(some_output(description="Dell\x1b[31m U2720Q\n", make="", model="\x07"))
    assert told["description"] == "Dell[31m U2720Q"
    assert (told["make"], told["model"]) == (None, None)


def test_scale_in_thirds_is_told_as_exactly_as_a_number_can():
    assert describe(some_output(scale_steps=160))["scale"] == 160 / 120


def test_table_shows_a_dash_for_what_is_not_known():
    nothing = Size(0, 0)
    unknown = describe(
        some_output(description="", make="", model="", mode=nothing, device=nothing, logical=nothing, refresh_mhz=0)
    )
    assert table([unknown])[1].split() == ["DP-1", "-", "1.5", "-", "2560,0", "90", "-", "-"]


def test_table_shows_make_and_model_where_there_is_no_description():
    assert table([describe(some_output(description=""))])[1].endswith("59.997 Hz  Dell Inc. DELL U2720Q")
