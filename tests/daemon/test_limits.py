"""One budget reaches every part of the player."""

from __future__ import annotations

import pytest

from wayvid.config.model import PowerConfig
from wayvid.daemon.limits import limits_of
from wayvid.link.messages import Limits

KIB = 1024
MIB = 1024 * KIB
GREEDY = {"max_pool_mb": 0, "demuxer_ahead_mb": 50.0, "demuxer_back_mb": 10.0, "stream_ahead_mb": 100.0}


def sizes(power: PowerConfig) -> tuple[int, int, int, int]:
    """Pool, ahead of a file, behind it, ahead of a stream."""
    limits = limits_of(power)
    return limits.max_pool_bytes, limits.file_ahead_bytes, limits.file_back_bytes, limits.stream_ahead_bytes


def test_the_defaults_are_those_of_a_player_that_is_told_nothing() -> None:
    assert limits_of(PowerConfig()) == Limits()


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        pytest.param(PowerConfig(max_memory_mb=0), (100 * MIB, 2 * MIB, 0, 32 * MIB), id="unlimited: the keys alone"),
        pytest.param(PowerConfig(max_memory_mb=0, **GREEDY), (0, 50 * MIB, 10 * MIB, 100 * MIB), id="unlimited pool"),
        pytest.param(PowerConfig(max_memory_mb=100), (45 * MIB, 2 * MIB, 0, 12.5 * MIB), id="100 MB"),
        pytest.param(PowerConfig(max_memory_mb=64, **GREEDY), (28.8 * MIB, 4 * MIB, 2 * MIB, 8 * MIB), id="shares"),
        pytest.param(PowerConfig(max_memory_mb=256, **GREEDY), (115.2 * MIB, 16 * MIB, 8 * MIB, 32 * MIB), id="256 MB"),
        pytest.param(
            PowerConfig(max_memory_mb=20, **GREEDY), (16 * MIB, 1.25 * MIB, 640 * KIB, 2.5 * MIB), id="least budget"
        ),
        pytest.param(
            PowerConfig(max_memory_mb=1048576, **GREEDY),
            (471859.2 * MIB, 50 * MIB, 10 * MIB, 100 * MIB),
            id="no budget lifts what a key may be",
        ),
        pytest.param(PowerConfig(max_memory_mb=300, max_pool_mb=135), (135 * MIB, 2 * MIB, 0, 32 * MIB), id="fits"),
        pytest.param(PowerConfig(max_memory_mb=300, max_pool_mb=136), (135 * MIB, 2 * MIB, 0, 32 * MIB), id="cut"),
        pytest.param(
            PowerConfig(max_pool_mb=4), (4 * MIB, 2 * MIB, 0, 32 * MIB), id="a smaller pool, as the user said"
        ),
        pytest.param(
            PowerConfig(demuxer_ahead_mb=0.25, demuxer_back_mb=0.5, stream_ahead_mb=1.5),
            (100 * MIB, 256 * KIB, 512 * KIB, 1.5 * MIB),
            id="fractions",
        ),
    ],
)
def test_a_part_gets_its_key_or_its_share_of_the_budget(
    power: PowerConfig, expected: tuple[float, float, float, float]
) -> None:
    assert sizes(power) == tuple(int(size) for size in expected)


def test_more_than_any_key_allows_is_never_passed_on() -> None:
    power = PowerConfig(max_memory_mb=0, demuxer_ahead_mb=9e9, demuxer_back_mb=9e9, stream_ahead_mb=9e9)
    assert sizes(power)[1:] == (50 * MIB, 10 * MIB, 100 * MIB)


@pytest.mark.parametrize("budget_mb", range(20, 400))
def test_a_larger_budget_never_leaves_less(budget_mb: int) -> None:
    less = sizes(PowerConfig(max_memory_mb=budget_mb, **GREEDY))
    more = sizes(PowerConfig(max_memory_mb=budget_mb + 1, **GREEDY))
    assert all(small <= large for small, large in zip(less, more, strict=True))


def test_what_is_no_memory_is_passed_on_as_it_is() -> None:
    power = PowerConfig(max_buffers=0, decode_threads=4, stats_every_frames=0, check_every_frames=7)
    limits = limits_of(power)
    assert (limits.max_buffers, limits.decode_threads) == (0, 4)
    assert (limits.stats_every_frames, limits.check_every_frames) == (0, 7)
