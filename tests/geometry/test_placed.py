"""placed(): which part of a video an output shows that is a part of a wall."""

from __future__ import annotations

import pytest

from wayvid.geometry import Crop, Laid, Layout, Part, Placement, Rect, Size, fit, picture_size, placed

HD = Size(1920, 1080)


@pytest.mark.parametrize(
    ("video", "layout", "wall", "at", "logical", "source", "destination"),
    [
        pytest.param(
            Size(5760, 1080), Layout.FILL, Size(5760, 1080), (1920, 0), HD, (1920, 0, 1920, 1080), (0, 0, 1920, 1080),
            id="the middle one of three",
        ),
        pytest.param(
            HD, Layout.FILL, Size(3840, 1080), (1920, 0), HD, (960, 270, 960, 540), (0, 0, 1920, 1080),
            id="the right half of what fill leaves",
        ),
        pytest.param(
            Size(100, 100), Layout.STRETCH, Size(3000, 1080), (1920, 0), Size(1080, 540), (64, 0, 36, 50),
            (0, 0, 1080, 540), id="a lower one beside a higher one",
        ),
        pytest.param(
            HD, Layout.CONTAIN, Size(5760, 1080), (1000, 0), HD, (0, 0, 1000, 1080), (920, 0, 1000, 1080),
            id="a bar on its left side alone",
        ),
        pytest.param(
            Size(200, 100), Layout.CENTRE, Size(400, 100), (150, 0), Size(100, 100), (50, 0, 100, 100),
            (0, 0, 100, 100), id="pixel for pixel",
        ),
        pytest.param(
            Size(200, 100), Layout.CENTRE, Size(400, 100), (250, 0), Size(150, 100), (150, 0, 50, 100),
            (0, 0, 50, 100), id="pixel for pixel, and then a bar",
        ),
    ],
)  # fmt: skip
def test_an_output_shows_what_lies_on_it(
    video: Size,
    layout: Layout,
    wall: Size,
    at: tuple[int, int],
    logical: Size,
    source: tuple[float, ...],
    destination: tuple[int, ...],
) -> None:
    placement = placed(video, logical, Laid(layout, Part(wall, *at)))
    assert placement.source == pytest.approx(source)
    assert placement.destination == Rect(*destination)


def test_an_output_between_bars_shows_nothing() -> None:
    outer = placed(HD, HD, Laid(Layout.CONTAIN, Part(Size(5760, 1080), 0, 0)))
    assert outer.is_nothing
    inner = placed(HD, HD, Laid(Layout.CONTAIN, Part(Size(5760, 1080), 1920, 0)))
    assert inner == Placement(Crop(0, 0, 1920, 1080), Rect(0, 0, 1920, 1080))
    assert picture_size(HD, [(outer, 240), (inner, 120)]) == HD


def test_alone_it_is_as_fit_says() -> None:
    for layout in Layout:
        assert placed(Size(640, 480), HD, Laid(layout), 180) == fit(Size(640, 480), HD, layout, 180)


@pytest.mark.parametrize("layout", [Layout.FILL, Layout.STRETCH, Layout.CONTAIN])
@pytest.mark.parametrize("edge", [1, 333, 1920, 3000])
def test_parts_meet_where_their_outputs_do(layout: Layout, edge: int) -> None:
    wall, video = Size(3840, 1200), Size(1999, 1001)
    left = placed(video, Size(edge, 1200), Laid(layout, Part(wall, 0, 0)))
    right = placed(video, Size(3840 - edge, 1200), Laid(layout, Part(wall, edge, 0)))
    whole = fit(video, wall, layout)
    ends = left.source.x + left.source.width if not left.is_nothing else whole.source.x
    assert ends == pytest.approx(right.source.x)
    assert right.source.x + right.source.width == pytest.approx(whole.source.x + whole.source.width)
    assert left.destination.width + right.destination.width == whole.destination.width


def test_centre_goes_by_the_finest_output_of_the_wall() -> None:
    wall = Part(Size(400, 100), 0, 0, 240)
    coarse = placed(Size(400, 100), Size(200, 100), Laid(Layout.CENTRE, wall), 120)
    assert coarse.destination == Rect(100, 25, 100, 50)
    # Two video pixels on one of its own: no more are made than the fine one can show.
    assert picture_size(Size(400, 100), [(coarse, 120)]) == Size(200, 50)
