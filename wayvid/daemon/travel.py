"""What follows a timeline when its outputs are told to go elsewhere or at another speed: pure values."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from wayvid import transition
from wayvid.config.model import Config
from wayvid.daemon.scene import NEW, Timeline, Want
from wayvid.daemon.stream import Place
from wayvid.errors import NotPossible
from wayvid.geometry import Layout

__all__ = ["change_of", "layout_of", "louder", "sought", "sped"]

Change = Callable[[Timeline, Place], Timeline]

# libmpv's own limits of "speed".
SLOWEST, FASTEST = 0.01, 100.0
LOUDEST = 100


def layout_of(word: str) -> Layout:
    """The layout of that name.

    Raises:
        NotPossible: there is none.
    """
    try:
        return Layout(word)
    except ValueError as exc:
        known = ", ".join(layout.value for layout in Layout)
        raise NotPossible(f"there is no layout {word!r}; layouts: {known}") from exc


def change_of(word: str, duration_s: float | None, config: Config) -> transition.Change:
    """How screens go over to another source.

    Args:
        word: the transition's name; empty: the config's.
        duration_s: how long it takes; None: as the config says.
        config: in force.

    Raises:
        NotPossible: there is no such transition, or it would take too long.
    """
    try:
        kind = transition.Transition(word or config.transition)
    except ValueError as exc:
        known = ", ".join(each.value for each in transition.Transition)
        raise NotPossible(f"there is no transition {word!r}; transitions: {known}") from exc
    duration_s = config.transition_s if duration_s is None else duration_s
    if not 0 <= duration_s <= transition.LONGEST_S:
        raise NotPossible(f"a transition of {duration_s:g} s is not possible; say 0 to {transition.LONGEST_S:g}")
    return transition.Change(kind, duration_s)


def sought(to: float, unit: str) -> Change:
    """Another position in the file that is shown.

    Args:
        to: how far; beyond the end it begins again, or stays there if it does not loop.
        unit: "s" from the beginning, "+s" from where it is, "%" of the length.

    Returns:
        A change, which raises NotPossible for a source without a length.
    """
    if not math.isfinite(to):
        raise NotPossible("a position is a number")

    def change(timeline: Timeline, place: Place) -> Timeline:
        length_s = place.duration_s
        if length_s <= 0:
            raise NotPossible(
                f"{timeline.source!r} has no positions to seek to: its length is not known; "
                "only a clip that has started can be sought in"
            )
        position_s = {"s": to, "+s": place.position_s + to, "%": length_s * to / 100}[unit]
        if unit == "+s" and place.spec.loop:
            position_s %= length_s
        if not 0 <= position_s <= length_s:
            if unit != "+s":
                name = place.spec.path if timeline.turn is not None else timeline.source
                raise NotPossible(f"{name!r} is {length_s:.3f} s long; seek to a position in it")
            position_s = min(max(position_s, 0.0), length_s)
        return timeline._replace(serial=NEW, spec=place.spec, begin_s=position_s)

    return change


def sped(speed: float) -> Change:
    """Another speed; from where it is.

    Raises:
        NotPossible: nothing can be played at that speed.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise NotPossible(f"a speed is between {SLOWEST:g} and {FASTEST:g}; 1 is as recorded")

    def change(timeline: Timeline, place: Place) -> Timeline:
        if timeline.spec.speed == speed:
            return timeline
        spec = msgspec.structs.replace(place.spec, speed=speed)
        return timeline._replace(serial=NEW, spec=spec, begin_s=place.position_s)

    return change


def louder(to: int, unit: str) -> Callable[[Want], Want]:
    """Another volume of an output.

    Args:
        to: how much.
        unit: "%" of the loudest, or "+%" more than it is now.

    Raises:
        NotPossible: nothing can be so loud.
    """
    if unit == "%" and not 0 <= to <= LOUDEST:
        raise NotPossible(f"a volume is between 0 and {LOUDEST}; {LOUDEST} is as recorded")

    def change(want: Want) -> Want:
        volume = to if unit == "%" else want.volume + to
        return want._replace(volume=min(max(volume, 0), LOUDEST))

    return change
