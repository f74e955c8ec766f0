"""What the budget leaves to each part of the player: one number in the config reaches all."""

from __future__ import annotations

from wayvid.config.model import PowerConfig
from wayvid.link.messages import Limits
from wayvid.units import MIB

__all__ = ["limits_of"]

# No key can ask for more, with a budget or without.
MOST_FILE_AHEAD_BYTES = 50 * MIB
MOST_FILE_BACK_BYTES = 10 * MIB
MOST_STREAM_AHEAD_BYTES = 100 * MIB

# The rest of the budget is for libmpv itself, its libraries and decoded frames.
POOL_SHARE = 0.45
FILE_AHEAD_SHARE = 1 / 16
FILE_BACK_SHARE = 1 / 32
STREAM_AHEAD_SHARE = 1 / 8

# A small budget leaves at least this: what is needed to go on at all. Two 1080p buffers are 15.8 MiB.
LEAST_POOL_BYTES = 16 * MIB
LEAST_FILE_AHEAD_BYTES = MIB // 4
LEAST_STREAM_AHEAD_BYTES = MIB


def limits_of(power: PowerConfig) -> Limits:
    """The player's limits under a budget; the smaller of a key and its share of the budget holds.

    A budget of 0 is unlimited: then the keys hold alone.
    """
    budget_bytes = power.max_memory_mb * MIB

    def within(wanted_mb: float, most_bytes: int, share: float, least_bytes: int) -> int:
        wanted_bytes = min(int(wanted_mb * MIB), most_bytes)
        return min(wanted_bytes, max(int(budget_bytes * share), least_bytes)) if budget_bytes else wanted_bytes

    pool_bytes = power.max_pool_mb * MIB
    if budget_bytes:
        share_bytes = max(int(budget_bytes * POOL_SHARE), LEAST_POOL_BYTES)
        pool_bytes = min(pool_bytes or share_bytes, share_bytes)
    return Limits(
        max_buffers=power.max_buffers,
        max_pool_bytes=pool_bytes,
        file_ahead_bytes=within(
            power.demuxer_ahead_mb, MOST_FILE_AHEAD_BYTES, FILE_AHEAD_SHARE, LEAST_FILE_AHEAD_BYTES
        ),
        file_back_bytes=within(power.demuxer_back_mb, MOST_FILE_BACK_BYTES, FILE_BACK_SHARE, 0),
        stream_ahead_bytes=within(
            power.stream_ahead_mb, MOST_STREAM_AHEAD_BYTES, STREAM_AHEAD_SHARE, LEAST_STREAM_AHEAD_BYTES
        ),
        decode_threads=power.decode_threads,
        stats_every_frames=power.stats_every_frames,
        check_every_frames=power.check_every_frames,
    )
