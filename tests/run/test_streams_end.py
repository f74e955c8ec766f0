"""Several streams and one player: its death, a stream that kills it, and the hold of one of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_colour_clip, make_numbered_clip, read_number
from tests.conftest import need_programs
from tests.run.conftest import START_S, Run
from tests.run.test_player_death import has_ended
from tests.run.test_streams import number, sharing, wait_moving_on
from tests.run.windows import cover, is_all
from tests.support import wait_until
from wayvid.desk import Desk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
COLOUR = (40, 120, 200)


@pytest.fixture(scope="module")
def other_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one whose frames carry their numbers."""
    need_programs("ffmpeg")
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "other.mp4", frames=150)


@pytest.fixture
def start(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    other_clip: Path,
) -> Callable[[float], Run]:
    """A clip on the first screen and another one on the rest: start(hold_after_s)."""

    def start(hold_after_s: float) -> Run:
        run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=hold_after_s))
        run.wait_playing()
        assert run.ask("set", source=str(other_clip), outputs=[A])["ok"]
        assert sharing(run.status()) == [[A], [B, C]]
        return run

    return start


def all_numbered(run: Run) -> bool:
    return all(number(run, name) is not None for name in (A, B, C))


def still_number(run: Run, name: str) -> int:
    """The frame that stays: the picture on its way when it was told has come by the third look at the same one."""
    seen: list[int | None] = []

    def is_still() -> bool:
        seen.append(number(run, name))
        return len(seen) > 2 and seen[-1] is not None and len(set(seen[-3:])) == 1

    wait_until(is_still, START_S, f"{name} to stand still")
    return seen[-1] or 0


def test_streams_of_a_player_that_died_go_on_each_on_its_outputs(start: Callable[[float], Run]) -> None:
    run = start(3600)
    player = run.wait_player()
    os.kill(player, signal.SIGKILL)
    for name in (A, B, C):  # the one a frame after the other
        run.wait_picture(name, lambda path: read_number(path) is not None, "the still")
    while run.player_pid() in (None, player):
        assert all_numbered(run), "black"
    for _ in range(6):
        assert all_numbered(run), "black while the new player took over"
    for name in (A, B, C):
        wait_moving_on(run, name)
    assert sharing(run.status()) == [[A], [B, C]]
    assert run.end() == 0


def test_player_that_is_exchanged_hands_over_all_streams(
    start: Callable[[float], Run], write_config: Callable[..., str]
) -> None:
    run = start(3600)
    before = run.wait_player()
    assert run.ask("pause", outputs=[C])["ok"]
    stands = still_number(run, C)
    config = Path(write_config(hold_after_s=3600))
    config.write_text(f'hwdec = "no"\n{config.read_text()}')  # which takes another player
    assert run.ask("reload")["ok"]
    while not has_ended(before):
        assert all_numbered(run), "black"
    assert run.wait_player() != before
    for name in (A, B):
        wait_moving_on(run, name)
    # The paused one is at the same position, if not at the same of two pictures that are nearest to it.
    assert abs(still_number(run, C) - stands) <= 1
    assert sharing(run.status()) == [[A], [B], [C]]
    assert run.stderr == ""


def test_player_that_dies_again_and_again_costs_one_stream_and_the_others_play_on(
    start: Callable[[float], Run], other_clip: Path, numbered_clip: Path
) -> None:
    run = start(3600)
    dead: set[int] = set()
    for _ in range(3):
        player = wait_until(lambda: (pid := run.player_pid()) not in dead and pid, START_S, "a new player")
        # On the last try the one that was set last is started last, and the other one is alone for a while.
        wait_until(lambda: {output.state for output in run.status().outputs} == {"playing"}, START_S, "both streams")
        dead.add(player)
        os.kill(player, signal.SIGKILL)
    wait_until(lambda: "not tried again" in run.stderr, START_S, "the error")
    assert str(other_clip) in next(line for line in run.stderr.splitlines() if "not tried again" in line)
    wait_moving_on(run, B)
    first = number(run, A)
    assert first is not None
    wait_moving_on(run, C)
    assert number(run, A) == first
    status = run.status()
    assert [bool(output.error) for output in status.outputs] == [True, False, False]
    assert sharing(status) == [[B, C]]
    assert run.ask("set", source=str(numbered_clip), outputs=[A])["ok"]
    wait_moving_on(run, A)


def test_paused_stream_is_held_alone_and_goes_on_there(start: Callable[[float], Run]) -> None:
    run = start(1.5)
    player = run.wait_player()
    assert run.ask("pause", outputs=[A])["ok"]
    before = still_number(run, A)
    wait_until(lambda: sharing(run.status()) == [[B, C]], START_S, "the hold")
    assert number(run, A) == before
    status = run.status()
    assert [output.state for output in status.outputs] == ["still", "playing", "playing"]
    wait_moving_on(run, B)
    assert number(run, A) == before
    assert run.ask("resume", outputs=[A])["ok"]
    seen: list[int | None] = []

    def has_moved() -> bool:
        seen.append(number(run, A))
        return seen[-1] != before

    wait_until(has_moved, START_S, "it to go on")
    assert None not in seen, "black"
    assert before <= (seen[-1] or 0) <= before + 60, "it went on elsewhere"
    assert run.player_pid() == player
    assert run.stderr == ""


def test_player_ends_with_the_last_stream_that_needs_it(start: Callable[[float], Run]) -> None:
    run = start(0.3)
    for names in ([A], [B, C]):
        assert run.ask("pause", outputs=names)["ok"]
    run.wait_state("held")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
    before = [number(run, name) for name in (A, B, C)]
    assert None not in before
    assert run.ask("resume", outputs=[B])["ok"]
    wait_moving_on(run, B)
    assert [number(run, A), number(run, C)] == [before[0], before[2]]
    assert sharing(run.status()) == [[B]]


def test_stream_that_no_screen_shows_is_held_alone(start: Callable[[float], Run], tmp_path: Path) -> None:
    run = start(0.3)
    player = run.wait_player()
    curtain = make_colour_clip(tmp_path / "curtain.mkv", (320, 180), COLOUR)
    window = cover(run.desk, A, curtain, COLOUR)
    wait_until(lambda: sharing(run.status()) == [[B, C]], START_S, "the hold")
    wait_moving_on(run, B)
    run.desk.stop(window)
    wait_moving_on(run, A)
    assert run.player_pid() == player


def test_command_to_a_covered_screen_is_answered(start: Callable[[float], Run], tmp_path: Path) -> None:
    run = start(3600)
    curtain = make_colour_clip(tmp_path / "curtain.mkv", (320, 180), COLOUR)
    window = cover(run.desk, A, curtain, COLOUR)
    wait_until(lambda: run.status().outputs[0].state == "hidden", START_S, "hiding")
    assert run.ask("seek", to=1.0, outputs=[A])["ok"]
    assert run.ask("pause", outputs=[A])["ok"]
    assert is_all(run.shot(A), COLOUR)
    run.desk.stop(window)
    # Pictures that nobody asked for may have been left out before it rested.
    run.wait_picture(A, lambda path: 30 <= (read_number(path) or 0) < 60, "the position that was sought")
