"""Which fault comes when in a soak: all kinds in rounds, in an order that a seed gives. Pure values."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

__all__ = ["KINDS", "RESTART", "Planned", "schedule"]

# The name of a kind: what it does, for people.
KINDS = {
    "unplug": "screens go, and come again",
    "scale": "a screen gets another scale, and its own again",
    "clip": "another clip, and back",
    "image": "a picture, for which the player ends, and back",
    "missing": "a file that is not there; refused, all stays",
    "damaged": "a file that cannot be decoded; refused, all stays",
    "pause": "pause, and on",
    "kill": "the player is killed",
    "flood": "requests and rubbish on many connections at once",
    "burst": "sources that overtake each other, the last one is the own",
    "restart": "the compositor crashes; wayvid ends with code 3 and is started on a new one",
}
RESTART = "restart"
# Memory is counted anew after a restart, so it comes in the first round, and then in every so many-th.
ROUNDS_TO_RESTART = 4
# Of the whole time: the mean of what is left calm between two faults.
CALM_SHARE = 1 / 60
LEAST_CALM_S, MOST_CALM_S = 0.5, 20.0


class Planned(NamedTuple):
    """calm_s: to leave the wallpaper alone before it; name: one of KINDS."""

    calm_s: float
    name: str


def schedule(seconds: float, random: Random) -> Iterator[Planned]:
    """Faults without end, each kind once a round.

    Args:
        seconds: of the whole soak.
        random: gives the order and the pauses.
    """
    calm_s = min(max(seconds * CALM_SHARE, LEAST_CALM_S), MOST_CALM_S)
    number = 0
    while True:
        names = [name for name in KINDS if name != RESTART or number % ROUNDS_TO_RESTART == 0]
        random.shuffle(names)
        for name in names:
            yield Planned(calm_s * random.uniform(0.5, 1.5), name)
        number += 1
