"""A screen of the daemon: when its surface is made again, and when its image is too small."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from wayvid.daemon import screen as screen_module
from wayvid.daemon.screen import Screen
from wayvid.geometry import SCALE_STEPS, Laid, Layout, Placement, Size, placed
from wayvid.link.messages import Picture


class FakeSurface:
    """A surface that the test configures and closes."""

    made: list[FakeSurface]

    def __init__(
        self, _connection: object, _output: object, _on_ready: Callable[[], None], on_closed: Callable[[], None]
    ) -> None:
        self.size: Size | None = None
        self.steps = SCALE_STEPS
        self.on_closed = on_closed
        self.is_closed = False
        FakeSurface.made.append(self)

    def placement(self, video: Size, laid: Laid) -> Placement | None:
        return placed(video, self.size, laid, self.steps) if self.size else None

    def close(self) -> None:
        self.is_closed = True
        self.size = None


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A screen on a fake surface."""
    FakeSurface.made = []
    monkeypatch.setattr(screen_module, "WallpaperSurface", FakeSurface)
    return Screen(SimpleNamespace(), SimpleNamespace(), Laid(Layout.FILL), lambda *_: None, lambda: None, lambda: None)  # type: ignore[arg-type]


def test_a_surface_that_was_taken_away_is_made_again(screen: Screen) -> None:
    (first,) = FakeSurface.made
    first.size = Size(100, 100)
    first.on_closed()
    assert first.is_closed
    assert len(FakeSurface.made) == 2
    screen.close()
    assert FakeSurface.made[1].is_closed


def test_a_compositor_that_wants_no_surface_is_not_asked_for_ever(screen: Screen) -> None:
    # It would close each as soon as it is made: two processes busy with nothing else.
    FakeSurface.made[0].on_closed()
    assert FakeSurface.made[0].is_closed
    assert len(FakeSurface.made) == 1
    screen.close()


@pytest.mark.parametrize(
    ("size", "steps", "rotation", "wanted"),
    [
        pytest.param(None, 120, 0, False, id="no size yet"),
        pytest.param(Size(640, 360), 120, 0, False, id="what it was made for"),
        pytest.param(Size(320, 180), 120, 0, False, id="smaller"),
        pytest.param(Size(320, 180), 240, 0, False, id="smaller, scaled to the same"),
        pytest.param(Size(641, 360), 120, 0, True, id="a pixel wider"),
        pytest.param(Size(640, 360), 150, 0, True, id="scaled"),
        pytest.param(Size(360, 640), 120, 90, False, id="turned as the picture is"),
        pytest.param(Size(640, 360), 120, 90, True, id="across"),
    ],
)
def test_a_larger_screen_wants_more_than_the_picture_has(
    screen: Screen, size: Size | None, steps: int, rotation: int, wanted: bool
) -> None:
    surface = FakeSurface.made[0]
    surface.size, surface.steps = size, steps
    picture = Picture(1, 640, 360, 640 * 4, 1600, 900, rotation)
    assert screen.wants_more_than(picture) is wanted
