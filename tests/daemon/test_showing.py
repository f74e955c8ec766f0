"""What the service manager and hooks are told of what the outputs show."""

from __future__ import annotations

import pytest

from wayvid.daemon.showing import Change, Showing, changes_of, status_line

WAVES, RAIN = "/v/waves.mp4", "/v/rain.mp4"


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        ([], "no screen to show anything on"),
        ([Showing("A", "playing", WAVES), Showing("B", "playing", WAVES)], "playing: waves.mp4 on A, B"),
        (
            [Showing("A", "playing", WAVES), Showing("B", "paused", RAIN), Showing("C", "playing", WAVES)],
            "playing: waves.mp4 on A, C; paused: rain.mp4 on B",
        ),
        ([Showing("A", "playing", "/v/loops/")], "playing: loops on A"),
        ([Showing("A", "still", "two\nlines")], "still: two?lines on A"),
    ],
)
def test_status_is_one_line_of_all_outputs(shown: list[Showing], line: str) -> None:
    assert status_line(shown) == line


@pytest.mark.parametrize(
    ("told", "shown", "changes"),
    [
        pytest.param({}, [Showing("A", "starting", WAVES)], [], id="no picture yet"),
        pytest.param(
            {},
            [Showing("A", "playing", WAVES), Showing("B", "still", RAIN), Showing("C", "held", WAVES)],
            [Change(WAVES, ("A", "C")), Change(RAIN, ("B",))],
            id="one for each source",
        ),
        pytest.param({"A": WAVES}, [Showing("A", "paused", WAVES)], [], id="another state alone"),
        pytest.param(
            {"A": WAVES, "B": WAVES},
            [Showing("A", "playing", WAVES), Showing("B", "playing", RAIN)],
            [Change(RAIN, ("B",))],
            id="another source on one",
        ),
    ],
)
def test_changes_are_sources_that_came_and_have_a_picture(
    told: dict[str, str], shown: list[Showing], changes: list[Change]
) -> None:
    assert changes_of(told, shown) == changes
