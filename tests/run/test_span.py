"""One clip over several outputs, each its part of it; compared with arithmetic of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import BLOCKS, block_colour, block_picture, make_block_clip
from tests.run.conftest import Run
from tests.support import wait_until
from wayvid.desk import Desk, NestedDesk

# name -> pixels, scale, transform: mixed sizes and scales, and one that stands upright.
SCREENS = {
    "HEADLESS-1": ((640, 360), 1.0, "normal"),
    "HEADLESS-2": ((800, 600), 2.0, "normal"),
    "HEADLESS-3": ((480, 320), 1.25, "90"),
}
DEADLINE_S = 60.0
EDGE_PX = 3.0  # of the screen, beside the edge of a block: scaling may blend it


@pytest.fixture
def screens() -> Iterator[Desk]:
    with Desk(sizes=[size for size, _scale, _transform in SCREENS.values()]) as desk:
        for name, (_size, scale, transform) in SCREENS.items():
            desk.set_scale(name, scale)
            desk.set_transform(name, transform)
        yield desk


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_block_clip(tmp_path_factory.mktemp("blocks") / "blocks.mkv", (1600, 800))


def places(desk: Desk) -> dict[str, tuple[int, int, int, int]]:
    """Where the compositor has its outputs: x, y, width, height."""
    keys = ("x", "y", "width", "height")
    return {each["name"]: tuple(each["rect"][key] for key in keys) for each in desk.sway.outputs()}  # type: ignore[misc]


def wrong_pixels(path: Path, at: tuple[int, int, int, int], wall: tuple[int, int, int, int]) -> list[str]:
    """Pixels of a screen that show another part than the screen is of a wall over which the clip is stretched."""
    wrong = []
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    for y in range(2, rgb.height, 13):
        for x in range(2, rgb.width, 13):
            point = [at[axis] + (value + 0.5) * at[2 + axis] / rgb.size[axis] for axis, value in ((0, x), (1, y))]
            block = [(point[axis] - wall[axis]) / wall[2 + axis] * BLOCKS for axis in (0, 1)]
            length_px = [wall[2 + axis] / BLOCKS * rgb.size[axis] / at[2 + axis] for axis in (0, 1)]
            if any(abs(block[axis] - round(block[axis])) * length_px[axis] < EDGE_PX for axis in (0, 1)):
                continue
            expected, found = block_colour(int(block[0]), int(block[1])), rgb.getpixel((x, y))
            if any(abs(one - other) > 6 for one, other in zip(found, expected, strict=True)):
                wrong.append(f"{x},{y}: {found} instead of {expected}")
    return wrong


def wall_of(outputs: dict[str, tuple[int, int, int, int]]) -> tuple[int, int, int, int]:
    left, top = (min(at[axis] for at in outputs.values()) for axis in (0, 1))
    return (
        left,
        top,
        max(at[0] + at[2] for at in outputs.values()) - left,
        max(at[1] + at[3] for at in outputs.values()) - top,
    )


def wait_spanned(run: Run, names: list[str], what: str) -> None:
    """Wait until each of these outputs shows its part of the wall that they are."""
    outputs = {name: at for name, at in places(run.desk).items() if name in names}
    wall = wall_of(outputs)
    for name, at in outputs.items():
        wrong: list[str] = []

        def is_right(path: Path, at: tuple[int, int, int, int] = at, wrong: list[str] = wrong) -> bool:
            wrong[:] = wrong_pixels(path, at, wall)
            return not wrong

        try:
            run.wait_picture(name, is_right, what, DEADLINE_S)
        except AssertionError:
            pytest.fail(f"{what}: {name} at {at} of {wall}: {len(wrong)} wrong, first {wrong[:3]}; {run.stderr}")


@pytest.mark.usefixtures("renderer")
def test_each_output_shows_its_part_of_one_clip(
    screens: Desk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"layout = 'stretch'\n[[span]]\noutputs = ['*']\nsource = '{clip}'\n")
    run = run_wayvid(screens, "-c", str(config))
    names = list(SCREENS)
    wait_spanned(run, names, "its part")
    status = run.status()
    assert [stream.outputs for stream in status.streams] == [names], "one decode"
    wall = wall_of(places(screens))
    told = {output.name: output.span for output in status.outputs}
    assert {(span.wall_width_px, span.wall_height_px) for span in told.values() if span} == {wall[2:]}
    assert told[names[1]] is not None
    assert told[names[1]].x_px == places(screens)[names[1]][0] - wall[0]
    why = subprocess.run(
        [sys.executable, "-m", "wayvid", "why"], env=screens.env, capture_output=True, text=True, check=True
    )
    left, top = (places(screens)[names[0]][axis] - wall[axis] for axis in (0, 1))  # newer wlroots begin with the last
    assert f"{names[0]}: playing; it shows the part from {left},{top} of {wall[2]}x{wall[3]}" in why.stdout

    screens.sway.command(f"output {names[2]} pos 100 700")
    wait_until(lambda: places(screens)[names[2]][:2] == (100, 700), DEADLINE_S, "the move")
    wait_spanned(run, names, "its part after a move")

    config.write_text(f"source = '{clip}'\nlayout = 'stretch'\n[[span]]\noutputs = ['HEADLESS-[23]']\n")
    wait_spanned(run, names[1:], "its part of a smaller wall")
    wait_spanned(run, names[:1], "the whole")
    assert run.stderr == ""
    assert run.end() == 0


def is_black(path: Path) -> bool:
    with Image.open(path) as picture:
        return picture.convert("RGB").getextrema() == ((0, 0),) * 3


@pytest.fixture(scope="module")
def row() -> Iterator[Desk]:
    with Desk(outputs=3, size=(640, 360)) as desk:
        yield desk


@pytest.mark.usefixtures("renderer")
def test_bars_may_be_as_wide_as_an_output(row: Desk, clip: Path, run_wayvid: Callable[..., Run]) -> None:
    left, middle, right = row.outputs
    for name, x in zip(row.outputs, (0, 640, 1280), strict=True):
        row.sway.command(f"output {name} pos {x} 0")
    run = run_wayvid(row, "--span", "--layout", "contain", str(clip))
    shown = (600, 0, 720, 360)  # a clip of 2:1 in the middle of 1920x360
    run.wait_picture(middle, lambda path: not wrong_pixels(path, (640, 0, 640, 360), shown), "the middle")
    for name in (left, right):  # 40 pixels of the clip are on them
        assert not is_black(run.shot(name))
    assert run.ask("layout", layout="centre")["ok"]
    shown = (160, -220, 1600, 800)
    run.wait_picture(middle, lambda path: not wrong_pixels(path, (640, 0, 640, 360), shown), "pixel for pixel")
    for name, y in ((left, 0), (right, 3000)):
        row.sway.command(f"output {name} pos 0 {y}")
    wait_until(lambda: places(row)[right][1] == 3000, DEADLINE_S, "the move")
    for name in row.outputs:
        run.wait_picture(name, is_black, "nothing but bars")
    assert run.ask("layout", layout="stretch")["ok"]
    wait_spanned(run, row.outputs, "its part")
    assert run.stderr == ""


def test_what_is_unplugged_and_what_shows_something_else_is_no_part(
    nested_desk: NestedDesk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    run = run_wayvid(nested_desk, "--span", "--layout", "stretch", str(clip))
    stays, goes = nested_desk.outputs
    wait_spanned(run, [stays, goes], "its part")
    nested_desk.remove_output(goes)
    wait_spanned(run, [stays], "the whole")
    came = nested_desk.add_output()
    wait_spanned(run, [stays, came], "its part again")
    image = tmp_path / "blocks.png"
    block_picture((400, 300)).save(image)
    assert run.ask("set", source=str(image), outputs=[came])["ok"]
    wait_spanned(run, [stays], "the whole of the clip")
    wait_spanned(run, [came], "the whole of the picture")
    assert run.ask("set", source=str(image))["ok"]
    wait_spanned(run, [stays, came], "its part of the picture")
    nested_desk.remove_output(came)
    wait_spanned(run, [stays], "the whole of the picture")
    came = nested_desk.add_output()
    wait_spanned(run, [stays, came], "its part of the picture again")
    assert run.stderr == ""
