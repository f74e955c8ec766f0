"""Where a timeline goes by seek, speed, next and prev."""

from __future__ import annotations

import math

import pytest

from wayvid.daemon.scene import NEW, Timeline
from wayvid.daemon.stream import Place
from wayvid.daemon.travel import layout_of, sought, sped
from wayvid.daemon.turns import Entry, Turn
from wayvid.errors import NotPossible
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist

CLIP = StreamSpec(path="/clip.mp4")
ONCE = StreamSpec(path="/clip.mp4", loop=False)


def at(spec: StreamSpec, position_s: float = 4.0, duration_s: float = 10.0) -> tuple[Timeline, Place]:
    return Timeline(3, "clip", spec), Place(spec, position_s, duration_s)


@pytest.mark.parametrize(
    ("to", "unit", "spec", "wanted_s"),
    [
        pytest.param(7.5, "s", CLIP, 7.5, id="from the beginning"),
        pytest.param(0.0, "s", CLIP, 0.0, id="to the beginning"),
        pytest.param(50, "%", CLIP, 5.0, id="of the length"),
        pytest.param(1.5, "+s", CLIP, 5.5, id="on"),
        pytest.param(-1.5, "+s", CLIP, 2.5, id="back"),
        pytest.param(7.0, "+s", CLIP, 1.0, id="over the end into the next round"),
        pytest.param(-5.0, "+s", CLIP, 9.0, id="over the beginning into the round before"),
        pytest.param(7.0, "+s", ONCE, 10.0, id="to the end of what does not loop"),
        pytest.param(-5.0, "+s", ONCE, 0.0, id="to the beginning of what does not loop"),
    ],
)
def test_a_seek_begins_a_new_timeline_there(to: float, unit: str, spec: StreamSpec, wanted_s: float) -> None:
    timeline = sought(to, unit)(*at(spec))
    assert timeline.begin_s == pytest.approx(wanted_s)
    assert (timeline.serial, timeline.spec) == (NEW, spec)


@pytest.mark.parametrize(("to", "unit"), [(10.5, "s"), (-1, "s"), (101, "%"), (-1, "%")])
def test_a_position_outside_of_the_clip_is_refused(to: float, unit: str) -> None:
    with pytest.raises(NotPossible, match=r"10\.000 s long"):
        sought(to, unit)(*at(CLIP))


def test_of_a_list_the_file_is_named() -> None:
    timeline, place = at(CLIP)
    turn = Turn(Playlist("/walls"), Entry(CLIP.path, 0), 0.0, is_alone=False)
    with pytest.raises(NotPossible, match=CLIP.path):
        sought(99.0, "s")(timeline._replace(source="/walls", turn=turn), place)


@pytest.mark.parametrize("to", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(to: float) -> None:
    with pytest.raises(NotPossible):
        sought(to, "s")
    with pytest.raises(NotPossible):
        sped(to)


def test_a_source_without_a_length_has_no_positions() -> None:
    with pytest.raises(NotPossible, match="its length is not known"):
        sought(1.0, "s")(*at(CLIP, 0.0, 0.0))


def test_another_speed_goes_on_from_where_it_is() -> None:
    timeline = sped(0.5)(*at(CLIP))
    assert (timeline.serial, timeline.spec.speed, timeline.begin_s) == (NEW, 0.5, 4.0)


def test_the_speed_that_it_has_changes_nothing() -> None:
    timeline, place = at(CLIP)
    assert sped(1.0)(timeline, place) is timeline


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.009, 101.0])
def test_a_speed_that_nothing_plays_at_is_refused(speed: float) -> None:
    with pytest.raises(NotPossible, match="between"):
        sped(speed)


def test_an_unknown_layout_is_told_with_those_there_are() -> None:
    assert layout_of("fill") is Layout.FILL
    with pytest.raises(NotPossible, match="layouts: fill"):
        layout_of("filled")
