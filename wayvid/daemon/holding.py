"""Holds: a stream leaves the player, its last picture stays, and it goes on from there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from wayvid.daemon.cast import Cast
from wayvid.daemon.listener import PlaybackListener
from wayvid.daemon.phase import HoldReason, Phase
from wayvid.daemon.still import Still
from wayvid.daemon.stream import Stream
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.daemon.wall import Wall
from wayvid.link.messages import Close, Freeze, Frozen, Thaw
from wayvid.system.events import EventLoop

__all__ = ["Holding"]

log = logging.getLogger(__name__)

# A player that does not say within this that it stands still is held all the same: its ledger tells where it was.
FREEZE_WITHIN_S = 2.0
# A screen that is off may never say that it shows a picture.
COVER_WITHIN_S = 2.0


class Holding:
    """Takes streams out of the player and has them go on.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        cast: the player.
        streams: all there are, by number.
        listener: is told when the player as a whole is to go.
        after_s: how long a stream is unseen or paused before it is held; 0: never.
        play_on: called with a stream that is to be played again.

    Attributes:
        after_s: as given, or as set since.
        shared: the reasons that hold all streams, also those that come later.
    """

    def __init__(
        self,
        loop: EventLoop,
        wall: Wall,
        cast: Cast,
        streams: Mapping[int, Stream],
        listener: PlaybackListener,
        after_s: float,
        play_on: Callable[[Stream], None],
    ) -> None:
        self.after_s = after_s
        self.shared: set[HoldReason] = set()
        self._loop = loop
        self._wall = wall
        self._cast = cast
        self._streams = streams
        self._listener = listener
        self._play_on = play_on
        self._is_announced = False  # the listener was told that the player is to go

    def set_after(self, after_s: float) -> None:
        """Another time to wait, also for what is counted already."""
        self.after_s = after_s
        for stream in self._streams.values():
            stream.holds.set_after(after_s)

    # All streams.

    def hold_all(self, reason: HoldReason) -> None:
        """Give back all that playing takes."""
        self.shared.add(reason)
        for stream in tuple(self._streams.values()):
            self.hold(stream, reason)

    def let_go_all(self, reason: HoldReason) -> None:
        """That reason has passed."""
        self.shared.discard(reason)
        for stream in tuple(self._streams.values()):
            self.let_go(stream, reason)

    # One stream.

    def hold(self, stream: Stream, reason: HoldReason) -> None:
        """Give back what playing it takes; its last picture stays, and let_go() plays on from it."""
        stream.holds.end(reason)
        stream.holds.reasons.add(reason)
        if stream.phase is not Phase.PLAYING or stream.is_left or not self._cast.serves or not stream.is_loaded:
            return  # done once it plays
        self._cast.cancel_exchange()
        if not self._is_announced and not self._others_play(stream):
            self._is_announced = True
            self._listener.on_holding(reason)
        stream.phase = Phase.HOLDING
        stream.frozen = None
        stream.is_covered = False
        self._cast.send(Freeze(stream.stream_id))
        stream.freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, lambda: self._cover_frozen(stream))

    def _others_play(self, stream: Stream) -> bool:
        others = (other for other in self._streams.values() if other is not stream)
        return any(other.is_loaded and other.phase is not Phase.HOLDING for other in others)

    def hold_if_due(self, stream: Stream) -> None:
        """Do what was said while it could not be done."""
        if stream.holds.reasons:
            self.hold(stream, next(iter(stream.holds.reasons)))

    def let_go(self, stream: Stream, reason: HoldReason) -> None:
        """A reason to hold has passed: with the last one gone, play goes on."""
        if reason not in stream.holds.reasons:
            return
        stream.holds.reasons.discard(reason)
        if stream.holds.reasons:
            return
        if stream.phase is Phase.HELD and stream.outputs:
            log.info("%s: plays on", stream.source)
            self._play_on(stream)
        else:
            self.call_off(stream)

    def on_frozen(self, stream: Stream, message: Frozen) -> None:
        """The player shows no newer picture of it."""
        stream.frozen = message
        self._cover_frozen(stream)

    def _cover_frozen(self, stream: Stream) -> None:
        """It stands still, or the player does not answer: show its last picture, and then take it out."""
        player = self._cast.player
        if stream.phase is Phase.HOLDING and player is not None and not self.cover_with_last(player, stream):
            self.call_off(stream)

    def call_off(self, stream: Stream) -> None:
        """A hold that is under way is not to be."""
        if stream.phase is not Phase.HOLDING or not self._cast.serves:
            return
        stream.stop_freeze_timer()
        self._cast.send(Thaw(stream.stream_id))
        for name in stream.outputs:
            self._wall.drop_still(name)
        stream.keep_still(None)
        stream.phase = Phase.PLAYING
        self._call_off_end()

    def _call_off_end(self) -> None:
        if self._is_announced:
            self._is_announced = False
            self._listener.on_kept()

    # From the player's picture to the daemon's.

    def show_last_picture(
        self, player: PlayerProcess, stream: Stream, on_everywhere: Callable[[], None] | None = None
    ) -> bool:
        """Show what the player showed last, from its own memory; False when there is nothing to show."""
        note = player.note(stream.stream_id) if stream.has_picture else None
        memory = player.memories.get(note.picture.memory_id) if note is not None else None
        if note is None or memory is None:
            return False
        stream.keep_still(still := self._wall.make_still(memory.fd, memory.size_bytes, note.picture))
        self._wall.show_still(still, stream.outputs, on_everywhere)
        return True

    def show_now(self) -> None:
        """Have the compositor know of the pictures at once, and not when all else is done."""
        self._wall.flush()

    def when_shown(self, on_shown: Callable[[], None]) -> None:
        """Call when no screen waits for a picture of the daemon's any more, and when one does so for too long."""
        if not self._wall.when_shown(on_shown):
            self._loop.call_later(COVER_WITHIN_S, on_shown)

    def cover_with_last(self, player: PlayerProcess, stream: Stream) -> bool:
        """Show its last picture, then take it out of the player; False when there is no picture."""
        self._release_later(stream)
        stream.is_covered = True
        if not self.show_last_picture(player, stream, lambda: self._release(stream)):
            stream.is_covered = False
            if stream.phase is not Phase.HOLDING:
                self._release(stream)
            return False
        return True

    def cover(self, stream: Stream, still: Still) -> None:
        """Show a still of it, then take it out of the player."""
        self._release_later(stream)
        stream.keep_still(still)
        self._wall.show_still(still, stream.outputs, lambda: self._release(stream))

    def _release_later(self, stream: Stream) -> None:
        stream.stop_freeze_timer()
        stream.freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, lambda: self._release(stream))

    def _release(self, stream: Stream) -> None:
        """The daemon shows it: it needs the player no more, and the last one ends the player."""
        stream.stop_freeze_timer()
        if not stream.is_loaded or not self._cast.serves:
            return
        stream.is_wanted = False
        if not any(other.is_loaded for other in self._streams.values() if other is not stream):
            self._cast.finish()
            return
        self._call_off_end()
        for name in stream.outputs:
            self._cast.hide(name)
        self._cast.send(Close(stream.stream_id))
        if stream.phase is Phase.HOLDING and self._cast.player is not None:
            self.settle(stream, self._cast.player)
        else:
            stream.unload()

    def settle(self, stream: Stream, player: PlayerProcess) -> None:
        """It is out of the player on the way to a hold."""
        if not stream.is_covered:  # the player died before
            self.show_last_picture(player, stream)
        stream.settle_held(player.note(stream.stream_id) if stream.has_picture else None)
        stream.is_wanted = False
        stream.unload()
        log.info("%s: held (%s)", stream.source, stream.holds)

    def on_player_gone(self) -> None:
        """The player has ended."""
        if self._is_announced:
            self._is_announced = False
            self._listener.on_held()
        self.shared.discard(HoldReason.GROWTH)  # was only for the player's end
        for stream in self._streams.values():
            stream.holds.reasons.discard(HoldReason.GROWTH)
