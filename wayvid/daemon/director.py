"""Brings the streams to what the scene says, and goes back where a new one cannot be shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import count
from time import monotonic, time

from wayvid.config.resolve import OutputFacts
from wayvid.daemon.effect import SUPERSEDED, Effect, Effects, OnDone
from wayvid.daemon.intent import Intent
from wayvid.daemon.listing import opened_soon
from wayvid.daemon.phase import Phase
from wayvid.daemon.playback import Playback
from wayvid.daemon.remember import Opening
from wayvid.daemon.retelling import Bound, Retold, TimelinesFor
from wayvid.daemon.scene import (
    DEFAULT,
    NEW,
    Scene,
    Timeline,
    Want,
    difference,
    loudness,
    meant,
    retimed,
    serials_of,
)
from wayvid.daemon.span import Picture
from wayvid.daemon.stream import Place, Spot, Stream
from wayvid.daemon.told import Script, Told, played
from wayvid.daemon.turns import Opened
from wayvid.daemon.wall import Wall
from wayvid.errors import NotPossible, SourceUnplayable, WayvidError
from wayvid.geometry import Laid, Layout, Part
from wayvid.link.messages import StreamSpec
from wayvid.system.events import EventLoop
from wayvid.transition import CUT, Change

__all__ = ["Director"]

log = logging.getLogger(__name__)


class Director:
    """The scene in force, and the streams that show it.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        playback: the streams.
        script: what config file and command line say.
        opening: what to begin with.

    Attributes:
        usual_change: how screens go over to another source, unless a command says it.
        is_tight: whether memory is so short that they do it at once.
        on_changed: called when outputs came or went, or show another stream.
        on_refused: called with why a source cannot be shown, where nobody waits for it any more.
        is_silenced: whether an output is silent by a rule.
        parts: of outputs that show one picture together, by what they are to show, the part of each.
        unused: the screens that are there, and were left out by the command line.
        instead_of: what a list goes on with when a file of it cannot be played, and why not; None: with nothing.
    """

    def __init__(self, loop: EventLoop, wall: Wall, playback: Playback, script: Script, opening: Opening) -> None:
        self._loop = loop
        self._wall = wall
        self._playback = playback
        self._script = script
        self._intent = Intent(opening)
        self._facts: dict[str, OutputFacts] = {}
        self._is_patient = False
        self._serials: Iterator[int] = count(1 + max(self._intent.serials()))
        self._streams: dict[int, Stream] = {opening.first.timeline.serial: self._adopt(opening.first)}
        self._shown: dict[str, Want] = {}
        self._effects = Effects()
        self.usual_change = CUT
        self.is_tight: Callable[[], bool] = lambda: False
        self.on_changed: Callable[[], None] = lambda: None
        self.on_refused: Callable[[WayvidError], None] = lambda _error: None
        self.is_silenced: Callable[[str], bool] = lambda _name: False
        self.parts: Callable[[Mapping[str, Picture]], Mapping[str, Part]] = lambda _shown: {}
        self.unused: Callable[[], Collection[str]] = lambda: ()
        self.instead_of: Callable[[Timeline, WayvidError], Timeline | None] = lambda _timeline, _error: None
        playback.on_seen = self._effects.on_seen

    def _adopt(self, first: Want) -> Stream:
        serial, source, spec, begin_s, turn = first.timeline
        can_go_back = serial in self._intent.taken_up and self._intent.sure[DEFAULT].timeline.source != source
        on_ready = (lambda error: self._on_ready(serial, error)) if can_go_back or turn is not None else None
        stream = self._playback.adopt_stream(source, Place(spec, begin_s, 0.0), first.is_paused, on_ready)
        stream.turn = turn
        return stream

    @property
    def wanted(self) -> tuple[Scene, Bound]:
        """What is wanted, and what that has from config file and command line."""
        return self._intent.wanted, self._intent.bound

    def spot_of(self, timeline: Timeline) -> Spot:
        """Where a timeline is now."""
        stream = self._streams.get(timeline.serial)
        return Spot(self._place_of(timeline), stream is not None and stream.is_moving)

    def _place_of(self, timeline: Timeline) -> Place:
        stream = self._streams.get(timeline.serial)
        return self._playback.place_of(stream) if stream else Place(timeline.spec, timeline.begin_s, 0.0)

    @property
    def connected(self) -> list[str]:
        """The outputs that are there; at the start, as far as they were told of."""
        return [name for name, _screen in self._wall if name in self._facts]

    def names(self, patterns: Collection[str]) -> list[str]:
        """The outputs that names and globs mean, as meant() has it; without any: all, also those that come later."""
        return meant(patterns, self.connected, self.unused()) if patterns else list(self._all())

    def is_paused(self, names: Collection[str]) -> bool:
        """Whether all of these outputs that are there are paused by a command."""
        there = [name for name in names if name in self._wall] or names
        return all(self._intent.on(name).is_paused for name in there)

    def stream_on(self, name: str) -> Stream | None:
        """What an output that is there shows, or will with its first picture."""
        want = self._shown.get(name)
        return self._streams.get(want.timeline.serial) if want is not None else None

    def facts_on(self, name: str) -> OutputFacts:
        """What is known of an output."""
        return self._facts.get(name, OutputFacts(name))

    def serial_on(self, name: str) -> int:
        """The timeline that an output that is there is on; -1 while it is on none."""
        want = self._shown.get(name)
        return want.timeline.serial if want is not None else -1

    def sound_on(self, name: str) -> tuple[bool, int]:
        """Whether an output is muted, and how loud it is when it is not."""
        want = self._intent.on(name)
        return want.is_muted, want.volume

    def is_muted(self, names: Collection[str]) -> bool:
        """Whether nothing is to be heard of any of these outputs that are there."""
        there = [name for name in names if name in self._wall] or names
        return all(self._intent.on(name).is_muted for name in there)

    @property
    def has_spans(self) -> bool:
        """Whether it may matter to what one output shows where others are."""
        return bool(self._script.spans) or self._intent.has_spans

    @property
    def source(self) -> str:
        """What outputs show that were never named, in the user's words."""
        return self._intent.wanted[DEFAULT].timeline.source

    # Outputs.

    def layout_on(self, name: str) -> Layout:
        """How an output is to lay its picture out."""
        return self._intent.on(name).layout

    def spec_on(self, name: str) -> StreamSpec:
        """What an output is to show."""
        return self._intent.on(name).timeline.spec

    def expect(self, coming: Iterable[OutputFacts]) -> None:
        """Outputs are about to come, and the config may mean them by rules."""
        self._facts.update((facts.name, facts) for facts in coming)
        words = {facts.name: self._script.on(facts) for facts in coming}
        while words:
            try:
                result = self._retell(words)
            except SourceUnplayable as exc:
                lost = [name for name, told in words.items() if told.play.source == exc.source] or list(words)
                log.error("%s: %s; it shows what the others show", ", ".join(lost), exc)
                words = {name: told for name, told in words.items() if name not in lost}
            else:
                self._intent.take(result)
                break

    def laid(self, names: Collection[str]) -> dict[str, Laid]:
        """How these outputs are to be laid out when they are all there are."""
        wants = {name: self._intent.on(name) for name in names}
        parts = self.parts({name: Picture(want.timeline.source, want.span) for name, want in wants.items()})
        return {name: Laid(want.layout, parts.get(name)) for name, want in wants.items()}

    def outputs_changed(self) -> None:
        """Outputs came, went or were moved: each shows what the scene says for it, and its part of that."""
        self._is_patient = True  # no command waits for an answer
        self._enact()
        self._is_patient = False

    def outputs_known(self) -> None:
        """All outputs of the start are there: what was prepared for none of them is not needed."""
        for serial, stream in tuple(self._streams.items()):
            if self._shown and not stream.outputs:
                del self._streams[serial]
                self._playback.close_stream(stream)

    def output_removed(self, name: str) -> None:
        """An output went; what was said for it stays."""
        self._facts.pop(name, None)
        self._shown.pop(name, None)
        self._playback.remove_output(name)
        self._effects.on_seen(name)
        self.on_changed()

    # Commands.

    def set_source(
        self,
        names: Collection[str],
        source: str,
        opened: Opened,
        on_done: OnDone,
        change: Change | None = None,
        is_span: bool | None = None,
    ) -> None:
        """Show another source on outputs; each shows what it did until that has a picture.

        Where another output that is not among them plays that source already, they
        join it where it is; else it begins anew. What the config says of loops and speeds
        holds for it, too.

        Args:
            names: the outputs.
            source: in the user's words.
            opened: what that means.
            on_done: see OnDone.
            change: how they go over to it; None: as usual.
            is_span: whether they show it together, each its part; None: as config file and command line say.
        """
        made: dict[Opened, Timeline] = {}
        timelines: dict[str, Timeline] = {}
        as_one = (DEFAULT if DEFAULT in names else next(iter(names), DEFAULT)) if is_span else None
        for name in names:
            told = self._intent.told_on(name if as_one is None else as_one)
            own = played(opened, told.play, is_other_source=True)
            if own not in made:
                timeline = Timeline(NEW, source, own.spec, turn=own.turn)
                made[own] = self._playing(timeline, names) or timeline._replace(serial=next(self._serials))
            timelines[name] = made[own]
        self._intent.play(timelines, self._intent.span_number(is_span))
        self._enact(on_done, change)

    def _playing(self, timeline: Timeline, names: Collection[str]) -> Timeline | None:
        """The timeline that plays the same on an output that is not among these."""
        for name, want in self._shown.items():
            stream = self._streams.get(want.timeline.serial)
            is_same = want.timeline.is_like(timeline) and not want.is_paused and name not in names
            if is_same and stream is not None and stream.phase not in (Phase.RECONNECTING, Phase.FAILED):
                return want.timeline
        return None

    def set_paused(self, names: Collection[str], is_paused: bool, on_done: OnDone) -> None:
        """Stop outputs at the picture that they show, or have them go on."""
        self._intent.pause(names, self.connected, is_paused, self._at_place, self._serials)
        self._enact(on_done)

    def _at_place(self, timeline: Timeline) -> Timeline:
        place = self._place_of(timeline)
        return timeline._replace(serial=NEW, spec=place.spec, begin_s=place.position_s)

    def set_layout(self, names: Collection[str], layout: Layout, on_done: OnDone) -> None:
        """Lay the pictures of outputs out in another way."""
        self._intent.lay_out(names, layout)
        self._enact(on_done)

    def set_span(self, names: Collection[str], is_span: bool | None, on_done: OnDone) -> None:
        """Have outputs show what they show together, or each the whole of it; see set_source().

        Raises:
            NotPossible: they show different things, which are no picture together.
        """
        there = [name for name in self.connected if name in names]
        if is_span and len(serials_of(self._intent.wanted, there)) > 1:
            raise NotPossible(f"{', '.join(there)} show different pictures; name the SOURCE that they are to show")
        self._intent.span(names, is_span)
        self._enact(on_done)

    def set_sound(self, names: Collection[str], change: Callable[[Want], Want], on_done: OnDone) -> None:
        """Have outputs be heard in another way."""
        self._intent.resound(names, change)
        self._enact(on_done)

    def change(
        self,
        names: Collection[str],
        change: Callable[[Timeline, Place], Timeline],
        on_done: OnDone,
        going_over: Change | None = None,
    ) -> None:
        """Have the sources of outputs go on at another place, or in another way.

        Args:
            names: the outputs.
            change: what follows a timeline, from it and the place where it is.
            on_done: see OnDone.
            going_over: how they go over to another source; None: as usual.

        Raises:
            NotPossible: none of the sources can be changed so; those that cannot stay beside those that can.
        """
        refusals: list[NotPossible] = []
        followed: list[Timeline] = []

        def after(timeline: Timeline) -> Timeline:
            try:
                followed.append(change(timeline, self._place_of(timeline)))
            except NotPossible as exc:
                refusals.append(exc)
                return timeline
            return followed[-1]

        wanted = retimed(self._intent.wanted, names, after, self._serials)
        if refusals and not followed:
            raise refusals[0]
        self._intent.wanted = wanted
        self._enact(on_done, going_over)

    # The config.

    def plan(self, script: Script) -> Callable[[OnDone], None]:
        """What to call to have another config in force; until then nothing is changed.

        Raises:
            SourceUnplayable: a source that was not there before cannot be played.
        """
        words = {DEFAULT: script.on(), **{name: script.on(facts) for name, facts in self._facts.items()}}
        result = self._retell(words)

        def enact(on_done: OnDone) -> None:
            self._script = script
            self._intent.take(result)
            self._enact(on_done, waits_for_all=True)

        return enact

    def _retell(self, words: Mapping[str, Told]) -> Retold:
        leaving = self._intent.leaving(words)
        timeline_for = TimelinesFor(
            lambda timeline: self._playing(timeline, leaving),
            lambda timeline: self._place_of(timeline).position_s,
            self._serials,
            opened_soon,
        )
        return self._intent.retold(words, timeline_for)

    # What follows.

    def _enact(
        self, on_done: OnDone = lambda _error: None, change: Change | None = None, waits_for_all: bool = False
    ) -> None:
        """Bring the streams to what is wanted.

        Args:
            on_done: see OnDone.
            change: how outputs go over to another stream; None: as usual to another source, at once else.
            waits_for_all: also for the pictures that were on their way already.
        """
        before = self._shown
        usual = self.usual_change
        if self.is_tight() and not (change or usual).is_cut:
            log.info("what changes now is cut: memory is short")
            change = CUT
        effect = Effect(self._loop, on_done, change or usual)
        after = {name: self._intent.on(name) for name in self.connected}
        running = {serial: stream.is_paused for serial, stream in self._streams.items()}
        todo = difference(self._shown, after, running)
        self._shown = after
        moving = {name for names in todo.moves.values() for name in names}
        laid = self.laid(self.connected)
        for name in [each for each in laid if self._wall.set_laid(each, laid[each], each in moving)]:
            if name not in moving:
                self._playback.show_again(name)
                if self._is_moving(after[name]):
                    effect.awaited.add(name)
        for serial, is_paused in todo.pauses.items():
            stream = self._streams[serial]
            if self._playback.stopping.set_paused(stream, is_paused):
                effect.awaited.add(stream.stream_id)
        for serial, names in todo.moves.items():
            want = after[names[0]]
            if serial not in self._streams:
                self._open(want, before.get(names[0]), all(self._plays(before.get(name), want) for name in names))
            stream = self._streams[serial]
            self._playback.move(names, stream, change or self._change_of(before, names[0], want))
        effect.awaited.update(("sound", number) for number in self.settle_sound())
        for name, want in after.items():
            stream = self._streams[want.timeline.serial]
            is_late = waits_for_all and stream.on_ready is not None
            if (is_late or name in moving) and not stream.awaits_writer:  # which may be for ever
                if stream.on_ready is not None:
                    effect.serials.add(want.timeline.serial)
                if self._is_moving(want):
                    effect.awaited.add(name)
        self._effects.add(effect)
        self._sweep()
        self.on_changed()
        effect.check()

    def settle_sound(self) -> list[int]:
        """Have streams be as loud as is wanted; the numbers of those that the player changes."""
        heard = [want for name, want in self._shown.items() if not self.is_silenced(name)]
        streams = self._streams.items()
        return [each.stream_id for serial, each in streams if self._playback.set_volume(each, loudness(serial, heard))]

    def _change_of(self, before: Mapping[str, Want], name: str, after: Want) -> Change:
        """How an output goes over to what it is to show: another place of what it shows is no other picture."""
        if name not in before:  # at the start it may show the last picture of long ago
            return self.usual_change if self._wall.still_on(name) is not None else CUT
        return self.usual_change if before[name].timeline.spec.path != after.timeline.spec.path else CUT

    def _is_moving(self, want: Want) -> bool:
        """Whether a player will put it on a screen."""
        return self._streams[want.timeline.serial].phase in (Phase.STARTING, Phase.PLAYING)

    def _plays(self, before: Want | None, after: Want) -> bool:
        """Whether what an output shows is the source that it is to show, and moves."""
        stream = self._streams.get(before.timeline.serial) if before is not None else None
        if stream is None or stream.state != Phase.PLAYING.value:
            return False
        is_of_list = None not in (stream.turn, after.timeline.turn) and stream.source == after.timeline.source
        return is_of_list or stream.spec.path == after.timeline.spec.path

    def _open(self, want: Want, before: Want | None, goes_on: bool) -> None:
        timeline = want.timeline
        left = self._streams.get(before.timeline.serial) if before is not None else None
        stream = self._streams[timeline.serial] = self._playback.open_stream(
            timeline.source,
            Place(timeline.spec, timeline.begin_s, 0.0),
            want.is_paused,
            lambda error: self._on_ready(timeline.serial, error),
        )
        stream.goes_on = goes_on
        stream.is_first = self._is_patient or timeline.serial in self._intent.taken_up
        if timeline.turn is not None:
            stream.turn, stream.left_file = timeline.turn, left.file if left is not None else ""
            stream.begin_at_s = monotonic() + timeline.turn.since_s - time()

    def _go_on_instead(self, names: Collection[str], serial: int, error: WayvidError) -> bool:
        """Have a list go on with its next file; whether there is one."""
        after = self.instead_of(self._intent.on(next(iter(names))).timeline, error) if names else None
        if after is None:
            return False
        after = after._replace(serial=next(self._serials))
        self._intent.replace(serial, after)
        self._effects.replace(serial, after.serial)
        self._enact()
        return True

    def _on_ready(self, serial: int, error: WayvidError | None) -> None:
        """A new stream has its first picture, or never will."""
        concerned = [name for name in self._all() if self._intent.on(name).timeline.serial == serial]
        if error is not None and self._go_on_instead(concerned, serial, error):
            return
        if error is None:
            self._intent.settle(serial)
            self._sweep()
        is_told = self._effects.on_ready(serial, error)
        if error is not None:
            self._intent.go_back(concerned, serial)
            if serial in self._intent.taken_up:
                self._forget(concerned, error)
            elif not is_told:  # who set a pipe that nobody wrote to was not kept waiting
                self.on_refused(error)
            self._enact()
        elif self._streams[serial].phase is Phase.STILL:
            for name in concerned:
                self._effects.on_seen(name)  # by the daemon itself

    def _forget(self, names: Collection[str], error: WayvidError) -> None:
        """What the state says of outputs cannot be shown: they are told what config file and command line say."""
        log.warning("state: %s; what it says of that is forgotten", error)
        self._intent.forget_last_time(names)
        self.expect([self._facts[name] for name in names if name in self._facts])

    def _all(self) -> set[str]:
        return {*self._intent.names(), *self._shown}

    def _may_fail(self, serial: int) -> bool:
        stream = self._streams.get(serial)
        return serial in self._intent.taken_up if stream is None else stream.on_ready is not None

    def _sweep(self) -> None:
        """Close the streams that no output shows, goes back to, or will show when it comes again."""
        self._intent.make_sure(self._all(), self._may_fail)
        kept, named = self._intent.serials(self.connected), self._intent.serials()
        for serial, stream in tuple(self._streams.items()):
            if serial not in kept and (stream.is_left or serial not in named):
                del self._streams[serial]
                self._intent.settle(serial)
                self._playback.close_stream(stream)
                is_same = any(want.timeline.source == stream.source for want in self._shown.values())
                self._effects.on_ready(serial, None if is_same else SourceUnplayable(stream.source, SUPERSEDED))
