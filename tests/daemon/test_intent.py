"""What outputs go back to when what they are to show cannot be shown, and what commands meanwhile make of it."""

from __future__ import annotations

from itertools import count

import pytest

from wayvid.daemon.intent import Intent
from wayvid.daemon.remember import Opening
from wayvid.daemon.retelling import Bound
from wayvid.daemon.scene import AS_TOLD, DEFAULT, NEW, Scene, Timeline, Want, want_on
from wayvid.daemon.told import Play, Told
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

FILL, CONTAIN = Layout.FILL, Layout.CONTAIN
FIRST = Told(Play("waves"), FILL)
SHOWN_S = 7.0
# A stream that has no picture yet.
NEWER = 9


def line(serial: int, source: str = "waves") -> Timeline:
    return Timeline(serial, source, StreamSpec(source))


def scene(**serials: int) -> Scene:
    return {DEFAULT if name == "all" else name: Want(line(serial), FILL) for name, serial in serials.items()}


def shown(scene: Scene, *names: str) -> list[int]:
    return [want_on(scene, name).timeline.serial for name in names]


@pytest.fixture
def intent() -> Intent:
    """A and B show the same; all is sure."""
    first = scene(all=0)
    return Intent(Opening(first, first, Bound({DEFAULT: FIRST}), FIRST, first[DEFAULT]))


@pytest.fixture
def waiting(intent: Intent) -> Intent:
    """B is to show another source, which has no picture yet."""
    intent.play({"B": line(NEWER, "rain")}, AS_TOLD)
    intent.make_sure(intent.names(), lambda serial: serial == NEWER)
    return intent


def test_what_may_fail_is_wanted_and_not_sure(waiting: Intent) -> None:
    assert shown(waiting.wanted, "A", "B", "C") == [0, NEWER, 0]
    assert shown(waiting.sure, "A", "B", "C") == [0, 0, 0]
    assert waiting.serials() == waiting.serials(["B"]) == {0, NEWER}
    assert waiting.serials(["A"]) == {0}
    waiting.make_sure(waiting.names(), lambda _serial: False)
    assert shown(waiting.sure, "A", "B") == [0, NEWER]


def test_what_fails_is_gone_back_from_and_the_next_reload_tries_again(waiting: Intent) -> None:
    said = Told(Play("rain"), FILL)
    retold = waiting.retold({"B": said}, lambda _want, _old, _new: line(NEWER, "rain"))
    waiting.take(retold)
    assert waiting.told_on("B") == said
    assert waiting.leaving({"B": said}) == []
    waiting.go_back(["B"], NEWER)
    assert shown(waiting.wanted, "A", "B") == [0, 0]
    assert waiting.leaving({"B": said}) == ["B"]


def test_what_is_shown_was_told_and_is_not_tried_again(waiting: Intent) -> None:
    said = Told(Play("rain"), FILL)
    waiting.take(waiting.retold({"B": said}, lambda _want, _old, _new: line(NEWER, "rain")))
    waiting.settle(NEWER)
    waiting.go_back(["B"], NEWER)  # a list that ends much later, say
    assert waiting.leaving({"B": said}) == []


def test_a_list_that_goes_on_with_another_file_is_gone_back_from_as_its_first_one_is(waiting: Intent) -> None:
    said = Told(Play("rain"), FILL)
    waiting.take(waiting.retold({"B": said}, lambda _want, _old, _new: line(NEWER, "rain")))
    waiting.replace(NEWER, line(10, "snow"))
    assert shown(waiting.wanted, "B") == [10]
    waiting.go_back(["B"], 10)
    assert waiting.leaving({"B": said}) == ["B"]


def test_layout_sound_and_span_hold_for_what_is_gone_back_to(waiting: Intent) -> None:
    waiting.lay_out(["B"], CONTAIN)
    waiting.resound(["B"], lambda want: want._replace(is_muted=False))
    waiting.span(["A", "B"], is_span=True)
    assert waiting.has_spans
    waiting.go_back(["B"], NEWER)
    want = waiting.on("B")
    assert (want.layout, want.is_muted, want.span) == (CONTAIN, False, waiting.on("A").span)
    assert want.span > AS_TOLD


def test_a_pause_of_all_holds_for_what_is_gone_back_to(waiting: Intent) -> None:
    serials = count(20)
    names, connected = [DEFAULT, "A", "B"], ["A", "B"]
    waiting.pause(names, connected, True, lambda timeline: timeline._replace(serial=NEW, begin_s=SHOWN_S), serials)
    assert all(waiting.on(name).is_paused for name in names)
    waiting.go_back(["B"], NEWER)
    assert shown(waiting.wanted, "A", "B") == [0, 0]
    assert waiting.on("B").is_paused


def test_one_that_is_paused_alone_goes_back_to_a_place_of_its_own(waiting: Intent) -> None:
    waiting.pause(["B"], ["A", "B"], True, lambda timeline: timeline._replace(serial=NEW, begin_s=SHOWN_S), count(20))
    assert not waiting.on("A").is_paused
    waiting.go_back(["B"], NEWER)
    want = waiting.on("B")
    assert (want.is_paused, want.timeline.begin_s) == (True, SHOWN_S)
    assert want.timeline.serial not in (0, NEWER)


@pytest.mark.parametrize(("names", "is_set"), [(["B"], False), ([DEFAULT, "B"], True)])
def test_a_command_about_all_is_remembered_for_outputs_to_come(intent: Intent, names: list[str], is_set: bool) -> None:
    intent.play(dict.fromkeys(names, line(NEWER, "rain")), AS_TOLD)
    intent.lay_out(names, CONTAIN)
    intent.resound(names, lambda want: want)
    assert intent.bound[1:] == (is_set,) * 3


def test_what_was_shown_last_time_is_told_from_what_was_said_now() -> None:
    wanted, sure = scene(all=0, B=1), scene(all=2)
    intent = Intent(Opening(wanted, sure, Bound({DEFAULT: FIRST, "B": Told(Play("x"), FILL)}), FIRST, wanted["B"]))
    assert intent.taken_up == {0, 1}
    intent.forget_last_time(["B"])
    assert intent.told_on("B") == intent.told_on("C") == FIRST
