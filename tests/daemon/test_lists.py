"""When a list goes on, by itself and not at all."""

from __future__ import annotations

import pytest

from wayvid.daemon.lists import IMAGE_S, SETTLED_S, due_in_s
from wayvid.daemon.phase import HoldReason, Holds, Phase
from wayvid.daemon.stream import Place, Stream
from wayvid.daemon.turns import Entry, Turn
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
