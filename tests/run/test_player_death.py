"""A player that dies: the picture stays, play goes on where it would be; the daemon's own end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk

CLIP_FRAMES, RATE = 300, 30
SCREEN = "HEADLESS-1"

# The position is chosen when the new player is started, and a driver takes its time to start.
LATE_BY_S = {"shm": 1, "gl": 4}


def is_numbered(path: Path) -> bool:
    return read_number(path) is not None


def wait_all_playing(run: Run) -> None:
    for name in run.desk.outputs:
        run.wait_picture(name, is_numbered, "the clip")


def wait_moving(run: Run, screen: str = SCREEN) -> None:
    """Wait until pictures of the screen change: a player is at work."""
    first = read_number(run.shot(screen))
    run.wait_picture(screen, lambda path: read_number(path) not in (None, first), "another frame")


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_killed_player_leaves_the_last_picture_and_a_new_one_goes_on_at_the_same_second(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, renderer: str
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    wait_all_playing(run)
    # Past the first second, so that beginning anew would be noticed.
    run.wait_picture(SCREEN, lambda path: 60 < (read_number(path) or 0) < 200, "the clip's third second")
    player = run.wait_player()
    before, before_s = read_number(run.shot(SCREEN)), time.monotonic()
    os.kill(player, signal.SIGKILL)
    # Reaped, not only a zombie: with threads left its pictures are still there, and go before the still comes.
    wait_until(lambda: not Path(f"/proc/{player}").exists(), START_S, "the player's end")
    assert before is not None

    # Of all pictures from the first still on, none may be anything but a frame of the clip.
    run.wait_picture(SCREEN, is_numbered, "the still")
    while run.player_pid() in (None, player):
        assert all(is_numbered(run.shot(name)) for name in sway_desk.outputs), "black between still and new player"
    for _ in range(12):
        assert all(is_numbered(run.shot(name)) for name in sway_desk.outputs), "black while the new player took over"
    wait_moving(run)
    number, elapsed_s = read_number(run.shot(SCREEN)), time.monotonic() - before_s
    expected = (before + elapsed_s * RATE) % CLIP_FRAMES
    assert number is not None
    distance = min(abs(number - expected), CLIP_FRAMES - abs(number - expected))
    assert distance <= RATE * LATE_BY_S[renderer], f"frame {number} instead of about {expected:.0f}"
    assert "signal 9" in run.stderr
    assert run.end() == 0


@pytest.mark.parametrize("compositor", ["sway", "kwin"])
def test_picture_of_a_player_that_died_stays_until_the_daemon_has_drawn(
    compositor: str, request: pytest.FixtureRequest, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    desk: Desk = request.getfixturevalue(f"{compositor}_desk")
    run = run_wayvid(desk, str(numbered_clip))
    wait_all_playing(run)
    player = run.wait_player()
    run.process.send_signal(signal.SIGSTOP)  # as slow as can be
    try:
        os.kill(player, signal.SIGKILL)
        # A thread that is left would keep its connection open.
        wait_until(lambda: has_ended(player) and len(os.listdir(f"/proc/{player}/task")) == 1, START_S, "its end")
        for _ in range(3):
            assert all(is_numbered(run.shot(name)) for name in desk.outputs), "its pictures went with it"
    finally:
        run.process.send_signal(signal.SIGCONT)
    wait_until(lambda: run.status().crashes == 1, START_S, "the player's death")
    wait_moving(run, desk.outputs[0])
    assert run.end() == 0


def test_player_that_dies_three_times_is_given_up_with_an_error_and_a_still(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    dead: set[int] = set()
    for _ in range(3):
        player = wait_until(lambda: (pid := run.player_pid()) not in dead and pid, START_S, "a new player")
        run.wait_picture(SCREEN, is_numbered, "the clip")
        wait_moving(run)
        dead.add(player)
        os.kill(player, signal.SIGKILL)
    wait_until(lambda: "not tried again" in run.stderr, START_S, "the error")
    run.wait_picture(SCREEN, is_numbered, "the still")
    first = [read_number(run.shot(name)) for name in sway_desk.outputs]
    assert None not in first
    assert [read_number(run.shot(name)) for name in sway_desk.outputs] == first, "the still moved"
    assert run.player_pid() is None
    assert run.end() == 0


def test_killed_daemon_takes_its_player_with_it(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_picture(SCREEN, is_numbered, "the clip")
    player = run.wait_player()
    run.process.kill()
    run.process.wait(timeout=10)
    wait_until(lambda: has_ended(player), START_S, "the player's end")
    wait_until(lambda: not is_numbered(run.shot(SCREEN)), START_S, "the picture to go")


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_signals_end_it_in_silence_and_leave_nothing(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    for path in sway_desk.runtime_dir.glob("wayvid-*"):
        path.unlink()  # of a daemon that another test killed
    left = sorted(path.name for path in sway_desk.runtime_dir.iterdir())
    for number in (signal.SIGTERM, signal.SIGINT):
        run = run_wayvid(sway_desk, str(numbered_clip))
        run.wait_picture(SCREEN, is_numbered, "the clip")
        player = run.wait_player()
        run.process.send_signal(number)
        assert run.process.wait(timeout=10) == 0
        assert run.stderr == ""
        assert has_ended(player)
        wait_until(lambda run=run: not is_numbered(run.shot(SCREEN)), START_S, "the picture to go")
        assert sorted(path.name for path in sway_desk.runtime_dir.iterdir()) == left


def test_signal_during_the_start_ends_it_in_silence(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    for _ in range(3):
        run = run_wayvid(sway_desk, str(numbered_clip))
        run.wait_player()  # the daemon has not yet learnt the outputs
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(timeout=10) == 0
        assert run.stderr == ""


def test_signals_that_do_not_stop_coming_change_nothing(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    # The last of them met a Python that was shutting down: a traceback, or an end by signal.
    for number in (signal.SIGTERM, signal.SIGINT):
        run = run_wayvid(sway_desk, str(numbered_clip))
        run.wait_picture(SCREEN, is_numbered, "the clip")
        deadline_s = time.monotonic() + START_S
        while run.process.poll() is None:
            run.process.send_signal(number)
            assert time.monotonic() < deadline_s
        assert run.process.returncode == 0
        assert run.stderr == ""


def test_folder_goes_on_with_the_clip_that_was_shown(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # It began with the first clip again, at the second that the other one had reached.
    colours = {"a": (200, 40, 40), "b": (40, 200, 40), "c": (40, 40, 200)}
    for name, colour in colours.items():
        make_colour_clip(tmp_path / f"{name}.mkv", (64, 36), colour, seconds=2 if name == "a" else 20)

    def shows(name: str) -> Callable[[Path], bool]:
        return lambda path: is_near(average_colour(path), colours[name])

    run = run_wayvid(sway_desk, str(tmp_path), "--log-level", "info")
    for _ in range(2):  # the second time with a playlist that was turned already
        run.wait_picture(SCREEN, shows("b"), "the second clip")
        player = run.wait_player()
        said = run.stderr.count("playing")
        os.kill(player, signal.SIGKILL)
        wait_until(lambda said=said: run.stderr.count("playing") > said, START_S, "the new player")
        for _ in range(5):
            assert shows("b")(run.shot(SCREEN))
