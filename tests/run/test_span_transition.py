"""A change of source over a wall of screens: one transition that each screen shows its part of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import hypot
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import pytest
from PIL import Image

from tests.clips import make_colour_clip
from tests.run.conftest import START_S, Run
from tests.run.test_transition import BLUE, RED, change, part_of
from tests.run.windows import is_all
from tests.support import wait_until
from wayvid.desk import Desk

# name -> pixels, scale, transform, where it is.
SCREENS = {
    "HEADLESS-1": ((640, 360), 1.0, "normal", (0, 0)),
    "HEADLESS-2": ((800, 600), 2.0, "normal", (640, 40)),
    "HEADLESS-3": ((480, 320), 1.25, "90", (1040, 0)),
}
GAP_PX = 60
WALL = (1296 + 2 * GAP_PX, 384)  # what they are together: 640, 400 and 256 logical pixels wide, the last 384 high
LEFT = {"HEADLESS-1": 0, "HEADLESS-2": 640 + GAP_PX, "HEADLESS-3": 1040 + 2 * GAP_PX}
TOP = {"HEADLESS-1": 0, "HEADLESS-2": 40, "HEADLESS-3": 0}
SOFT_PX = WALL[0] / 16 + 1
FRAMES_PX = 60.0  # screens draw at times of their own
LONGEST_S = 10.0  # that can be asked for
OFF_PX = 6.0  # half a pixel of the mixture, and the rounding of colours on the soft edge


@pytest.fixture(scope="module")
def wall() -> Iterator[Desk]:
    with Desk(sizes=[size for size, *_rest in SCREENS.values()]) as desk:
        for name, (_size, scale, transform, (x, y)) in SCREENS.items():
            desk.set_scale(name, scale)
            desk.set_transform(name, transform)
            desk.sway.command(f"output {name} pos {x} {y}")
        yield desk


class Reach(NamedTuple):
    """How far a transition has come by what one screen shows, in logical pixels of the wall."""

    least: float
    most: float


def reach_of(path: Path, name: str, transition: str) -> Reach:
    """How far it has come at least and at most; the first is larger where the screen is no part of a wall's way."""
    (wide, high), scale, transform, _at = SCREENS[name]
    if transform == "90":
        wide, high = high, wide
    least, most = 0.0, float("inf")
    with Image.open(path) as picture:
        rgb = picture.convert("RGB")
    for y in range(0, rgb.height, rgb.height // 7):
        for x in range(0, rgb.width, max(1, rgb.width // 40)):
            across = LEFT[name] + (x + 0.5) * wide / rgb.width / scale
            down = TOP[name] + (y + 0.5) * high / rgb.height / scale
            far = across if transition == "wipe" else hypot(across - WALL[0] / 2, down - WALL[1] / 2)
            part = part_of(rgb.getpixel((x, y)), RED, BLUE)
            assert part is not None, f"{name} showed {rgb.getpixel((x, y))} at {x},{y}"
            if part > 0.1:
                least = max(least, far + min(part, 0.95) * SOFT_PX)
            if part < 0.9:
                most = min(most, far + max(part, 0.05) * SOFT_PX)
    return Reach(least - OFF_PX, most + OFF_PX)


@pytest.mark.usefixtures("renderer")
def test_wipe_and_grow_go_over_the_wall_as_one(wall: Desk, run_wayvid: Callable[..., Run], tmp_path: Path) -> None:
    clips = {colour: make_colour_clip(tmp_path / f"{colour[0]}.mkv", (1280, 384), colour) for colour in (RED, BLUE)}
    config = tmp_path / "config.toml"
    config.write_text(f"source = '{clips[RED]}'\n[[span]]\noutputs = ['*']\ngap_px = {GAP_PX}\n")
    run = run_wayvid(wall, "-c", str(config))
    run.wait_playing()
    told = {output.name: output.span for output in run.status().outputs}
    assert {name: (span.x_px, span.y_px) for name, span in told.items() if span} == {
        name: (LEFT[name], TOP[name]) for name in SCREENS
    }
    for transition in ("wipe", "grow"):
        duration_s, until_s = 1.2, monotonic() + START_S
        between: set[str] = set()
        while why := unseen(run, clips[BLUE], transition, duration_s, between):
            duration_s = min(2 * duration_s, LONGEST_S)  # a busy machine takes few pictures
            assert monotonic() < until_s, why
    assert run.stderr == ""


def unseen(run: Run, source: Path, transition: str, duration_s: float, between: set[str]) -> str:
    """Which screens were not seen on their ways, in this transition or one before, in words; they go as one."""
    for name in SCREENS:
        run.wait_picture(name, lambda path: is_all(path, RED), "the first clip")
    first = run.status().source
    client = change(run, source, "--transition", transition, "--duration", str(duration_s))
    before, last = 0.0, ""
    while client.poll() is None:
        for name in reversed(SCREENS):
            reach = reach_of(run.shot(name), name, transition)
            assert reach.least <= reach.most, f"{name} goes its own way: {reach}"
            # Seen later, it has come as far as it had elsewhere, but for some frames, or farther.
            assert reach.most + FRAMES_PX >= before, f"{transition}: {name} {reach} is behind {last}, {before}"
            if reach.least > before:
                before, last = reach.least, name
            if reach.least > 0 and reach.most < float("inf"):
                between.add(name)
    assert client.wait(START_S) == 0
    wait_until(lambda: all(is_all(run.shot(name), BLUE) for name in SCREENS), START_S, "the second clip")
    assert run.ask("set", source=first, transition="none")["ok"]
    return "" if between == set(SCREENS) else f"of {transition} only {between} were seen on their ways"
