"""When a player that died is started again, and when its stream is given up. Pure values."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from wayvid.link.messages import StreamSpec

__all__ = ["Restarts", "after_death", "resume_position", "from_entry"]

# The first restart is at once; then the pauses grow, so that a broken driver
# or file does not keep the machine busy.
PAUSES_S = (0.0, 0.5, 2.0, 5.0, 15.0, 60.0)
# A player that lived so long is not dying of what killed the one before.
STABLE_AFTER_S = 60.0
GIVE_UP_AFTER = 3


class Restarts(NamedTuple):
    """How often a player died in a row, and what to do now.

    Attributes:
        deaths: in a row, each soon after the start.
        pause_s: to wait before the next start.
        is_given_up: no next start: what it plays kills it.
    """

    deaths: int = 0
    pause_s: float = 0.0
    is_given_up: bool = False


def after_death(before: Restarts, lived_s: float) -> Restarts:
    """What follows from one more death of the player.

    Args:
        before: what followed from the death before.
        lived_s: how long this player had been playing; 0 if it never did.
    """
    deaths = 1 if lived_s >= STABLE_AFTER_S else before.deaths + 1
    return Restarts(deaths, PAUSES_S[min(deaths, len(PAUSES_S)) - 1], deaths >= GIVE_UP_AFTER)


def resume_position(position_s: float, elapsed_s: float, duration_s: float, speed: float, loops: bool) -> float:
    """Where play would be now, had it gone on.

    Args:
        position_s: where it was.
        elapsed_s: how long ago.
        duration_s: length of the source, 0 when unknown. Such a source (a live stream,
            the built-in wallpaper) begins anew: it has no index to go by, so libmpv
            would decode all of it up to there first.
        speed: of play.
        loops: whether it begins again at the end.
    """
    if duration_s <= 0:
        return 0.0
    position_s += elapsed_s * speed
    return max(0.0, position_s % duration_s if loops else min(position_s, duration_s))


def from_entry(stream: StreamSpec, entry: int) -> StreamSpec:
    """The stream with its playlist begun at one of its files; the order stays.

    Args:
        stream: what is played.
        entry: index in its paths.
    """
    return msgspec.structs.replace(stream, paths=stream.paths[entry:] + stream.paths[:entry])
