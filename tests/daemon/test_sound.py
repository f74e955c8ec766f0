"""Who decides how loud a stream is."""

from __future__ import annotations

import pytest

from wayvid.config.model import Config, OutputRule
from wayvid.config.resolve import OutputFacts
from wayvid.daemon.retelling import Bound, retold
from wayvid.daemon.scene import DEFAULT, Timeline, Want, loudness, resounded, want_on
from wayvid.daemon.told import Play, Script, Sound, Told
from wayvid.daemon.travel import louder
from wayvid.errors import NotPossible
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

WAVES, RAIN = (Timeline(serial, name, StreamSpec(name)) for serial, name in enumerate(("waves.mp4", "rain.mp4")))


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
    after = resounded(scene, ["A"], louder(10, "+%"))
    assert [want_on(after, name).volume for name in ("A", "B", "C")] == [50, 50, 40]


# The config.


def test_config_says_who_is_heard() -> None:
    script = Script(
        Config(mute=False, volume=30, output=(OutputRule("DP-2", volume=80), OutputRule("DP-3", mute=True)))
    )
    said = [script.on(OutputFacts(name)).sound for name in ("DP-1", "DP-2", "DP-3")]
    assert said == [Sound(False, 30), Sound(False, 80), Sound(True, 30)]
    assert Script(Config()).on().sound == Sound(True, 100)


def test_what_a_command_said_of_the_sound_stays_until_the_config_says_something_else() -> None:
    def told(volume: int) -> dict[str, Told]:
        return {DEFAULT: Told(Play("waves"), Layout.FILL, Sound(False, volume))}

    scene = {DEFAULT: want(volume=55)}  # by a command
    bound = Bound(told(30), is_sounding=True)
    again = retold(scene, bound, told(30), lambda now, _old, _new: now.timeline)
    assert (want_on(again.scene, DEFAULT).volume, again.sounds, again.bound.is_sounding) == (55, {}, True)
    other = retold(scene, bound, told(40), lambda now, _old, _new: now.timeline)
    assert want_on(other.scene, DEFAULT).volume == 40
    assert (other.sounds, other.bound.is_sounding) == ({DEFAULT: Sound(False, 40)}, False)
