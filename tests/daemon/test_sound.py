"""Who decides how loud a stream is."""

from __future__ import annotations

import pytest

from wayvid.daemon.scene import DEFAULT, Timeline, Want, loudness, sounding, want_on
from wayvid.daemon.travel import louder
from wayvid.errors import NotPossible
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

WAVES, RAIN = (Timeline(serial, name, StreamSpec((name,))) for serial, name in enumerate(("waves.mp4", "rain.mp4")))


def want(timeline: Timeline = WAVES, volume: int = 100, is_muted: bool = False) -> Want:
    return Want(timeline, Layout.FILL, is_muted=is_muted, volume=volume)


@pytest.mark.parametrize(
    ("wants", "volume"),
    [
        pytest.param([], 0, id="no output"),
        pytest.param([Want(WAVES, Layout.FILL)], 0, id="nobody asked"),
        pytest.param([want(volume=40)], 40, id="one output"),
        pytest.param([want(volume=40), want(volume=70), want(volume=10)], 70, id="the loudest"),
        pytest.param([want(volume=40), want(volume=70, is_muted=True)], 40, id="the loudest that is not muted"),
        pytest.param([want(volume=40), want(RAIN, volume=70)], 40, id="those of another stream say nothing"),
        pytest.param([want(volume=0)], 0, id="as soft as can be is nothing"),
    ],
)
def test_loudest_output_of_a_stream_decides(wants: list[Want], volume: int) -> None:
    assert loudness(WAVES.serial, wants) == volume


@pytest.mark.parametrize(
    ("to", "unit", "before", "after"),
    [(30, "%", 100, 30), (10, "+%", 50, 60), (-10, "+%", 50, 40), (-60, "+%", 50, 0), (60, "+%", 50, 100)],
)
def test_volume_is_set_or_changed_within_its_range(to: int, unit: str, before: int, after: int) -> None:
    assert louder(to, unit)(want(volume=before)).volume == after


@pytest.mark.parametrize("to", [-1, 101])
def test_volume_out_of_range_is_refused(to: int) -> None:
    with pytest.raises(NotPossible, match="between 0 and 100"):
        louder(to, "%")


def test_outputs_that_were_not_named_sound_as_before() -> None:
    scene = {DEFAULT: want(volume=40), "B": want(volume=50)}
    after = sounding(scene, ["A"], louder(10, "+%"))
    assert [want_on(after, name).volume for name in ("A", "B", "C")] == [50, 50, 40]
