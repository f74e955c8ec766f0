"""What a scene becomes when the config says something else: the difference, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count

import pytest

from wayvid.daemon.retelling import Bound, Retold, TimelinesFor, retold
from wayvid.daemon.scene import AS_TOLD, DEFAULT, Scene, Timeline, Want, laid_out, spanned, want_on
from wayvid.daemon.told import Play, Told
from wayvid.daemon.turns import Entry, Opened, Turn
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist

FILL, CONTAIN = Layout.FILL, Layout.CONTAIN


def line(serial: int, source: str) -> Timeline:
    return Timeline(serial, source, StreamSpec(source))


def told(source: str = "waves", layout: Layout = FILL) -> Told:
    return Told(Play(source), layout)


def words(**by_name: Told) -> dict[str, Told]:
    return {DEFAULT if name == "all" else name: one for name, one in by_name.items()}


def retell(scene: Scene, bound: Bound, said: Mapping[str, Told]) -> Retold:
    serials = count(9)
    return retold(scene, bound, said, lambda _want, _old, new: line(next(serials), new.source))


def shown(scene: Scene, *names: str) -> list[str]:
    return [want_on(scene, name).timeline.source for name in names]


@pytest.fixture
def scene() -> Scene:
    return {DEFAULT: Want(line(0, "waves"), FILL), "B": Want(line(1, "rain"), FILL)}


@pytest.fixture
def bound() -> Bound:
    return Bound(words(all=told(), A=told(), B=told("rain")))


def test_what_is_said_again_changes_nothing(scene: Scene, bound: Bound) -> None:
    result = retell(scene, bound, dict(bound.told))
    assert shown(result.scene, DEFAULT, "A", "B") == ["waves", "waves", "rain"]
    assert (result.bound, result.layouts, result.begun) == (bound, {}, {})


def test_only_who_is_told_something_else_changes(scene: Scene, bound: Bound) -> None:
    result = retell(scene, bound, words(all=told("snow"), A=told("snow"), B=told("rain")))
    assert shown(result.scene, DEFAULT, "A", "B", "new") == ["snow", "snow", "rain", "snow"]
    assert want_on(result.scene, "B") is scene["B"]
    assert result.begun == {9: {DEFAULT: told()}, 10: {"A": told()}}


def test_who_followed_all_others_stays_where_a_rule_keeps_it(scene: Scene, bound: Bound) -> None:
    result = retell(scene, bound, words(all=told("snow"), A=told(), B=told("rain")))
    assert shown(result.scene, DEFAULT, "A", "new") == ["snow", "waves", "snow"]


def test_what_was_set_by_a_command_stays_until_the_word_for_it_is_another(scene: Scene, bound: Bound) -> None:
    scene = {**scene, "A": Want(line(5, "by command"), CONTAIN, is_paused=True)}
    same = retell(scene, bound, words(all=told("snow"), A=told(), B=told("rain")))
    assert want_on(same.scene, "A") == scene["A"]
    other = retell(scene, bound, words(all=told(), A=told("snow"), B=told("rain")))
    assert want_on(other.scene, "A") == Want(line(9, "snow"), CONTAIN, is_paused=True)


def test_a_layout_alone_moves_nothing(scene: Scene, bound: Bound) -> None:
    result = retell(scene, bound, words(all=told(), A=told(layout=CONTAIN), B=told("rain")))
    assert result.layouts == {"A": CONTAIN}
    assert want_on(result.scene, "A") == Want(line(0, "waves"), CONTAIN)
    assert result.begun == {}


def test_an_output_that_comes_is_told_what_its_rules_say(scene: Scene, bound: Bound) -> None:
    result = retell(scene, bound, words(C=told("snow", CONTAIN)))
    assert want_on(result.scene, "C") == Want(line(9, "snow"), CONTAIN)
    assert result.begun == {9: {"C": told()}}
    assert retell(scene, bound, words(C=told())).begun == {}


def test_an_output_that_comes_follows_a_command_to_all(scene: Scene, bound: Bound) -> None:
    scene = laid_out({DEFAULT: Want(line(5, "by command"), FILL)}, [DEFAULT], CONTAIN)
    bound = bound._replace(is_set=True, is_laid=True)
    result = retell(scene, bound, words(C=told("snow")))
    assert want_on(result.scene, "C") == Want(line(5, "by command"), CONTAIN)
    # Until the config's word for all is another one.
    result = retell(scene, bound, words(all=told("fog", CONTAIN)))
    assert (result.bound.is_set, result.bound.is_laid) == (False, False)
    assert shown(retell(result.scene, result.bound, words(C=told("snow"))).scene, "C") == ["snow"]


def turn_at(file: str, order: str = "name") -> Turn:
    return Turn(Playlist("/f", order), Entry(file, 0), 5.0, is_alone=False)


def opened_of(source: str, turn: Turn | None) -> Opened:
    """As the same list in another order goes on with the file that is shown, and another source begins."""
    if source != "/f?shuffled":
        return Opened(StreamSpec(source))
    file = turn.entry.file if turn is not None else "/f/a"
    return Opened(StreamSpec(file), turn_at(file, "shuffle"))


def test_a_list_that_is_told_another_order_goes_on_with_the_file_that_is_shown() -> None:
    timelines = TimelinesFor(lambda _timeline: None, lambda _timeline: 7.5, count(9), opened_of)
    want = Want(Timeline(1, "/f", StreamSpec("/f/c"), turn=turn_at("/f/c")), FILL)
    after = timelines(want, Play("/f"), Play("/f?shuffled"))
    assert (after.source, after.spec.path, after.begin_s) == ("/f?shuffled", "/f/c", 7.5)
    assert after.turn == turn_at("/f/c", "shuffle")
    assert timelines(want, Play("/f"), Play("/f?shuffled")) is after
    other = timelines(Want(line(2, "rain"), FILL), Play("rain"), Play("/f?shuffled"))
    assert (other.spec.path, other.begin_s) == ("/f/a", 0.0)


def test_what_is_only_faster_goes_on_and_another_source_begins() -> None:
    timelines = TimelinesFor(lambda _timeline: None, lambda _timeline: 7.5, count(9), opened_of)
    want = Want(line(1, "waves"), FILL)
    after = timelines(want, Play("waves"), Play("waves", speed=2.0))
    assert (after.spec, after.begin_s) == (StreamSpec("waves", speed=2.0), 7.5)
    after = timelines(want, Play("waves"), Play("rain"))
    assert (after.spec, after.begin_s) == (StreamSpec("rain"), 0.0)


@pytest.mark.parametrize(
    ("before", "after", "span"),
    [
        pytest.param(told(), told(), 2, id="nothing new"),
        pytest.param(told(), told(layout=CONTAIN), 2, id="another layout"),
        pytest.param(told(), told()._replace(play=Play("waves", speed=2.0)), 2, id="another speed of the same"),
        pytest.param(told(), told("snow"), AS_TOLD, id="another source"),
        pytest.param(told(), told()._replace(span=("A", "B")), AS_TOLD, id="another span"),
        pytest.param(told()._replace(span=("A", "B")), told(), 2, id="its span is gone"),
    ],
)
def test_a_commands_span_holds_until_the_config_says_something_else(before: Told, after: Told, span: int) -> None:
    scene = spanned({DEFAULT: Want(line(0, "waves"), FILL)}, ["A", "new"], 2)
    result = retell(scene, Bound(words(all=told(), A=before)), words(A=after))
    assert want_on(result.scene, "A").span == span
    assert result.unspanned == (["A"] if after.span else [])
    new = retell(scene, Bound(words(all=told())), words(new=told()._replace(span=("*",))))
    assert want_on(new.scene, "new").span == 2, "a screen that comes later does as the others do"
