"""A clip of which few pictures are wanted is decoded in part: no picture is wrong, and all come again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from tests.clips import H264, encode
from tests.framewatch import COLUMNS, ROWS, FrameWatch, Look
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

SCREEN, OTHER = "HEADLESS-1", "HEADLESS-2"
FRAMES, RATE = 240, 30
PAUSE_S, FADE_S = 0.7, 2.5
EVERY = 4  # every second picture is decoded, and of those every second shown


def frames(size: tuple[int, int]) -> Iterator[bytes]:
    """Frames with a white and a black column, and their number in the columns between."""
    width = size[0] // COLUMNS
    for number in range(FRAMES):
        bits = [1, *(number >> bit & 1 for bit in range(COLUMNS - 2)), 0]
        yield b"".join((b"\xff" if bit else b"\x00") * width for bit in bits) * size[1]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    size = (COLUMNS * 40, ROWS * 40)
    structure = ("-preset", "medium", "-bf", "3", "-g", "120", "-x264-params", "b-adapt=0:scenecut=0")
    path = tmp_path_factory.mktemp("numbers") / "b-frames.mp4"
    return encode(path, size, frames(size), RATE, "gray", (*H264, *structure))


def number_of(look: Look) -> int:
    """The frame's number; all of its rows must show it."""
    rows = [look.blocks[row * COLUMNS : (row + 1) * COLUMNS] for row in range(ROWS)]
    levels = [[sum(block) / 3 for block in row] for row in rows]
    assert all(level < 50 or level > 205 for row in levels for level in row), f"a spoilt picture: {rows}"
    bits = [[level > 127 for level in row] for row in levels]
    assert all(row == bits[0] for row in bits), f"two pictures in one: {rows}"
    assert bits[0][0]
    assert not bits[0][-1]
    return sum(1 << index for index, bit in enumerate(bits[0][1:-1]) if bit)


def steps(looks: list[Look]) -> list[int]:
    """From picture to picture, by how many frames it went on, or back."""
    half = FRAMES // 2
    return [(after - before + half) % FRAMES - half for before, after in pairwise(map(number_of, looks))]


@pytest.mark.usefixtures("renderer")
def test_few_pictures_are_whole_and_even_and_all_come_again(
    sway_desk: Desk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    plenty = {"WAYVID_PSI": str(tmp_path / "none")}  # or no second decoder is opened while the machine is busy
    run = run_wayvid(sway_desk, str(clip), "-c", str(config), "-o", SCREEN, env=plenty)
    run.wait_playing()
    watch = FrameWatch(sway_desk, SCREEN, tmp_path / "frames")
    watch.wait_seen(10)

    def goes_by(step: int, count: int) -> bool:
        return steps(watch.looks()[-count - 1 :]) == [step] * count

    for max_fps, step in ((10, EVERY), (0, 1)):
        config.write_text(f"max_fps = {max_fps}\n")
        wait_until(lambda step=step: goes_by(step, 6), START_S, f"each picture {step} after the one before")
    looks = watch.end()
    # From one decoder to the other it is off by some frames at most.
    assert all(-5 <= step <= RATE / 2 for step in steps(looks)), f"it jumped: {steps(looks)}"
    assert run.stderr == ""


def test_a_pause_while_another_decoder_is_opened_makes_no_jump(
    sway_desk: Desk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")
    plenty = {"WAYVID_PSI": str(tmp_path / "none")}
    words = ("-c", config, "-o", SCREEN, "--log-level", "debug")
    run = run_wayvid(sway_desk, str(clip), *words, env=plenty)
    run.wait_playing()
    watch = FrameWatch(sway_desk, SCREEN, tmp_path / "frames")
    watch.wait_seen(30)
    loaded = run.stderr.count(": loaded")
    config.write_text("max_fps = 10\n")
    wait_until(lambda: run.stderr.count(": loaded") > loaded, START_S, "another decoder")
    assert run.ask("pause")["ok"]
    since = monotonic()
    wait_until(lambda: monotonic() > since + PAUSE_S, START_S, "some time")
    assert run.ask("resume")["ok"]
    wait_until(lambda: "is decoded as before" in run.stderr, START_S, "the other decoder's end")
    watch.wait_seen(len(watch.looks()) + 6)
    jumps = steps(watch.end())
    assert all(0 <= jump < RATE * PAUSE_S / 2 for jump in jumps), f"it jumped: {jumps}"


def test_a_transition_that_begins_while_another_decoder_is_opened_is_not_cut(
    sway_desk: Desk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    config, red = tmp_path / "config.toml", tmp_path / "red.png"
    config.write_text("")
    Image.new("RGB", (64, 36), (220, 30, 30)).save(red)
    plenty = {"WAYVID_PSI": str(tmp_path / "none")}
    words = ("-c", config, "-o", SCREEN, "-o", OTHER, "--log-level", "debug")
    run = run_wayvid(sway_desk, str(clip), *words, env=plenty)
    run.wait_playing()
    assert run.ask("set", source=str(red), outputs=[OTHER])["ok"]
    watch = FrameWatch(sway_desk, OTHER, tmp_path / "frames")
    watch.wait_seen()
    loaded = run.stderr.count(": loaded")
    config.write_text("max_fps = 10\n")
    wait_until(lambda: run.stderr.count(": loaded") > loaded, START_S, "another decoder")
    assert run.ask("set", source=str(clip), outputs=[OTHER], transition="fade", duration_s=FADE_S)["ok"]
    looks = watch.end()
    redness = [sum(block[0] - block[2] for block in look.blocks) / len(look.blocks) for look in looks]
    falls = [before - after for before, after in pairwise(redness)]
    assert max(redness) > 150
    assert redness[-1] < 10
    assert max(falls) < 50, f"it was cut: {[round(each) for each in redness]}"
