"""What is played: start, death, hold, exchange, and the way to another source."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from wayvid.daemon.cast import Cast
from wayvid.daemon.listener import PlaybackListener
from wayvid.daemon.phase import HoldReason, Holds, Phase
from wayvid.daemon.policy import Restarts, after_death, from_entry, resume_position
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.daemon.wall import Wall
from wayvid.errors import PlayerError, SourceUnplayable, WayvidError
from wayvid.link.ledger import MAX_STREAMS, Note
from wayvid.link.messages import (
    Close,
    Eased,
    Ended,
    Failed,
    Figures,
    Freeze,
    Frozen,
    Limits,
    Pause,
    Picture,
    Playing,
    Prepare,
    Rests,
    Shown,
    Still,
    StreamSpec,
    Thaw,
    ToDaemon,
)
from wayvid.system.events import EventLoop, Timer

__all__ = ["Playback"]

log = logging.getLogger(__name__)

# A player that does not say within this that it stands still is held all the same: its ledger tells where it was.
FREEZE_WITHIN_S = 2.0
# A new player starts, opens the file and seeks within that; then it waits for its moment.
EXCHANGE_LEAD_S = 1.0


class _Change(NamedTuple):
    """Another source on its way to the screens."""

    source: str
    stream: StreamSpec
    stream_id: int
    on_done: Callable[[WayvidError | None], None]
    # What to go back to if it fails, where a player was started for it alone.
    before: Phase | None
    is_paused: bool = False


class Playback:
    """One source on the wall, whatever becomes of its players.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        source: the source in the user's words, for messages.
        stream: what the source means.
        player: a player that was started already, told its limits and to prepare the stream as number 0.
        listener: is told what happens.
        limits: what the budget leaves to a player.
        hold_after_s: how long a stream is unseen or paused before it is held; 0: never.
    """

    def __init__(
        self,
        loop: EventLoop,
        wall: Wall,
        source: str,
        stream: StreamSpec,
        player: PlayerProcess,
        listener: PlaybackListener,
        limits: Limits,
        hold_after_s: float,
    ) -> None:
        self.source = source
        self.phase = Phase.STARTING
        self.is_paused = False
        self.error = ""
        self.crashes = 0
        self.holds = Holds(loop, hold_after_s, self.hold)
        self.cast = Cast(loop, wall, player, limits, self)
        self._loop = loop
        self._wall = wall
        self._stream = stream
        self._stream_id = self._last_id = 0
        self._listener = listener
        self._change: _Change | None = None
        self._restarts = Restarts()
        self._restart_timer: Timer | None = None
        self._played_since_s = 0.0
        self._has_shown = False
        self._is_resting = False  # no screen asks the player for frames
        self._position_s = 0.0  # where to go on after a hold
        self._frozen: Frozen | None = None  # what the player said last on the way to a hold
        self._freeze_timer: Timer | None = None
        self._still_is_full = True
        wall.on_reshaped = self._on_reshaped
        wall.on_seen = lambda: self.let_go(HoldReason.UNSEEN)

    # The wall.

    def show_on(self, name: str, layout: str) -> None:
        """An output came: the player shows the stream there, too."""
        self.cast.show(name, self._stream_id if self._change is None else self._change.stream_id, layout)

    def _on_reshaped(self) -> None:
        """An output may want more pixels than the image was made with: make it again."""
        is_image = self.phase is Phase.STILL and self.cast.player is None
        if is_image and not self._still_is_full and self._wall.wants_more_pixels():
            self._still_is_full = True  # until the new one says otherwise
            self._start_player()

    # Players come and go.

    def _start_player(self, position_s: float = 0.0) -> None:
        if self.cast.player is not None:  # started for another reason during a pause
            return
        self._cancel_restart()
        self._is_resting = False
        change = self._change
        if change is not None:
            self.cast.enter(change.stream_id, change.stream, is_paused=change.is_paused)
        else:
            self.cast.enter(self._stream_id, self._stream, position_s, self.is_paused)
        if self.phase is not Phase.STILL:
            self.phase = Phase.STARTING

    def _cancel_restart(self) -> None:
        if self._restart_timer is not None:
            self._restart_timer.cancel()
            self._restart_timer = None

    def on_message(self, player: PlayerProcess, message: ToDaemon) -> None:
        """See CastListener."""
        match message:
            case Playing():
                self._on_playing(message)
            case Shown():
                if self.cast.serves and self.phase is not Phase.HOLDING:  # else said before it knew
                    self._wall.drop_still(message.output)
            case Still():
                self._on_still(player, message)
            case Failed():
                self._on_failed(player, message)
            case Rests():
                self._on_rests(message)
            case Frozen():
                if message.stream_id == self._stream_id:
                    self._frozen = message
                    self._cover()
            case Figures():
                self._listener.on_figures(message)
            case Eased():
                self._listener.on_eased(message)
            case Ended():
                self._listener.on_fatal(_error_of(message))

    def _on_playing(self, message: Playing) -> None:
        if self._change is not None and message.stream_id == self._change.stream_id:
            self._settle_change(self._change)
        if message.stream_id != self._stream_id:
            return
        self._played_since_s = monotonic()
        self._has_shown = True
        self.error = ""
        if self.phase is Phase.STARTING:
            self.phase = Phase.PLAYING
        log.info("%s: playing, %dx%d", self.source, message.width_px, message.height_px)
        self._listener.on_playing()
        if self.is_paused:
            self.holds.begin(HoldReason.PAUSED)
        self._hold_if_due()

    def _hold_if_due(self) -> None:
        """Do what was said while it could not be done."""
        if self.holds.reasons:
            self.hold(next(iter(self.holds.reasons)))

    def on_exit(self, player: PlayerProcess, reason: str, was_told: bool) -> None:
        """See CastListener."""
        self.holds.end_all()
        if self.phase is Phase.HOLDING:
            self._on_held(player)
        elif was_told:
            player.close()
            self._after_exit()
        else:
            self._on_death(player, reason)

    def on_replaced(self) -> None:
        """See CastListener."""
        self._listener.on_replaced()

    def on_kept(self) -> None:
        """See CastListener."""
        self._listener.on_kept()

    def _after_exit(self) -> None:
        """There is no player now: perhaps one is wanted."""
        if self._change is not None:
            self._start_player()
        elif self.phase is Phase.STARTING or (self.phase is Phase.HELD and not self.holds.reasons):
            self._start_player(self._position_s)
        else:
            self._on_reshaped()

    def _on_death(self, player: PlayerProcess, reason: str) -> None:
        now_s = monotonic()
        self.crashes += 1
        note = player.note(self._stream_id)
        self._show_last_picture(player, note)
        player.close()
        if self._change is not None:
            change, self._change = self._change, None
            change.on_done(SourceUnplayable(change.source, f"the player was ended by {reason}"))
            if change.before not in (None, Phase.STARTING):
                self.phase = change.before or self.phase
                self._after_exit()
                return
        lived_s = now_s - self._played_since_s if self._played_since_s else 0.0
        self._played_since_s = 0.0
        self._restarts = after_death(self._restarts, lived_s)
        if self._restarts.is_given_up:
            self._give_up(reason)
            return
        pause_s = self._restarts.pause_s
        self.phase = Phase.STARTING
        position_s = self._position_s = self._position_after(note, now_s + pause_s)
        log.warning("player: ended by %s; starting it again %s", reason, f"in {pause_s:g} s" if pause_s else "now")
        if pause_s:
            self._restart_timer = self._loop.call_later(pause_s, lambda: self._start_player(position_s))
        else:
            self._start_player(position_s)

    def _position_after(self, note: Note | None, now_s: float) -> float:
        """Where the stream would be by now; a playlist begins with the file that was shown."""
        if note is None:
            return 0.0
        self._stream = from_entry(self._stream, note.entry)
        loops = self._stream.loop and len(self._stream.paths) == 1
        elapsed_s = 0.0 if self.is_paused or self._is_resting else now_s - note.at_s
        return resume_position(note.position_s, elapsed_s, note.duration_s, self._stream.speed, loops)

    def _show_last_picture(
        self, player: PlayerProcess, note: Note | None, on_everywhere: Callable[[], None] | None = None
    ) -> bool:
        """Show what the player showed last, from its own memory; False when there is nothing to show."""
        memory = player.memories.get(note.picture.memory_id) if note is not None else None
        if note is None or memory is None:
            return False
        self._wall.show_still(memory.fd, memory.size_bytes, note.picture, on_everywhere)
        return True

    def _give_up(self, reason: str) -> None:
        deaths = self._restarts.deaths
        message = f"{self.source!r} ended the player {deaths} times (last by {reason}), so it is not tried again"
        self.phase = Phase.FAILED
        self.error = message
        if self._has_shown:
            log.error("%s; its last picture stays; show another one with 'wayvid set'", message)
        else:
            self._listener.on_fatal(
                PlayerError(f"{message}; try another file, or report it with 'wayvid check' beside it")
            )

    # Images and failures.

    def _on_still(self, player: PlayerProcess, message: Still) -> None:
        """The source is an image: the daemon shows it and the player may go."""
        if not self.cast.serves:
            return
        if self._change is not None and message.stream_id == self._change.stream_id:
            self._settle_change(self._change)
        if message.stream_id != self._stream_id:
            return
        memory = player.memories[message.picture.memory_id]
        self._still_is_full = message.is_full or self._is_as_large(message.picture)
        self._wall.show_still(memory.fd, memory.size_bytes, message.picture)
        self.phase = Phase.STILL
        self._has_shown = True
        self.error = ""
        self.cast.finish()
        log.info("%s: shown as a still", self.source)

    def _is_as_large(self, picture: Picture) -> bool:
        """Whether a picture of the image was made again and got no larger."""
        before = self._wall.picture
        if before is None or self.phase is not Phase.STILL:
            return False
        return (before.width_px, before.height_px) == (picture.width_px, picture.height_px)

    def _on_failed(self, player: PlayerProcess, message: Failed) -> None:
        change = self._change
        source = self.source if change is None or message.stream_id != change.stream_id else change.source
        error = SourceUnplayable(source, message.reason, "try another one, or see what 'mpv' says of it", message.code)
        if change is not None and message.stream_id == change.stream_id:
            self._take_back(change)
            change.on_done(error)
            self._hold_if_due()
            return
        if message.stream_id != self._stream_id:
            return
        if not self._has_shown and change is None:
            self._listener.on_fatal(error)
            return
        log.error("%s", error)
        self.error = str(error)
        if self.cast.serves:
            self._show_last_picture(player, player.note(self._stream_id))
            self.phase = Phase.FAILED
            if change is not None:  # started again by itself, and then there is nothing else to go back to
                self._change = change._replace(before=Phase.FAILED)
            self.cast.finish()

    # Another source.

    def set_source(self, source: str, stream: StreamSpec, on_done: Callable[[WayvidError | None], None]) -> None:
        """Show another source; the old one stays until the new one has a picture.

        Args:
            source: in the user's words.
            stream: what it means.
            on_done: called once: None when it is shown, else why it is not and the old one still is.
        """
        if self._change is not None:
            before = self._change
            self._take_back(before)
            before.on_done(SourceUnplayable(before.source, "another source was set before it had a picture"))
        self.cast.cancel_exchange()
        self._cancel_restart()
        if self.phase is Phase.HOLDING and self.cast.serves:
            self._thaw()
        is_served = self.cast.serves
        # Never the number of a change that was taken back: the player may still be speaking of that.
        self._last_id = (self._last_id + 1) % MAX_STREAMS
        change = self._change = _Change(source, stream, self._last_id, on_done, None if is_served else self.phase)
        if is_served:
            self.cast.send(Prepare(change.stream_id, stream))
            self.cast.show_everywhere(change.stream_id)
        else:
            self._start_player()  # one that is just ending is waited for

    def _settle_change(self, change: _Change) -> None:
        """The new source has its first picture: the old one may go."""
        old_id = self._stream_id
        self._change = None
        self.source, self._stream, self._stream_id = change.source, change.stream, change.stream_id
        self.is_paused, self._is_resting = change.is_paused, False
        self._restarts = Restarts()
        self.holds.end_all()
        self.holds.reasons &= {HoldReason.MEMORY, HoldReason.GROWTH}  # as true of the new source
        self.phase = Phase.STARTING
        self.cast.send(Close(old_id))
        change.on_done(None)

    def _take_back(self, change: _Change) -> None:
        """The old source stays."""
        self._change = None
        if change.before is None:
            # Meanwhile no screen showed the old one; the player says so again if that is still true.
            self.holds.end(HoldReason.UNSEEN)
            self.holds.reasons.discard(HoldReason.UNSEEN)
            self.cast.show_everywhere(self._stream_id)
            self.cast.send(Close(change.stream_id))
        else:
            self.phase = change.before
            self.cast.finish()

    # Pause and hold.

    def set_paused(self, is_paused: bool) -> None:
        """Stop at the picture that is shown, or go on; what is paused long enough is held."""
        self.cast.cancel_exchange()  # the new player would not be where the picture is
        self.is_paused = is_paused
        if self._change is not None:
            self._change = self._change._replace(is_paused=is_paused)
            self.cast.send(Pause(self._change.stream_id, is_paused))
        self.cast.send(Pause(self._stream_id, is_paused))
        if not is_paused:
            self.holds.end(HoldReason.PAUSED)
            self.let_go(HoldReason.PAUSED)
        elif self.phase in (Phase.HELD, Phase.HOLDING):
            self.holds.reasons.add(HoldReason.PAUSED)
        else:
            self.holds.begin(HoldReason.PAUSED)

    def _on_rests(self, message: Rests) -> None:
        if message.stream_id != self._stream_id:
            return
        self._is_resting = message.is_resting
        if message.is_resting:
            self.holds.begin(HoldReason.UNSEEN)
        else:
            self.holds.end(HoldReason.UNSEEN)
            self.let_go(HoldReason.UNSEEN)

    def hold(self, reason: HoldReason) -> None:
        """Give back all that playing takes; the last picture stays, and let_go() plays on from it."""
        self.holds.end(reason)
        self.holds.reasons.add(reason)
        if self.phase is not Phase.PLAYING or self._change is not None or not self.cast.serves:
            return  # done once it plays
        self.cast.cancel_exchange()
        self._listener.on_holding(reason)
        self.phase = Phase.HOLDING
        self._frozen = None
        self.cast.send(Freeze(self._stream_id))
        self._freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, self._cover)

    def _cover(self) -> None:
        """The player stands still, or does not answer: show its last picture, and then end it."""
        player = self.cast.player
        if self.phase is not Phase.HOLDING or player is None:
            return
        self._stop_freeze_timer()
        self._freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, self.cast.finish)
        if not self._show_last_picture(player, player.note(self._stream_id), self.cast.finish):
            self._thaw()

    def _stop_freeze_timer(self) -> None:
        if self._freeze_timer is not None:
            self._freeze_timer.cancel()
            self._freeze_timer = None

    def _thaw(self) -> None:
        self._stop_freeze_timer()
        self.cast.send(Thaw(self._stream_id))
        self._wall.forget_still()
        self.phase = Phase.PLAYING
        self._listener.on_kept()

    def _on_held(self, player: PlayerProcess) -> None:
        """The player has ended on the way to a hold."""
        self._stop_freeze_timer()
        note = player.note(self._stream_id)
        if self._wall.picture is None:  # it died before it was covered
            self._show_last_picture(player, note)
        if note is not None:
            entry, position_s = note.entry, note.position_s
            if self._frozen is not None:  # it is up to half a second newer
                entry, position_s = self._frozen.entry, self._frozen.position_s
            self._stream = from_entry(self._stream, entry)
            self._position_s = position_s if note.duration_s > 0 else 0.0
        player.close()
        self.phase = Phase.HELD
        log.info("%s: held (%s)", self.source, self.holds)
        self._listener.on_held()
        self.holds.reasons.discard(HoldReason.GROWTH)  # was only for the player's end
        self._after_exit()

    def let_go(self, reason: HoldReason) -> None:
        """A reason to hold has passed: with the last one gone, play goes on."""
        if reason not in self.holds.reasons:
            return
        self.holds.reasons.discard(reason)
        if self.holds.reasons:
            return
        if self.phase is Phase.HOLDING and self.cast.serves:
            self._thaw()
        elif self.phase is Phase.HELD:
            log.info("%s: plays on", self.source)
            self._start_player(self._position_s)

    def exchange(self) -> bool:
        """Have a new player take over, unseen: it shows the stream at the same position before the old one goes.

        Returns:
            False when there is nothing to exchange now.
        """
        cast = self.cast
        if self.phase is not Phase.PLAYING or self._change is not None or cast.is_exchanging or not cast.serves:
            return False
        begin_at_s = monotonic() + EXCHANGE_LEAD_S
        position_s = self._position_after(cast.note(self._stream_id), begin_at_s)

        def on_taken_over() -> None:
            self._played_since_s = monotonic()
            self._listener.on_playing()

        cast.exchange(self._stream_id, self._stream, position_s, begin_at_s, self.is_paused, on_taken_over)
        return True


def _error_of(message: Ended) -> WayvidError:
    """The player's last words as an error with the player's exit code."""
    error = PlayerError(message.reason)
    error.exit_code = message.exit_code  # type: ignore[misc]
    return error
