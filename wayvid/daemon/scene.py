"""Which output is to show what, and what has to be done for it: pure values, by output name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple, TypeAlias

from wayvid.daemon.turns import Turn
from wayvid.errors import UnknownOutput
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec

__all__ = [
    "APART",
    "AS_TOLD",
    "DEFAULT",
    "NEW",
    "STREAM_ID",
    "Difference",
    "Scene",
    "Timeline",
    "Want",
    "difference",
    "first_scene",
    "laid_out",
    "loudness",
    "meant",
    "paused",
    "replaced",
    "resounded",
    "retimed",
    "serials_of",
    "sounding",
    "span_number",
    "spanned",
    "want_on",
]

# Of the stream that the first player is told to prepare before there is a daemon.
STREAM_ID = 0
# Stands in a scene for all outputs that were never named, also for those that come later.
DEFAULT = ""
# The serial of a timeline that is to get one of its own.
NEW = -1
# Whether an output shows its part of a picture over several is as config file and command line say.
AS_TOLD = 0
# It shows the whole.
APART = -1


class Timeline(NamedTuple):
    """Something that plays: outputs on the same timeline show the same picture, from one decoder.

    Attributes:
        serial: tells it from others, also from those of the same source at another position.
        source: in the user's words.
        spec: what the source means, with its speed.
        begin_s: where it begins.
        turn: where it is in its list; None: the source is none.
    """

    serial: int
    source: str
    spec: StreamSpec
    begin_s: float = 0.0
    turn: Turn | None = None

    def is_like(self, other: Timeline) -> bool:
        """Whether it plays the same in the same way; a list may be at another of its files."""
        if self.turn is None or other.turn is None:
            return self.turn is other.turn and self.spec == other.spec
        mine, theirs = self.turn, other.turn
        return mine.playlist == theirs.playlist and mine.loops == theirs.loops and self.spec.speed == other.spec.speed


class Want(NamedTuple):
    """What one output is to show. Outputs on the same timeline are paused together.

    Attributes:
        timeline: what plays.
        layout: how it is laid out.
        is_paused: by a command.
        is_muted: nothing is to be heard of it.
        volume: percent, for when it is not muted.
        span: of the outputs that a command had show one picture together; or APART, or AS_TOLD.
    """

    timeline: Timeline
    layout: Layout
    is_paused: bool = False
    is_muted: bool = True
    volume: int = 100
    span: int = AS_TOLD


# What each output is to show that was ever named, and DEFAULT for all others.
Scene: TypeAlias = Mapping[str, Want]


class Difference(NamedTuple):
    """What has to be done to get from what outputs show to what they are to show.

    Attributes:
        moves: the outputs that go to another timeline, by its serial; also those that are new.
        pauses: the timelines to be paused (True) or let go on, by serial.
    """

    moves: dict[int, list[str]]
    pauses: dict[int, bool]


def first_scene(timeline: Timeline, layout: Layout) -> Scene:
    """All outputs on one timeline."""
    return {DEFAULT: Want(timeline, layout)}


def meant(patterns: Collection[str], connected: Collection[str], unused: Collection[str] = ()) -> list[str]:
    """The outputs that names and globs mean; `unused` are others that are there, and have no wallpaper.

    Raises:
        UnknownOutput: one means none that is there.
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        names = [name for name in connected if fnmatchcase(name, pattern)]
        if not names:
            is_unused = any(fnmatchcase(name, pattern) for name in unused)
            raise UnknownOutput(pattern, [*connected, *(() if is_unused else unused)], is_unused)
        found.update(dict.fromkeys(names))
    return list(found)


def want_on(scene: Scene, name: str) -> Want:
    """What an output is to show."""
    return scene.get(name) or scene[DEFAULT]


def serials_of(scene: Scene, names: Iterable[str]) -> set[int]:
    """The timelines that these outputs are on."""
    return {want_on(scene, name).timeline.serial for name in names}


def laid_out(scene: Scene, names: Collection[str], layout: Layout) -> Scene:
    """The scene with another layout on these outputs."""
    return {**scene, **{name: want_on(scene, name)._replace(layout=layout) for name in names}}


def span_number(is_span: bool | None, *scenes: Scene) -> int:
    """What a Want is to have where a command has outputs show one picture, or not; None: it says nothing of it.

    Args:
        is_span: see above.
        scenes: all there are: no other outputs are to be of the same number.
    """
    if is_span is None:
        return AS_TOLD
    return 1 + max(AS_TOLD, *(want.span for scene in scenes for want in scene.values())) if is_span else APART


