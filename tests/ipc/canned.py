"""A status as a daemon with three screens might give it."""

from __future__ import annotations

from wayvid.ipc.status import (
    Action,
    ConditionStatus,
    MemoryStatus,
    OutputStatus,
    OutputWhy,
    ProcessStatus,
    Status,
    StreamStatus,
    Why,
)
from wayvid.link.figures import CounterFigures, PoolFigures

MB = 1024 * 1024
AT_NOON = 1_700_000_000.0


def some_status(seconds: float = 0.0, **more: object) -> Status:
    """The status after so many seconds of play at 30 fps; the player takes a fifth of a core."""
    frames = 300 + round(seconds * 30)
    facts: dict[str, object] = {
        "version": "0.1.0",
        "at_s": 5000.0 + seconds,
        "state": "playing",
        "reason": "",
        "source": "/home/kim/Videos/loops from the north sea/waves at noon, second take, calm.mp4",
        "config_path": "/home/kim/.config/wayvid/config.yaml",
        "config_error": "",
        "outputs": [
            OutputStatus("DP-1", "fill", "playing", frames),
            OutputStatus("HDMI-A-1", "contain", "playing", frames - 10),
            OutputStatus("eDP-1", "fill", "hidden", 17),
        ],
        "processes": [
            ProcessStatus("daemon", 4711, 19 * MB, 13 * MB, 9 * MB, 4 * MB, 0, 0, None, 0.31 + seconds / 1000, 1, 14),
            ProcessStatus(
                "player", 4712, 104 * MB, 98 * MB, 47 * MB, 27 * MB, 24 * MB, 0, None, 12.5 + seconds / 5, 9, 38
            ),
        ],
        "streams": [
            StreamStatus(
                0, "/home/kim/Videos/loops from the north sea/waves at noon, second take, calm.mp4", "playing",
                12.4 + seconds, 20.0, frames, 2, 983_040, 9, 28 * MB,
                {"demuxer-max-bytes": 2 * MB, "demuxer-max-back-bytes": 0, "vd-lavc-threads": 1},
                outputs=["DP-1", "eDP-1"],
            )
        ],
        "memory": some_memory(),
    }  # fmt: skip
    return Status(**(facts | more))  # type: ignore[arg-type]


def some_memory(**more: object) -> MemoryStatus:
    """Its memory."""
    facts: dict[str, object] = {
        "budget_bytes": 120 * MB,
        "pss_bytes": 111 * MB,
        "rss_bytes": 123 * MB,
        "level": "high",
        "reason": "93 % of the budget, high from 90 %",
        "demuxer_cache_bytes": 983_040,
        "decoded_bytes": 28 * MB,
        "stills_bytes": 8 * MB,
        "gpu_bytes": None,
        "growth_mb_per_hour": 0.4,
        "counters": CounterFigures(24 * MB, 48 * MB, 96 * MB, 72 * MB, 3),
        "pool": PoolFigures(3, 2, 8, 24 * MB, 16 * MB, 100 * MB, 8120, 7, 2),
        "actions": [Action(AT_NOON + number, "high", f"step {number}", number * MB, "over 90 %") for number in range(6)]
        + [Action(AT_NOON + 60, "critical", "trim idle buffers to half", 12 * MB, "available memory is below 5 %")],
    }
    return MemoryStatus(**(facts | more))  # type: ignore[arg-type]


def some_why() -> Why:
    """What three screens do, with one condition that nobody tells."""
    return Why(
        [
            OutputWhy("DP-1", "slow", "battery (43 %, on battery)", 10.0),
            OutputWhy("HDMI-A-1", "paused", "a command", 0.0),
            OutputWhy("eDP-1", "playing", "", 24.0),
        ],
        [
            ConditionStatus("battery", "", True, "43 %, on battery"),
            ConditionStatus("gamemode", "", None, "GameMode is not there"),
            ConditionStatus("fullscreen", "DP-1", None, "the compositor does not tell"),
            ConditionStatus("fullscreen", "eDP-1", None, "the compositor does not tell"),
        ],
    )
