"""A player that grew is exchanged: what is asked meanwhile holds for the one that stays."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.test_player_death import has_ended, is_numbered, wait_moving
from tests.support import wait_until
from wayvid.desk import Desk

pytestmark = pytest.mark.slow  # growth shows after seconds

SCREEN = "HEADLESS-1"
SMALL, LARGE = (320, 180), (1920, 1080)
EAGER = {"max_growth_mb_per_hour": 1, "growth_warmup_s": 1, "growth_window_s": 20, "check_every_s": 1}


@pytest.fixture(scope="module")
def large_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "large.mp4", frames=300, size=LARGE)


@pytest.fixture
def exchanging_run(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], large_clip: Path
) -> Run:
    """A run in the middle of an exchange: its screen was small and wants larger frames since."""
    sway_desk.set_size(SCREEN, SMALL)
    run = run_wayvid(sway_desk, str(large_clip), "-o", SCREEN, "-c", write_config(hold_after_s=0, **EAGER))
    run.wait_playing()
    wait_until(
        lambda: run.status().memory.growth_mb_per_hour is not None, 2 * START_S, "samples from before the growth"
    )
    sway_desk.set_size(SCREEN, LARGE)
    wait_until(lambda: "a new one takes over" in run.stderr, 2 * START_S, f"the exchange; {run.status().memory}")
    return run


def test_player_that_grew_is_exchanged_without_a_black_picture(exchanging_run: Run) -> None:
    run = exchanging_run
    before = run.wait_player()
    while not has_ended(before):
        assert is_numbered(run.shot(SCREEN)), "black"
    status = run.wait_state("playing")
    assert run.wait_player() != before
    assert [action.action for action in status.memory.actions] == ["exchange the player"]
    wait_moving(run)
    assert run.end() == 0


def test_pause_during_an_exchange_stops_the_picture_for_good(exchanging_run: Run) -> None:
    # The new player was not told, and played.
    run = exchanging_run
    assert run.ask("pause")["ok"]
    player = run.wait_player()
    numbers: list[int | None] = []

    def is_still() -> bool:
        numbers.append(read_number(run.shot(SCREEN)))
        return len(numbers) > 15 and len(set(numbers[-8:])) == 1

    wait_until(is_still, START_S, "the picture to stay")
    assert None not in numbers
    assert run.status().state == "paused"
    assert run.player_pid() == player
    assert run.ask("resume")["ok"]
    wait_moving(run)
    # It was watched no more once an exchange had been called off.
    wait_until(lambda: run.status().memory.growth_mb_per_hour is not None, 2 * START_S, "its growth")


def test_end_during_an_exchange_leaves_no_player(exchanging_run: Run) -> None:
    run = exchanging_run
    children = Path(f"/proc/{run.process.pid}/task/{run.process.pid}/children")
    players = [int(word) for word in children.read_text().split()]
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(timeout=START_S) == 0
    assert len(players) == 2
    wait_until(lambda: all(map(has_ended, players)), START_S, "the end of both players")
