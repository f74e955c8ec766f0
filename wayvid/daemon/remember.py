"""What survives the daemon: the scene as it is written down, and as it is taken up again. Pure values.

Each output is kept with what config and command line told it. So what a command said
of it holds in the next run, too, until they tell it something else, as on a reload.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import count
from typing import NamedTuple, Protocol

import msgspec

from wayvid.daemon.policy import resume_position
from wayvid.daemon.retelling import Bound, retold
from wayvid.daemon.scene import AS_TOLD, DEFAULT, NEW, Scene, Timeline, Want, want_on
from wayvid.daemon.source import DEFAULT_SOURCE
from wayvid.daemon.stream import Spot
from wayvid.daemon.told import Play, Told, played, went_on
from wayvid.daemon.turns import Entry, Opened
from wayvid.errors import SourceUnplayable
from wayvid.geometry import Layout

__all__ = ["VERSION", "Opening", "Output", "State", "Track", "is_whole", "opening", "restored", "state_of"]

VERSION = 1


class OpenedOf(Protocol):
    """See wayvid.daemon.listing.opened; "" is the built-in wallpaper."""

    def __call__(self, source: str, at: Entry | None = None, since_s: float = 0.0) -> Opened:
        """What a source is to begin with; raises SourceUnplayable."""


class Opening(NamedTuple):
    """How the daemon begins.

    Attributes:
        wanted: what outputs are to show.
        sure: what they go back to when that cannot be played; told by config and command line.
        bound: what wanted has from these.
        told: what they tell all that no rule means.
        first: one of those wanted; its stream is prepared before there is a daemon.
    """

    wanted: Scene
    sure: Scene
    bound: Bound
    told: Told
    first: Want


class Track(msgspec.Struct, frozen=True):
    """A timeline, as it was.

    Attributes:
        source: whole path or URL; empty: the built-in wallpaper.
        file: the one that was shown, of a list.
        position_s: where in it.
        duration_s: its length; 0 when unknown.
        speed: of play.
        is_moving: it was playing, and had gone on.
        round_: of a shuffled list; see wayvid.daemon.turns.
        since_s: since when that file was shown, Unix time.
    """

    source: str
    file: str
    position_s: float
    duration_s: float
    speed: float
    is_moving: bool
    round_: int = 0
    since_s: float = 0.0


class Output(msgspec.Struct, frozen=True):
    """An output, as it was.

    Attributes:
        track: index of what it showed.
        layout: how that was laid out.
        is_paused: by a command.
        is_muted: nothing was to be heard of it.
        volume: percent, for when it is not muted.
        told: what config and command line told it last.
        span: see wayvid.daemon.scene.Want.
    """

    track: int
    layout: Layout
    is_paused: bool
    is_muted: bool
    volume: int
    told: Told
    span: int = AS_TOLD


class State(msgspec.Struct, frozen=True):
    """All that is written down.

    Attributes:
        v: of this form.
        at_s: when: Unix time.
        is_over: the daemon ended in order: nothing has moved since.
        connected: the outputs that were there.
        tracks: what they showed.
        outputs: those that were ever named, and DEFAULT for all others.
        is_set: see wayvid.daemon.retelling.Bound.
        is_laid: likewise.
        named: the source that the command line named, as Track has it; told has it, too.
    """

    v: int
    at_s: float
    is_over: bool
    connected: tuple[str, ...]
    tracks: tuple[Track, ...]
    outputs: dict[str, Output]
    is_set: bool
    is_laid: bool
    named: str = ""


def is_whole(state: State) -> bool:
    """Whether a state can be taken up: of this version, with nothing in it that points nowhere."""
    tracks = range(len(state.tracks))
    return (
        state.v == VERSION
        and DEFAULT in state.outputs
        and all(output.track in tracks for output in state.outputs.values())
        and all(track.position_s >= 0 and track.duration_s >= 0 and track.speed > 0 for track in state.tracks)
    )


def state_of(
    scene: Scene,
    bound: Bound,
    spot_of: Callable[[Timeline], Spot],
    written: Callable[[str], str],
    connected: Collection[str],
    at_s: float,
    is_over: bool,
    named: str = "",
) -> State:
    """What is to be written down.

    Args:
        scene: what outputs show.
        bound: what that has from config and command line.
        spot_of: where a timeline is.
        written: a source in the user's words as Track has it.
        connected: the outputs that are there.
        at_s: Unix time.
        is_over: the daemon is about to end.
        named: see State.
    """
    numbers: dict[int, int] = {}
    tracks: list[Track] = []
    outputs: dict[str, Output] = {}
    for name in dict.fromkeys([*scene, *bound.told]):
        want = want_on(scene, name)
        timeline = want.timeline
        if timeline.serial not in numbers:
            numbers[timeline.serial] = len(tracks)
            place, is_moving = spot_of(timeline)
            spec, position_s, duration_s = place.spec, place.position_s, place.duration_s
            source = "" if timeline.source == DEFAULT_SOURCE else written(timeline.source)
            turn = timeline.turn
            list_ = (turn.entry.round_, turn.since_s) if turn is not None else ()
            file = written(turn.entry.file) if turn is not None else ""
            tracks.append(Track(source, file, position_s, duration_s, spec.speed, is_moving, *list_))
        told = bound.told.get(name) or bound.told[DEFAULT]
        told = told._replace(play=told.play._replace(source=written(told.play.source)))
        heard = want.is_muted, want.volume
        outputs[name] = Output(numbers[timeline.serial], want.layout, want.is_paused, *heard, told, want.span)
    is_set, is_laid = bound.is_set, bound.is_laid
    return State(VERSION, at_s, is_over, tuple(connected), tuple(tracks), outputs, is_set, is_laid, named)


def opening(scene: Scene, sure: Scene, bound: Bound, told: Told, connected: Collection[str] = ()) -> Opening:
    """How to begin with a scene: first with what most of the outputs show that were there.

    Args:
        scene: what outputs are to show.
        sure: see Opening.
        bound: likewise.
        told: likewise.
        connected: the outputs that were there, as far as they are to be used.
    """
    wants = [want_on(scene, name) for name in connected] or [scene[DEFAULT]]
    serials = [want.timeline.serial for want in wants]
    first = max(wants, key=lambda want: serials.count(want.timeline.serial))
    return Opening(scene, sure, bound, told, first)


def restored(
    state: State,
    sure: Scene,
    told: Told,
    named: str,
    opened_of: OpenedOf,
    now_s: float,
) -> tuple[Scene, Bound, list[SourceUnplayable]]:
    """The scene to begin with, what it has from config and command line, and what of the state could not be had.

    What they say of a single output is not looked at: that comes with the output.

    Args:
        state: what was written down; whole.
        sure: what config and command line say, all outputs on one timeline.
        told: the same in their words.
        named: the source that the command line names, as Track has it; it goes before that of the state.
        opened_of: what a source is to begin with.
        now_s: Unix time.
    """
    begun = sure[DEFAULT]
    base = begun.timeline
    serials = count(1 + base.serial)
    made: dict[tuple[int, Play], Timeline] = {}
    alike: dict[tuple[Timeline, bool], Timeline] = {}
    lost: dict[str, SourceUnplayable] = {}
    scene = {DEFAULT: begun}
    words = {DEFAULT: told}
    is_dropped = False
    for name, output in state.outputs.items():
        track, word = state.tracks[output.track], output.told
        shown = begun._replace(layout=output.layout, is_muted=output.is_muted, volume=output.volume)
        if named and word.play.source == named:  # in its words of now, such as a relative path
            word = word._replace(play=word.play._replace(source=told.play.source))
        if not named or track.source == named:
            try:
                timeline = made.get((output.track, word.play))
                if timeline is None:
                    taken = _taken_up(
                        track, word.play, base.source if named else track.source or DEFAULT_SOURCE,
                        opened_of, state, now_s, next(serials),
                    )  # fmt: skip
                    # Those that were apart and begin alike, such as two that have no positions, are one again.
                    timeline = alike.setdefault((taken._replace(serial=NEW), output.is_paused), taken)
                    made[output.track, word.play] = timeline
                scene[name] = shown._replace(timeline=timeline, is_paused=output.is_paused, span=output.span)
                if not _is_set_after(state, track, named):
                    words[name] = word
                elif name == DEFAULT or not state.is_set:
                    words[name] = word._replace(play=told.play)
                continue
            except SourceUnplayable as exc:
                lost[track.source] = exc
        is_dropped = is_dropped or name == DEFAULT
        scene[name], words[name] = shown, word._replace(play=told.play)
    scene = {name: _joined(want, base, scene) for name, want in scene.items()}
    bound = Bound(words, state.is_set and not is_dropped, state.is_laid)

    def timeline_for(want: Want, old: Play, new: Play) -> Timeline:
        if not new.goes_on_from(old):
            return base
        spec, turn = went_on(Opened(want.timeline.spec, want.timeline.turn), new)
        return want.timeline._replace(serial=next(serials), spec=spec, turn=turn)

    result = retold(scene, bound, {DEFAULT: told}, timeline_for)
    return result.scene, result.bound, list(lost.values())


def _is_set_after(state: State, track: Track, named: str) -> bool:
    """Whether a command has set it after the command line had named another source, which it does not now.

    That it names none is no word against what was set: it then goes with whatever the config says.
    """
    return bool(state.named) and not named and (state.is_set or track.source != state.named)


def _joined(want: Want, base: Timeline, scene: Scene) -> Want:
    """What begins anew, on the timeline of an output that goes on with the same."""
    if want.timeline is not base:
        return want
    for other in scene.values():
        if other.timeline.source == base.source and other.timeline.is_like(base) and not other.is_paused:
            return want._replace(timeline=other.timeline)
    return want


def _taken_up(
    track: Track,
    play: Play,
    source: str,
    opened_of: OpenedOf,
    state: State,
    now_s: float,
    serial: int,
) -> Timeline:
    at = Entry(track.file, track.round_) if track.file else None
    # A machine without a clock of its own begins in the past, and nothing is shown before its moment.
    opened = opened_of(track.source, at, min(track.since_s, now_s))
    is_there = opened.turn is None or opened.turn.entry == at
    spec, turn = played(opened, play, is_other_source=play.source not in (track.source, source))
    if spec.speed != track.speed:
        spec = msgspec.structs.replace(spec, speed=track.speed)
    position_s = track.position_s if is_there else 0.0
    if track.is_moving and not state.is_over and track.duration_s > 0 and is_there:
        elapsed_s = max(0.0, now_s - state.at_s)
        position_s = resume_position(position_s, elapsed_s, track.duration_s, track.speed, spec.loop, spec.start_s)
    return Timeline(serial, source, spec, position_s, turn)
