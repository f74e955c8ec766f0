"""What a scene becomes when outputs are told something by the config: pure values.

Only what is told differently is changed: an output that was told something by a command
keeps that until the config's word for it is another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from wayvid.daemon.scene import AS_TOLD, DEFAULT, NEW, Scene, Timeline, Want, laid_out, sounding, spanned, want_on
from wayvid.daemon.source import DEFAULT_SOURCE, DEFAULT_STREAM
from wayvid.daemon.told import Play, Sound, Told, played, went_on
from wayvid.daemon.turns import Opened, Turn
from wayvid.geometry import Layout

__all__ = ["Bound", "Retold", "TimelineFor", "TimelinesFor", "retold"]

# What an output is to play that showed the first, was told the second and is told the third now.
TimelineFor: TypeAlias = Callable[[Want, Play, Play], Timeline]


class Bound(NamedTuple):
    """What a scene has from the config.

    Attributes:
        told: what each output was told last, DEFAULT among them for all that no rule means.
        is_set: a command has told all outputs what to play, also those that come later.
        is_laid: likewise, how to lay it out.
        is_sounding: likewise, how it is heard.
    """

    told: Mapping[str, Told]
    is_set: bool = False
    is_laid: bool = False
    is_sounding: bool = False

    def before(self, name: str, after: Told) -> Told:
        """What an output was told; of one that is new, what it follows until it is told something."""
        before = self.told.get(name)
        if before is not None:
            return before
        general = self.told[DEFAULT]
        return Told(
            after.play if self.is_set else general.play,
            after.layout if self.is_laid else general.layout,
            after.sound if self.is_sounding else general.sound,
            after.span,
        )


class Retold(NamedTuple):
    """What came of it.

    Attributes:
        scene: what is wanted now.
        bound: to be kept for the next time.
        layouts: the outputs that are laid out in another way.
        sounds: the outputs that are heard in another way.
        unspanned: the outputs whose spans are as they are told again.
        begun: by serial of a timeline the outputs that went to it, and what they were told before.
    """

    scene: Scene
    bound: Bound
    layouts: dict[str, Layout]
    sounds: dict[str, Sound]
    unspanned: list[str]
    begun: dict[int, dict[str, Told]]


def retold(scene: Scene, bound: Bound, words: Mapping[str, Told], timeline_for: TimelineFor) -> Retold:
    """The scene with some outputs told something.

    Args:
        scene: as it is.
        bound: what it has from the config.
        words: what is said now, of outputs and of DEFAULT.
        timeline_for: where an output goes that is to play something else.
    """
    known = {*bound.told, *words} - {DEFAULT}
    scene = {**scene, **{name: want_on(scene, name) for name in known}}  # or they would follow DEFAULT
    layouts: dict[str, Layout] = {}
    sounds: dict[str, Sound] = {}
    unspanned: list[str] = []
    begun: dict[int, dict[str, Told]] = {}
    for name, after in words.items():
        before = bound.before(name, after)
        if after.play != before.play:
            want = want_on(scene, name)
            timeline = timeline_for(want, before.play, after.play)
            span = want.span if after.play.goes_on_from(before.play) else AS_TOLD
            scene = {**scene, name: want._replace(timeline=timeline, span=span)}
            begun.setdefault(timeline.serial, {})[name] = before
        if after.ends_span(before):
            scene = spanned(scene, [name], AS_TOLD)
            unspanned.append(name)
        if after.layout is not before.layout:
            layouts[name] = after.layout
            scene = laid_out(scene, [name], after.layout)
        if after.sound != before.sound:
            sounds[name] = after.sound
            scene = sounding(scene, [name], after.sound)
    is_set, is_laid, is_sounding = bound.is_set, bound.is_laid, bound.is_sounding
    if DEFAULT in words:
        is_set = is_set and words[DEFAULT].play == bound.told[DEFAULT].play
        is_laid = is_laid and DEFAULT not in layouts
        is_sounding = is_sounding and DEFAULT not in sounds
    bound = Bound({**bound.told, **words}, is_set, is_laid, is_sounding)
    return Retold(scene, bound, layouts, sounds, unspanned, begun)


class TimelinesFor:
    """A TimelineFor that opens each source once; outputs that are told the same share.

    Args:
        playing: one that plays the same, and can be joined.
        position_of: where one is, in seconds.
        serials: numbers that no timeline has had yet.
        opened_of: what a source is to begin with where an output is at that turn of a list; raises SourceUnplayable.
    """

    def __init__(
        self,
        playing: Callable[[Timeline], Timeline | None],
        position_of: Callable[[Timeline], float],
        serials: Iterator[int],
        opened_of: Callable[[str, Turn | None], Opened],
    ) -> None:
        self._playing = playing
        self._position_of = position_of
        self._serials = serials
        self._opened_of = opened_of
        self._opened: dict[tuple[str, Turn | None], Opened] = {}
        self._made: dict[tuple[Opened, bool], Timeline] = {}

    def __call__(self, want: Want, old: Play, new: Play) -> Timeline:
        """See TimelineFor; raises SourceUnplayable."""
        now = want.timeline
        goes_on = new.goes_on_from(old)  # whatever it plays by now
        if goes_on:
            source, own = now.source, went_on(Opened(now.spec, now.turn), new)
        else:
            source, own = new.source or DEFAULT_SOURCE, played(self._open(new.source, now.turn), new)
            goes_on = own.turn is not None and now.turn is not None and own.turn.entry == now.turn.entry
        key = own, want.is_paused
        if key not in self._made:
            timeline = Timeline(NEW, source, own.spec, turn=own.turn)
            after = None if want.is_paused else self._playing(timeline)
            if after is None:
                begin_s = self._position_of(now) if goes_on else 0.0
                after = timeline._replace(serial=next(self._serials), begin_s=begin_s)
            self._made[key] = after
        return self._made[key]

    def _open(self, source: str, turn: Turn | None) -> Opened:
        if (source, turn) not in self._opened:
            self._opened[source, turn] = self._opened_of(source, turn) if source else Opened(DEFAULT_STREAM)
        return self._opened[source, turn]
