"""What survives the daemon, and what of it holds in the next run."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from wayvid.daemon.remember import Output, State, Track, is_whole, opening, restored, state_of
from wayvid.daemon.retelling import Bound, retold
from wayvid.daemon.scene import AS_TOLD, DEFAULT, Scene, Timeline, Want, first_scene, want_on
from wayvid.daemon.source import DEFAULT_SOURCE
from wayvid.daemon.stream import Place, Spot
from wayvid.daemon.told import Play, Told, played
from wayvid.daemon.turns import Entry, Opened, Turn
from wayvid.errors import SourceUnplayable
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist

A, B, C = "DP-1", "DP-2", "DP-3"
BASE = "/base.mp4"
TOLD = Told(Play(BASE), Layout.FILL)
FOLDER = ("/f/a.mp4", "/f/b.mp4", "/f/c.mp4")
LIST = Playlist("/f")
AT_S = 1_000_000.0


def opened_of(source: str, at: Entry | None = None, since_s: float = 0.0) -> Opened:
    if "missing" in source:
        raise SourceUnplayable(source, "there is no such file")
    if source != "/f":
        return Opened(StreamSpec(source or "av://built-in"))
    entry = at if at is not None and at.file in FOLDER else Entry(FOLDER[0], 0)
    return Opened(StreamSpec(entry.file), Turn(LIST, entry, since_s or AT_S, is_alone=False))


def spec_of(source: str) -> StreamSpec:
    return opened_of(source).spec


def base(told: Told = TOLD) -> Scene:
    play = told.play
    spec, turn = played(opened_of(play.source), play)
    return first_scene(Timeline(0, play.source or DEFAULT_SOURCE, spec, turn=turn), told.layout)


def track(source: str, position_s: float = 3.0, **more: object) -> Track:
    return Track(
        source, **{"file": "", "position_s": position_s, "duration_s": 10.0, "speed": 1.0, "is_moving": True} | more
    )


def state(*tracks: Track, is_over: bool = False, **outputs: Output) -> State:
    told = {DEFAULT: on(0)} | outputs
    return State(1, AT_S, is_over, (A, B, C), tracks, told, is_set=False, is_laid=False)


def on(number: int, layout: Layout = Layout.FILL, is_paused: bool = False, told: Told = TOLD) -> Output:
    return Output(number, layout, is_paused, True, 100, told)


def take_up(
    was: State, told: Told = TOLD, now_s: float = AT_S, named: str = ""
) -> tuple[Scene, Bound, list[SourceUnplayable]]:
    return restored(was, base(told), told, named, opened_of, now_s)


def sources(scene: Scene, *names: str) -> list[str]:
    return [want_on(scene, name).timeline.source for name in names]


def test_scene_comes_back_as_it_was_written() -> None:
    first = Timeline(4, "base.mp4", spec_of(BASE))
    second = Timeline(7, "/set.mp4", StreamSpec("/set.mp4", speed=2.0))
    scene = {
        DEFAULT: Want(first, Layout.FILL),
        A: Want(first, Layout.COVER),
        B: Want(second, Layout.FILL, is_paused=True),
        C: Want(second, Layout.FILL, is_paused=True),
    }
    spots = {4: Spot(Place(first.spec, 3.5, 10.0), True), 7: Spot(Place(second.spec, 6.25, 8.0), False)}
    bound = Bound({DEFAULT: TOLD, B: Told(Play(BASE, speed=0.5), Layout.COVER)}, is_set=True)
    was = state_of(
        scene, bound, lambda line: spots[line.serial], lambda text: text and "/" + text.lstrip("/"), (A, B), AT_S, False
    )
    assert is_whole(was)
    was = msgspec.json.decode(msgspec.json.encode(was), type=State)
    after, again, lost = take_up(was, now_s=AT_S + 2)
    assert not lost
    assert again == bound._replace(told={DEFAULT: TOLD, A: TOLD, C: TOLD, B: bound.told[B]})
    names = (DEFAULT, A, B, C)
    layouts = [want_on(after, name).layout for name in names]
    assert layouts == [Layout.FILL, Layout.COVER, Layout.FILL, Layout.FILL]
    assert [want_on(after, name).is_paused for name in names] == [False, False, True, True]
    assert want_on(after, A).timeline is want_on(after, DEFAULT).timeline
    assert want_on(after, A).timeline[1:] == (BASE, spec_of(BASE), 5.5, None)
    assert want_on(after, B).timeline[1:] == ("/set.mp4", StreamSpec("/set.mp4", speed=2.0), 6.25, None)
    assert {want.timeline.serial for want in after.values()}.isdisjoint({0})


@pytest.mark.parametrize(
    ("was", "is_over", "passed_s", "position_s"),
    [
        pytest.param(track(BASE, 3.0), False, 2.0, 5.0, id="it went on"),
        pytest.param(track(BASE, 3.0, speed=2.0), False, 2.0, 7.0, id="at its speed"),
        pytest.param(track(BASE, 9.0), False, 22.0, 1.0, id="round and round"),
        pytest.param(track(BASE, 3.0), True, 2.0, 3.0, id="it ended in order"),
        pytest.param(track(BASE, 3.0, is_moving=False), False, 2.0, 3.0, id="it stood still"),
        pytest.param(track(BASE, 3.0), False, -50.0, 3.0, id="the clock was set back"),
        pytest.param(track(BASE, 0.0, duration_s=0.0), False, 2.0, 0.0, id="it has no length"),
    ],
)
def test_position_is_where_play_would_be(was: Track, is_over: bool, passed_s: float, position_s: float) -> None:
    scene, _bound, _lost = take_up(state(was, is_over=is_over), now_s=AT_S + passed_s)
    assert want_on(scene, A).timeline.begin_s == pytest.approx(position_s)


def test_list_goes_on_with_its_file() -> None:
    before = track("/f", 3.0, file="/f/b.mp4", round_=7, since_s=AT_S - 60)
    scene, _bound, _lost = take_up(state(before), now_s=AT_S + 2)
    timeline = want_on(scene, A).timeline
    assert timeline.turn == Turn(LIST, Entry("/f/b.mp4", 7), AT_S - 60, is_alone=False)
    assert (timeline.spec, timeline.begin_s) == (StreamSpec("/f/b.mp4", loop=False), 5.0)
    scene, _bound, _lost = take_up(state(msgspec.structs.replace(before, file="/f/gone.mp4")))
    assert (want_on(scene, A).timeline.spec.path, want_on(scene, A).timeline.begin_s) == (FOLDER[0], 0.0)


def test_list_is_shown_at_once_where_the_clock_was_set_back() -> None:
    # The second screen stayed black on a machine that has no clock of its own: its file was to come next year.
    before = track("/f", 3.0, file="/f/b.mp4", since_s=AT_S)
    scene, _bound, _lost = take_up(state(before), now_s=AT_S - 9e6)
    turn = want_on(scene, A).timeline.turn
    assert turn is not None
    assert turn.since_s == AT_S - 9e6


def test_list_is_written_down_with_its_file() -> None:
    turn = Turn(LIST, Entry("/f/b.mp4", 7), AT_S - 60, is_alone=False)
    line = Timeline(1, "/f", StreamSpec("/f/b.mp4", loop=False), turn=turn)
    spot = Spot(Place(line.spec, 3.0, 10.0), True)
    was = state_of({DEFAULT: Want(line, Layout.FILL)}, Bound({DEFAULT: TOLD}), lambda _: spot, str, (A,), AT_S, True)
    assert was.tracks == (track("/f", 3.0, file="/f/b.mp4", round_=7, since_s=AT_S - 60),)


def test_what_is_told_differently_has_the_last_word() -> None:
    was = state(track(BASE), track("/set.mp4"), **{DEFAULT: on(1, Layout.CENTRE), A: on(0)})
    scene, bound, _lost = take_up(was)
    assert (sources(scene, A, B), want_on(scene, B).layout) == ([BASE, "/set.mp4"], Layout.CENTRE)

    told = Told(Play("/other.mp4"), Layout.FILL)
    scene, bound, _lost = take_up(was, told)
    assert (sources(scene, A, B), want_on(scene, B).layout) == ([BASE, "/other.mp4"], Layout.CENTRE)
    assert (bound.told[DEFAULT], bound.told[A]) == (told, TOLD), "that of an output comes with it"

    scene, _bound, _lost = take_up(was, Told(Play(BASE, speed=2.0), Layout.COVER))
    after = want_on(scene, B)
    assert (after.timeline.source, after.timeline.spec.speed, after.layout) == ("/set.mp4", 2.0, Layout.COVER)


def test_named_source_goes_before_what_was_set() -> None:
    was = state(track(BASE), track("/set.mp4", 6.0, is_moving=False), **{A: on(1, Layout.COVER, is_paused=True)})
    scene, _bound, _lost = take_up(was, named=BASE)
    assert sources(scene, A, B) == [BASE, BASE]
    assert want_on(scene, A).timeline is want_on(scene, B).timeline, "it joins the one that goes on"
    assert (want_on(scene, A).layout, want_on(scene, A).is_paused) == (Layout.COVER, False)
    scene, bound, _lost = take_up(was, Told(Play("set.mp4"), Layout.FILL), named="/set.mp4")
    assert sources(scene, A, B) == ["set.mp4", "set.mp4"]
    assert (want_on(scene, A).is_paused, want_on(scene, A).timeline.begin_s) == (True, 6.0)
    assert (want_on(scene, B).is_paused, want_on(scene, B).timeline.begin_s) == (False, 0.0)
    was = state(track("/set.mp4"), **{DEFAULT: on(0, told=Told(Play("/set.mp4"), Layout.FILL))})
    scene, bound, _lost = take_up(was, Told(Play("set.mp4"), Layout.FILL), named="/set.mp4")
    assert bound.told[DEFAULT].play.source == "set.mp4", "in the words of now"
    assert want_on(scene, A).timeline.begin_s == 3.0


def test_what_was_apart_and_begins_alike_is_one_again() -> None:
    # Two screens with the built-in wallpaper, paused one after the other, had a decoder each for ever.
    still = {"duration_s": 0.0, "is_moving": False}
    tracks = (track(BASE, 3.0), track("", 0.0, **still), track("", 0.0, **still), track("", 0.0), track(BASE, 4.0))
    was = state(*tracks, **{A: on(1, is_paused=True), B: on(2, is_paused=True), C: on(3), "D": on(0), "E": on(4)})
    scene, _bound, _lost = take_up(was)
    serial = {name: want_on(scene, name).timeline.serial for name in (A, B, C, "D", "E")}
    assert serial[A] == serial[B]
    assert len(set(serial.values())) == 4


@pytest.mark.parametrize(
    ("of_all", "of_a", "is_set", "shown"),
    [
        pytest.param("/set.mp4", "/set.mp4", True, ["/set.mp4", "/set.mp4"], id="all were set"),
        pytest.param("/named.mp4", "/set.mp4", False, [BASE, "/set.mp4"], id="one was set"),
        pytest.param("/named.mp4", "/named.mp4", True, ["/named.mp4", "/named.mp4"], id="set to what was named"),
        pytest.param("/named.mp4", "/named.mp4", False, [BASE, BASE], id="nothing was set"),
    ],
)
def test_no_source_on_the_command_line_is_no_word_against_what_was_set_after_one(
    of_all: str, of_a: str, is_set: bool, shown: list[str]
) -> None:
    named = Told(Play("/named.mp4"), Layout.FILL)
    was = state(track(of_all), track(of_a), **{DEFAULT: on(0, told=named), A: on(1, told=named)})
    was = msgspec.structs.replace(was, is_set=is_set, named="/named.mp4")
    scene, bound, _lost = take_up(was)
    assert bound.told[DEFAULT] == TOLD
    result = retold(scene, bound, {A: TOLD}, lambda *_words: base()[DEFAULT].timeline)  # the output comes
    assert sources(result.scene, DEFAULT, A) == shown


def test_what_is_gone_is_told_once_and_the_config_holds() -> None:
    was = state(track("/missing.mp4"), **{A: on(0), B: on(0, Layout.COVER)})
    scene, bound, lost = take_up(was)
    assert [str(error) for error in lost] == ["cannot play '/missing.mp4': there is no such file"]
    assert sources(scene, DEFAULT, A, B) == [BASE, BASE, BASE]
    assert want_on(scene, B).layout is Layout.COVER
    assert bound.told[A].play == TOLD.play


def test_built_in_wallpaper_has_its_name() -> None:
    told = Told(Play(""), Layout.FILL)
    for was in (state(track("")), state(track(""), **{DEFAULT: on(0, told=told)})):
        scene, _bound, _lost = take_up(was, was.outputs[DEFAULT].told)
        assert sources(scene, A) == [DEFAULT_SOURCE]


@pytest.mark.parametrize(
    ("outputs", "connected", "first"),
    [
        ({}, (A, B, C), BASE),
        ({A: on(1), B: on(1)}, (A, B, C), "/set.mp4"),
        ({A: on(1), B: on(1)}, (B,), "/set.mp4"),
        ({A: on(1)}, (A, B, C), BASE),
        ({A: on(1)}, (), BASE),
    ],
)
def test_what_most_outputs_show_is_begun_first(
    outputs: Mapping[str, Output], connected: tuple[str, ...], first: str
) -> None:
    scene, bound, _lost = take_up(state(track(BASE), track("/set.mp4"), **outputs))
    sure = base()
    begun = opening(scene, sure, bound, TOLD, connected)
    assert begun.first.timeline.source == first
    assert (begun.wanted, begun.sure) == (scene, sure)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"outputs": {}},
        {"outputs": {DEFAULT: on(1)}},
        {"outputs": {DEFAULT: on(-1)}},
        {"tracks": (track(BASE, -1.0),)},
        {"tracks": (track(BASE, speed=0.0),)},
    ],
    ids=["version", "nothing", "no such track", "below", "position", "speed"],
)
def test_foreign_state_is_seen(change: dict[str, object]) -> None:
    assert is_whole(state(track(BASE)))
    assert not is_whole(msgspec.structs.replace(state(track(BASE)), **change))


def test_what_a_command_said_of_a_span_holds() -> None:
    spanning = msgspec.structs.replace(on(0), span=4)
    scene, bound, lost = take_up(state(track("/x.mp4"), **{A: spanning, B: spanning}))
    assert [want_on(scene, name).span for name in (A, B, C)] == [4, 4, AS_TOLD]
    assert not lost
    written = state_of(scene, bound, lambda line: Spot(Place(line.spec, 0.0, 0.0), False), str, [A, B], AT_S, True)
    again = msgspec.json.decode(msgspec.json.encode(written), type=State)
    assert [again.outputs[name].span for name in (A, B)] == [4, 4]
    scene, _bound, _lost = take_up(state(track("/missing.mp4"), track("/x.mp4"), **{A: spanning, B: on(1)}))
    assert want_on(scene, A).span == AS_TOLD, "what takes the place of a lost source is as it is told"


def test_a_state_of_before_spans_were_written_down_is_whole() -> None:
    old = msgspec.to_builtins(state(track("/x.mp4"), **{A: on(0)}))
    for output in old["outputs"].values():
        del output["span"]
        output["told"] = output["told"][:3]
    read = msgspec.json.decode(msgspec.json.encode(old), type=State)
    assert is_whole(read)
    assert read.outputs[A].span == AS_TOLD
