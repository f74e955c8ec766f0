"""Nothing dark between pictures: every frame that a screen shows is looked at, not some."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import make_colour_clip
from tests.framewatch import FrameWatch, Look
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.servers import FaultServer
from tests.support import Colour, is_near, wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 220, 30)
# What sway shows where there is nothing.
BEHIND = (63, 63, 63)
# Half of one colour and half of another is as dark as a mixture may be, and brighter than what is behind the wallpaper.
FLOOR = 105


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[Colour, Path]:
    """Of one second each, so that they end often."""
    folder = tmp_path_factory.mktemp("colours")
    names = {RED: "red", BLUE: "blue", GREEN: "green"}
    return {colour: make_colour_clip(folder / f"{name}.mkv", (320, 180), colour, 1) for colour, name in names.items()}


@pytest.fixture
def watch(sway_desk: Desk, tmp_path: Path) -> FrameWatch:
    """Looks at each frame of the screen."""
    watch = FrameWatch(sway_desk, SCREEN, tmp_path / "frames")
    watch.wait_seen()
    return watch


def wait_colour(watch: FrameWatch, colour: Colour) -> None:
    """Wait for a frame of that colour: the newest, or one of those to come."""
    since = len(watch.looks()) - 1
    wait_until(lambda: any(is_near(look.colour, colour, 8) for look in watch.looks()[since:]), START_S, f"{colour}")


def wait_frames(watch: FrameWatch, count: int) -> None:
    seen = len(watch.looks())
    watch.wait_seen(seen + count)


def check(looks: list[Look], since: int = 0) -> None:
    """No frame is dark, nor any part of one, once there was a picture."""
    begun = next(index for index, look in enumerate(looks) if index >= since and look.darkest >= FLOOR)
    dark = [index for index, look in enumerate(looks[begun:], begun) if look.darkest < FLOOR]
    told = [(index, looks[index].at_ms, looks[index].colour) for index in dark]
    assert not dark, f"{len(dark)} of {len(looks) - begun} frames were dark: {told[:9]}"


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_no_frame_is_dark_from_the_last_picture_to_the_first_frame(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], tmp_path: Path, watch: FrameWatch
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    first = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN, env=cache)
    first.wait_playing()
    wait_colour(watch, RED)
    assert first.end() == 0
    wait_colour(watch, BEHIND)
    since = len(watch.looks())
    run = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN, env=cache)
    run.wait_playing()
    wait_colour(watch, RED)
    wait_frames(watch, 15)
    check(watch.end(), since)


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_no_frame_is_dark_whatever_happens(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], tmp_path: Path, watch: FrameWatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text("network_timeout_s = 1\ntransition_s = 0.5\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    for colour in (BLUE, GREEN):
        (folder / clips[colour].name).symlink_to(clips[colour])
    run = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN, "-c", str(config))
    run.wait_playing()
    wait_colour(watch, RED)
    wait_frames(watch, 25)  # two ends of the clip
    for colour, transition in ((BLUE, "fade"), (GREEN, "wipe"), (RED, "grow")):
        assert run.ask("set", source=str(clips[colour]), transition=transition)["ok"]
        wait_colour(watch, colour)
    # From one file of a folder to the next.
    assert run.ask("set", source=str(folder))["ok"]
    for colour in (BLUE, GREEN, BLUE):
        wait_colour(watch, colour)
    # A player is exchanged; in a folder of so short clips there is no time for that.
    assert run.ask("set", source=str(clips[BLUE]))["ok"]
    before = run.wait_player()
    config.write_text(config.read_text() + 'hwdec = "vaapi"\n')
    assert run.ask("reload")["ok"]
    wait_until(lambda: run.player_pid() not in (before, None), START_S, "another player")
    wait_colour(watch, BLUE)
    with FaultServer(clips[RED].read_bytes()) as server:
        assert run.ask("set", source=server.url)["ok"]
        wait_colour(watch, RED)
        server.stop()
        run.wait_state("reconnecting")
        server.start()
        run.wait_playing()
        wait_frames(watch, 15)
        looks = watch.looks()
        check(looks)
        assert len(looks) > 60, "it did not look at every frame"
        fading = [look for look in looks if 40 < look.colour[2] < 200 and 40 < look.colour[0] < 200]
        assert fading, "no mixture was seen"
        # A player is killed: its last picture stays until the daemon's is there.
        since = len(looks)
        os.kill(run.wait_player(), signal.SIGKILL)
        wait_until(lambda: run.status().crashes == 1, START_S, "the player's death")
        run.wait_playing()
        wait_frames(watch, 15)
        check(watch.end(), since - 1)


@pytest.mark.usefixtures("renderer")
def test_no_frame_is_dark_when_a_screen_joins_an_image_that_another_shows(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], tmp_path: Path, watch: FrameWatch
) -> None:
    # A user saw the bare desktop for a frame: the player was told to leave before the daemon's picture was there.
    image = tmp_path / "green.png"
    Image.new("RGB", (320, 180), GREEN).save(image)
    run = run_wayvid(sway_desk, str(image))
    run.wait_listening()
    run.wait_state("still")
    wait_colour(watch, GREEN)
    for colour in (RED, BLUE):
        assert run.ask("set", source=str(clips[colour]), outputs=[SCREEN])["ok"]
        wait_colour(watch, colour)
        assert run.ask("set", source=str(image), outputs=[SCREEN])["ok"]
        wait_colour(watch, GREEN)
        wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    check(watch.end())


def test_the_watch_sees_a_dark_frame(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], watch: FrameWatch
) -> None:
    """What is told by the other tests is told by something that can see it."""
    run = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN)
    run.wait_playing()
    wait_colour(watch, RED)
    run.end()
    again = run_wayvid(sway_desk, str(clips[BLUE]), "-o", SCREEN)
    again.wait_playing()
    wait_colour(watch, BLUE)
    looks = watch.end()
    with pytest.raises(AssertionError, match="were dark"):
        check(looks)
    assert all(one.at_ms < other.at_ms for one, other in pairwise(looks))
