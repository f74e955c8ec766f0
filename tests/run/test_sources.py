"""What is played: the same frame everywhere, folders, images, rotated clips, the built-in wallpaper."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import (
    block_colour,
    make_block_clip,
    make_colour_clip,
    make_numbered_clip,
    make_turned_clip,
    read_number,
)
from tests.conftest import need_programs
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.run.test_player_death import wait_moving
from tests.support import average_colour, is_near, pixel, wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
CORNERS = ((9, 9), (-10, 9), (-10, -10), (9, -10))


@pytest.mark.usefixtures("renderer")
def test_all_screens_show_the_same_frame(sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-o", "HEADLESS-1", "-o", "HEADLESS-2=stretch", "-o", "HEADLESS-3")
    sway_desk.set_scale("HEADLESS-3", 1.5)
    for name in sway_desk.outputs:
        run.wait_picture(name, lambda path: read_number(path) is not None, "the clip")
    player = run.wait_player()
    same = 0
    for _ in range(8):
        # Stopped, the player leaves on screen what it committed last.
        os.kill(player, signal.SIGSTOP)
        try:
            numbers = set(shown_at_last(run))
        finally:
            os.kill(player, signal.SIGCONT)
        same += len(numbers) == 1
        wait_moving(run)
    # A stop may fall between the commits for one frame; outputs that took turns would never agree.
    assert same >= 6, f"the same frame on all screens in only {same} of 8 looks"


def shown_at_last(run: Run) -> list[int | None]:
    """The frames on all screens, once the compositor has drawn what it was given."""
    looks: list[list[int | None]] = [[]]

    def is_still() -> bool:
        looks.append([read_number(run.shot(name)) for name in run.desk.outputs])
        return looks[-1] == looks[-2]

    wait_until(is_still, START_S, "pictures that stay")
    return looks[-1]


def test_folder_plays_its_clips_in_order_and_begins_again(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    colours = {"a.mkv": (200, 40, 40), "b.mkv": (40, 200, 40), "c.mkv": (40, 40, 200)}
    for name, colour in colours.items():
        make_colour_clip(tmp_path / name, (64, 36), colour, seconds=1)
    (tmp_path / "cover.txt").write_text("not played")
    (tmp_path / "cut.toml").write_text('transition = "none"\n')
    run = run_wayvid(sway_desk, str(tmp_path), "-c", str(tmp_path / "cut.toml"))
    for colour in [*colours.values(), *colours.values()]:
        run.wait_picture(
            SCREEN, lambda path, colour=colour: is_near(average_colour(path), colour), f"the clip of colour {colour}"
        )


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_rotated_clip_is_shown_as_its_file_says(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path, degrees: int
) -> None:
    flat = make_block_clip(tmp_path / "flat.mkv", (320, 240))
    plain, tagged = tmp_path / "plain.mp4", tmp_path / "tagged.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-i", flat, "-c:v", "libx264rgb", "-qp", "0", plain], check=True)
    make_turned_clip(plain, tagged, degrees)
    run = run_wayvid(sway_desk, str(tagged), "--layout", "stretch")
    upright = tmp_path / "upright.png"  # ffmpeg turns it as the file says
    subprocess.run(["ffmpeg", "-v", "error", "-i", tagged, "-frames:v", "1", upright], check=True)
    expected = [pixel(upright, *corner) for corner in CORNERS]
    assert len(set(expected)) == len(CORNERS)

    def is_upright(path: Path) -> bool:
        found = [pixel(path, *corner) for corner in CORNERS]
        return all(is_near(one, other, 8) for one, other in zip(found, expected, strict=True))

    run.wait_picture(SCREEN, is_upright, f"the clip turned by {degrees} degrees")


def test_photo_is_turned_as_its_camera_says(sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    photo = Image.new("RGB", (400, 300), (200, 30, 30))
    photo.paste((30, 30, 200), (0, 0, 200, 150))  # blue in the upper left
    exif = photo.getexif()
    exif[0x112] = 6  # EXIF orientation: turn a quarter clockwise to see it upright
    photo.save(path, exif=exif, quality=95)
    run = run_wayvid(sway_desk, str(path), "--layout", "stretch")

    def is_turned(shot: Path) -> bool:
        return is_near(pixel(shot, -20, 20), (30, 30, 200), 10) and is_near(pixel(shot, 20, 20), (200, 30, 30), 10)

    run.wait_picture(SCREEN, is_turned, "the photo, turned")


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_image_is_handed_over_and_the_player_ends(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    path = tmp_path / "picture.jpg"
    Image.new("RGB", (1500, 900), (90, 60, 30)).save(path, quality=95)
    run = run_wayvid(sway_desk, str(path))
    for name in sway_desk.outputs:
        run.wait_picture(name, lambda shot: is_near(average_colour(shot), (90, 60, 30)), "the picture")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert run.stderr == ""
    assert run.end() == 0


def test_built_in_wallpaper_is_calm_dark_and_moves(sway_desk: Desk, run_wayvid: Callable[..., Run]) -> None:
    run = run_wayvid(sway_desk)

    def is_calm(path: Path) -> bool:
        red, green, blue = average_colour(path)
        return 20 < blue < 140 and blue > red and blue >= green - 10

    first = run.wait_picture(SCREEN, is_calm, "the built-in wallpaper").read_bytes()
    run.wait_picture(SCREEN, lambda path: is_calm(path) and path.read_bytes() != first, "motion")
    for name in sway_desk.outputs:
        run.wait_picture(name, is_calm, "the built-in wallpaper")
    # It has no end, so there are no positions in it; libmpv tells how much it has made so far.
    assert run.status().outputs[0].duration_s == 0
    assert "no positions" in run.ask("seek", to=0.01)["error"]


def test_clip_larger_than_every_screen_is_made_in_the_size_of_the_screens(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    clip = make_block_clip(tmp_path / "large.mkv", (2560, 1440))
    run = run_wayvid(sway_desk, str(clip))
    for name in sway_desk.outputs:
        run.wait_picture(name, lambda path: is_near(pixel(path, 5, 5), block_colour(0, 0)), "the clip")
    maps = Path(f"/proc/{run.wait_player()}/maps").read_text().splitlines()
    sizes = [
        line.split()[0].split("-") for line in maps if "wayvid" in line and "memfd" in line and "ledger" not in line
    ]
    assert sizes, "no frame memory is mapped"
    frame_bytes = 1280 * 4 * 721
    assert all(int(end, 16) - int(start, 16) <= frame_bytes + 4096 for start, end in sizes)


def test_loop_goes_on_without_a_stop_and_without_a_frame_left_out(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # A second long, with a name that has to be quoted; seen over several rounds.
    clip = make_numbered_clip(tmp_path / "a 'loop' % \\ of one second.mp4", frames=45)
    run = run_wayvid(sway_desk, str(clip), "-o", SCREEN, "--log-level", "info")
    run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip")
    seen: set[int] = set()
    rounds, last = 0, 0

    def has_come_round() -> bool:
        nonlocal rounds, last
        number = read_number(run.shot(SCREEN))
        assert number is not None, "no frame of the clip"
        rounds += number < last
        last = number
        seen.add(number)
        return rounds >= 4

    wait_until(has_come_round, START_S, "four rounds")
    assert max(seen) > 36
    assert "loops with a seam" not in run.stderr
    player = Path(f"/proc/{run.wait_player()}/fd")
    # The file may go: what plays is the one that was opened.
    clip.unlink()
    rounds = 0
    while rounds < 2:
        number = read_number(run.shot(SCREEN))
        assert number is not None, "no frame of the clip that was deleted"
        rounds += number < last
        last = number
    assert run.stderr.count("ended") == 0
    assert any("wayvid-loop" in os.readlink(link) for link in player.iterdir()), "it plays the plain file"


def test_clip_that_cannot_loop_without_a_seam_loops_all_the_same(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    clip = make_numbered_clip(tmp_path / "short.mp4", frames=20)  # shorter than a file is opened anew for
    run = run_wayvid(sway_desk, str(clip), "-o", SCREEN)
    rounds, last = 0, 0
    while rounds < 3:
        shot = run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip")
        number = read_number(shot) or 0
        rounds += number < last
        last = number


def test_another_wallpaper_on_the_same_screens_is_named_while_this_one_runs(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path
) -> None:
    # A user saw nothing of wayvid on sway, whose config had started swaybg.
    need_programs("swaybg")
    other = sway_desk.start(["swaybg", "-o", "HEADLESS-3", "-c", "#336699"])
    wait_until(
        lambda: is_near(pixel(sway_desk.shot("HEADLESS-3", tmp_path / "other.png"), 9, 9), (51, 102, 153)),
        START_S,
        "swaybg",
    )
    run = run_wayvid(sway_desk, str(numbered_clip), "-o", SCREEN)
    run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip")
    wait_until(lambda: run.stderr, START_S, "a word on swaybg")  # nothing waits for it
    assert run.stderr.count("\n") == 1
    assert f"swaybg (process {other.pid})" in run.stderr


def test_status_tells_how_long_a_picture_of_a_clip_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    wait_until(
        lambda: run.status().streams[0].picture_s == pytest.approx(1 / 30, rel=0.01), START_S, "the clip's own rate"
    )
