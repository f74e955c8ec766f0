"""What a status says of all screens together."""

from __future__ import annotations

import pytest

from wayvid.daemon.account import overall_state
from wayvid.daemon.phase import Holds, Phase
from wayvid.daemon.stream import Stream
from wayvid.ipc.status import OutputStatus
from wayvid.link.messages import StreamSpec
from wayvid.system.events import EventLoop


def stream(number: int, phase: Phase, is_paused: bool = False) -> Stream:
    made = Stream(number, "x.mp4", StreamSpec("x.mp4"), Holds(EventLoop(), 0, lambda _reason: None))
    made.phase, made.is_paused = phase, is_paused
    return made


@pytest.mark.parametrize(
    ("streams", "does", "state"),
    [
        pytest.param([(Phase.PLAYING, False)], [(0, "playing")], "playing", id="plays"),
        pytest.param([(Phase.PLAYING, False)], [(0, "starting")], "starting", id="on no screen yet"),
        pytest.param([(Phase.PLAYING, False)], [(0, "starting"), (0, "slow")], "playing", id="on one of two"),
        pytest.param([(Phase.PLAYING, False)], [(0, "hidden")], "playing", id="nobody can see it"),
        pytest.param([(Phase.PLAYING, True)], [(0, "paused")], "paused", id="paused"),
        pytest.param([(Phase.PLAYING, True), (Phase.PLAYING, False)], [(0, "paused"), (1, "starting")], "starting",
                     id="one is paused, one starts"),
        pytest.param([(Phase.HELD, False)], [(0, "held")], "held", id="held"),
        pytest.param([(Phase.PLAYING, False)], [], "hidden", id="no screen"),
        pytest.param([(Phase.HELD, False)], [], "held", id="held without a screen"),
        pytest.param([], [], "hidden", id="nothing"),
    ],
)  # fmt: skip
def test_a_status_says_of_all_screens_what_one_of_them_does(
    streams: list[tuple[Phase, bool]], does: list[tuple[int, str]], state: str
) -> None:
    made = [stream(number, *each) for number, each in enumerate(streams)]
    outputs = [OutputStatus("A", "fill", "blank", stream_id=number, does=word) for number, word in does]
    assert overall_state(made, outputs) == state


def test_paused_is_said_when_it_has_stopped() -> None:
    one = stream(0, Phase.PLAYING, is_paused=True)
    one.is_told_to_stop = True
    assert one.state == "playing"
    one.is_told_to_stop = False
    assert one.state == "paused"
    one = stream(0, Phase.HOLDING)
    assert one.is_stopping
    one.is_resting = True  # nobody looks
    assert not one.is_stopping
