"""Brings the streams to what the scene says, and goes back where a new one cannot be shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from fnmatch import fnmatchcase
from itertools import count

from wayvid.daemon.phase import Phase
from wayvid.daemon.playback import Playback
from wayvid.daemon.scene import (
    DEFAULT,
    NEW,
    Scene,
    Timeline,
    Want,
    Wish,
    difference,
    first_scene,
    laid_out,
    paused,
    retimed,
    serials_of,
    want_on,
)
from wayvid.daemon.stream import Place, Stream
from wayvid.daemon.wall import Wall
from wayvid.errors import NotPossible, SourceUnplayable, UnknownOutput, WayvidError
from wayvid.geometry import Layout
from wayvid.link.messages import StreamSpec
from wayvid.system.events import EventLoop

__all__ = ["Director", "OnDone"]

# Called once: None when a command has taken effect, else why it has not.
OnDone = Callable[[WayvidError | None], None]

# A picture that is made is on screen with the next refresh; a screen that is off is not waited for.
SHOWN_WITHIN_S = 0.5


class _Effect:
    """What one command waits for: new streams, and then their pictures on the screens."""

    def __init__(self, loop: EventLoop, on_done: OnDone) -> None:
        self.serials: set[int] = set()
        self.awaited: set[str | int] = set()  # outputs to show it, and streams to stop or go on, by number
        self._loop = loop
        self._on_done: OnDone | None = on_done
        self._is_timed = False

    def on_ready(self, serial: int, error: WayvidError | None) -> None:
        """One of its streams has a picture, or never will."""
        if serial in self.serials:
            self.serials.discard(serial)
            if error is not None:
                self.finish(error)
            self.check()

    def on_seen(self, what: str | int) -> None:
        """A screen shows it, or a stream has stopped or goes on."""
        self.awaited.discard(what)
        self.check()

    def check(self) -> None:
        """See whether there is anything left to wait for."""
        if not self.serials and not self.awaited:
            self.finish()
        elif not self.serials and not self._is_timed:
            self._is_timed = True
            self._loop.call_later(SHOWN_WITHIN_S, self.finish)

    def finish(self, error: WayvidError | None = None) -> None:
        """It is done; once."""
        on_done, self._on_done = self._on_done, None
        if on_done is not None:
            on_done(error)

    @property
    def is_done(self) -> bool:
        """Whether nobody waits any more."""
        return self._on_done is None


class Director:
    """The scene in force, and the streams that show it.

    Two scenes are kept: the one that is wanted, and the one that is sure, which has
    what outputs go back to when a new stream never gets a picture.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        playback: the streams.
        wish: which outputs, in which layouts.
        source: what is shown first, in the user's words.
        spec: what that means; its stream has been prepared.
    """

    def __init__(
        self, loop: EventLoop, wall: Wall, playback: Playback, wish: Wish, source: str, spec: StreamSpec
    ) -> None:
        self._loop = loop
        self._wall = wall
        self._playback = playback
        self._serials: Iterator[int] = count(1)
        first = Timeline(0, source, spec)
        self._wanted = self._sure = first_scene(wish, first)
        self._streams: dict[int, Stream] = {first.serial: playback.adopt_stream(source, spec)}
        self._shown: dict[str, Want] = {}
        self._effects: list[_Effect] = []
        playback.on_seen = self._on_seen

    @property
    def connected(self) -> list[str]:
        """The outputs that are there."""
        return [name for name, _screen in self._wall]

    def names(self, patterns: Collection[str]) -> list[str]:
        """The outputs that these names and globs mean; without any: all, also those that come later.

        Raises:
            UnknownOutput: one means none that is there.
        """
        connected = self.connected
        if not patterns:
            return list(self._all())
        found: dict[str, None] = {}
        for pattern in patterns:
            meant = [name for name in connected if fnmatchcase(name, pattern)]
            if not meant:
                raise UnknownOutput(pattern, connected)
            found.update(dict.fromkeys(meant))
        return list(found)

    def is_paused(self, names: Collection[str]) -> bool:
        """Whether all of these outputs that are there are paused by a command."""
        there = [name for name in names if name in self._wall] or names
        return all(want_on(self._wanted, name).is_paused for name in there)

    def stream_on(self, name: str) -> Stream | None:
        """What an output that is there shows, or will with its first picture."""
        want = self._shown.get(name)
        return self._streams.get(want.timeline.serial) if want is not None else None

    @property
    def source(self) -> str:
        """What outputs show that were never named, in the user's words."""
        return self._wanted[DEFAULT].timeline.source

    # Outputs.

    def layout_on(self, name: str) -> Layout:
        """How an output is to lay its picture out."""
        return want_on(self._wanted, name).layout

    def output_added(self) -> None:
        """An output came: it shows what the scene says for it."""
        self._enact()

    def output_removed(self, name: str) -> None:
        """An output went; what was said for it stays."""
        self._shown.pop(name, None)
        self._playback.remove_output(name)
        self._on_seen(name)

    # Commands.

    def set_source(self, names: Collection[str], source: str, spec: StreamSpec, on_done: OnDone) -> None:
        """Show another source on outputs; each shows what it did until that has a picture.

        Where another output that is not among them plays that source already, they
        join it where it is; else it begins anew.
        """
        joined = self._playing(spec, names)
        after = joined or Timeline(next(self._serials), source, spec)
        wanted = retimed(self._wanted, names, lambda _before: after, self._serials)
        self._wanted = {**wanted, **{name: want_on(wanted, name)._replace(is_paused=False) for name in names}}
        self._enact(on_done)

    def _playing(self, spec: StreamSpec, names: Collection[str]) -> Timeline | None:
        """The timeline of that source on an output that is not among these."""
        for name, want in self._shown.items():
            stream = self._streams.get(want.timeline.serial)
            is_same = want.timeline.spec == spec and not want.is_paused and name not in names
            if is_same and stream is not None and stream.phase is not Phase.FAILED:
                return want.timeline
        return None

    def set_paused(self, names: Collection[str], is_paused: bool, on_done: OnDone) -> None:
        """Stop outputs at the picture that they show, or have them go on."""
        connected, serials = self.connected, self._serials
        waiting = {name for name in names if self._serial_on(self._sure, name) != self._serial_on(self._wanted, name)}
        self._wanted = paused(self._wanted, names, connected, is_paused, self._at_place, serials)
        # What outputs go back to is paused, too; but one that parts from others goes back to them as they are.
        sure = {**paused(self._sure, waiting, connected, is_paused, self._at_place, serials)}
        for name in self._all() - waiting:
            if self._serial_on(self._wanted, name) == self._serial_on(sure, name):
                sure[name] = want_on(self._wanted, name)
        self._sure = sure
        self._enact(on_done)

    @staticmethod
    def _serial_on(scene: Scene, name: str) -> int:
        return want_on(scene, name).timeline.serial

    def _at_place(self, timeline: Timeline) -> Timeline:
        stream = self._streams.get(timeline.serial)
        if stream is None:
            return timeline._replace(serial=NEW)
        place = self._playback.place_of(stream)
        return timeline._replace(serial=NEW, spec=place.spec, begin_s=place.position_s)

    def set_layout(self, names: Collection[str], layout: Layout, on_done: OnDone) -> None:
        """Lay the pictures of outputs out in another way."""
        self._wanted = laid_out(self._wanted, names, layout)
        self._sure = laid_out(self._sure, names, layout)
        self._enact(on_done)

    def change(self, names: Collection[str], change: Callable[[Timeline, Place], Timeline], on_done: OnDone) -> None:
        """Have the sources of outputs go on at another place, or in another way.

        Args:
            names: the outputs.
            change: what follows a timeline, from it and the place where it is.
            on_done: see OnDone.

        Raises:
            NotPossible: none of the sources can be changed so; those that cannot stay beside those that can.
        """
        refusals: list[NotPossible] = []
        followed: list[Timeline] = []

        def after(timeline: Timeline) -> Timeline:
            stream = self._streams.get(timeline.serial)
            place = self._playback.place_of(stream) if stream else Place(timeline.spec, timeline.begin_s, 0.0)
            try:
                followed.append(change(timeline, place))
            except NotPossible as exc:
                refusals.append(exc)
                return timeline
            return followed[-1]

        wanted = retimed(self._wanted, names, after, self._serials)
        if refusals and not followed:
            raise refusals[0]
        self._wanted = wanted
        self._enact(on_done)

    # What follows.

    def _enact(self, on_done: OnDone = lambda _error: None) -> None:
        """Bring the streams to what is wanted."""
        effect = _Effect(self._loop, on_done)
        after = {name: want_on(self._wanted, name) for name in self.connected}
        running = {serial: stream.is_paused for serial, stream in self._streams.items()}
        todo = difference(self._shown, after, running)
        self._shown = after
        for name, want in after.items():
            self._wall.set_layout(name, want.layout)
        for name in todo.layouts:
            self._playback.show_again(name)
            if self._is_moving(after[name]):
                effect.awaited.add(name)
        for serial, is_paused in todo.pauses.items():
            stream = self._streams[serial]
            if self._playback.set_paused(stream, is_paused):
                effect.awaited.add(stream.stream_id)
        for serial, names in todo.moves.items():
            want = after[names[0]]
            if serial not in self._streams:
                self._open(want)
            stream = self._streams[serial]
            if stream.on_ready is not None:
                effect.serials.add(serial)
            self._playback.move(names, stream)
            if self._is_moving(want):
                effect.awaited.update(names)
        self._effects = [each for each in self._effects if not each.is_done]
        self._effects.append(effect)
        self._sweep()
        effect.check()

    def _is_moving(self, want: Want) -> bool:
        """Whether a player will put it on a screen."""
        stream = self._streams.get(want.timeline.serial)
        return stream is not None and stream.phase in (Phase.STARTING, Phase.PLAYING)

    def _open(self, want: Want) -> None:
        timeline = want.timeline
        self._streams[timeline.serial] = self._playback.open_stream(
            timeline.source,
            Place(timeline.spec, timeline.begin_s, 0.0),
            want.is_paused,
            lambda error: self._on_ready(timeline.serial, error),
        )

    def _on_seen(self, what: str | int) -> None:
        for effect in tuple(self._effects):
            effect.on_seen(what)

    def _on_ready(self, serial: int, error: WayvidError | None) -> None:
        """A new stream has its first picture, or never will."""
        concerned = [name for name in self._all() if want_on(self._wanted, name).timeline.serial == serial]
        if error is None:
            self._sweep()
        self._tell_effects(serial, error)
        if error is not None:
            self._wanted = {**self._wanted, **{name: want_on(self._sure, name) for name in concerned}}
            self._enact()
        elif self._streams[serial].phase is Phase.STILL:
            for name in concerned:
                self._on_seen(name)  # by the daemon itself

    def _all(self) -> set[str]:
        return {DEFAULT, *self._wanted, *self._sure, *self._shown}

    def _make_sure(self) -> None:
        """Go back no more from what needs no new stream, or has it."""
        for name in self._all():
            want = want_on(self._wanted, name)
            stream = self._streams.get(want.timeline.serial)
            if (stream is None or stream.on_ready is None) and want_on(self._sure, name) != want:
                self._sure = {**self._sure, name: want}

    def _tell_effects(self, serial: int, error: WayvidError | None) -> None:
        for effect in tuple(self._effects):
            effect.on_ready(serial, error)

    def _sweep(self) -> None:
        """Close the streams that no output shows, goes back to, or will show when it comes again."""
        self._make_sure()
        connected = self.connected
        shown = serials_of(self._wanted, connected)
        kept = shown | {
            want_on(self._sure, name).timeline.serial
            for name in connected
            if want_on(self._sure, name).timeline.serial != want_on(self._wanted, name).timeline.serial
        }
        named = serials_of(self._wanted, self._wanted) | serials_of(self._sure, self._sure)
        for serial, stream in tuple(self._streams.items()):
            if serial not in kept and (stream.is_left or serial not in named):
                del self._streams[serial]
                self._playback.close_stream(stream)
                is_same = any(want.timeline.source == stream.source for want in self._shown.values())
                reason = "another source was set before it had a picture"
                self._tell_effects(serial, None if is_same else SourceUnplayable(stream.source, reason))
