"""What outputs are to show, and what they go back to where that cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from wayvid.daemon.remember import Opening
from wayvid.daemon.retelling import Retold, TimelineFor, retold
from wayvid.daemon.scene import (
    AS_TOLD,
    DEFAULT,
    Scene,
    Timeline,
    Want,
    laid_out,
    paused,
    replaced,
    resounded,
    serials_of,
    sounding,
    span_number,
    spanned,
    want_on,
)
from wayvid.daemon.told import Told
from wayvid.geometry import Layout

__all__ = ["Intent"]


def _serial_on(scene: Scene, name: str) -> int:
    return want_on(scene, name).timeline.serial


class Intent:
    """Two scenes: the wanted one, and the one that is sure, to go back to when a new stream never gets a picture.

    Args:
        opening: what to begin with.

    Attributes:
        wanted: what outputs are to show.
        sure: what they go back to.
        bound: what wanted has from config file and command line.
        taken_up: the timelines that are wanted because they were shown last time.
    """

    def __init__(self, opening: Opening) -> None:
        self.wanted, self.sure, self.bound = opening.wanted, opening.sure, opening.bound
        self.taken_up = serials_of(self.wanted, self.wanted) - serials_of(self.sure, self.sure)
        self._told_first = opening.told
        self._begun: dict[int, dict[str, Told]] = {}  # what to fall back on when a stream of the config's fails

    def on(self, name: str) -> Want:
        """What an output is to show."""
        return want_on(self.wanted, name)

    def told_on(self, name: str) -> Told:
        """What config file and command line say of an output."""
        return self.bound.told.get(name) or self.bound.told[DEFAULT]

    @property
    def has_spans(self) -> bool:
        """Whether a command has had outputs show one picture together."""
        return any(want.span > AS_TOLD for want in self.wanted.values())

    def names(self) -> set[str]:
        """All outputs that something was ever said of, DEFAULT among them."""
        return {DEFAULT, *self.wanted, *self.sure}

    def serials(self, names: Collection[str] | None = None) -> set[int]:
        """The timelines that these outputs are on, or go back to; None: all there are."""
        both = (self.wanted, self.sure)
        return set().union(*(serials_of(scene, scene if names is None else names) for scene in both))

    # Commands: what outputs go back to follows them, unless they are about what is played.

    def play(self, timelines: Mapping[str, Timeline], span: int) -> None:
        """Have outputs begin with these, as outputs of a span of that number."""
        wants = {name: self.on(name)._replace(timeline=each, span=span) for name, each in timelines.items()}
        self.wanted = {**self.wanted, **{name: want._replace(is_paused=False) for name, want in wants.items()}}
        if DEFAULT in timelines:
            self.bound = self.bound._replace(is_set=True)

    def pause(
        self,
        names: Collection[str],
        connected: Collection[str],
        is_paused: bool,
        begin_at: Callable[[Timeline], Timeline],
        serials: Iterator[int],
    ) -> None:
        """Stop outputs, or have them go on; see scene.paused()."""
        waiting = {name for name in names if _serial_on(self.sure, name) != _serial_on(self.wanted, name)}
        parted = self.serials(set(connected).difference(names))
        together = {name for name in names if _serial_on(self.sure, name) not in parted}
        self.wanted = paused(self.wanted, names, connected, is_paused, begin_at, serials)
        # One that parts from others goes back to them as they are.
        sure = {**paused(self.sure, waiting | together, connected, is_paused, begin_at, serials)}
        for name in {*self.names(), *connected} - waiting:
            if _serial_on(self.wanted, name) == _serial_on(sure, name):
                sure[name] = self.on(name)
        self.sure = sure

    def lay_out(self, names: Collection[str], layout: Layout) -> None:
        """Lay the pictures of outputs out in another way."""
        self.wanted = laid_out(self.wanted, names, layout)
        self.sure = laid_out(self.sure, names, layout)
        if DEFAULT in names:
            self.bound = self.bound._replace(is_laid=True)

    def span_number(self, is_span: bool | None) -> int:
        """See scene.span_number()."""
        return span_number(is_span, self.wanted, self.sure)

    def span(self, names: Collection[str], is_span: bool | None) -> None:
        """Have outputs show what they show together, or each the whole of it."""
        span = self.span_number(is_span)
        self.wanted = spanned(self.wanted, names, span)
        self.sure = spanned(self.sure, names, span)

    def resound(self, names: Collection[str], change: Callable[[Want], Want]) -> None:
        """Have outputs be heard in another way."""
        self.wanted = resounded(self.wanted, names, change)
        self.sure = resounded(self.sure, names, change)
        if DEFAULT in names:
            self.bound = self.bound._replace(is_sounding=True)

    # The config.

    def leaving(self, words: Mapping[str, Told]) -> list[str]:
        """The outputs that are to play something else by these words."""
        return [name for name, after in words.items() if self.bound.before(name, after).play != after.play]

    def retold(self, words: Mapping[str, Told], timeline_for: TimelineFor) -> Retold:
        """See retelling.retold()."""
        return retold(self.wanted, self.bound, words, timeline_for)

    def take(self, result: Retold) -> None:
        """What came of another config is wanted now."""
        self.wanted, self.bound = result.scene, result.bound
        for name, layout in result.layouts.items():
            self.sure = laid_out(self.sure, [name], layout)
        self.sure = spanned(self.sure, result.unspanned, AS_TOLD)
        for name, sound in result.sounds.items():
            self.sure = sounding(self.sure, [name], sound)
        self._begun |= result.begun

    # What becomes of timelines.

    def replace(self, serial: int, after: Timeline) -> None:
        """Play another timeline in place of one."""
        self.wanted = replaced(self.wanted, serial, after)
        self.sure = replaced(self.sure, serial, after)
        if serial in self._begun:
            self._begun[after.serial] = self._begun.pop(serial)

    def settle(self, serial: int) -> None:
        """A timeline is shown, or nobody wants it any more."""
        self._begun.pop(serial, None)

    def make_sure(self, names: Collection[str], may_fail: Callable[[int], bool]) -> None:
        """Go back no more from what cannot fail, or has not.

        Args:
            names: of outputs.
            may_fail: whether a timeline needs a stream that has no picture yet.
        """
        for name in names:
            want = self.on(name)
            if not may_fail(want.timeline.serial) and want_on(self.sure, name) != want:
                self.sure = {**self.sure, name: want}

    def go_back(self, names: Collection[str], serial: int) -> None:
        """A timeline cannot be shown on outputs: they are to show what is sure; the next reload tries again."""
        self.bound = self.bound._replace(told={**self.bound.told, **self._begun.pop(serial, {})})
        self.wanted = {**self.wanted, **{name: want_on(self.sure, name) for name in names}}

    def forget_last_time(self, names: Collection[str]) -> None:
        """What outputs showed last time cannot be shown: they have been told what all were told at first."""
        self.bound = self.bound._replace(told={**self.bound.told, **dict.fromkeys(names, self._told_first)})
