"""When a player is started again, and where play goes on."""

from __future__ import annotations

import random

import pytest

from wayvid.daemon.policy import GIVE_UP_AFTER, STABLE_AFTER_S, Restarts, after_death, resume_position
from wayvid.link.messages import StreamSpec


def test_the_first_death_is_followed_by_a_start_at_once() -> None:
    assert after_death(Restarts(), 5.0) == Restarts(1, 0.0, False)


def test_pauses_grow_until_the_stream_is_given_up() -> None:
    restarts, pauses = Restarts(), []
    while not restarts.is_given_up:
        restarts = after_death(restarts, 0.0)
        pauses.append(restarts.pause_s)
    assert restarts.deaths == GIVE_UP_AFTER == 3
    before_starts = pauses[:-1]
    assert len(before_starts) == 2
    assert before_starts == sorted(set(before_starts))


def test_a_long_life_ends_the_row_of_deaths() -> None:
    restarts = after_death(after_death(Restarts(), 1.0), 1.0)
    assert after_death(restarts, STABLE_AFTER_S) == after_death(Restarts(), 1.0)
    assert after_death(restarts, STABLE_AFTER_S - 0.1).is_given_up


def test_a_player_that_lives_long_is_never_given_up() -> None:
    restarts = Restarts()
    for _ in range(1000):
        restarts = after_death(restarts, STABLE_AFTER_S)
        assert restarts == Restarts(1, 0.0, False)


def test_deaths_after_giving_up_stay_given_up() -> None:
    assert after_death(Restarts(100, 60.0, True), 0.0).is_given_up


def stream(speed: float = 1.0, loop: bool = True, start_s: float = 0.0, paths: int = 1) -> StreamSpec:
    return StreamSpec(paths=("clip",) * paths, speed=speed, loop=loop, start_s=start_s)


@pytest.mark.parametrize(
    ("spec", "was", "wanted"),
    [
        pytest.param(stream(), (4.0, 1.0, 20.0), 5.0, id="goes on"),
        pytest.param(stream(), (19.5, 1.0, 20.0), 0.5, id="begins again"),
        pytest.param(stream(), (4.0, 100.0, 20.0), 4.0, id="many rounds later"),
        pytest.param(stream(speed=0.5), (4.0, 2.0, 20.0), 5.0, id="slow"),
        pytest.param(stream(speed=4.0), (4.0, 2.0, 20.0), 12.0, id="fast"),
        pytest.param(stream(loop=False), (19.5, 5.0, 20.0), 20.0, id="stays at the end"),
        pytest.param(stream(), (500.0, 5.0, 0.0), 505.0, id="length unknown"),
        pytest.param(stream(), (20.0, 0.0, 20.0), 0.0, id="exactly the end"),
        pytest.param(stream(loop=False), (-0.1, 0.0, 0.0), 0.0, id="before the start"),
        pytest.param(stream(start_s=15.0), (19.0, 2.0, 20.0), 16.0, id="begins again at its start"),
        pytest.param(stream(paths=3), (4.0, 100.0, 20.0), 4.0, id="a playlist stays where it was"),
    ],
)
def test_play_resumes_where_it_would_be(spec: StreamSpec, was: tuple[float, float, float], wanted: float) -> None:
    """was: position, elapsed, duration."""
    assert resume_position(spec, *was) == pytest.approx(wanted)


def test_a_resumed_position_is_always_within_the_source() -> None:
    source = random.Random(8)
    for _ in range(2000):
        duration = source.uniform(0.01, 1000)
        spec = stream(source.uniform(0.01, 100), source.random() < 0.5, source.uniform(0, duration * 0.9))
        position = resume_position(spec, source.uniform(0, 2000), source.uniform(0, 2000), duration)
        assert 0 <= position <= duration
