"""Layouts, compared with arithmetic of their own: where each pixel of the video must be on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import BLOCKS, block_colour, block_picture, make_block_clip
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

LAYOUTS = ("fill", "cover", "contain", "stretch", "centre")
# name -> size in pixels, scale, transform; the odd sizes do not divide by their scales.
SCREENS = {
    "HEADLESS-1": ((640, 360), 1.0, "normal"),
    "HEADLESS-2": ((640, 360), 1.25, "normal"),
    "HEADLESS-3": ((683, 384), 1.5, "normal"),
    "HEADLESS-4": ((800, 600), 2.0, "normal"),
    "HEADLESS-5": ((640, 360), 1.0, "90"),
    "HEADLESS-6": ((641, 361), 1.0, "270"),
}
VIDEOS = {"4:3": (320, 240), "odd": (321, 181), "larger": (1280, 720), "upright": (240, 400)}
# What OpenGL draws is checked with the video and the layouts in which most can go wrong.
BOTH_RENDERERS = [("shm", video, layout) for video in VIDEOS for layout in LAYOUTS]
BOTH_RENDERERS += [("gl", "odd", "fill"), ("gl", "upright", "contain"), ("gl", "larger", "stretch")]
# Pixels beside an edge that scaling may blend.
EDGE_PX = 2.5


@pytest.fixture(scope="module")
def screens() -> Desk:
    with Desk(sizes=[size for size, _scale, _transform in SCREENS.values()]) as desk:
        for name, (_size, scale, transform) in SCREENS.items():
            desk.set_scale(name, scale)
            desk.set_transform(name, transform)
        yield desk


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("blocks")
    return {name: make_block_clip(folder / f"{index}.mkv", size) for index, (name, size) in enumerate(VIDEOS.items())}


def ratios(video: tuple[int, int], screen: tuple[int, int], layout: str) -> tuple[float, float]:
    """Device pixels per video pixel."""
    x, y = screen[0] / video[0], screen[1] / video[1]
    return {
        "fill": (max(x, y),) * 2,
        "cover": (max(x, y),) * 2,
        "contain": (min(x, y),) * 2,
        "stretch": (x, y),
        "centre": (1.0, 1.0),
    }[layout]


def wrong_pixels(
    picture: Image.Image, video: tuple[int, int], layout: str, slack: float, shift: tuple[int, int]
) -> list[str]:
    """Device pixels that show something else than they must, on a grid over the screen."""
    wrong = []
    ratio = ratios(video, picture.size, layout)
    start = [(picture.size[axis] - video[axis] * ratio[axis]) / 2 + shift[axis] for axis in range(2)]
    end = [start[axis] + video[axis] * ratio[axis] for axis in range(2)]
    for y in range(3, picture.height, 11):
        for x in range(3, picture.width, 11):
            point = (x + 0.5, y + 0.5)
            if any(min(abs(point[axis] - start[axis]), abs(point[axis] - end[axis])) < slack for axis in range(2)):
                continue
            expected = (0, 0, 0)
            if all(start[axis] < point[axis] < end[axis] for axis in range(2)):
                block = [(point[axis] - start[axis]) / (end[axis] - start[axis]) * BLOCKS for axis in range(2)]
                size = [(end[axis] - start[axis]) / BLOCKS for axis in range(2)]
                if any(abs(block[axis] - round(block[axis])) * size[axis] < slack for axis in range(2)):
                    continue
                expected = block_colour(int(block[0]), int(block[1]))
            found = picture.getpixel((x, y))
            if any(abs(one - other) > 6 for one, other in zip(found, expected, strict=True)):
                wrong.append(f"{x},{y}: {found} instead of {expected}")
    return wrong


def check_screen(path: Path, screen: str, video: tuple[int, int], layout: str) -> list[str]:
    """What is wrong with a picture of a screen."""
    scale = SCREENS[screen][1]
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    if layout != "centre":
        # Bars begin at whole logical pixels. The pixman renderer of wlroots 0.15 forgets
        # the fraction of a video pixel at which a crop begins (KWin's does not, see below).
        slack = EDGE_PX + max(0.0, ratios(video, rgb.size, layout)[0] - 1)
        return wrong_pixels(rgb, video, layout, slack + (scale if layout == "contain" else 0), (0, 0))
    # 1:1 exactly, but at a fractional scale perhaps moved so that it is: by up to the
    # device pixels in which a whole number of logical ones fit, which may be cropped too.
    step = {1.0: 1, 1.25: 5, 1.5: 3, 2.0: 2}[scale]
    tries = [(x, y) for x in range(-step, step + 1) for y in range(-step, step + 1)]
    return min((wrong_pixels(rgb, video, layout, 0.6 if scale == 1 else step + 0.6, shift) for shift in tries), key=len)


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize(("renderer", "video", "layout"), BOTH_RENDERERS)
def test_a_clip_is_laid_out_exactly_on_screens_of_every_scale_and_rotation(
    screens: Desk, sources: dict[str, Path], run_wayvid: Callable[..., Run], video: str, layout: str
) -> None:
    run = run_wayvid(screens, str(sources[video]), "--layout", layout)
    for screen in SCREENS:
        wrong: list[str] = []

        def is_right(screen: str = screen, wrong: list[str] = wrong) -> bool:
            wrong[:] = check_screen(run.shot(screen), screen, VIDEOS[video], layout)
            return not wrong

        try:
            wait_until(is_right, START_S, f"{layout} of {video} on {screen}")
        except AssertionError:
            pytest.fail(
                f"{layout} of {video} on {screen}: {len(wrong)} wrong, first {wrong[:3]}; stderr {run.stderr!r}"
            )
    assert run.end() == 0


def test_bars_reach_the_edges_of_large_screens(sources: dict[str, Path], run_wayvid: Callable[..., Run]) -> None:
    with Desk(sizes=[(1920, 1080), (1080, 1920), (2560, 1440), (3840, 2160)]) as desk:
        run = run_wayvid(desk, str(sources["4:3"]), "--layout", "centre")
        for number in range(1, 5):

            def only_black(shot: Path) -> bool:
                with Image.open(shot) as picture:
                    rgb = picture.convert("RGB")
                right, bottom = rgb.width - 1, rgb.height - 1
                edges = [(0, 0, right + 1, 1), (0, bottom, right + 1, bottom + 1), (right, 0, right + 1, bottom + 1)]
                return all(rgb.crop(edge).getextrema() == ((0, 0),) * 3 for edge in edges)

            run.wait_picture(f"HEADLESS-{number}", only_black, "black edges")
        assert run.end() == 0


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_image_is_laid_out_like_a_clip(
    screens: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, layout: str
) -> None:
    path = tmp_path / "blocks.png"
    block_picture(VIDEOS["odd"]).save(path)
    run = run_wayvid(screens, str(path), "--layout", layout)
    for screen in SCREENS:
        run.wait_picture(
            screen,
            lambda shot, screen=screen: not check_screen(shot, screen, VIDEOS["odd"], layout),
            f"the {layout} image",
        )


def test_outputs_with_different_layouts_share_one_decode(
    screens: Desk, sources: dict[str, Path], run_wayvid: Callable[..., Run]
) -> None:
    wishes = {"HEADLESS-1": "contain", "HEADLESS-2": "fill", "HEADLESS-5": "stretch"}
    run = run_wayvid(
        screens, str(sources["4:3"]), *[word for wish in wishes.items() for word in ("-o", "=".join(wish))]
    )
    for screen, layout in wishes.items():
        run.wait_picture(
            screen,
            lambda shot, screen=screen, layout=layout: not check_screen(shot, screen, VIDEOS["4:3"], layout),
            f"{layout} of its own",
        )
    names = [path.read_text().strip() for path in Path(f"/proc/{run.wait_player()}/task").glob("*/comm")]
    assert names.count("mpv/mpv core") == 1, names


@pytest.mark.parametrize("layout", LAYOUTS)
def test_kwin_shows_the_same_layouts(
    kwin_desk: Desk, sources: dict[str, Path], run_wayvid: Callable[..., Run], layout: str
) -> None:
    run = run_wayvid(kwin_desk, str(sources["odd"]), "--layout", layout)
    for screen in kwin_desk.outputs:

        def is_right(path: Path) -> bool:
            with Image.open(path) as picture:
                return not wrong_pixels(picture.convert("RGB"), VIDEOS["odd"], layout, EDGE_PX, (0, 0))

        run.wait_picture(screen, is_right, f"{layout} of a clip")
