"""What follows a player's death: the last pictures stay, and what is not to blame is started again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from time import monotonic

from wayvid.daemon.holding import Holding
from wayvid.daemon.listener import PlaybackListener
from wayvid.daemon.phase import Phase
from wayvid.daemon.policy import LAST_TRY, Restarts, after_death
from wayvid.daemon.stream import Stream
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.errors import PlayerError, SourceUnplayable
from wayvid.system.events import EventLoop, Timer

__all__ = ["Recovery"]

log = logging.getLogger(__name__)

ONE_EACH_S = 2.0


class Recovery:
    """Starts streams again, and finds the one that kills the player.

    After the first two deaths in a row all streams are started again together, after
    the next one by one, ONE_EACH_S apart. Who dies soon after its start is found out
    so: at each further death the stream that was started last is given up, and the
    others are started again in the same way.

    Args:
        loop: the daemon's event loop.
        streams: all there are, by number.
        holding: shows last pictures.
        listener: is told when nothing can be shown.
        load: starts a stream, and a player for it if there is none.
        waiting: those that are to be started.

    Attributes:
        crashes: players that ended by themselves since the start.
    """

    def __init__(
        self,
        loop: EventLoop,
        streams: Mapping[int, Stream],
        holding: Holding,
        listener: PlaybackListener,
        load: Callable[[Stream], None],
        waiting: Callable[[], list[Stream]],
    ) -> None:
        self.crashes = 0
        self._loop = loop
        self._streams = streams
        self._holding = holding
        self._listener = listener
        self._load = load
        self._waiting = waiting
        self._restarts = Restarts()
        self._pause: Timer | None = None  # before they are started again
        self._next: Timer | None = None  # before the next one of them is
        self._newest: Stream | None = None
        self._played_since_s = 0.0
        self._is_dying = False  # the player has just gone, and what follows is not yet known

    @property
    def is_pausing(self) -> bool:
        """Whether streams are started again after a pause; a command ends that."""
        return self._pause is not None

    @property
    def is_in_charge(self) -> bool:
        """Whether it starts them itself, also what comes now."""
        return self._is_dying or self._next is not None

    def on_loaded(self, stream: Stream) -> None:
        """A stream was given to the player."""
        self._newest = stream

    def on_playing(self, is_new: bool) -> None:
        """A stream has its first picture from this player, or its first at all; or another player took over."""
        if is_new:
            self._restarts = Restarts()
        self._played_since_s = monotonic()

    def stop(self) -> None:
        """Start nothing by time any more."""
        for timer in (self._pause, self._next):
            if timer is not None:
                timer.cancel()
        self._pause = self._next = None

    def on_death(self, player: PlayerProcess, reason: str, died: Collection[Stream]) -> None:
        """Show the last pictures, then start again all but what is to blame.

        Args:
            player: who died; to be closed.
            reason: in words.
            died: the streams that it played.
        """
        now_s = monotonic()
        self.crashes += 1
        lived_s = now_s - self._played_since_s if self._played_since_s else 0.0
        self._played_since_s = 0.0
        arriving = [stream for stream in died if stream.on_ready is not None]
        staying = [stream for stream in died if stream.on_ready is None]
        if staying and self._newest not in arriving:
            self._restarts = after_death(self._restarts, lived_s)
        restarts = self._restarts
        for stream in staying:
            note = player.note(stream.stream_id) if stream.has_picture else None
            self._holding.show_last_picture(player, stream)
            place = stream.place_at(note, now_s + restarts.pause_s)
            stream.go_on_at(place.position_s, place.duration_s)
            stream.phase = Phase.STARTING
        self._holding.show_now()  # what follows takes its time: the next player's start, ten milliseconds
        player.close(keeps_surfaces=True)
        for stream in died:
            stream.unload()
        self._is_dying = True
        for stream in arriving:
            error = SourceUnplayable(stream.source, f"the player was ended by {reason}")
            stream.is_wanted = False
            stream.phase, stream.error = Phase.FAILED, str(error)  # where its outputs have nothing to go back to
            stream.tell_ready(error)
        self._holding.when_shown(player.leave_screens)
        self._is_dying = False
        if restarts.is_given_up:
            self._give_up(self._newest if self._newest in staying else staying[-1], reason)
        if self._waiting():
            self._start_again(reason, restarts.pause_s)

    def _start_again(self, reason: str, pause_s: float) -> None:
        log.warning("player: ended by %s; starting it again %s", reason, f"in {pause_s:g} s" if pause_s else "now")
        if pause_s:
            self._pause = self._loop.call_later(pause_s, self._restart)
        else:
            self._restart()

    def _restart(self) -> None:
        self._pause = None
        if self._restarts.deaths >= LAST_TRY.deaths:
            self._load_next()
        else:
            for stream in self._waiting():
                self._load(stream)

    def _load_next(self) -> None:
        self._next = None
        waiting = self._waiting()
        if waiting:
            if len(waiting) > 1:
                self._next = self._loop.call_later(ONE_EACH_S, self._load_next)
            self._load(waiting[0])

    def _give_up(self, stream: Stream, reason: str) -> None:
        message = (
            f"{stream.source!r} ended the player {self._restarts.deaths} times (last by {reason}), "
            "so it is not tried again"
        )
        self._restarts = LAST_TRY
        stream.phase = Phase.FAILED
        stream.is_wanted = False
        stream.error = message
        if stream.has_shown or len(self._streams) > 1:
            log.error("%s; its last picture stays; show another one with 'wayvid set'", message)
        else:
            self._listener.on_fatal(
                PlayerError(f"{message}; try another file, or report it with 'wayvid check' beside it")
            )
