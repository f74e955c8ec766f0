"""Every message survives the way through a real socket pair."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from tests.link.conftest import Link
from wayvid.geometry import Laid, Layout, Part, Size
from wayvid.link.figures import CounterFigures, Figures, OutputFigures, PaceFigures, PoolFigures, StreamFigures
from wayvid.link.messages import (
    AskFigures,
    AtEnd,
    Close,
    Connected,
    Draws,
    Ease,
    Eased,
    Ended,
    Failed,
    Finish,
    Freeze,
    Frozen,
    Graphics,
    GraphicsLost,
    Hide,
    Limits,
    Memory,
    MemoryGone,
    Pace,
    Pause,
    Paused,
    Picture,
    Playing,
    Prepare,
    Rests,
    Show,
    Shown,
    Snapshot,
    SnapshotTaken,
    Sound,
    Sounds,
    Still,
    StreamSpec,
    Thaw,
    ToDaemon,
    ToPlayer,
)

SPEC = StreamSpec(
    path="/a b/ü.mp4",
    start_s=1.5,
    speed=0.5,
    loop=False,
    hwdec="auto",
    options=(("sws-scaler", "lanczos"), ("x", "")),
)
PICTURE = Picture(2**63, 3840, 2160, 15360, 4096, 2160, 270)
TO_PLAYER = [
    Prepare(0, StreamSpec(path="a")),
    Prepare(63, SPEC, resume_s=12.25),
    Show("HEADLESS-1", 0, Laid(Layout.FILL)),
    Show("ü" * 100, 2**31, Laid(Layout.CONTAIN, Part(Size(5760, 1080), 1920, 0, 180))),
    Hide("eDP-1"),
    Finish(),
    Prepare(1, SPEC, begin_at_s=12345.678),
    Limits(),
    Limits(0, 0, 2**40, 2**40, 2**40, 16, 0, 10**9),
    Graphics(),
    Graphics("gl", "vaapi", 10, True, "/dev/dri/renderD129", "no driver"),
    AskFigures(),
    Ease(()),
    Ease(("drop idle buffers", "one decode thread")),
    Pause(0, True),
    Freeze(1),
    Thaw(1),
    Close(63),
    Snapshot(63),
    Sound(3, 100),
    Pace("DP-1", 29.97, True),
]
TO_DAEMON = [
    Memory(2**64 - 1, 2**40),
    MemoryGone(0),
    Draws("gl", "Mesa Intel(R) UHD Graphics 620", "asked for"),
    Connected(),
    GraphicsLost("eglSwapBuffers: the graphics card was reset"),
    Shown("DP-2"),
    Playing(1, 7680, 4320),
    Failed(0, "it cannot be opened", -13),
    Still(0, PICTURE, True),
    Still(5, Picture(0, 1, 1, 64, 1, 1), False),
    Ended("no compositor; start one", 3),
    Figures("asked", CounterFigures(), PoolFigures()),
    Figures(
        "stats+check",
        CounterFigures(1, 2, 2**60, 2**60 - 1, 5),
        PoolFigures(*range(9)),
        tuple(
            StreamFigures(n, "ü.mp4", "playing", 1.5, 0.0, 2**40, 0, 1, 9, 2, {"x": 1}, "", 0.04, "no card")
            for n in range(64)
        ),
        tuple(OutputFigures(f"DP-{n}", 2**40, True, PaceFigures(n, 1, 59.9, 1.5, 4.5, "callbacks")) for n in range(64)),
    ),
    Eased((("drop idle buffers", 2**40), ("one decode thread", 0))),
    Frozen(0, 12.5),
    Paused(0, True, 12.5),
    Rests(0, True),
    SnapshotTaken(3, None),
    SnapshotTaken(3, Picture(2**63, 7680, 4320, 30720, 7680, 4320, 270)),
    Sounds(0),
    AtEnd(7),
]


@pytest.mark.parametrize("message", TO_PLAYER, ids=repr)
def test_a_message_to_the_player_arrives_as_it_was_sent(link: Link, message: Any) -> None:
    link.daemon.send(message)
    assert list(link.player.receive()) == [(message, -1)]


@pytest.mark.parametrize("message", TO_DAEMON, ids=repr)
def test_a_message_to_the_daemon_arrives_as_it_was_sent(link: Link, message: Any) -> None:
    link.player.send(message)
    assert list(link.daemon.receive()) == [(message, -1)]


@pytest.mark.parametrize(
    ("kinds", "messages"),
    [pytest.param(ToPlayer, TO_PLAYER, id="player"), pytest.param(ToDaemon, TO_DAEMON, id="daemon")],
)
def test_every_kind_of_message_is_tested_here(kinds: object, messages: list[Any]) -> None:
    assert {type(message) for message in messages} == set(get_args(kinds))


@pytest.mark.parametrize("message", TO_DAEMON, ids=repr)
def test_a_message_that_goes_the_wrong_way_is_refused(link: Link, message: Any) -> None:
    link.daemon.send(message)
    with pytest.raises(msgspec.ValidationError):
        list(link.player.receive())


def test_equal_specs_are_one_key_and_different_ones_are_not() -> None:
    again = msgspec.structs.replace(SPEC)
    assert {SPEC: 1}[again] == 1
    for change in (
        {"start_s": 0.0},
        {"speed": 1.0},
        {"loop": True},
        {"hwdec": "no"},
        {"options": ()},
        {"path": "a"},
    ):
        assert msgspec.structs.replace(SPEC, **change) != SPEC
