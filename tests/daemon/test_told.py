"""What config file and command line say of an output."""

from __future__ import annotations

import pytest

from wayvid.config.model import Config, OutputRule
from wayvid.config.resolve import OutputFacts
from wayvid.daemon.source import DEFAULT_STREAM, IMAGE_OPTIONS, located
from wayvid.daemon.told import Play, Script, Wish, played
from wayvid.daemon.turns import Opened
from wayvid.errors import UnknownOutput
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

RULES = Config(
    source="waves.mp4",
    layout="contain",
    start_time=4.0,
    output=(OutputRule("DP-1", layout="centre", speed=2.0), OutputRule("DP-*", source="/rain.mp4", loop=False)),
)


@pytest.mark.parametrize(
    ("wish", "output", "layout"),
    [
        pytest.param(Wish(), "DP-2", Layout.CONTAIN, id="the general part"),
        pytest.param(Wish(), "DP-1", Layout.CENTRE, id="a rule"),
        pytest.param(Wish(layout=Layout.STRETCH), "DP-1", Layout.STRETCH, id="the command line goes before rules"),
        pytest.param(Wish("", Layout.STRETCH, {"DP-1": Layout.FILL}), "DP-1", Layout.FILL, id="and its word for one"),
        pytest.param(Wish("", Layout.STRETCH, {"DP-1": None}), "DP-1", Layout.STRETCH, id="a named output"),
        pytest.param(Wish("", None, {"DP-1": None}), "DP-1", Layout.CENTRE, id="named, and the rule holds"),
    ],
)
def test_an_output_has_the_layout_that_was_said_last(wish: Wish, output: str, layout: Layout) -> None:
    assert Script(RULES, "/etc", wish).on(OutputFacts(output)).layout is layout


def test_an_output_plays_what_rules_say_and_the_command_line_before_them() -> None:
    script = Script(RULES, "/home/you")
    assert script.on().play == Play("/home/you/waves.mp4", start_s=4.0)
    assert script.on(OutputFacts("DP-1")).play == Play("/rain.mp4", False, 4.0, 2.0)
    wished = Script(RULES, "/home/you", Wish("other.mp4"))
    assert wished.on(OutputFacts("DP-1")).play == Play("other.mp4", False, 0.0, 2.0)
    assert Script(Config()).on().play == Play("")


def test_a_wish_uses_the_outputs_that_it_names() -> None:
    assert Wish().uses("DP-1")
    wish = Wish(outputs={"DP-1": None})
    assert (wish.uses("DP-1"), wish.uses("DP-2"), wish.uses("dp-1")) == (True, False, False)


@pytest.mark.parametrize(
    "wish", [Wish(), Wish(outputs={"DP-1": None}), Wish(outputs={"DP-1": None, "DP-2": Layout.FILL})]
)
def test_connected_outputs_are_known(wish: Wish) -> None:
    wish.check_known(iter(["DP-1", "DP-2"]))


def test_without_outputs_only_named_ones_are_missing() -> None:
    Wish().check_known([])
    with pytest.raises(UnknownOutput, match="connected outputs: none"):
        Wish(outputs={"DP-1": None}).check_known([])


def test_an_unknown_output_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownOutput) as caught:
        Wish(outputs={"DP-1": None, "DP-9": None}).check_known(["DP-1", "HDMI-A-1"])
    assert (caught.value.name, caught.value.known) == ("DP-9", ("DP-1", "HDMI-A-1"))
    assert "'DP-9' is not connected; connected outputs: DP-1, HDMI-A-1" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ""),
        ("waves.mp4", "/etc/wayvid/waves.mp4"),
        ("../loops/.", "/etc/loops"),
        ("/waves.mp4", "/waves.mp4"),
        ("~/waves.mp4", "~/waves.mp4"),
        ("https://example.org/a.mp4", "https://example.org/a.mp4"),
        ("mf://frames/%04d.png?fps=24", "mf:///etc/wayvid/frames/%04d.png?fps=24"),
        ("mf:///frames/*.png", "mf:///frames/*.png"),
        ("playlist:loops?order=shuffle", "playlist:/etc/wayvid/loops?order=shuffle"),
        ("playlist:~/loops", "playlist:~/loops"),
    ],
)
def test_a_source_of_a_file_is_found_from_anywhere(text: str, wanted: str) -> None:
    assert located(text, "/etc/wayvid") == wanted


PLAY = Play("", loop=False, start_s=3.0, speed=2.0)
CLIP = StreamSpec("/a.mp4")


@pytest.mark.parametrize(
    ("spec", "is_other", "start_s"),
    [
        pytest.param(CLIP, False, 3.0, id="a clip begins where it is to"),
        pytest.param(CLIP, True, 0.0, id="another clip at its beginning"),
        pytest.param(StreamSpec("/a.png", options=IMAGE_OPTIONS), False, 0.0, id="a picture has no positions"),
        pytest.param(DEFAULT_STREAM, False, 0.0, id="nor the built-in wallpaper"),
    ],
)
def test_a_source_is_played_as_an_output_is_told(spec: StreamSpec, is_other: bool, start_s: float) -> None:
    told, _turn = played(Opened(spec), PLAY, is_other)
    assert (told.path, told.options) == (spec.path, spec.options)
    assert (told.loop, told.speed, told.start_s) == (False, 2.0, start_s)
