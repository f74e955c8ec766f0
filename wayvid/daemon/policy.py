"""When a player that died is started again, and when its stream is given up. Pure values."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from wayvid.link.messages import StreamSpec

__all__ = ["LAST_TRY", "Restarts", "after_death", "resume_position", "from_entry"]

# Before the first and the second restart. The pauses grow, so that what kills the
# player does not keep the machine busy.
PAUSES_S = (0.0, 0.5)
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


# What is left to the streams that stay when the one to blame was given up: one more death, and the next one goes.
LAST_TRY = Restarts(GIVE_UP_AFTER - 1, PAUSES_S[-1])


def after_death(before: Restarts, lived_s: float) -> Restarts:
    """What follows from one more death of the player.

    Args:
        before: what followed from the death before.
        lived_s: how long this player had been playing; 0 if it never did.
    """
    deaths = 1 if lived_s >= STABLE_AFTER_S else before.deaths + 1
    if deaths >= GIVE_UP_AFTER:
        return Restarts(deaths, 0.0, True)
    return Restarts(deaths, PAUSES_S[deaths - 1], False)


def resume_position(
    position_s: float, elapsed_s: float, duration_s: float, speed: float, loops: bool, start_s: float = 0.0
) -> float:
    """Where play would be now, had it gone on.

    Args:
        position_s: where it was.
        elapsed_s: how long ago.
        duration_s: length of the source, 0 when unknown. Such a source (a live stream,
            the built-in wallpaper) begins anew: it has no index to go by, so libmpv
            would decode all of it up to there first.
        speed: of play.
        loops: whether it begins again at the end.
        start_s: where it begins again; behind its end: at its beginning.
    """
    if duration_s <= 0:
        return 0.0
    position_s += elapsed_s * speed
    if loops and position_s >= duration_s:
        begin_s = start_s if start_s < duration_s else 0.0
        position_s = begin_s + (position_s - begin_s) % (duration_s - begin_s)
    return max(0.0, min(position_s, duration_s))


def from_entry(stream: StreamSpec, entry: int) -> StreamSpec:
    """The stream with its playlist begun at one of its files; the order stays.

    Args:
        stream: what is played.
        entry: index in its paths.
    """
    return msgspec.structs.replace(stream, paths=stream.paths[entry:] + stream.paths[:entry])
