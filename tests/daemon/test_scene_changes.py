"""What a scene becomes by commands, and what has to be done for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

import pytest

from wayvid.daemon.scene import (
    APART,
    AS_TOLD,
    DEFAULT,
    NEW,
    Difference,
    Scene,
    Timeline,
    Want,
    difference,
    first_scene,
    laid_out,
    paused,
    retimed,
    span_number,
    spanned,
    want_on,
)
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

WAVES, RAIN = StreamSpec(path="/waves.mp4"), StreamSpec(path="/rain.mp4")
ALL = ("A", "B", "C")
NOW_S = 7.0


def line(serial: int, spec: StreamSpec = WAVES, begin_s: float = 0.0) -> Timeline:
    return Timeline(serial, spec.path, spec, begin_s)


def scene_of(**serials: int | str) -> Scene:
    """A scene by output, `all` for DEFAULT: serials of timelines, "1p" for one that is paused."""
    return {
        DEFAULT if name == "all" else name: Want(line(int(str(word).rstrip("p"))), Layout.FILL, str(word).endswith("p"))
        for name, word in serials.items()
    }


def shown_by(scene: Scene, names: Iterable[str] = ALL) -> dict[str, str]:
    """A scene as scene_of() takes it, by connected output."""
    wants = {name: want_on(scene, name) for name in names}
    return {name: f"{want.timeline.serial}{'p' * want.is_paused}" for name, want in wants.items()}


def where_it_is(timeline: Timeline) -> Timeline:
    return timeline._replace(serial=NEW, begin_s=NOW_S)


@pytest.mark.parametrize(
    ("before", "names", "is_paused", "after"),
    [
        pytest.param({"all": 0}, ("", *ALL), True, {"A": "0p", "B": "0p", "C": "0p"}, id="all of them stay together"),
        pytest.param({"all": 0}, ("A",), True, {"A": "9p", "B": "0", "C": "0"}, id="one parts from the others"),
        pytest.param({"all": 0}, ("A", "B"), True, {"A": "9p", "B": "9p", "C": "0"}, id="two part together"),
        pytest.param({"all": 0}, ALL, True, {"A": "0p", "B": "0p", "C": "0p"}, id="all that are there stay"),
        pytest.param(
            {"all": 0, "C": 1}, ("A", "C"), True, {"A": "9p", "B": "0", "C": "1p"}, id="of two lines one is split"
        ),
        pytest.param({"all": "0p"}, ("A",), True, {"A": "0p", "B": "0p", "C": "0p"}, id="what is paused stays"),
        pytest.param({"all": "0p"}, ("A",), False, {"A": "9", "B": "0p", "C": "0p"}, id="one of them goes on"),
        pytest.param(
            {"all": 0, "A": "1p"}, ("", *ALL), True, {"A": "1p", "B": "0p", "C": "0p"}, id="paused at two positions"
        ),
        pytest.param(
            {"all": "0p", "A": "1p"}, ("", *ALL), False, {"A": "1", "B": "0", "C": "0"}, id="and going on from there"
        ),
    ],
)
def test_pausing_parts_only_outputs_that_are_told_different_things(
    before: Mapping[str, int | str], names: tuple[str, ...], is_paused: bool, after: Mapping[str, str]
) -> None:
    changed = paused(scene_of(**before), names, ALL, is_paused, where_it_is, count(9))
    assert shown_by(changed) == after
    begins = {want.timeline.begin_s for want in changed.values() if want.timeline.serial == 9}
    assert begins <= {NOW_S}


def test_outputs_that_come_later_get_what_was_said_of_all_and_not_of_one() -> None:
    before = scene_of(all=0)
    of_one = paused(before, ["A"], ["A"], True, where_it_is, count(9))
    assert shown_by(of_one) == {
        "A": "0p",
        "B": "9",
        "C": "9",
    }  # the stream that there is stays with the screen it is on
    of_all = paused(before, ["", "A"], ["A"], True, where_it_is, count(9))
    assert shown_by(of_all) == {"A": "0p", "B": "0p", "C": "0p"}


def test_all_outputs_of_one_timeline_are_paused_or_none_is() -> None:
    serials = count(100)
    scene: Scene = scene_of(all=0, B=1, C="2p")
    for step in range(200):
        names = [name for bit, name in enumerate(("", *ALL)) if step * 7 % 16 >> bit & 1]
        connected = [name for bit, name in enumerate(ALL) if step * 5 % 8 >> bit & 1]
        scene = paused(scene, names, connected, step % 3 == 0, where_it_is, serials)
        states = {(want.timeline.serial, want.is_paused) for want in scene.values()}
        assert len(states) == len({serial for serial, _is_paused in states})


@pytest.mark.parametrize(
    ("before", "names", "to", "after"),
    [
        pytest.param({"all": 0}, ("", *ALL), 5.0, {"A": "9", "B": "9", "C": "9"}, id="all go there together"),
        pytest.param({"all": 0}, ("A",), 5.0, {"A": "9", "B": "0", "C": "0"}, id="one goes alone"),
        pytest.param({"all": 0, "A": 1}, ("", *ALL), 5.0, {"A": "9", "B": "9", "C": "9"}, id="two lines become one"),
        pytest.param(
            {"all": 0, "A": "1p"}, ALL, 5.0, {"A": "9p", "B": "10", "C": "10"}, id="not while one of them is paused"
        ),
        pytest.param({"all": 0}, ("A",), 0.0, {"A": "9", "B": "0", "C": "0"}, id="to where it began"),
    ],
)
def test_outputs_that_go_to_the_same_position_of_the_same_source_share(
    before: Mapping[str, int | str], names: tuple[str, ...], to: float, after: Mapping[str, str]
) -> None:
    changed = retimed(scene_of(**before), names, lambda timeline: timeline._replace(serial=NEW, begin_s=to), count(9))
    assert shown_by(changed) == after


def test_different_sources_at_the_same_position_do_not_share() -> None:
    scene = {DEFAULT: Want(line(0), Layout.FILL), "A": Want(line(1, RAIN), Layout.FILL)}
    changed = retimed(scene, ["", "A"], where_it_is, count(9))
    assert shown_by(changed, ["A", "B"]) == {"A": "10", "B": "9"}


def test_what_is_not_changed_stays_and_what_joins_another_shares_it() -> None:
    scene = scene_of(all=0, A=1)
    assert retimed(scene, ALL, lambda timeline: timeline, count(9)) == {**scene}
    assert shown_by(retimed(scene, ["A"], lambda _timeline: line(0), count(9))) == {"A": "0", "B": "0", "C": "0"}


def test_layouts_differ_on_one_timeline() -> None:
    scene = laid_out(first_scene(line(0), Layout.FILL), ["A"], Layout.CONTAIN)
    assert {name: want_on(scene, name).layout for name in "AB"} == {"A": Layout.CONTAIN, "B": Layout.FILL}
    scene = laid_out(scene, ["B"], Layout.CENTRE)
    assert {name: want_on(scene, name).layout for name in ALL} == {
        "A": Layout.CONTAIN, "B": Layout.CENTRE, "C": Layout.FILL,
    }  # fmt: skip
    assert shown_by(scene) == {"A": "0", "B": "0", "C": "0"}


@pytest.mark.parametrize(
    ("before", "after", "running", "wanted"),
    [
        pytest.param({"A": 0}, {"A": 0}, {0: False}, Difference({}, {}), id="nothing"),
        pytest.param({}, {"A": 0, "B": 0}, {0: False}, Difference({0: ["A", "B"]}, {}), id="outputs that came"),
        pytest.param(
            {"A": 0, "B": 0}, {"A": 1, "B": 0}, {0: False}, Difference({1: ["A"]}, {}), id="one goes to a new one"
        ),
        pytest.param(
            {"A": 1, "B": 0}, {"A": 0, "B": 0}, {0: False, 1: False}, Difference({0: ["A"]}, {}), id="and back"
        ),
        pytest.param(
            {"A": 0, "B": 0}, {"A": "0p", "B": "0p"}, {0: False}, Difference({}, {0: True}), id="a pause of all"
        ),
        pytest.param(
            {"A": 1, "B": 0}, {"A": "0p", "B": "0p"}, {0: False, 1: False}, Difference({0: ["A"]}, {0: True}),
            id="back to what was paused meanwhile",
        ),
        pytest.param({"A": 0}, {}, {0: False}, Difference({}, {}), id="an output that went"),
    ],
)  # fmt: skip
def test_only_the_difference_has_to_be_done(
    before: Mapping[str, int | str], after: Mapping[str, int | str], running: dict[int, bool], wanted: Difference
) -> None:
    assert difference(scene_of(**before), scene_of(**after), running) == wanted


def test_a_layout_alone_moves_nothing() -> None:
    scene = scene_of(A=0, B=0)
    after = laid_out(scene, ["A"], Layout.CONTAIN)
    assert difference(scene, after, {0: False}) == Difference({}, {})


def test_a_span_has_a_number_that_no_other_has() -> None:
    scene = scene_of(all=0)
    assert [span_number(is_span, scene) for is_span in (None, False, True)] == [AS_TOLD, APART, 1]
    apart = spanned(scene, ["A"], APART)
    assert [want_on(apart, name).span for name in ALL] == [APART, AS_TOLD, AS_TOLD]
    assert span_number(True, apart) == 1
    assert span_number(True, apart, spanned(scene, ["B", "C"], 4)) == 5
