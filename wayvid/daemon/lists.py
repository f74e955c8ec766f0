"""Has folders and lists go on: after a time, at the end of a clip, when a file cannot be played or has gone."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection
from functools import partial
from time import time
from typing import NamedTuple

from wayvid.daemon.director import Director
from wayvid.daemon.effect import OnDone
from wayvid.daemon.listing import in_words, turned
from wayvid.daemon.phase import HoldReason, Phase
from wayvid.daemon.playback import Playback
from wayvid.daemon.scene import NEW, Scene, Timeline, want_on
from wayvid.daemon.setbacks import Setbacks
from wayvid.daemon.stream import Place, Stream
from wayvid.daemon.told import Play, went_on
from wayvid.daemon.turns import Opened, Turn
from wayvid.daemon.wall import Wall
from wayvid.errors import NotPossible, SourceUnplayable, WayvidError
from wayvid.system.errands import ANSWERED_WITHIN_S, GIVEN_UP_AFTER_S, Errands, answers, at_once
from wayvid.system.events import EventLoop, Timer
from wayvid.system.folderwatch import FolderWatch
from wayvid.transition import CUT, Change

__all__ = ["IMAGE_S", "Lists", "due_in_s"]

log = logging.getLogger(__name__)

# An image has no end. Where no time is said, it is shown so long.
IMAGE_S = 60.0
# The next clip is opened so long before it is shown: by then it has its first picture.
LEAD_S = 1.0
# After a screen has gone over to a file, until it may go over to the next.
SETTLED_S = 0.25
NO_OTHER = "is not a folder or a list of several files; there is no other one to go to"
# Unix time and the clock of timers are not the same.
JITTER_S = 0.1


class _Look(NamedTuple):
    """What decides when a list goes on."""

    turn: Turn | None
    phase: Phase
    holds: str
    is_waiting: bool
    stands_still: bool
    is_resting: bool
    has_picture: bool


def due_in_s(stream: Stream, place: Place, ahead_s: float, fade_s: float, now_s: float) -> float | None:
    """In how many seconds a list is to go on; None: not before something else happens.

    Args:
        stream: that shows it.
        place: where that is.
        ahead_s: how long before the end of a clip the next one is opened.
        fade_s: how long screens take to go over to a file.
        now_s: Unix time.
    """
    turn = stream.turn
    has_ended = stream.phase in (Phase.HELD, Phase.HOLDING) and stream.holds.reasons == {HoldReason.ENDED}
    if turn is not None and (has_ended or stream.phase is Phase.FAILED):
        return 0.0
    is_waiting = stream.on_ready is not None or stream.stands_still or stream.is_resting
    if turn is None or turn.is_alone or is_waiting or stream.phase not in (Phase.PLAYING, Phase.STILL):
        return None
    stays_s = turn.playlist.every_s or (IMAGE_S if stream.phase is Phase.STILL else 0.0)
    if stays_s:
        return min(max(turn.since_s + stays_s - now_s, 0.0), stays_s)
    if place.duration_s <= 0:
        return None
    left_s = (place.duration_s - place.position_s) / stream.spec.speed
    # What comes while a screen is still going over to this one would take its place, and it would never be seen.
    comes_s = fade_s + SETTLED_S - place.position_s / stream.spec.speed
    return max(left_s - ahead_s, min(comes_s, left_s), 0.0)


class Lists:
    """Steps through the lists that outputs show, and wakes for nothing else.

    Args:
        loop: the daemon's event loop.
        director: what is shown.
        playback: where that is.
        wall: the screens.
        on_turned: called when one has gone on.
    """

    def __init__(
        self, loop: EventLoop, director: Director, playback: Playback, wall: Wall, on_turned: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._director = director
        self._playback = playback
        self._wall = wall
        self._on_turned = on_turned
        self._before: dict[int, _Look] = {}
        self._timers: dict[int, Timer] = {}
        self._watches: dict[tuple[str, bool], FolderWatch] = {}
        self._setbacks = Setbacks()
        self._errands = Errands(loop)
        self._told: set[str] = set()  # since something could be played
        director.instead_of = self._instead_of
        loop.before_sleep(self._look)

    def turn(self, names: Collection[str], step: int, on_done: OnDone) -> None:
        """Show the next file of lists, or the one before.

        Args:
            names: the outputs.
            step: 1 or -1.
            on_done: see OnDone.

        Raises:
            NotPossible: none of them shows a list of several files.
        """

        scene, _bound = self._director.wanted
        timelines = {want_on(scene, name).timeline for name in names}
        of_lists = [each for each in timelines if each.turn is not None]
        look = partial(self._after, unplayable=frozenset(self._setbacks.unplayable), step=step, begins_again=True)

        def on_looked(found: dict[Timeline, Timeline | None] | None, error: Exception | None) -> None:
            def change(timeline: Timeline, _place: Place) -> Timeline:
                afters = found or {}
                after = afters.get(timeline)
                has_gone_on = timeline not in of_lists  # by itself, since it was looked for; or it is no list
                if has_gone_on:
                    likes = (each for before, each in afters.items() if before.source == timeline.source)
                    after = next(likes, None)
                if after is not None and _file_of(after) != _file_of(timeline):
                    return after
                if after is None or not has_gone_on:
                    raise NotPossible(f"{timeline.source!r} {NO_OTHER}")
                return timeline

            try:
                if error is not None:
                    raise in_words(", ".join(each.source for each in timelines), error)
                self._director.change(names, change, on_done)
            except WayvidError as exc:
                on_done(exc)

        self._errands.run("turn", lambda: {each: look(each) for each in of_lists}, on_looked, ANSWERED_WITHIN_S)

    @staticmethod
    def _after(
        timeline: Timeline,
        unplayable: Collection[str],
        step: int = 1,
        since_s: float = 0.0,
        begins_again: bool = False,
    ) -> Timeline | None:
        """What follows a timeline; None: its list has come to its end. May be run on another thread."""
        turn = timeline.turn
        assert turn is not None
        after = turned(turn, step, unplayable, since_s, begins_again)
        if after is None:
            return None
        play = Play(timeline.source, turn.loops, speed=timeline.spec.speed, loop_fade_s=turn.loop_fade_s)
        spec, turn = went_on(after, play)
        return timeline._replace(serial=NEW, spec=spec, begin_s=0.0, turn=turn)

    def _lists(self) -> dict[int, Stream]:
        """The streams on screens that are of a list, by the serials of their timelines."""
        director = self._director
        streams = {director.serial_on(name): director.stream_on(name) for name in director.connected}
        return {serial: stream for serial, stream in streams.items() if stream is not None and stream.turn is not None}

    # When.

    def _look(self) -> None:
        """See whether something is not as it was; called before each sleep of the loop."""
        lists = self._lists()
        if not lists and not self._before:
            return
        now = {serial: self._look_at(stream) for serial, stream in lists.items()}
        if now != self._before:
            for serial, look in now.items():
                before = self._before.get(serial)
                if before is not None and before.phase is Phase.RECONNECTING and look.phase is Phase.PLAYING:
                    self._loop.call_soon(partial(self._on_back, serial))
            self._before = now
            self._loop.call_soon(self._plan)  # not now: a timer that is set before the sleep would be overslept

    @staticmethod
    def _look_at(stream: Stream) -> _Look:
        is_waiting = stream.on_ready is not None
        states = (is_waiting, stream.stands_still, stream.is_resting, stream.has_picture)
        return _Look(stream.turn, stream.phase, str(stream.holds), *states)

    def _on_back(self, serial: int) -> None:
        """A server is there again: the other files of its list may be, too."""
        stream = self._lists().get(serial)
        if stream is not None and stream.turn is not None:
            self._setbacks.on_played(stream.turn.playlist.path)
            self._on_touched(stream.turn.playlist.path)

    def _plan(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        lists = self._lists()
        for serial, stream in lists.items():
            delay_s = self._due_in_s(stream)
            if delay_s is not None:
                self._timers[serial] = self._loop.call_later(delay_s, partial(self._on_due, serial))
        turns = [stream.turn for stream in lists.values() if stream.turn is not None]
        self._watch({(turn.playlist.path, turn.playlist.recursive) for turn in turns})

    def _due_in_s(self, stream: Stream) -> float | None:
        place = self._playback.place_of(stream)
        ahead_s = 0.0 if self._director.is_tight() else LEAD_S + self._going_over(place).duration_s
        due_s = due_in_s(stream, place, ahead_s, self._director.usual_change.duration_s, time())
        if due_s is None or stream.turn is None:
            return due_s
        return max(due_s, self._setbacks.left_s(stream.turn.playlist.path))

    def _on_due(self, serial: int) -> None:
        stream = self._lists().get(serial)
        if stream is None or stream.phase is not Phase.STILL:
            self._go_on(serial)
            return

        # Nothing says whether a picture that does not change is covered, until the compositor is asked.
        def on_seen() -> None:
            delay_s = self._due_in_s(stream) if self._lists().get(serial) is stream else None
            if delay_s is not None and delay_s < JITTER_S:
                self._go_on(serial)
            elif delay_s is not None:  # the clock was set back meanwhile
                self._plan()

        self._wall.when_seen(stream.outputs, on_seen)

    def _going_over(self, place: Place) -> Change:
        """How it goes over to the next file: as usual, but a short clip is seen by itself for half of its time."""
        change = self._director.usual_change
        if change.is_cut or self._director.is_tight():  # there is no room for two
            return CUT
        longest_s = place.duration_s / 4 if place.duration_s > 0 else change.duration_s
        return change._replace(duration_s=min(change.duration_s, longest_s))

    # What.

    def _go_on(self, serial: int) -> None:
        stream = self._lists().get(serial)
        scene, _bound = self._director.wanted
        names = [name for name in {*scene, *self._director.connected} if _serial_on(scene, name) == serial]
        if stream is None or stream.turn is None or not names or self._errands.is_awaited(stream.turn.playlist.path):
            return
        timeline, turn = want_on(scene, names[0]).timeline, stream.turn
        if stream.phase is Phase.FAILED:  # in its middle
            self._setbacks.leave_out(turn.entry.file)
        unplayable = frozenset(self._setbacks.unplayable)
        self._errands.run(
            turn.playlist.path,
            partial(self._after, timeline, unplayable, since_s=self._moment_after(turn, stream)),
            partial(self._on_after, serial, stream, turn),
            GIVEN_UP_AFTER_S,
        )

    def _on_after(
        self, serial: int, stream: Stream, turn: Turn, after: Timeline | None, error: Exception | None
    ) -> None:
        """It is known what a list goes on with."""
        if self._lists().get(serial) is not stream or stream.turn is not turn:  # something else has come meanwhile
            return
        if error is not None:
            refusal = in_words(turn.playlist.path, error)
            self._say(f"{refusal}; what is shown stays")
            self._look_again_later(serial, self._setbacks.pause(turn.playlist.path, refusal.reason))
            self._mark(turn.playlist.path)
            return
        if after is not None and _file_of(after) == turn.entry.file and stream.spec.loop:
            stream.turn = after.turn
            stream.error = ""
        elif after is not None:
            scene, _bound = self._director.wanted
            names = [name for name in {*scene, *self._director.connected} if _serial_on(scene, name) == serial]
            going_over = self._going_over(self._playback.place_of(stream))
            on_done = partial(self._on_done, turn.playlist.path)
            self._director.change(names, lambda _timeline, _place: after, on_done, going_over)

    def _mark(self, path: str) -> None:
        """What is shown of a list stays, and says why."""
        for stream in self._lists().values():
            if stream.turn is not None and stream.turn.playlist.path == path and stream.has_shown:
                stream.error = self._setbacks.reason(path)

    def _look_again_later(self, serial: int, pause_s: float) -> None:
        """Its folder, disk or server may be back soon, and may not say so."""
        if serial in self._timers:
            self._timers[serial].cancel()
        self._timers[serial] = self._loop.call_later(pause_s, partial(self._look_again, serial))

    def _look_again(self, serial: int) -> None:
        self._setbacks.try_some()
        self._watch(set())  # a folder that has come again is another one
        self._plan()
        stream = self._lists().get(serial)
        if serial not in self._timers and stream is not None and stream.turn is not None and _has_gone(stream.turn):
            self._go_on(serial)

    def _say(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            log.warning("%s", text)

    def _moment_after(self, turn: Turn, stream: Stream) -> float:
        """When a clip is over, Unix time; 0: now, also where it is not its end that counts."""
        if turn.playlist.every_s or stream.phase is not Phase.PLAYING:
            return 0.0
        place = self._playback.place_of(stream)
        left_s = (place.duration_s - place.position_s) / stream.spec.speed
        return time() + max(left_s - self._going_over(place).duration_s, 0.0)

    def _on_done(self, path: str, error: WayvidError | None) -> None:
        if error is None:
            self._setbacks.on_played(path)
            self._told.clear()
            self._on_turned()

    def _instead_of(self, timeline: Timeline, error: WayvidError) -> Timeline | None:
        """See Director.instead_of."""
        turn = timeline.turn
        if turn is None:
            return None
        reason = error.reason if isinstance(error, SourceUnplayable) else str(error)
        level = logging.WARNING if self._setbacks.is_news(turn.entry.file) else logging.INFO
        log.log(level, "%s: %s is left out: %s", turn.playlist.path, turn.entry.file, reason)
        self._setbacks.leave_out(turn.entry.file)
        if self._setbacks.is_enough(turn.playlist.path, reason):
            self._loop.call_soon(partial(self._mark, turn.playlist.path))
            return None
        unplayable = frozenset(self._setbacks.unplayable)
        since_s = max(turn.since_s, time())  # the moment that it was to come
        try:
            after = at_once(partial(self._after, timeline, unplayable, since_s=since_s))
        except (SourceUnplayable, TimeoutError):
            return None
        return after if after is not None and _file_of(after) != turn.entry.file else None

    # What comes and goes in its folder.

    def _watch(self, wanted: set[tuple[str, bool]]) -> None:
        for key in self._watches.keys() - wanted:
            self._watches.pop(key).close()
        for path, is_recursive in wanted - self._watches.keys():
            if not answers(path):  # seen to with the next look
                continue
            watch = FolderWatch(self._loop, path, is_recursive, partial(self._on_touched, path))
            self._watches[path, is_recursive] = watch
            if watch.reason:
                self._say(f"{path}: what is new in it is seen at the next change alone: {watch.reason}")

    def _on_touched(self, path: str) -> None:
        """Files have come or gone: what is shown may have, or may have got company."""
        self._setbacks.unplayable.clear()
        for serial, stream in self._lists().items():
            turn = stream.turn
            if turn is None or turn.playlist.path != path or stream.on_ready is not None:
                continue
            if _has_gone(turn):
                self._go_on(serial)
            elif turn.is_alone:
                work = partial(turned, turn, 1, begins_again=True)
                on_done = partial(self._on_company, stream, turn)
                self._errands.run(f"{path} again", work, on_done, GIVEN_UP_AFTER_S)

    @staticmethod
    def _on_company(stream: Stream, turn: Turn, after: Opened | None, error: Exception | None) -> None:
        """It is known whether there are other files beside the one that is shown."""
        if error is None and stream.turn is turn:
            is_alone = after is None or after.turn is None or after.turn.is_alone
            stream.turn = turn._replace(is_alone=is_alone)

    def close(self) -> None:
        """Go on with nothing; twice does nothing."""
        self._watch(set())
        self._errands.close()


def _has_gone(turn: Turn) -> bool:
    file = turn.entry.file
    return os.path.isabs(file) and answers(file) and not os.path.lexists(file)


def _serial_on(scene: Scene, name: str) -> int:
    return want_on(scene, name).timeline.serial


def _file_of(timeline: Timeline) -> str:
    return timeline.turn.entry.file if timeline.turn is not None else ""
