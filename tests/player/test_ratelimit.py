"""Which pictures are shown where there are to be fewer."""

from __future__ import annotations

import random

import pytest

from wayvid.player.ratelimit import NS_PER_S, RateLimit


def shown(limit: RateLimit, times_ns: list[int]) -> list[int]:
    """The times at which a picture was shown."""
    taken = []
    for at_ns in times_ns:
        if limit.allows(at_ns):
            limit.took(at_ns)
            taken.append(at_ns)
    return taken


def clip(rate: float, seconds: float = 10, start_ns: int = 7 * NS_PER_S) -> list[int]:
    return [start_ns + round(index * NS_PER_S / rate) for index in range(round(rate * seconds))]


@pytest.mark.parametrize(
    ("rate", "max_fps", "wanted"),
    [(30, 10, 10), (30, 20, 20), (30, 24, 24), (30, 30, 30), (24, 30, 24), (60, 7, 7), (29.97, 15, 15), (30, 1, 1),
     (30, 0, 30)],
)  # fmt: skip
def test_as_many_are_shown_as_are_allowed(rate: float, max_fps: float, wanted: float) -> None:
    assert len(shown(RateLimit(max_fps), clip(rate))) == pytest.approx(wanted * 10, abs=1)


def test_a_third_of_a_clip_is_every_third_picture() -> None:
    times = clip(30)
    assert shown(RateLimit(10), times) == times[::3]


def test_never_more_than_allowed_whatever_comes_when() -> None:
    source = random.Random(6)
    for _ in range(100):
        max_fps = source.choice([1, 5, 10, 24, 50])
        at_ns, times = NS_PER_S, []
        for _ in range(500):
            at_ns += round(source.expovariate(60) * NS_PER_S)
            times.append(at_ns)
        taken = shown(RateLimit(max_fps), times)
        window = [sum(start <= each < start + NS_PER_S for each in taken) for start in taken]
        assert max(window) <= max_fps + 1


def test_after_a_pause_the_next_one_is_shown_at_once_and_no_more_than_that() -> None:
    limit = RateLimit(10)
    shown(limit, clip(30))
    late = clip(30, 1, start_ns=60 * NS_PER_S)
    assert shown(limit, late) == late[::3]
