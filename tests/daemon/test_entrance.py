"""Which picture an output begins with, before there is a director to say so."""

from __future__ import annotations

import pytest

from wayvid.config.model import Config, OutputRule, SpanRule
from wayvid.config.resolve import OutputFacts
from wayvid.daemon.entrance import told_on
from wayvid.daemon.remember import opening
from wayvid.daemon.retelling import Bound
from wayvid.daemon.scene import AS_TOLD, DEFAULT, Timeline, first_scene, spanned
from wayvid.daemon.source import DEFAULT_STREAM
from wayvid.daemon.span import Picture
from wayvid.daemon.told import Play, Script, Told
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

SET, GENERAL = "/set.mp4", "/general.mp4"
BUILT_IN = DEFAULT_STREAM.path


@pytest.mark.parametrize(
    ("rule", "told_before", "expected"),
    [
        pytest.param(None, {}, (Layout.FILL, SET), id="what all others show"),
        pytest.param("http://a/b", {}, (Layout.CONTAIN, "http://a/b"), id="what a rule says"),
        pytest.param("http://a/b", {"DP-1": "http://a/b"}, (Layout.FILL, SET), id="what a command said since"),
        pytest.param("/missing.mp4", {}, (Layout.CONTAIN, ""), id="nothing where the rule's source is missing"),
        pytest.param("", {"DP-1": "http://a/b"}, (Layout.CONTAIN, BUILT_IN), id="a rule for the built-in one"),
    ],
)
def test_output_begins_with_the_last_picture_of(
    rule: str | None, told_before: dict[str, str], expected: tuple[Layout, str]
) -> None:
    rules = () if rule is None else (OutputRule("DP-1", source=rule, layout="contain"),)
    layout = Layout.CONTAIN if rule else Layout.FILL
    before = {name: Told(Play(source), layout) for name, source in told_before.items()}
    told = Told(Play(GENERAL), Layout.FILL)
    scene = first_scene(Timeline(0, SET, StreamSpec(path=SET)), Layout.FILL)
    begun = opening(scene, scene, Bound({DEFAULT: told, **before}), told)
    script = Script(Config(source=GENERAL, output=rules))
    layout, picture = told_on(begun, script, OutputFacts("DP-1"))
    assert (layout, picture.source) == expected


@pytest.mark.parametrize(
    ("rule", "told_before", "span"),
    [
        pytest.param((), (), 3, id="as the command said"),
        pytest.param(("DP-*",), ("DP-*",), 3, id="that the config said before, too, changes nothing"),
        pytest.param(("DP-*",), (), AS_TOLD, id="as the config says since"),
        pytest.param((), ("DP-*",), 3, id="that the config says it no more is no word against it"),
    ],
)
def test_output_begins_with_its_part_of_a_span(rule: tuple[str, ...], told_before: tuple[str, ...], span: int) -> None:
    told = Told(Play(GENERAL), Layout.FILL, span=told_before)
    scene = spanned(first_scene(Timeline(0, SET, StreamSpec(path=SET)), Layout.FILL), ["DP-1"], 3)
    begun = opening(scene, scene, Bound({DEFAULT: told, "DP-1": told}), told)
    script = Script(Config(source=GENERAL, span=(SpanRule(rule),) if rule else ()))
    assert told_on(begun, script, OutputFacts("DP-1"))[1] == Picture(SET, span)
