"""The streams of one player process: its start, its death and what follows, its exchange, its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Literal, TypeAlias

from wayvid.daemon.cast import Cast, Terms
from wayvid.daemon.failing import Failing
from wayvid.daemon.holding import Holding
from wayvid.daemon.listener import PlaybackListener
from wayvid.daemon.phase import HoldReason, Holds, Phase
from wayvid.daemon.recovery import Recovery
from wayvid.daemon.source import reopened
from wayvid.daemon.stopping import Stopping
from wayvid.daemon.stream import OnReady, Place, Stream
from wayvid.daemon.supervisor import PlayerProcess, error_of
from wayvid.daemon.wall import Wall
from wayvid.errors import InternalError
from wayvid.link.figures import Figures
from wayvid.link.ledger import MAX_STREAMS
from wayvid.link.messages import (
    AtEnd,
    Close,
    Eased,
    Ended,
    Failed,
    Frozen,
    Paused,
    Playing,
    Prepare,
    Rests,
    Show,
    Shown,
    SnapshotTaken,
    Sound,
    Sounds,
    Still,
    ToDaemon,
)
from wayvid.system.events import EventLoop
from wayvid.system.heap import collect
from wayvid.transition import CUT, Change

__all__ = ["Playback", "Seen"]

log = logging.getLogger(__name__)

# A new player starts, opens the file and seeks within that; then it waits for its moment.
EXCHANGE_LEAD_S = 1.0


# An output that has a player's picture now, the number of a stream that has stopped or goes on, or of one that is to be
# heard in another way.
Seen: TypeAlias = str | int | tuple[Literal["sound"], int]


class Playback:
    """The streams, and the player that plays those which need one.

    A stream is in the player while it moves or starts. Held, failed or a picture it
    is out of it, and what is seen of it is a still of the daemon's. With the last
    stream that is in it the player ends.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        player: a player that was started already and told its limits.
        listener: is told what happens.
        terms: of players.
        hold_after_s: how long a stream is unseen or paused before it is held; 0: never.

    Attributes:
        streams: by number, in the order they came.
        on_seen: called with what has happened.
        on_snapshot: called with a player that has copied what a stream shows, before it takes the copy back.
    """

    def __init__(
        self,
        loop: EventLoop,
        wall: Wall,
        player: PlayerProcess,
        listener: PlaybackListener,
        terms: Terms,
        hold_after_s: float,
    ) -> None:
        self.streams: dict[int, Stream] = {}
        self.on_seen: Callable[[Seen], None] = lambda _what: None
        self.on_snapshot: Callable[[PlayerProcess, SnapshotTaken], None] = lambda _player, _taken: None
        self.cast = Cast(loop, player, terms, self)
        self.holding = Holding(loop, wall, self.cast, self.streams, listener, hold_after_s, self._start)
        self.stopping = Stopping(self.cast, self.holding)
        self._loop = loop
        self._wall = wall
        self._listener = listener
        self._last_id = -1
        self._changes: dict[str, Change] = {}  # of outputs that are to go over to another source
        self.failing = Failing(loop, self.streams, self.holding, self.cast, listener, self._start)
        self.recovery = Recovery(loop, self.streams, self.holding, listener, self._load, self._waiting)
        wall.on_reshaped = self._on_reshaped
        wall.on_seen = self._on_seen

    # Streams come, go and move.

    def open_stream(
        self, source: str, place: Place, is_paused: bool = False, on_ready: OnReady | None = None
    ) -> Stream:
        """A stream that begins there; it is loaded once move() gives it outputs.

        Args:
            source: in the user's words.
            place: what it is, and where it begins.
            is_paused: whether it stops there.
            on_ready: told when it has its first picture, or why it has none: then it is to be closed.
        """
        if len(self.streams) >= MAX_STREAMS:
            raise InternalError(f"there are {MAX_STREAMS} streams already")
        # Never the number of one that has just gone: the player may still be speaking of that.
        self._last_id = (self._last_id + 1) % MAX_STREAMS
        while self._last_id in self.streams:
            self._last_id = (self._last_id + 1) % MAX_STREAMS
        holds = Holds(self._loop, self.holding.after_s, lambda reason: self.holding.hold(stream, reason))
        holds.reasons |= self.holding.shared
        stream = Stream(self._last_id, source, place.spec, holds, place.position_s)
        stream.is_paused = is_paused
        stream.on_ready = on_ready
        stream.is_wanted = True
        if place.spec.is_pipe:
            from wayvid.daemon.pipe import Pipe

            stream.pipe = Pipe(self._loop, place.spec)
        self.streams[stream.stream_id] = stream
        return stream

    def adopt_stream(self, source: str, place: Place, is_paused: bool, on_ready: OnReady | None) -> Stream:
        """The stream that the first player was told to prepare before there was a daemon; see open_stream()."""
        stream = self.open_stream(source, place, is_paused, on_ready)
        stream.is_first = True
        if self._awaits_writer(stream):
            self.cast.send(Close(stream.stream_id))
            self._loop.call_soon(self._end_if_idle)  # other streams may be about to come
            return stream
        stream.is_loaded = True
        self.recovery.on_loaded(stream)
        return stream

    def move(self, names: Iterable[str], stream: Stream, change: Change = CUT) -> None:
        """Have outputs show a stream; what they show stays until it has a picture, and then goes over to that."""
        wanted = set(names)
        self._changes.update(dict.fromkeys(wanted, change))
        for other in self.streams.values():
            if other is not stream and other.outputs & wanted:
                self.holding.call_off(other)
                other.outputs -= wanted
                other.is_left = not other.outputs
                if other.is_left:
                    other.holds.end(HoldReason.UNSEEN)
                    if other.is_loaded:
                        other.holds.reasons.discard(HoldReason.UNSEEN)
                self.holding.hold_if_due(other)
        stream.outputs |= wanted
        stream.is_left = False
        if stream.is_loaded and self.cast.serves:
            self._show(stream, wanted)
        elif stream.still is not None:
            self._wall.show_still(stream.still, wanted, lambda: self._hide(stream, wanted))
        self._wake(stream)
        self.holding.hold_if_due(stream)
        for name in wanted:
            self._on_reshaped(name)

    def show_again(self, name: str) -> None:
        """An output has another layout."""
        for stream in self.streams.values():
            if name in stream.outputs and stream.is_loaded:
                self._show(stream, [name])

    def remove_output(self, name: str) -> None:
        """An output went; its stream stays."""
        for stream in self.streams.values():
            stream.outputs.discard(name)
        self._changes.pop(name, None)
        self.cast.hide(name)

    def close_stream(self, stream: Stream) -> None:
        """Forget a stream; its outputs show another."""
        self.cast.cancel_exchange()
        self.holding.call_off(stream)
        if stream.is_loaded:
            self.cast.send(Close(stream.stream_id))
        del self.streams[stream.stream_id]
        stream.close()
        # The player's end takes its last picture off the screens: a still that is on its way there comes first.
        self.holding.when_shown(self._end_if_idle)
        self._loop.call_soon(collect)

    def place_of(self, stream: Stream) -> Place:
        """Where a stream is now."""
        note = self.cast.note(stream.stream_id) if stream.has_picture else None
        return stream.place_at(note, monotonic())

    def _show(self, stream: Stream, names: Iterable[str]) -> None:
        for name in names:
            if name in self._wall:
                change = self._changes.pop(name, CUT)
                laid, still_laid = self._wall.laid_on(name)
                still = None if change.is_cut else self._wall.still_on(name)
                picture, fd = (still.picture, still.fd) if still is not None else (None, -1)
                self.cast.show(
                    Show(name, stream.stream_id, laid, change.transition.value, change.duration_s, picture, still_laid),
                    fd,
                )

    def _hide(self, stream: Stream, names: Iterable[str]) -> None:
        """The daemon's still is on outputs: what the player has there, of another stream, may go."""
        if not stream.is_loaded:
            for name in stream.outputs.intersection(names):
                self.cast.hide(name)

    # Into the player and out of it.

    def _start(self, stream: Stream) -> None:
        stream.is_wanted = True
        if stream.phase not in (Phase.STILL, Phase.RECONNECTING):
            stream.phase = Phase.STARTING
        self._wake(stream)

    def _wake(self, stream: Stream) -> None:
        """Load a stream that is to be in the player and can be, or play it on."""
        if not stream.outputs or stream.is_loaded:
            return
        if stream.is_wanted and not self._awaits_writer(stream):
            self._load_wanted()
        elif stream.phase is Phase.HELD and not stream.holds.reasons:
            self._start(stream)

    def _waiting(self) -> list[Stream]:
        return [each for each in self.streams.values() if each.is_wanted and not each.is_loaded and each.outputs]

    def _load_wanted(self) -> None:
        """Load all that wait, in a new player if there is none; one that is just ending is waited for."""
        if self.cast.is_finishing or self.recovery.is_in_charge:
            return
        self.recovery.stop()
        self.cast.cancel_exchange()
        for stream in self._waiting():
            self._load(stream)

    def _awaits_writer(self, stream: Stream) -> bool:
        """Have a stream wait for somebody who writes to its pipe, if it has a name: no player is needed for that."""
        if stream.pipe is None:
            return False
        stream.pipe.open()
        if not stream.pipe.has_name or stream.pipe.has_data:
            return False
        stream.is_wanted = False
        stream.pipe.wait(lambda: self._start(stream))
        return True

    def _load(self, stream: Stream) -> None:
        if self._awaits_writer(stream):
            return
        if self.cast.player is None:
            self.cast.enter()
        stream.is_loaded = True
        self.recovery.on_loaded(stream)
        stream.spec = reopened(stream.source, stream.spec)
        begin_at_s = stream.begin_at_s if stream.begin_at_s > monotonic() else 0.0
        prepare = Prepare(stream.stream_id, stream.spec, stream.position_s, begin_at_s)
        self.cast.prepare(prepare, stream.stands_still, stream.pipe.open() if stream.pipe is not None else -1)
        self._send_volume(stream)
        self._show(stream, stream.outputs)

    def _end_if_idle(self) -> None:
        if not self._waiting() and not any(stream.is_loaded for stream in self.streams.values()):
            self.cast.finish()

    # What the player says.

    def on_message(self, player: PlayerProcess, message: ToDaemon) -> None:
        """See CastListener."""
        match message:
            case Figures():
                self._listener.on_figures(message)
            case Eased():
                self._listener.on_eased(message)
            case Ended():
                self._listener.on_fatal(error_of(message))
            case SnapshotTaken():
                self.on_snapshot(player, message)
            case Sounds():
                self.on_seen(("sound", message.stream_id))
            case Playing() | Shown() | Still() | Failed() | AtEnd() | Rests() | Frozen() | Paused():
                stream = self.streams.get(message.stream_id)
                if stream is not None and stream.is_loaded:
                    self._on_stream(player, stream, message)

    def _on_stream(
        self,
        player: PlayerProcess,
        stream: Stream,
        message: Playing | Shown | Still | Failed | AtEnd | Rests | Frozen | Paused,
    ) -> None:
        match message:
            case Playing():
                self._on_playing(stream, message)
            case Shown():
                # Else said before it knew.
                if self.cast.serves and stream.phase is not Phase.HOLDING and message.output in stream.outputs:
                    self._wall.drop_still(message.output)
                    if not self._wall.has_still(stream.outputs):
                        stream.keep_still(None)
                    if not message.is_mixed:
                        self.on_seen(message.output)
            case Still():
                self._on_still(player, stream, message)
            case Failed():
                self.failing.on_failed(player, stream, message)
            case AtEnd():
                self.failing.on_ended(stream)
            case Rests():
                self.stopping.on_rests(stream, message.is_resting)
            case Frozen():
                self.holding.on_frozen(stream, message)
            case Paused():
                self.stopping.on_paused(stream, message)
                self.on_seen(stream.stream_id)

    def _on_playing(self, stream: Stream, message: Playing) -> None:
        self.recovery.on_playing(is_new=stream.on_ready is not None)
        stream.has_picture = stream.has_shown = True
        stream.error = ""
        self.failing.on_playing(stream)
        if stream.phase in (Phase.STARTING, Phase.RECONNECTING):
            stream.phase = Phase.PLAYING
        log.info("%s: playing, %dx%d", stream.source, message.width_px, message.height_px)
        self._listener.on_playing()
        if stream.is_paused:
            stream.holds.begin(HoldReason.PAUSED)
        stream.tell_ready()
        self.holding.hold_if_due(stream)

    def _on_still(self, player: PlayerProcess, stream: Stream, message: Still) -> None:
        """The source is an image: the daemon shows it and the player has done its part."""
        if not self.cast.serves:
            return
        memory, picture = player.memories[message.picture.memory_id], message.picture
        before = stream.still.picture if stream.still is not None and stream.phase is Phase.STILL else None
        # Or it was made again and got no larger.
        sizes = [(each.width_px, each.height_px) for each in (before, picture) if each is not None]
        stream.still_is_full = message.is_full or sizes[1:] == sizes[:1]
        stream.phase = Phase.STILL
        stream.has_shown = True
        stream.error = ""
        self.holding.cover(stream, self._wall.make_still(memory.fd, memory.size_bytes, picture))
        log.info("%s: shown as a still", stream.source)
        self._listener.on_still()
        stream.tell_ready()

    # What the compositor says.

    def _on_seen(self, name: str) -> None:
        for stream in tuple(self.streams.values()):
            if name in stream.outputs:
                self.holding.let_go(stream, HoldReason.UNSEEN)

    def _on_reshaped(self, name: str) -> None:
        """An output may want more pixels than the image was made with: make it again."""
        for stream in tuple(self.streams.values()):
            if name in stream.outputs:
                self._enlarge(stream)

    def _enlarge(self, stream: Stream) -> None:
        is_image = stream.phase is Phase.STILL and not stream.is_loaded
        if stream.still is None or not is_image or stream.still_is_full:
            return
        if self._wall.wants_more_than(stream.still.picture, stream.outputs):
            stream.still_is_full = True  # until the new one says otherwise
            self._start(stream)

    # The player's end.

    def on_exit(self, player: PlayerProcess, reason: str, was_told: bool) -> None:
        """See CastListener."""
        self.recovery.stop()
        loaded = [stream for stream in self.streams.values() if stream.is_loaded]
        for stream in loaded:
            stream.holds.end_all()
            if stream.phase is Phase.HOLDING:
                self.holding.settle(stream, player)
        loaded = [stream for stream in loaded if stream.is_loaded]
        if was_told:
            for stream in loaded:
                stream.unload()
            player.close()
        else:
            self.recovery.on_death(player, reason, loaded)
        self.holding.on_player_gone()
        for stream in tuple(self.streams.values()):
            if not self.recovery.is_pausing:
                self._wake(stream)
            self._enlarge(stream)

    def on_replaced(self) -> None:
        """See CastListener."""
        self._listener.on_replaced()

    def on_kept(self) -> None:
        """See CastListener."""
        self._listener.on_kept()

    # What is heard.

    def set_volume(self, stream: Stream, volume: int) -> bool:
        """How loud a stream is to be, in percent; 0: it has no sound.

        Returns:
            Whether the player is to change something; on_seen is called then.
        """
        before, stream.volume = stream.volume, volume
        return before != volume and stream.is_loaded and self._send_volume(stream, before)

    def _send_volume(self, stream: Stream, before: int = 0) -> bool:
        return stream.volume != before and self.cast.send(Sound(stream.stream_id, stream.volume))

    # An exchange.

    @property
    def plays_pipe(self) -> bool:
        """Whether the player has what comes through a pipe, and so cannot be exchanged."""
        return any(stream.is_loaded and stream.spec.is_pipe for stream in self.streams.values())

    def exchange(self) -> bool:
        """Have a new player take over, unseen: it shows all streams at their positions before the old one goes.

        Returns:
            False when that cannot be done now.
        """
        cast = self.cast
        loaded = [stream for stream in self.streams.values() if stream.is_loaded]
        is_calm = all(stream.phase is Phase.PLAYING and stream.on_ready is None for stream in loaded)
        # Two readers of a pipe would each get a part of what comes through it.
        is_calm = is_calm and not self.plays_pipe
        if not loaded or not is_calm or cast.is_exchanging or not cast.serves:
            return False
        begin_at_s = monotonic() + EXCHANGE_LEAD_S
        places = {each: each.place_at(cast.note(each.stream_id), begin_at_s) for each in loaded}

        def on_taken_over() -> None:
            for stream, place in places.items():
                stream.go_on_at(place.position_s, place.duration_s)
                stream.stopped = None
                stream.is_told_to_stop = False
                self._send_volume(stream)  # not before, or both would be heard
            self.recovery.on_playing(is_new=False)
            self._listener.on_playing()

        prepares = [
            (Prepare(each.stream_id, place.spec, place.position_s, begin_at_s), each.stands_still)
            for each, place in places.items()
        ]
        shows = [
            Show(name, each.stream_id, self._wall.laid_on(name)[0])
            for each in loaded
            for name in each.outputs
            if name in self._wall
        ]
        cast.exchange(prepares, shows, on_taken_over)
        return True
