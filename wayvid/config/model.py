"""Every key of the config file, with its default and what it may be.

A struct is a table of the file; the keys' meaning for users is in docs/config.md.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec

__all__ = ["Range", "PowerConfig", "Config"]


class Range(NamedTuple):
    """What a number may be.

    Attributes:
        lowest: the least allowed, 0 apart.
        highest: the most allowed.
        zero: what 0 means, which is allowed then; empty where 0 is a number as any other.
    """

    lowest: float
    highest: float
    zero: str = ""

    def has(self, value: float) -> bool:
        """Whether a number may be given; not-a-number may not."""
        return self.lowest <= value <= self.highest or (value == 0 and bool(self.zero))

    def __str__(self) -> str:
        words = f"from {self.lowest} to {self.highest}"
        if not self.zero:
            return words
        return f"{words} (0: {self.zero})" if self.lowest == 0 else f"{words}, or 0 ({self.zero})"


_FRAMES = Range(0, 10**9, "never")


class PowerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the wallpaper may use; 1 MB is 1024 * 1024 bytes.

    Attributes:
        max_memory_mb: PSS of daemon and player together.
        max_buffers: of the frame pool, lent and idle; one is shown while the next is made.
        max_pool_mb: likewise, their size.
        hold_after_s: for how long no screen asks for frames before the player is ended.
        max_growth_mb_per_hour: growth of memory above which the player is exchanged.
        growth_warmup_s: after a player's start, not counted as growth.
        growth_window_s: over which growth is measured.
        stats_every_frames: how often figures are logged; so does stats_every_s.
        check_every_frames: how often memory is compared with the budget; so does check_every_s.
        demuxer_ahead_mb: what may be read ahead of a file.
        demuxer_back_mb: what may be kept of a file once it was shown.
        stream_ahead_mb: what may be read ahead of a network stream or a pipe.
        decode_threads: of each decoder.
    """

    max_memory_mb: Annotated[int, Range(20, 1024 * 1024, "unlimited")] = 256
    max_buffers: Annotated[int, Range(2, 1024, "unlimited")] = 8
    max_pool_mb: Annotated[int, Range(1, 65536, "unlimited")] = 100
    hold_after_s: Annotated[float, Range(0, 86400, "never")] = 30.0
    max_growth_mb_per_hour: Annotated[float, Range(0, 1024 * 1024, "never exchange")] = 64.0
    growth_warmup_s: Annotated[float, Range(1, 86400)] = 120.0
    growth_window_s: Annotated[float, Range(10, 86400)] = 600.0
    stats_every_frames: Annotated[int, _FRAMES] = 300
    stats_every_s: Annotated[float, Range(0, 86400, "never")] = 30.0
    check_every_frames: Annotated[int, _FRAMES] = 600
    check_every_s: Annotated[float, Range(1, 86400)] = 30.0
    demuxer_ahead_mb: Annotated[float, Range(0.25, 50)] = 2.0
    demuxer_back_mb: Annotated[float, Range(0, 10)] = 0.0
    stream_ahead_mb: Annotated[float, Range(1, 100)] = 32.0
    decode_threads: Annotated[int, Range(1, 16)] = 1


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole config file; without an argument, what holds where there is none."""

    power: PowerConfig = PowerConfig()
