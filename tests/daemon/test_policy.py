"""When a player is started again, and where play goes on."""

from __future__ import annotations

import random

import pytest

from wayvid.daemon.policy import (
    GIVE_UP_AFTER,
    STABLE_AFTER_S,
    Restarts,
    advice_for,
    after_death,
    is_passing,
    resume_position,
    retry_pause_s,
    tries_before,
)
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


@pytest.mark.parametrize(
    ("was", "wanted"),
    [
        pytest.param((4.0, 1.0, 20.0, 1.0, True), 5.0, id="goes on"),
        pytest.param((19.5, 1.0, 20.0, 1.0, True), 0.5, id="begins again"),
        pytest.param((4.0, 100.0, 20.0, 1.0, True), 4.0, id="many rounds later"),
        pytest.param((4.0, 2.0, 20.0, 0.5, True), 5.0, id="slow"),
        pytest.param((4.0, 2.0, 20.0, 4.0, True), 12.0, id="fast"),
        pytest.param((19.5, 5.0, 20.0, 1.0, False), 20.0, id="stays at the end"),
        # The built-in wallpaper of last week took minutes of a whole core to come back after a crash.
        pytest.param((500.0, 5.0, 0.0, 1.0, True), 0.0, id="length unknown"),
        pytest.param((20.0, 0.0, 20.0, 1.0, True), 0.0, id="exactly the end"),
        pytest.param((19.0, 2.0, 20.0, 1.0, True, 5.0), 6.0, id="begins again where it began"),
        pytest.param((19.0, 31.0, 20.0, 1.0, True, 5.0), 5.0, id="two rounds later"),
        pytest.param((19.0, 2.0, 20.0, 1.0, True, 50.0), 1.0, id="told to begin behind the end"),
        pytest.param((-0.1, 0.0, 0.0, 1.0, False), 0.0, id="before the start"),
    ],
)
def test_play_resumes_where_it_would_be(was: tuple[float, float, float, float, bool, float], wanted: float) -> None:
    """was: position, elapsed, duration, speed, loops, and where the loop begins, if not at 0."""
    assert resume_position(*was) == pytest.approx(wanted)


def test_a_resumed_position_is_always_within_the_source() -> None:
    source = random.Random(8)
    for _ in range(2000):
        duration = source.uniform(0.01, 1000)
        loops = source.random() < 0.5
        position = resume_position(
            source.uniform(0, 2000), source.uniform(0, 2000), duration, source.uniform(0.01, 100), loops
        )
        assert 0 <= position <= duration


def test_a_source_that_fails_is_tried_again_after_pauses_that_double_up_to_a_minute() -> None:
    assert [retry_pause_s(tries) for tries in (0, 1, 2, 3, 4, 5, 6, 7, 1000)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(
    ("played_s", "counted"),
    [
        pytest.param(0.0, 4, id="not at all"),
        pytest.param(12.0, 4, id="shorter than the last pause"),
        pytest.param(17.0, 0, id="longer than the last pause"),
    ],
)
def test_tries_count_until_it_has_played_well(played_s: float, counted: int) -> None:
    assert tries_before(4, played_s) == counted


@pytest.mark.parametrize(
    ("reason", "passes"),
    [
        pytest.param(
            "it cannot be opened (tcp: Connection to tcp://h:1 failed: Connection refused)", True, id="refused"
        ),
        pytest.param(
            "it cannot be opened (tcp: Failed to resolve hostname h: Name or service not known)", True, id="dns"
        ),
        pytest.param("it cannot be opened (http: HTTP error 503 Service Unavailable)", True, id="busy"),
        pytest.param("it cannot be opened (http: HTTP error 404 Not Found)", False, id="missing"),
        pytest.param("it is not a video or picture, or it is damaged", False, id="no video"),
    ],
)
def test_what_may_pass_is_waited_for_at_the_start(reason: str, passes: bool) -> None:
    assert is_passing(reason) is passes


@pytest.mark.parametrize(
    ("path", "reason", "has_ytdl", "word"),
    [
        pytest.param("https://h/watch", "it is not a video or picture", False, "ytdl = true", id="page"),
        pytest.param(
            "https://h/watch", "it is not a video or picture", True, "what 'yt-dlp' says", id="page with ytdl"
        ),
        pytest.param("https://h/x.mp4", "Connection refused", False, "whether its server", id="no server"),
        pytest.param("pipe:/x", "it is not a video or picture", False, "mpegts", id="pipe"),
        pytest.param("/x.mp4", "it is not a video or picture", False, "'mpv' says", id="file"),
    ],
)
def test_advice_fits_the_source(path: str, reason: str, has_ytdl: bool, word: str) -> None:
    assert word in advice_for(StreamSpec(path=path), reason, has_ytdl=has_ytdl)