def spanned(scene: Scene, names: Collection[str], span: int) -> Scene:
    """The scene with another span on these outputs."""
    return {**scene, **{name: want_on(scene, name)._replace(span=span) for name in names}}


def sounding(scene: Scene, names: Collection[str], sound: tuple[bool, int]) -> Scene:
    """The scene with these outputs muted or not, and so loud."""
    is_muted, volume = sound
    return {**scene, **{name: want_on(scene, name)._replace(is_muted=is_muted, volume=volume) for name in names}}


def resounded(scene: Scene, names: Collection[str], change: Callable[[Want], Want]) -> Scene:
    """The scene with these outputs heard in another way, each from how it is heard now."""
    return {**scene, **{name: change(want_on(scene, name)) for name in names}}


def loudness(serial: int, wants: Iterable[Want]) -> int:
    """How loud a timeline is to be heard, in percent: as on the loudest of its outputs; 0: not at all."""
    return max((want.volume for want in wants if want.timeline.serial == serial and not want.is_muted), default=0)


def retimed(
    scene: Scene, names: Collection[str], change: Callable[[Timeline], Timeline], serials: Iterator[int]
) -> Scene:
    """The scene with these outputs on other timelines.

    Those that come to equal ones, position and pause included, share from now on.

    Args:
        scene: as it is.
        names: the outputs, DEFAULT among them for all that were never named.
        change: what follows a timeline: itself, another that is there, or one with the serial NEW.
        serials: numbers that no timeline has had yet.
    """
    made: dict[tuple[Timeline, bool], Timeline] = {}
    changed: dict[int, Timeline] = {}
    result = dict(scene)
    for name in names:
        want = want_on(scene, name)
        after = changed.get(want.timeline.serial)
        if after is None:
            after = change(want.timeline)
            if after.serial == NEW:
                key = after, want.is_paused
                if key not in made:
                    made[key] = after._replace(serial=next(serials))
                after = made[key]
            changed[want.timeline.serial] = after
        if after is not want.timeline:
            result[name] = want._replace(timeline=after)
    return result


def replaced(scene: Scene, serial: int, timeline: Timeline) -> Scene:
    """The scene with another timeline in place of one."""
    return {
        name: want._replace(timeline=timeline) if want.timeline.serial == serial else want
        for name, want in scene.items()
    }


def paused(
    scene: Scene,
    names: Collection[str],
    connected: Collection[str],
    is_paused: bool,
    begin_at: Callable[[Timeline], Timeline],
    serials: Iterator[int],
) -> Scene:
    """The scene with these outputs paused, or going on.

    Where all connected outputs of a timeline are among them it stays; else they part
    from it, where it is now.

    Args:
        scene: as it is.
        names: the outputs, DEFAULT among them for all that were never named.
        connected: those that are there.
        is_paused: whether they are to be paused.
        begin_at: what follows a timeline from where it is now; with the serial NEW.
        serials: numbers that no timeline has had yet.
    """
    turning = [name for name in names if want_on(scene, name).is_paused != is_paused]
    for serial in sorted(serials_of(scene, turning)):
        on_it = {name for name in {*scene, *names, *connected} if want_on(scene, name).timeline.serial == serial}
        named = on_it.intersection(turning)
        leaving = named if on_it.intersection(connected) - named else on_it.intersection(scene) - named
        scene = {**scene, **{name: want_on(scene, name) for name in named}}  # or they would follow DEFAULT
        scene = retimed(scene, leaving, begin_at, serials)
        scene = {**scene, **{name: want_on(scene, name)._replace(is_paused=is_paused) for name in named}}
    return scene


def difference(before: Mapping[str, Want], after: Mapping[str, Want], running: Mapping[int, bool]) -> Difference:
    """What has to be done.

    Args:
        before: what the connected outputs show; those that have just come are missing.
        after: what the connected outputs are to show.
        running: the timelines that have a stream, and whether that is paused.
    """
    moves: dict[int, list[str]] = {}
    pauses: dict[int, bool] = {}
    for name, want in after.items():
        serial = want.timeline.serial
        if name not in before or before[name].timeline.serial != serial:
            moves.setdefault(serial, []).append(name)
        if running.get(serial, want.is_paused) != want.is_paused:
            pauses[serial] = want.is_paused
    return Difference(moves, pauses)
