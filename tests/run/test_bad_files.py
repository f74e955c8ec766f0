"""Files that are not what they seem: one line says why, the last good picture stays, and memory is bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.bad_files import REFUSED, SHOWN, huge_png
from tests.clips import make_colour_clip
from tests.run.conftest import START_S, Run
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
STILLS = ("png called mp4", "one frame")  # nothing moves in it, so there is no player
RED, GREEN = (220, 30, 30), (40, 160, 90)
MIB = 1024 * 1024


def player_peak(run: Run) -> int:
    """The most that the player has held, in bytes."""
    lines = Path(f"/proc/{run.wait_player()}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def daemon_bytes(run: Run) -> int:
    lines = Path(f"/proc/{run.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def test_a_file_that_cannot_be_shown_is_one_line_and_the_last_picture_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    run = run_wayvid(sway_desk, str(make_colour_clip(tmp_path / "good.mkv", (320, 180), RED)), "-o", SCREEN)
    run.wait_playing()
    run.wait_picture(SCREEN, lambda shot: is_near(average_colour(shot), RED, 8), "the clip")
    before = daemon_bytes(run)
    player = run.wait_player()
    for count, (name, (make, word)) in enumerate(REFUSED.items(), 1):
        folder = tmp_path / str(count)
        folder.mkdir()
        source = str(make(folder))
        answer = run.ask("set", source=source)
        assert not answer["ok"], name
        for text in (answer["error"], run.status().refused):
            assert word in text, f"{name}: {text}"
            assert source in text, f"{name}: {text}"
            assert "; " in text, f"{name}: {text!r} says nothing of what to do"
        assert 1 <= run.stderr.count("\n") <= count, f"{name}: {run.stderr}"  # not each of a row
        assert is_near(average_colour(run.shot(SCREEN)), RED, 8), name
    assert run.status().state == "playing"
    assert run.wait_player() == player
    assert player_peak(run) < 256 * MIB, f"{player_peak(run) / MIB:.0f} MiB for what is not shown"
    assert daemon_bytes(run) < before + 2 * MIB


def test_a_file_that_is_half_good_is_shown_as_well_as_it_can_be(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    run = run_wayvid(sway_desk, str(make_colour_clip(tmp_path / "good.mkv", (320, 180), RED)), "-o", SCREEN)
    run.wait_playing()
    for count, (name, make) in enumerate(SHOWN.items(), 1):
        folder = tmp_path / str(count)
        folder.mkdir()
        source = make(folder)
        answer = run.ask("set", source=str(source), transition="none")
        assert answer["ok"], f"{name}: {answer}"
        run.wait_picture(SCREEN, lambda shot: not is_near(average_colour(shot), RED, 40), name)
        run.wait_state("still" if name in STILLS else "playing")
    assert run.status().refused == ""
    assert run.status().crashes == 0


def test_a_picture_of_sixteen_thousand_columns_costs_the_daemon_nothing(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    small, large = huge_png(tmp_path / "small.png", 640, 360), huge_png(tmp_path / "large.png", 15360, 8640)
    run = run_wayvid(sway_desk, str(small), "-o", SCREEN)
    run.wait_listening()
    run.wait_state("still")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    before = daemon_bytes(run)
    answer = run.ask("set", source=str(large), transition="none")
    assert answer["ok"], answer
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    assert is_near(average_colour(run.shot(SCREEN)), GREEN, 4)
    assert daemon_bytes(run) < before + 2 * MIB


def test_a_file_that_ends_at_once_and_cannot_be_sought_in_is_shown(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # An icon: libmpv began it again some thousand times a second, and no picture and no answer ever came.
    image, icon = tmp_path / "image.bmp", tmp_path / "icon.ico"
    Image.new("RGB", (64, 36), (20, 20, 220)).save(image)
    Image.new("RGB", (64, 36), RED).save(icon, sizes=[(64, 36)])
    run = run_wayvid(sway_desk, str(image), "-o", SCREEN)
    run.wait_listening()
    run.wait_state("still")
    assert run.ask("set", source=str(icon))["ok"]
    run.wait_picture(SCREEN, lambda shot: is_near(average_colour(shot), RED, 8), "the icon")
    assert run.stderr == ""
