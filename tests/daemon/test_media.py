"""The wallpaper in the words of MPRIS, and what these words ask for."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from wayvid.daemon.media import (
    PLAYER,
    Media,
    NoSuchProperty,
    changed,
    has_jumped,
    introspection,
    properties,
    request_of,
    request_of_property,
)
from wayvid.ipc.messages import (
    NextRequest,
    PauseRequest,
    PrevRequest,
    ResumeRequest,
    SeekRequest,
    SetRequest,
    SpeedRequest,
    ToggleRequest,
    VolumeRequest,
)

CLIP = Media("Playing", "waves.mp4", "/v/waves 1 é.mp4", 60.0, 10.0)


def value(media: Media, name: str) -> Any:
    return properties(PLAYER, media)[name][1]


def track(media: Media) -> str:
    return str(value(media, "Metadata")["mpris:trackid"][1])


def test_metadata_names_file_length_and_url() -> None:
    metadata = value(CLIP, "Metadata")
    assert metadata["xesam:title"] == ("s", "waves 1 é.mp4")
    assert metadata["xesam:url"] == ("s", "file:///v/waves%201%20%C3%A9.mp4")
    assert metadata["mpris:length"] == ("x", 60_000_000)
    assert value(CLIP, "Position") == 10_000_000


def test_what_has_no_file_has_a_title_and_no_url() -> None:
    metadata = value(Media("Playing", "the built-in wallpaper"), "Metadata")
    assert metadata["xesam:title"] == ("s", "the built-in wallpaper")
    assert set(metadata) == {"mpris:trackid", "xesam:title"}


def test_url_stays_as_it_is_and_words_that_are_no_text_are_made_one() -> None:
    metadata = value(Media("Playing", "\udcff", "https://x.example/a b.mp4"), "Metadata")
    assert metadata["xesam:url"] == ("s", "https://x.example/a b.mp4")
    assert value(Media("Playing", "\udcff"), "Metadata")["xesam:title"] == ("s", "?")


def test_track_is_the_file_wherever_it_is_in_it() -> None:
    assert track(CLIP) == track(CLIP._replace(position_s=30.0, speed=2.0, status="Paused"))
    assert track(CLIP) != track(CLIP._replace(path="/v/rain.mp4"))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, set()),
        ({"position_s": 50.0}, set()),
        ({"status": "Paused"}, {"PlaybackStatus"}),
        ({"speed": 2.0}, {"Rate"}),
        ({"path": "/v/rain.mp4", "has_others": True}, {"Metadata", "CanGoNext", "CanGoPrevious"}),
        ({"length_s": 0.0}, {"Metadata", "CanSeek"}),
    ],
)
def test_only_what_differs_is_told(change: dict[str, Any], names: set[str]) -> None:
    assert set(changed(CLIP, CLIP._replace(**change))) == names


@pytest.mark.parametrize(
    ("change", "elapsed_s", "jumped"),
    [
        ({"position_s": 12.0}, 2.0, False),
        ({"position_s": 30.0}, 2.0, True),
        ({"position_s": 2.0}, 52.0, False),
        ({"position_s": 10.0, "status": "Paused"}, 0.1, False),
        ({"position_s": 40.0, "path": "/v/rain.mp4"}, 1.0, False),
        ({"position_s": 40.0, "length_s": 0.0}, 1.0, False),
    ],
    ids=["as played", "sought", "began again", "stopped", "another file", "no length"],
)
def test_position_jumps_when_it_is_not_where_play_came_to(
    change: dict[str, Any], elapsed_s: float, jumped: bool
) -> None:
    assert has_jumped(CLIP, CLIP._replace(**change), elapsed_s) is jumped


@pytest.mark.parametrize(
    ("member", "body", "request_"),
    [
        ("Play", (), ResumeRequest()),
        ("Pause", (), PauseRequest()),
        ("Stop", (), PauseRequest()),
        ("PlayPause", (), ToggleRequest()),
        ("Next", (), NextRequest()),
        ("Previous", (), PrevRequest()),
        ("Seek", (-5_000_000,), SeekRequest(-5.0, "+s")),
        ("SetPosition", (track(CLIP), 30_000_000), SeekRequest(30.0)),
        ("SetPosition", (track(CLIP), 61_000_000), None),
        ("SetPosition", (track(CLIP), -1), None),
        ("SetPosition", ("/org/wayvid/track/0", 1), None),
        ("OpenUri", ("file:///v/rain.mp4",), SetRequest("file:///v/rain.mp4")),
        ("OpenUri", ("av://lavfi:testsrc",), None),
        ("OpenUri", ("/v/rain.mp4",), None),
        ("Seek", ("far",), None),
        ("Pause", (1,), None),
    ],
)
def test_methods_are_requests(member: str, body: tuple[Any, ...], request_: object) -> None:
    assert request_of(member, body, CLIP) == request_


def test_rate_and_volume_can_be_set_and_nothing_else() -> None:
    assert [request_of_property("Volume", given) for given in (-1.0, 0.25, 2.0)] == [
        VolumeRequest(percent) for percent in (0, 25, 100)
    ]
    assert request_of_property("Rate", 2.0) == SpeedRequest(2.0)
    assert request_of_property("Rate", 0.0) == PauseRequest()
    for name, given in (("Rate", "2"), ("Volume", float("nan")), ("PlaybackStatus", "Paused")):
        with pytest.raises(NoSuchProperty):
            request_of_property(name, given)


def test_introspection_has_every_property() -> None:
    tree = ElementTree.fromstring(introspection())
    (player,) = (each for each in tree if each.get("name") == PLAYER)
    assert {each.get("name") for each in player.findall("property")} == set(properties(PLAYER, CLIP))
    assert [each.get("name") for each in player.findall("property[@access='readwrite']")] == ["Rate", "Volume"]
