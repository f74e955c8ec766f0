"""When a player that died, or a source that failed, is tried again, and when a stream is given up. Pure values."""

from __future__ import annotations

from typing import NamedTuple

from wayvid.link.messages import StreamSpec

__all__ = [
    "LAST_TRY",
    "Restarts",
    "after_death",
    "resume_position",
    "advice_for",
    "is_passing",
    "retry_pause_s",
    "tries_before",
]

# Before the first and the second restart. The pauses grow, so that what kills the
# player does not keep the machine busy.
PAUSES_S = (0.0, 0.5)
# A player that lived so long is not dying of what killed the one before.
STABLE_AFTER_S = 60.0
GIVE_UP_AFTER = 3
# Before a source that has failed is tried again: 1 s, and twice as long each time, up to this.
LONGEST_RETRY_S = 60.0
# What failed after so long a time, or after a longer one than its last pause, is no worse than it was at first.
WELL_AFTER_S = 10.0
# Parts of libmpv's and ffmpeg's words for what may be otherwise in a minute.
PASSING = (
    "refused",
    "timed out",
    "unreachable",
    "no route to host",
    "failed to resolve",
    "connection reset",
    "broke off",
    "input/output error",
    "http error 5",
    "http error 429",
    "server returned 5xx",
    "sends nothing",
)
# ... and for what is there and is no video.
NO_VIDEO = ("not a video", "no video stream")
USUAL_ADVICE = "try another one, or see what 'mpv' says of it"


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


def tries_before(tries: int, played_s: float) -> int:
    """How many tries of a source that has failed again count.

    Args:
        tries: since it last played well.
        played_s: how long it has played this time.
    """
    return 0 if played_s > max(WELL_AFTER_S, retry_pause_s(tries)) else tries


def retry_pause_s(tries: int) -> float:
    """How long to wait before the next try, after so many."""
    return min(float(2 ** min(tries, 10)), LONGEST_RETRY_S)


def is_passing(reason: str) -> bool:
    """Whether a source that never came may come soon: its server or the network is away, and not what it names."""
    words = reason.lower()
    return any(each in words for each in PASSING)


def advice_for(spec: StreamSpec, reason: str, has_ytdl: bool) -> str:
    """What to do about a source that cannot be played.

    Args:
        spec: the source.
        reason: as the player has it.
        has_ytdl: whether yt-dlp may be asked.
    """
    is_page = spec.path.lower().startswith("http") and any(each in reason for each in NO_VIDEO)
    if is_page and not has_ytdl:
        return "if it is a web page with a video in it: set 'ytdl = true' in the config file, and install yt-dlp"
    if is_page:
        return "see what 'yt-dlp' says of it; it has to be installed, and new"
    if spec.path.startswith("rtsp") and not is_passing(reason):
        return "see whether its path, name and password are right: rtsp://NAME:PASSWORD@HOST/PATH"
    if spec.is_pipe:
        return "what can be joined in the middle goes through a pipe best, such as 'ffmpeg -i FILE -f mpegts -'"
    if is_passing(reason):
        return "see whether its server is there"
    return USUAL_ADVICE
