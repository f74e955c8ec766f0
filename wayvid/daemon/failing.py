"""What follows where a source stops coming, or cannot be played: its last picture stays, and it is tried again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from time import monotonic

from wayvid.daemon.cast import Cast
from wayvid.daemon.holding import Holding
from wayvid.daemon.listener import PlaybackListener
from wayvid.daemon.phase import HoldReason, Phase
from wayvid.daemon.policy import advice_for, is_passing, retry_pause_s, tries_before
from wayvid.daemon.stream import Stream
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.errors import SourceUnplayable
from wayvid.link.messages import Failed
from wayvid.system.events import EventLoop

__all__ = ["Failing"]

log = logging.getLogger(__name__)

# A player that has just been told to end takes less.
LOOK_AGAIN_S = 0.2


class Failing:
    """Gives streams up, or tries them again after pauses that grow.

    What comes over a network or through a named pipe is tried again when it has been
    shown before, and at the start where the reason is one that passes. Meanwhile it is
    out of the player, so the last one of them ends it: a server that is away for the
    night costs one timer and no memory.

    Args:
        loop: the daemon's event loop.
        streams: all there are, by number.
        holding: shows last pictures.
        cast: the player.
        listener: is told when nothing can be shown.
        play_on: called with a stream that is to be played again; it has no player.
    """

    def __init__(
        self,
        loop: EventLoop,
        streams: Mapping[int, Stream],
        holding: Holding,
        cast: Cast,
        listener: PlaybackListener,
        play_on: Callable[[Stream], None],
    ) -> None:
        self._loop = loop
        self._streams = streams
        self._holding = holding
        self._cast = cast
        self._listener = listener
        self._play_on = play_on

    def on_failed(self, player: PlayerProcess, stream: Stream, message: Failed) -> None:
        """The player cannot play a stream, or not any more."""
        advice = advice_for(stream.spec, message.reason, has_ytdl=self._cast.terms.graphics.has_ytdl)
        error = SourceUnplayable(stream.source, message.reason, advice, message.code)
        if self._is_tried_again(stream, message.reason):
            self._pause(player, stream, error)
            stream.tell_ready()
            return
        if stream.on_ready is not None:
            stream.tell_ready(error)
            if self._streams.get(stream.stream_id) is not stream:
                return
        if not stream.has_shown and len(self._streams) == 1:
            if stream.turn is not None and stream.spec.is_network and is_passing(message.reason):
                self._pause(player, stream, error)  # a list at a login before the network is there
                return
            self._listener.on_fatal(error)
            return
        log.error("%s", error)
        stream.error = str(error)
        stream.phase = Phase.FAILED
        self._cover(player, stream)

    def _cover(self, player: PlayerProcess, stream: Stream) -> None:
        if self._cast.serves:
            self._holding.cover_with_last(player, stream)

    @staticmethod
    def _is_tried_again(stream: Stream, reason: str) -> bool:
        if stream.turn is not None and not stream.turn.is_alone:  # its list goes on
            return False
        if not stream.spec.is_network and not (stream.pipe is not None and stream.pipe.has_name):
            return False
        return stream.has_shown or (stream.is_first and is_passing(reason))

    def _pause(self, player: PlayerProcess, stream: Stream, error: SourceUnplayable) -> None:
        now_s = monotonic()
        tries = tries_before(stream.tries, now_s - stream.played_from_s if stream.played_from_s else 0.0)
        pause_s = retry_pause_s(tries)
        log.log(
            logging.INFO if tries else logging.WARNING,
            "%s: %s; %sit is tried again in %g s",
            stream.source,
            error.reason,
            "its last picture stays, and " if stream.has_shown else "",
            pause_s,
        )
        note = player.note(stream.stream_id) if stream.has_picture else None
        if note is not None:  # and not where it would be by now: nothing has been shown meanwhile
            stream.go_on_at(note.position_s if note.duration_s > 0 else 0.0, note.duration_s)
        if stream.pipe is not None:
            stream.pipe.close()  # what is still in it is of no use
        stream.tries = tries + 1
        stream.played_from_s = 0.0
        stream.error = str(error)
        stream.why_retried = error.reason
        stream.phase = Phase.RECONNECTING
        self._cover(player, stream)
        stream.retry_at_s = now_s + pause_s
        self._retry_in(stream, pause_s)

    def _retry_in(self, stream: Stream, pause_s: float) -> None:
        if stream.retry_timer is not None:
            stream.retry_timer.cancel()
        stream.retry_timer = self._loop.call_later(pause_s, lambda: self._retry(stream))

    def _retry(self, stream: Stream) -> None:
        stream.retry_timer = None
        if stream.is_loaded or self._cast.is_finishing:
            self._retry_in(stream, LOOK_AGAIN_S)
        elif stream.holds.reasons:
            stream.phase = Phase.HELD  # played on when they have passed
        elif stream.pipe is not None:
            stream.pipe.wait(lambda: self._play_on(stream))
        else:
            self._play_on(stream)

    def on_playing(self, stream: Stream) -> None:
        """A stream has a picture."""
        stream.played_from_s = monotonic()
        if stream.phase is Phase.RECONNECTING:
            log.warning("%s: is back", stream.source)

    def on_ended(self, stream: Stream) -> None:
        """A stream that does not begin again shows its last picture; a named pipe may be written to again."""
        self._holding.hold(stream, HoldReason.ENDED)
        if stream.pipe is not None and stream.pipe.has_name:
            stream.pipe.close()
            stream.pipe.wait(lambda: self._on_written(stream))

    def _on_written(self, stream: Stream) -> None:
        if stream.phase is Phase.HOLDING or self._cast.is_finishing:  # on its way out of the player
            stream.retry_timer = self._loop.call_later(LOOK_AGAIN_S, lambda: self._on_written(stream))
        else:
            self._holding.let_go(stream, HoldReason.ENDED)
