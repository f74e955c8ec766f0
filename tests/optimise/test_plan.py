"""What of a clip no screen shows, and the copy that leaves it out."""

from __future__ import annotations

from fractions import Fraction

import pytest

from wayvid.errors import UsageError
from wayvid.geometry import Layout, Part, Size
from wayvid.optimise.clip import Clip
from wayvid.optimise.plan import Screen, parse_screen, plan_copy, shown_size

CLIP = Clip(
    path="/sea.mp4", stream_index=0, coded=Size(3840, 2160), seen=Size(3840, 2160), rate=Fraction(60), duration_s=20.0,
    total_s=20.0, codec="h264", bits=8, size_bytes=10**8, has_sound=False,
    is_hdr=False, is_interlaced=False,
)  # fmt: skip


def screen(width: int, height: int, refresh_hz: float = 60.0, layout: Layout = Layout.FILL) -> Screen:
    return Screen("DP-1", Size(width, height), refresh_hz, layout)


def part(x: int, width: int, height: int, scale: float) -> Screen:
    """A screen of so many pixels on a wall of 5760x1080."""
    logical = Size(round(width / scale), round(height / scale))
    return screen(width, height)._replace(logical=logical, part=Part(Size(5760, 1080), x, 0))


@pytest.mark.parametrize(
    ("seen", "screens", "size"),
    [
        pytest.param((3840, 2160), [screen(1920, 1080)], (1920, 1080), id="half"),
        pytest.param((3840, 2160), [screen(1920, 1080), screen(2560, 1440)], (2560, 1440), id="the largest counts"),
        pytest.param((3840, 2160), [screen(1080, 1920)], (3414, 1920), id="upright screen: its height is filled"),
        pytest.param((3840, 2160), [screen(1080, 1920, layout=Layout.CONTAIN)], (1080, 608), id="upright, with bars"),
        pytest.param((3840, 2160), [screen(1920, 1080, layout=Layout.CENTRE)], (3840, 2160), id="pixel for pixel"),
        pytest.param((3840, 2160), [screen(1000, 1000, layout=Layout.STRETCH)], (1778, 1000), id="keeps its shape"),
        pytest.param((1280, 720), [screen(1920, 1080)], (1280, 720), id="never larger"),
        pytest.param((1920, 1080), [screen(1900, 1069)], (1920, 1080), id="too little to gain"),
        pytest.param(
            (5760, 1080), [part(0, 1920, 1080, 1.0), part(1920, 1920, 1080, 1.0)], (5760, 1080), id="parts of a wall"
        ),
        pytest.param(
            (5760, 1080),
            [part(0, 960, 540, 0.5), part(1920, 1920, 1080, 1.0)],
            (5760, 1080),
            id="the finer part counts",
        ),
        pytest.param((1001, 501), [screen(501, 251)], (502, 252), id="even"),
    ],
)
def test_copy_has_as_many_pixels_as_the_screens_can_show(seen, screens, size) -> None:
    plan = plan_copy(CLIP._replace(seen=Size(*seen)), screens, 30)
    assert plan.size == size
    assert plan.wasted_pixels == pytest.approx(1 - size[0] * size[1] / (seen[0] * seen[1]))
    assert any("pixels instead of" in reason for reason in plan.reasons) is (size != seen)


@pytest.mark.parametrize(
    ("rate", "refresh_hz", "max_fps", "copy"),
    [
        (60, 60, 30, 30),
        (50, 60, 30, 25),
        (Fraction(60000, 1001), 60, 30, Fraction(30000, 1001)),
        (Fraction(30000, 1001), 60, 30, Fraction(30000, 1001)),
        (24, 60, 30, 24),
        (30, 60, 30, 30),
        (60, 60, 0, 60),
        (120, 60, 0, 60),
        (120, 144, 0, 120),
        (60, 24, 30, 20),
        (144, 60, 30, Fraction(144, 5)),
    ],
)
def test_copy_has_every_so_many_th_frame(rate, refresh_hz, max_fps, copy) -> None:
    plan = plan_copy(CLIP._replace(rate=Fraction(rate)), [screen(3840, 2160, refresh_hz)], max_fps)
    assert plan.rate == copy
    assert plan.wasted_frames == pytest.approx(float(1 - copy / Fraction(rate)))
    assert bool(plan.reasons) is (copy != rate)


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"bits": 10}, "8 bits of each colour instead of 10"),
        ({"total_s": 20.5}, "goes on for 0.5 s without one"),
    ],
)
def test_what_costs_memory_or_a_clean_loop_is_a_reason(fields, word) -> None:
    lean = CLIP._replace(rate=Fraction(30))
    assert not plan_copy(lean, [screen(3840, 2160)], 30).reasons
    (reason,) = plan_copy(lean._replace(**fields), [screen(3840, 2160)], 30).reasons
    assert word in reason


def test_pictures_are_made_in_the_size_that_the_player_would_take() -> None:
    assert shown_size(CLIP, [screen(1000, 1000, layout=Layout.STRETCH)]) == (1000, 1000)
    assert shown_size(CLIP, [screen(1280, 720)]) == (1280, 720)


@pytest.mark.parametrize(
    ("text", "size", "refresh_hz"),
    [("1920x1080", (1920, 1080), 60), ("2560x1440@144", (2560, 1440), 144), ("640x480@59.94", (640, 480), 59.94)],
)
def test_screen_is_a_size_and_a_rate(text, size, refresh_hz) -> None:
    assert parse_screen(text, Layout.CONTAIN) == Screen("", Size(*size), refresh_hz, Layout.CONTAIN)


@pytest.mark.parametrize(
    "text", ["", "1920", "1920x", "0x1080", "1920x1080@", "1920x1080@0", "99999x1", "-1x5", "1920*1080", "1x1@1e9"]
)
def test_what_is_no_screen_is_refused_in_one_line(text) -> None:
    with pytest.raises(UsageError, match="is not the size of a screen; write it as 1920x1080"):
        parse_screen(text, Layout.FILL)
