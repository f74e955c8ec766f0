"""Hold: the picture stays, all that playing takes is given back, and play goes on at the same second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.windows import cover
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.memory.usage import process_load

SCREEN = "HEADLESS-1"
CLIP_FRAMES, RATE = 300, 30
COLOUR = (40, 120, 200)
MB = 1_000_000


def numbers(run: Run) -> list[int | None]:
    """The frames that all screens show."""
    return [read_number(run.shot(name)) for name in run.desk.outputs]


def wait_number(run: Run, low: int, high: int) -> int:
    """The first frame from that range on the screen."""

    def is_right(path: Path) -> bool:
        return low <= (read_number(path) or 0) <= high

    return read_number(run.wait_picture(run.desk.outputs[0], is_right, f"a frame of {low}..{high}")) or 0


def settled(run: Run) -> int:
    """The frame that all screens stand on: the one on its way when a pause was told has come by the second look."""
    looks: list[set[int | None]] = []

    def is_still() -> bool:
        looks.append(set(numbers(run)))
        return len(looks) > 1 and looks[-1] == looks[-2] and len(looks[-1]) == 1

    wait_until(is_still, START_S, "all screens to stand on one frame")
    (number,) = looks[-1]
    assert number is not None, "no frame of the clip"
    return number


def voluntary_switches(pid: int) -> int:
    """How often a process has gone to sleep."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize("compositor", ["sway", "kwin"])
def test_paused_clip_is_held_with_the_same_frame_and_resumes_there(
    request: pytest.FixtureRequest,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    compositor: str,
) -> None:
    desk = request.getfixturevalue(f"{compositor}_desk")
    run = run_wayvid(desk, str(numbered_clip), "-c", write_config(hold_after_s=0.5))
    run.wait_playing()
    wait_number(run, 60, 200)  # so that beginning anew would be noticed
    assert run.ask("pause")["ok"]
    run.wait_state("paused", "held")
    before = settled(run)
    seen = set()
    while run.status().state != "held":
        seen |= set(numbers(run))
    assert seen <= {before}, "another picture, or none, on the way to the hold"
    assert run.player_pid() is None
    assert set(numbers(run)) == {before}
    status = run.status()
    assert status.reason == "paused"
    assert [output.state for output in status.outputs] == ["still"] * len(desk.outputs)
    assert status.memory.rss_bytes < 30 * MB
    assert status.memory.actions[-1].action == "hold"
    assert status.memory.actions[-1].freed_bytes > 20 * MB

    assert run.ask("resume")["ok"]
    seen = set()

    def is_moving() -> bool:
        seen.update(numbers(run))
        return len(seen) > 1

    wait_until(is_moving, START_S, "the clip to go on")
    assert None not in seen, "black when the player took over"
    assert min(seen) >= before - 1, "it went back"
    assert sorted(seen)[1] <= before + RATE, "it went on elsewhere than where it was held"
    assert run.end() == 0


def test_short_pause_keeps_the_player(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=3600))
    run.wait_playing()
    player = run.wait_player()
    run.ask("pause")
    run.wait_state("paused")
    before = settled(run)
    run.ask("resume")
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, before), "another frame")
    assert run.player_pid() == player
    assert run.status().state == "playing"


def test_held_wallpaper_never_wakes(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.3))
    run.wait_playing()
    run.ask("pause")
    run.wait_state("held")
    daemon = run.process.pid

    def sleeps() -> bool:
        before = voluntary_switches(daemon)
        for _ in range(20):  # some seconds of pictures that other programs take
            run.shot(SCREEN)
        return voluntary_switches(daemon) == before

    wait_until(sleeps, START_S, "the daemon to sleep")
    load = process_load(daemon)
    assert load is not None
    assert load.threads == 1


def test_clip_that_no_screen_shows_is_held_and_goes_on_when_one_does(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    tmp_path: Path,
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.5))
    run.wait_playing()
    wait_number(run, 60, 200)
    curtain = make_colour_clip(tmp_path / "curtain.mkv", (320, 180), COLOUR)
    windows = [cover(sway_desk, name, curtain, COLOUR) for name in sway_desk.outputs]
    assert run.wait_state("held").reason == "no screen shows it"
    assert run.player_pid() is None
    assert [output.state for output in run.status().outputs] == ["still"] * 3
    sway_desk.stop(windows[0])
    status = run.wait_state("playing")
    first = wait_number(run, 1, CLIP_FRAMES)
    assert first <= 200 + 4 * RATE, "it played on while nobody looked"
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, first), "another frame")
    assert status.memory.actions[-1].reason == "no screen shows it"


def test_one_screen_in_sight_keeps_the_clip_playing(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    tmp_path: Path,
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.3))
    run.wait_playing()
    player = run.wait_player()
    curtain = make_colour_clip(tmp_path / "curtain.mkv", (320, 180), COLOUR)
    for name in sway_desk.outputs[1:]:
        cover(sway_desk, name, curtain, COLOUR)
    wait_until(
        lambda: [output.state for output in run.status().outputs] == ["playing", "hidden", "hidden"], START_S, "hiding"
    )
    for _ in range(20):
        run.shot(SCREEN)
        assert run.status().state == "playing"
    assert run.player_pid() == player


def test_nothing_is_held_for_a_hold_time_of_none(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0))
    run.wait_playing()
    player = run.wait_player()
    run.ask("pause")
    run.wait_state("paused")
    for _ in range(20):
        assert run.status().state == "paused"
        run.shot(SCREEN)
    assert run.player_pid() == player
