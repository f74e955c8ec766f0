"""The picture's size, its turning and cutting, and the scale of an output."""

from __future__ import annotations

import math
import random

import pytest

from wayvid.geometry import SCALE_STEPS, Crop, Layout, Rect, Size, cut, fit, picture_size, scale_steps, turned

LOOPS = 3000
HD, UHD = Size(1920, 1080), Size(3840, 2160)


# scale_steps


@pytest.mark.parametrize(
    ("logical", "device", "steps"),
    [
        pytest.param(HD, HD, 120, id="scale 1"),
        pytest.param(Size(960, 540), HD, 240, id="scale 2"),
        pytest.param(Size(1536, 864), HD, 150, id="scale 1.25"),
        pytest.param(Size(910, 512), Size(1366, 768), 180, id="1366 at 1.5, rounded down"),
        pytest.param(Size(911, 512), Size(1366, 768), 180, id="1366 at 1.5, rounded up"),
        pytest.param(Size(1092, 614), Size(1366, 768), 150, id="1366 at 1.25, rounded down"),
        pytest.param(Size(1742, 980), Size(1920, 1080), 132, id="1080p at 1.1"),
        pytest.param(Size(426, 266), Size(1280, 800), 361, id="1280x800 at 3: as near as whole pixels tell"),
        pytest.param(Size(1280, 690), HD, 180, id="a surface that a panel made lower"),
        pytest.param(Size(0, 0), HD, 120, id="an output without a size yet"),
        pytest.param(Size(100, 100), Size(0, 0), 1, id="never 0"),
    ],
)
def test_scale_steps_are_those_of_the_protocol(logical: Size, device: Size, steps: int) -> None:
    assert scale_steps(logical, device) == steps


@pytest.mark.parametrize("device", [HD, Size(1366, 768), Size(2560, 1440), UHD, Size(1080, 1920)], ids=str)
def test_scale_steps_undo_what_a_compositor_rounds(device: Size) -> None:
    """sway rounds the logical size down, KWin to the nearest."""
    for steps in (120, 132, 144, 150, 160, 168, 180, 192, 210, 240, 300, 360):
        for rounded in (math.floor, round):
            logical = Size(*(rounded(side * SCALE_STEPS / steps) for side in device))
            assert scale_steps(logical, device) == steps


# picture_size


def test_a_picture_of_no_output_is_the_video() -> None:
    assert picture_size(UHD, []) == UHD


@pytest.mark.parametrize(
    ("video", "screens", "size"),
    [
        pytest.param(UHD, [(HD, 120)], HD, id="4K on 1080p is made in 1080p"),
        pytest.param(UHD, [(HD, 240)], UHD, id="4K on 4K at scale 2"),
        pytest.param(UHD, [(HD, 180)], Size(2880, 1620), id="4K on scale 1.5"),
        pytest.param(HD, [(UHD, 120)], HD, id="never more than the video has"),
        pytest.param(UHD, [(HD, 120), (Size(2560, 1440), 120)], Size(2560, 1440), id="the largest screen decides"),
        pytest.param(Size(640, 480), [(HD, 120)], Size(640, 480), id="small video"),
    ],
)
def test_a_filling_picture_has_what_the_largest_output_can_show(
    video: Size, screens: list[tuple[Size, int]], size: Size
) -> None:
    assert picture_size(video, [(fit(video, logical, Layout.FILL, steps), steps) for logical, steps in screens]) == size


@pytest.mark.parametrize("layout", Layout, ids=str)
def test_a_picture_is_never_larger_than_the_video_nor_than_needed(layout: Layout) -> None:
    source = random.Random(4)
    for _ in range(LOOPS):
        video = Size(source.randint(1, 4000), source.randint(1, 4000))
        steps = source.choice((120, 150, 180, 240))
        placement = fit(video, Size(source.randint(1, 3000), source.randint(1, 3000)), layout, steps)
        size = picture_size(video, [(placement, steps)])
        for axis in (0, 1):
            shown = placement.destination[axis + 2] * steps / SCALE_STEPS
            part = placement.source[axis + 2] / video[axis]
            assert 1 <= size[axis] <= video[axis]
            assert (size[axis] - 1) * part < shown  # one pixel less would be too few, or they are all needed
            assert size[axis] == video[axis] or size[axis] * part >= shown - 1e-3


# turned


