"""fit(): which part of a video goes where, for every layout and shape."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest

from wayvid.geometry import SCALE_STEPS, Crop, Layout, Placement, Rect, Size, fit

LOOPS = 2000
SHAPES = [
    Size(1920, 1080),
    Size(1080, 1920),
    Size(640, 480),
    Size(1366, 768),
    Size(1367, 769),
    Size(853, 479),
    Size(3840, 2160),
    Size(7680, 4320),
    Size(1, 1),
    Size(1, 10000),
    Size(10000, 1),
    Size(3, 2),
]
STEPS = (60, 120, 132, 144, 150, 160, 180, 200, 210, 240, 300, 360)
WHOLE_NUMBERS = [Size(1920, 1080), Size(1280, 720), Size(641, 479)]


def random_size(source: random.Random) -> Size:
    return Size(source.randint(1, 5000), source.randint(1, 5000))


def assert_inside(placement: Placement, video: Size, logical: Size) -> None:
    source, destination = placement
    assert source.x >= 0
    assert source.y >= 0
    assert source.width > 0
    assert source.height > 0
    assert source.x + source.width <= video.width + 1e-9
    assert source.y + source.height <= video.height + 1e-9
    assert destination.x >= 0
    assert destination.y >= 0
    assert destination.width >= 1
    assert destination.height >= 1
    assert destination.x + destination.width <= logical.width
    assert destination.y + destination.height <= logical.height


@pytest.mark.parametrize("layout", Layout, ids=str)
@pytest.mark.parametrize("logical", SHAPES, ids=str)
@pytest.mark.parametrize("video", SHAPES, ids=str)
def test_a_placement_stays_inside_video_and_output(video: Size, logical: Size, layout: Layout) -> None:
    for steps in STEPS:
        assert_inside(fit(video, logical, layout, steps), video, logical)


@pytest.mark.parametrize("layout", Layout, ids=str)
def test_a_placement_stays_inside_video_and_output_for_any_sizes(layout: Layout) -> None:
    source = random.Random(1)
    for _ in range(LOOPS):
        video, logical, steps = random_size(source), random_size(source), source.randint(1, 600)
        assert_inside(fit(video, logical, layout, steps), video, logical)


@pytest.mark.parametrize("layout", [Layout.FILL, Layout.COVER, Layout.STRETCH], ids=str)
def test_fill_cover_and_stretch_leave_no_bars(layout: Layout) -> None:
    for video, logical in product(SHAPES, SHAPES):
        assert fit(video, logical, layout).covers(logical)


def test_fill_and_cover_are_one_layout() -> None:
    for video, logical in product(SHAPES, SHAPES):
        assert fit(video, logical, Layout.FILL) == fit(video, logical, Layout.COVER)


@pytest.mark.parametrize(
    ("video", "logical", "source"),
    [
        pytest.param(Size(640, 480), Size(1920, 1080), Crop(0, 60, 640, 360), id="4:3 on 16:9 loses top and bottom"),
        pytest.param(Size(1920, 1080), Size(1024, 768), Crop(240, 0, 1440, 1080), id="16:9 on 4:3 loses the sides"),
        pytest.param(Size(1920, 1080), Size(1080, 1920), Crop(656.25, 0, 607.5, 1080), id="on an upright screen"),
        pytest.param(Size(1920, 1080), Size(1280, 720), Crop(0, 0, 1920, 1080), id="same shape loses nothing"),
        pytest.param(Size(1920, 1081), Size(1920, 1080), Crop(0, 0.5, 1920, 1080), id="one row too many"),
        pytest.param(Size(1, 10000), Size(10000, 1), Crop(0, 4999.99995, 1, 0.0001), id="a thread of a picture"),
    ],
)
def test_fill_crops_the_middle(video: Size, logical: Size, source: Crop) -> None:
    placement = fit(video, logical, Layout.FILL)
    assert placement.source == pytest.approx(source)
    assert placement.destination == Rect(0, 0, *logical)


def test_fill_keeps_the_aspect_and_one_whole_side() -> None:
    source = random.Random(2)
    for _ in range(LOOPS):
        video, logical = random_size(source), random_size(source)
        crop = fit(video, logical, Layout.FILL).source
        assert crop.width / crop.height == pytest.approx(logical.width / logical.height)
        assert crop.width == video.width or crop.height == video.height
        assert crop.x * 2 + crop.width == pytest.approx(video.width)
        assert crop.y * 2 + crop.height == pytest.approx(video.height)


@pytest.mark.parametrize(
    ("video", "logical", "destination"),
    [
        pytest.param(
            Size(640, 480), Size(1920, 1080), Rect(240, 0, 1440, 1080), id="4:3 on 16:9 has bars at the sides"
        ),
        pytest.param(
            Size(1920, 1080), Size(1024, 768), Rect(0, 96, 1024, 576), id="16:9 on 4:3 has bars above and below"
        ),
        pytest.param(Size(1080, 1920), Size(1920, 1080), Rect(656, 0, 608, 1080), id="an upright video"),
        pytest.param(Size(16, 9), Size(1920, 1080), Rect(0, 0, 1920, 1080), id="a small one of the same shape"),
        pytest.param(Size(1, 10000), Size(1920, 1080), Rect(959, 0, 1, 1080), id="never thinner than a pixel"),
        pytest.param(Size(10000, 1), Size(1920, 1080), Rect(0, 539, 1920, 1), id="never flatter than a pixel"),
    ],
)
def test_contain_shows_the_whole_video_in_the_middle(video: Size, logical: Size, destination: Rect) -> None:
    assert fit(video, logical, Layout.CONTAIN) == Placement(Crop(0, 0, *video), destination)


def test_contain_keeps_the_aspect_within_half_a_pixel_and_the_bars_alike() -> None:
    source = random.Random(3)
    for _ in range(LOOPS):
        video, logical = random_size(source), random_size(source)
        x, y, width, height = fit(video, logical, Layout.CONTAIN).destination
        ratio = min(Fraction(logical.width, video.width), Fraction(logical.height, video.height))
        assert width == max(1, round(video.width * ratio)) or abs(width - video.width * ratio) <= Fraction(1, 2)
        assert height == max(1, round(video.height * ratio)) or abs(height - video.height * ratio) <= Fraction(1, 2)
        assert 0 <= logical.width - width - 2 * x <= 1
        assert 0 <= logical.height - height - 2 * y <= 1


@pytest.mark.parametrize("video", SHAPES, ids=str)
def test_stretch_puts_the_whole_video_on_the_whole_output(video: Size) -> None:
    for logical in SHAPES:
        assert fit(video, logical, Layout.STRETCH) == Placement(Crop(0, 0, *video), Rect(0, 0, *logical))


@pytest.mark.parametrize("layout", Layout, ids=str)
@pytest.mark.parametrize(
    ("video", "logical", "steps"),
    [
        pytest.param(Size(0, 10), Size(10, 10), 120, id="no width of the video"),
        pytest.param(Size(10, 0), Size(10, 10), 120, id="no height of the video"),
        pytest.param(Size(-1, 10), Size(10, 10), 120, id="a negative video"),
        pytest.param(Size(10, 10), Size(0, 10), 120, id="no width of the output"),
        pytest.param(Size(10, 10), Size(10, -5), 120, id="a negative output"),
        pytest.param(Size(10, 10), Size(10, 10), 0, id="no scale"),
        pytest.param(Size(10, 10), Size(10, 10), -120, id="a negative scale"),
    ],
)
def test_fit_refuses_sizes_that_are_not_positive(video: Size, logical: Size, steps: int, layout: Layout) -> None:
    with pytest.raises(ValueError, match="sizes must be positive"):
        fit(video, logical, layout, steps)


# Centre: one video pixel on one device pixel.


@pytest.mark.parametrize("video", WHOLE_NUMBERS, ids=str)
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_centre_at_a_whole_scale_crops_what_is_too_large_and_bars_what_is_too_small(video: Size, scale: int) -> None:
    logical = Size(800, 600)
    source, destination = fit(video, logical, Layout.CENTRE, scale * SCALE_STEPS)
    for axis in (0, 1):
        length = min(video[axis] - video[axis] % scale, logical[axis] * scale)
        assert (source[axis + 2], destination[axis + 2] * scale) == (length, length)
        assert 0 <= logical[axis] - destination[axis + 2] - 2 * destination[axis] <= 1
        assert 0 <= video[axis] - source[axis + 2] - 2 * source[axis] <= 1


@pytest.mark.parametrize("steps", range(60, 481))
def test_centre_is_exact_at_every_scale(steps: int) -> None:
    """A picture that is smaller than the output begins and ends on device pixels, and loses less than one grid step."""
    step = Fraction(SCALE_STEPS, steps).numerator
    scale = Fraction(steps, SCALE_STEPS)
    for video_px in (1279, 1280, 1320, 1365, 1366, 2 * step * steps // SCALE_STEPS):
        logical = 8 * video_px + 7
        source, destination = fit(Size(video_px, 1000), Size(logical, 9000), Layout.CENTRE, steps)
        if video_px < step * scale:
            continue  # less than the smallest piece that can be exact
        assert destination.width * scale == Fraction(source.width)
        assert (destination.x * scale).denominator == 1
        assert video_px - source.width < step * scale
        assert source.x == int(source.x)


def test_centre_loses_nothing_of_a_video_that_fits_the_grid() -> None:
    # At scale 1.1 a video 33 pixels wide is 30 logical pixels; computed in floats it was 29, and a third was cut off.
    for steps, pieces in product(range(60, 481), range(1, 60)):
        step = Fraction(SCALE_STEPS, steps).numerator
        video_px = step * pieces * steps // SCALE_STEPS
        source, destination = fit(Size(video_px, video_px), Size(60 * step, 60 * step), Layout.CENTRE, steps)
        assert (source.x, source.width, destination.width) == (0, video_px, step * pieces)


def test_centre_of_a_large_video_fills_the_output_one_to_one() -> None:
    for steps in range(60, 481):
        scale = Fraction(steps, SCALE_STEPS)
        logical = Size(910, 511)
        source, destination = fit(Size(7680, 4320), logical, Layout.CENTRE, steps)
        assert destination == Rect(0, 0, *logical)
        assert (source.width, source.height) == pytest.approx((float(910 * scale), float(511 * scale)))
        assert (source.x, source.y) == (int(source.x), int(source.y))
