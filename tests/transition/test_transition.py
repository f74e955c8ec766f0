"""From one picture to another: where both go in their mixture, and how the way goes on."""

from __future__ import annotations

import pytest

from wayvid.geometry import Crop, Layout, Part, Placement, Rect, Size, fit
from wayvid.transition import CUT, NOWHERE, Change, Transition, is_over, layer, mixed_size, progress, stage

SCREEN = Size(1280, 720)
WHOLE = (Crop(0.0, 0.0, 1280.0, 720.0), Rect(0, 0, *SCREEN), 0)


@pytest.mark.parametrize(
    ("steps", "layers", "size"),
    [
        pytest.param(120, [WHOLE, WHOLE], (1280, 720), id="pixel for pixel"),
        pytest.param(240, [WHOLE, WHOLE], (1280, 720), id="no more than the pictures have"),
        pytest.param(240, [WHOLE, (Crop(0.0, 0.0, 3840.0, 2160.0), WHOLE[1], 0)], (2560, 1440), id="as the screen"),
        pytest.param(
            120, [(Crop(0.0, 0.0, 320.0, 180.0), WHOLE[1], 0)] * 2, (320, 180), id="small pictures are scaled later"
        ),
        pytest.param(
            120,
            [(Crop(0.0, 0.0, 320.0, 180.0), Rect(480, 270, 320, 180), 0)] * 2,
            (1280, 720),
            id="small in the middle",
        ),
        pytest.param(120, [(Crop(0.0, 0.0, 720.0, 1280.0), WHOLE[1], 90)] * 2, (1280, 720), id="turned by a quarter"),
    ],
)
def test_a_mixture_has_the_pixels_that_can_be_seen(steps: int, layers: list, size: tuple[int, int]) -> None:
    assert mixed_size(SCREEN, steps, *layers) == size


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("video", [Size(320, 180), Size(4096, 1000), Size(7, 3000)], ids=str)
def test_a_layer_lies_within_its_mixture(layout: Layout, video: Size) -> None:
    placement = fit(video, SCREEN, layout)
    mixed = mixed_size(SCREEN, 120, (placement.source, placement.destination, 0))
    part, place, rotation = layer(placement, placement.source, 0, SCREEN, mixed)
    assert part.x >= 0
    assert part.y >= 0
    assert place.x >= 0
    assert place.y >= 0
    assert place.x + place.width <= mixed.width
    assert place.y + place.height <= mixed.height
    assert rotation == 0


def test_a_picture_of_which_an_output_shows_nothing_is_nowhere_and_asks_for_no_pixels() -> None:
    nothing = Placement(Crop(0.0, 0.0, 8.0, 8.0), Rect(0, 0, 0, 0))
    assert layer(nothing, nothing.source, 90, SCREEN, SCREEN) is NOWHERE
    small = (Crop(0.0, 0.0, 320.0, 180.0), WHOLE[1], 0)
    assert mixed_size(SCREEN, 120, (nothing.source, nothing.destination, 0), small) == (320, 180)


def test_a_transition_goes_over_the_wall_or_the_output_alone() -> None:
    mixed = Size(640, 360)
    assert stage(mixed, SCREEN, None) == (0, 0, 640, 360)
    assert stage(mixed, SCREEN, Part(Size(3000, 800), 1400, 40)) == (-700, -20, 1500, 400)


def test_the_way_begins_and_ends_slowly_and_ends() -> None:
    way = [progress(step / 10, 1.0) for step in range(11)]
    assert way == sorted(way)
    assert (way[0], way[5], way[10]) == (0.0, pytest.approx(0.5), 1.0)
    assert way[1] < 0.05
    assert progress(-1.0, 1.0) == 0.0
    assert progress(0.0, 0.0) == 1.0
    assert is_over(1.0, 1.0)
    assert not is_over(0.99, 1.0)


def test_no_transition_and_no_time_are_cuts() -> None:
    assert CUT.is_cut
    assert Change(Transition.FADE, 0.0).is_cut
    assert not Change(Transition.WIPE, 0.1).is_cut