@pytest.mark.parametrize(
    ("degrees", "part"),
    [
        pytest.param(0, Crop(0, 0, 10, 20), id="not at all"),
        pytest.param(90, Crop(60, 0, 20, 10), id="the top left comes to the top right"),
        pytest.param(180, Crop(90, 60, 10, 20), id="to the bottom right"),
        pytest.param(270, Crop(0, 90, 20, 10), id="to the bottom left"),
    ],
)
def test_a_corner_turns_clockwise(degrees: int, part: Crop) -> None:
    assert turned(Crop(0, 0, 10, 20), Size(100, 80), degrees) == part


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turning_back_gives_the_same_part(degrees: int) -> None:
    source = random.Random(5)
    for _ in range(LOOPS):
        size = Size(source.randint(1, 4000), source.randint(1, 4000))
        x, y = source.randrange(size.width), source.randrange(size.height)
        part = Crop(x, y, source.randint(1, size.width - x), source.randint(1, size.height - y))
        after = size.turned() if degrees in (90, 270) else size
        there = turned(part, size, degrees)
        assert there.x >= 0
        assert there.y >= 0
        assert there.x + there.width <= after.width
        assert there.y + there.height <= after.height
        assert turned(there, after, -degrees % 360) == part


@pytest.mark.parametrize("degrees", [45, -90, 360])
def test_a_picture_is_turned_by_quarters_only(degrees: int) -> None:
    with pytest.raises(ValueError, match=f"by {degrees} degrees"):
        turned(Crop(0, 0, 1, 1), Size(1, 1), degrees)


# cut


@pytest.mark.parametrize(
    ("part", "size", "rect", "rest"),
    [
        pytest.param(Crop(0, 0, 1920, 1080), HD, Rect(0, 0, 1920, 1080), None, id="all"),
        pytest.param(Crop(240, 0, 1440, 1080), HD, Rect(240, 0, 1440, 1080), None, id="whole pixels"),
        pytest.param(
            Crop(656.25, 0, 607.5, 1080), HD, Rect(656, 0, 608, 1080), Crop(0.25, 0, 607.5, 1080), id="a fraction"
        ),
        pytest.param(Crop(9.9999, 0, 10.0002, 5), HD, Rect(10, 0, 10, 5), None, id="nearly whole"),
        pytest.param(Crop(0.5, 0, 0.001, 1), Size(1, 1), Rect(0, 0, 1, 1), Crop(0.5, 0, 1 / 256, 1), id="a sliver"),
        pytest.param(
            Crop(0.9999, 0, 0.0001, 1), Size(1, 1), Rect(0, 0, 1, 1), Crop(255 / 256, 0, 1 / 256, 1), id="edge"
        ),
    ],
)
def test_cut_gives_whole_pixels_and_the_rest(part: Crop, size: Size, rect: Rect, rest: Crop | None) -> None:
    assert cut(part, size) == (rect, rest)


def test_cut_is_never_outside_and_loses_less_than_a_256th() -> None:
    source = random.Random(6)
    for _ in range(LOOPS):
        size = Size(source.randint(1, 4000), source.randint(1, 4000))
        x, y = source.uniform(0, size.width), source.uniform(0, size.height)
        part = Crop(x, y, source.uniform(0, size.width - x), source.uniform(0, size.height - y))
        rect, rest = cut(part, size)
        inner = rest or Crop(0.0, 0.0, float(rect.width), float(rect.height))
        for axis in (0, 1):
            assert 0 <= rect[axis] < rect[axis] + rect[axis + 2] <= size[axis]
            assert 0 <= inner[axis] < inner[axis] + inner[axis + 2] <= rect[axis + 2]
            assert rect[axis] + inner[axis] == pytest.approx(part[axis], abs=1 / 128)
            assert inner[axis + 2] == pytest.approx(part[axis + 2], abs=1 / 128)
            assert inner[axis] < 1  # no whole pixel more than needed
            assert rect[axis + 2] - inner[axis] - inner[axis + 2] < 1


def test_cut_of_every_fill_lies_within_the_picture() -> None:
    source = random.Random(7)
    for _ in range(LOOPS):
        video = Size(source.randint(1, 4000), source.randint(1, 4000))
        part = fit(video, Size(source.randint(1, 4000), source.randint(1, 4000)), Layout.FILL).source
        rect, _rest = cut(part, video)
        assert rect.x + rect.width <= video.width
        assert rect.y + rect.height <= video.height
