"""All that a comparison measured, ready for JSON."""

from __future__ import annotations

import msgspec

from wayvid.memtest.contender import Contender
from wayvid.memtest.household import Held

__all__ = ["Comparison", "Look", "Turn", "good_turns"]


class Look(msgspec.Struct, frozen=True):
    """What was seen of a contender at one moment.

    Attributes:
        t_s: since its first picture on every screen.
        at: Unix time in seconds.
        is_warm_up: left out of every figure.
        processes: by pid.
        pictures: commits with a picture so far, by surface.
    """

    t_s: float
    at: float
    is_warm_up: bool
    processes: dict[int, Held]
    pictures: dict[str, int]


class Turn(msgspec.Struct):
    """One start of one contender.

    Attributes:
        round: from 1; both contenders have a turn in each.
        contender: "A" or "B".
        first_picture_ms: from exec until every screen had a commit with a picture, which may be an empty one.
        neighbours: other processes that had the same libavcodec loaded at the end of the warm-up, so that its pages
            count less in PSS and not at all in USS.
        failed: why it does not count; empty when it does.
    """

    round: int
    contender: str
    looks: list[Look] = []
    first_picture_ms: float | None = None
    neighbours: int = 0
    failed: str = ""


class Comparison(msgspec.Struct):
    """A whole comparison.

    Attributes:
        wayvid: version of the one that measured.
        date: UTC, ISO 8601, of its start.
        machine: what must be equal for two of them to be compared.
        source: in the user's words; empty: none.
        is_still: nothing had to move.
        warm_up_s: from the first picture on every screen; left out of all figures.
        seconds: measured in each turn, after the warm-up.
        every_s: between two looks.
        contenders: A and B.
        turns: in the order of time: A B B A A B ...
        partial: why it ended early; empty when it is whole.
    """

    wayvid: str
    date: str
    machine: dict[str, str]
    source: str
    is_still: bool
    outputs: int
    warm_up_s: float
    seconds: float
    every_s: float
    contenders: list[Contender]
    turns: list[Turn] = []
    partial: str = ""


def good_turns(comparison: Comparison, key: str) -> dict[int, Turn]:
    """Those of one contender that count, by round."""
    return {
        turn.round: turn
        for turn in comparison.turns
        if turn.contender == key and not turn.failed and any(not look.is_warm_up for look in turn.looks)
    }
