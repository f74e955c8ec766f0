"""When a list goes on, by itself and not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from wayvid.daemon.effect import OnDone
from wayvid.daemon.listing import opened
from wayvid.daemon.lists import IMAGE_S, SETTLED_S, Lists, due_in_s
from wayvid.daemon.phase import HoldReason, Holds, Phase
from wayvid.daemon.scene import DEFAULT, Timeline, Want
from wayvid.daemon.stream import Place, Stream
from wayvid.daemon.turns import Entry, Turn
from wayvid.errors import WayvidError
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist
from wayvid.system.events import EventLoop

NOW_S = 1_000_000.0
SPEC = StreamSpec("/f/a.mp4")
AHEAD_S = 1.6


def due(
    phase: Phase = Phase.PLAYING,
    every_s: float = 0.0,
    since_s: float = NOW_S - 4,
    is_alone: bool = False,
    position_s: float = 4.0,
    duration_s: float = 10.0,
    speed: float = 1.0,
    holds: tuple[HoldReason, ...] = (),
    fade_s: float = 0.0,
    **states: object,
) -> float | None:
    spec = StreamSpec(SPEC.path, speed=speed)
    loop = EventLoop()
    stream = Stream(0, "/f", spec, Holds(loop, 0.0, lambda _reason: None))
    loop.close()
    stream.turn = Turn(Playlist("/f", every_s=every_s), Entry("/f/a.mp4", 0), since_s, is_alone)
    stream.phase = phase
    stream.holds.reasons.update(holds)
    for name, value in states.items():
        assert hasattr(stream, name)
        setattr(stream, name, value)
    return due_in_s(stream, Place(spec, position_s, duration_s), AHEAD_S, fade_s, NOW_S)


@pytest.mark.parametrize(
    ("delay_s", "case"),
    [
        pytest.param(6 - AHEAD_S, {}, id="before the end of a clip"),
        pytest.param(3 - AHEAD_S, {"speed": 2.0}, id="which comes sooner at twice the speed"),
        pytest.param(0.0, {"position_s": 9.9}, id="at once where it is over"),
        pytest.param(
            0.4 + SETTLED_S, {"duration_s": 1.0, "position_s": 0.1, "fade_s": 0.5}, id="not before a short one has come"
        ),
        pytest.param(
            0.2, {"duration_s": 0.3, "position_s": 0.1, "fade_s": 0.5}, id="at its end if it is too short for that"
        ),
        pytest.param(56.0, {"every_s": 60.0}, id="after its time whatever is left of the clip"),
        pytest.param(56.0, {"every_s": 60.0, "phase": Phase.STILL}, id="after its time of an image"),
        pytest.param(IMAGE_S - 4, {"phase": Phase.STILL}, id="an image has no end"),
        pytest.param(0.0, {"every_s": 60.0, "since_s": NOW_S - 90}, id="at once what is overdue"),
        pytest.param(60.0, {"every_s": 60.0, "since_s": NOW_S + 9e9}, id="a clock that was set back does not stop it"),
        pytest.param(0.0, {"phase": Phase.FAILED}, id="at once from what cannot be played on"),
        pytest.param(0.0, {"phase": Phase.HELD, "holds": (HoldReason.ENDED,)}, id="at the end of what has no length"),
        pytest.param(None, {"duration_s": 0.0}, id="not by time where there is no length"),
        pytest.param(None, {"is_alone": True}, id="never where there is no other file"),
        pytest.param(None, {"is_alone": True, "phase": Phase.STILL, "every_s": 60.0}, id="likewise an image"),
        pytest.param(None, {"is_paused": True}, id="not while it is paused"),
        pytest.param(None, {"is_stopped": True, "phase": Phase.STILL, "every_s": 60.0}, id="nor by a rule"),
        pytest.param(None, {"is_resting": True, "every_s": 60.0}, id="nor while no screen asks for it"),
        pytest.param(None, {"phase": Phase.HELD, "holds": (HoldReason.MEMORY,)}, id="nor while it is held"),
        pytest.param(None, {"phase": Phase.HELD, "holds": (HoldReason.ENDED, HoldReason.RULE)}, id="by a rule, too"),
        pytest.param(None, {"on_ready": print}, id="nor before it has a picture"),
    ],
)
def test_a_list_goes_on(delay_s: float | None, case: dict[str, object]) -> None:
    assert due(**case) == (None if delay_s is None else pytest.approx(delay_s))  # type: ignore[arg-type]


class Stage:
    """In place of a Director: what is wanted, and what becomes of a change."""

    instead_of = None
    connected = ()

    def __init__(self, wanted: Timeline, at_change: Timeline) -> None:
        self.wanted = {DEFAULT: Want(wanted, Layout.FILL)}, {}
        self.at_change = at_change
        self.after: Timeline | None = None

    def change(self, _names: object, change: Callable[[Timeline, Place], Timeline], on_done: OnDone) -> None:
        self.after = change(self.at_change, Place(SPEC, 0.0, 0.0))
        on_done(None)


@pytest.mark.parametrize(
    ("at", "step", "then_at", "comes"),
    [
        pytest.param("a", 1, "a", "b", id="no"),
        pytest.param("a", 1, "b", "b", id="to the very file"),
        pytest.param("b", -1, "c", "a", id="the other way"),
        pytest.param("c", 1, "a", "a", id="into another round"),
    ],
)
def test_a_list_that_went_on_while_it_was_looked_for_still_has_other_files(
    tmp_path: Path, at: str, step: int, then_at: str, comes: str
) -> None:
    # "next" of a large folder of short clips said that it was no folder.
    def timeline(serial: int, name: str) -> Timeline:
        begun = opened(str(tmp_path), Entry(str(tmp_path / f"{name}.mp4"), 0))
        return Timeline(serial, str(tmp_path), begun.spec, turn=begun.turn)

    for name in "abc":
        (tmp_path / f"{name}.mp4").write_bytes(b"a clip")
    begun = timeline(1, at)
    stage = Stage(begun, begun if at == then_at else timeline(2, then_at))
    errors: list[WayvidError | None] = []
    loop = EventLoop()
    lists = Lists(loop, cast(Any, stage), cast(Any, None), cast(Any, None), lambda: None)

    def on_done(error: WayvidError | None) -> None:
        errors.append(error)
        loop.stop()

    lists.turn([DEFAULT], step, on_done)
    if not errors:  # the disk took its time
        loop.run()
    lists.close()
    loop.close()
    assert errors == [None]
    assert stage.after is not None
    assert stage.after.spec.path == str(tmp_path / f"{comes}.mp4")
