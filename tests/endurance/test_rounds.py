"""What goes on for days, done in minutes: memory does not grow, and every descriptor and thread comes back.

make test-slow
WAYVID_ENDURANCE_ROUNDS=20 python -m pytest -m slow -rP tests/endurance    # fewer rounds, figures printed
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import make_numbered_clip, read_number
from tests.endurance.growth import Growth, rounds_of
from tests.run.conftest import START_S, Run
from tests.run.test_player_death import is_numbered
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk, NestedDesk
from wayvid.ipc.status import Status

pytestmark = pytest.mark.timeout(3600)

LOOPS, CHANGES, PLUGS, HOLDS = 1000, 300, 200, 200
FEW = 9  # show a descriptor or a thread that does not come back
SCREEN = "HEADLESS-1"
COLOUR = (40, 120, 200)
# The watchdog would exchange a player that grows; here it is to be seen growing.
QUIET = {"max_growth_mb_per_hour": 0}


def frames_of(status: Status) -> int:
    return sum(stream.frames for stream in status.streams)


@pytest.mark.slow
# With a seam libmpv seeks, without one it opens the file again.
@pytest.mark.parametrize("frames", [6, 30], ids=["with a seam", "without a seam"])
def test_loops_leave_nothing_behind(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path, frames: int
) -> None:
    clip = make_numbered_clip(tmp_path / "short.mp4", frames=frames)
    run = run_wayvid(sway_desk, str(clip), "-c", write_config(**QUIET))
    run.wait_playing()
    growth = Growth(run, rounds_of(LOOPS))
    loops, is_warm = 0, False
    while loops < growth.rounds:
        loops = frames_of(growth.read(loops)) // frames
        assert is_numbered(run.shot(SCREEN)), f"no picture of the clip in loop {loops}"
        if not is_warm and loops > growth.rounds // 5:
            is_warm = True
            growth.remember_handles()
    growth.expect_none("daemon", "player")
    growth.expect_handles("daemon", "player")


@pytest.mark.parametrize("rounds", [FEW, pytest.param(CHANGES, marks=pytest.mark.slow)])
def test_source_changes_leave_nothing_behind(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path, rounds: int
) -> None:
    sizes = ((336, 188), (640, 360), (1280, 720))
    clips = [make_numbered_clip(tmp_path / f"{size[0]}.mp4", frames=60, size=size) for size in sizes]
    run = run_wayvid(sway_desk, str(clips[-1]), "-c", write_config(**QUIET))
    run.wait_playing()
    player = run.wait_player()
    growth = Growth(run, rounds_of(rounds))
    for number, clip in enumerate(islice(cycle(clips), growth.rounds), 1):
        answer = run.ask("set", source=str(clip), transition="none")  # with one, its pictures are in the readings
        assert answer["ok"], answer
        assert is_numbered(run.shot(SCREEN)), f"no picture after change {number}"
        if clip is clips[-1]:
            growth.read(number)
        if number == max(growth.rounds // 15, 1) * 3:
            growth.remember_handles()
    assert run.player_pid() == player
    growth.expect_none("daemon", "player")
    growth.expect_handles("daemon", "player")


@pytest.mark.slow
def test_changes_between_clip_and_image_leave_nothing_behind(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path
) -> None:
    clip = make_numbered_clip(tmp_path / "clip.mp4", frames=60)
    image = tmp_path / "image.png"
    Image.new("RGB", (800, 450), COLOUR).save(image)
    run = run_wayvid(sway_desk, str(clip), "-c", write_config(**QUIET))
    run.wait_playing()
    growth = Growth(run, rounds_of(CHANGES) // 2)
    for number in range(1, growth.rounds + 1):
        assert run.ask("set", source=str(image))["ok"]
        run.wait_picture(SCREEN, lambda path: is_near(average_colour(path), COLOUR), "the image")
        wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
        growth.read(number)
        assert run.ask("set", source=str(clip))["ok"]
        run.wait_picture(SCREEN, is_numbered, "the clip")
        if number == max(growth.rounds // 5, 1):
            growth.remember_handles()
    growth.expect_none("daemon")
    growth.expect_handles("daemon", "player")


@pytest.mark.slow
def test_outputs_that_come_and_go_leave_nothing_behind(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path
) -> None:
    clip = make_numbered_clip(tmp_path / "clip.mp4", frames=60)
    run = run_wayvid(nested_desk, str(clip), "-c", write_config(**QUIET))
    run.wait_playing()
    player = run.wait_player()
    stays, goes = nested_desk.outputs
    growth = Growth(run, rounds_of(PLUGS))
    for number in range(1, growth.rounds + 1):
        nested_desk.remove_output(goes)
        assert is_numbered(run.shot(stays)), f"no picture on the other output in round {number}"
        goes = nested_desk.add_output()
        run.wait_picture(goes, is_numbered, "the clip on the new output")
        growth.read(number)
        if number == max(growth.rounds // 5, 1):
            growth.remember_handles()
    assert run.player_pid() == player
    growth.expect_none("daemon", "player")
    growth.expect_handles("daemon", "player")


@pytest.mark.parametrize("rounds", [FEW, pytest.param(HOLDS, marks=pytest.mark.slow)])
def test_pauses_that_are_held_leave_nothing_behind(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], tmp_path: Path, rounds: int
) -> None:
    clip = make_numbered_clip(tmp_path / "clip.mp4", frames=300)
    run = run_wayvid(sway_desk, str(clip), "-c", write_config(hold_after_s=0.05, **QUIET))
    run.wait_playing()
    growth = Growth(run, rounds_of(rounds))
    for number in range(1, growth.rounds + 1):
        assert run.ask("pause")["ok"]
        run.wait_state("held")
        before = read_number(run.shot(SCREEN))
        assert before is not None, f"no picture while held in round {number}"
        growth.read(number)
        assert run.ask("resume")["ok"]
        run.wait_playing()
        assert is_numbered(run.shot(SCREEN)), f"no picture when it went on in round {number}"
        if number == max(growth.rounds // 5, 1):
            growth.remember_handles()
    growth.expect_none("daemon")
    growth.expect_handles("daemon", "player")
