"""What is played, and by which player: start, death, hold, exchange, and the way to another source."""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import NamedTuple, Protocol

from wayvid.daemon.exchange import Exchange
from wayvid.daemon.policy import Restarts, after_death, from_entry, resume_position
from wayvid.daemon.spawn import spawn_player
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.daemon.wall import Wall
from wayvid.errors import PlayerError, SourceUnplayable, WayvidError
from wayvid.link.ledger import MAX_STREAMS, Note
from wayvid.link.messages import (
    AskFigures,
    Close,
    Ease,
    Eased,
    Ended,
    Failed,
    Figures,
    Finish,
    Freeze,
    Frozen,
    Hide,
    Limits,
    Pause,
    Picture,
    Playing,
    Prepare,
    Rests,
    Show,
    Shown,
    Still,
    StreamSpec,
    Thaw,
    ToDaemon,
    ToPlayer,
)
from wayvid.system.events import EventLoop, Timer

__all__ = ["HoldReason", "Playback", "PlaybackListener", "Phase"]

log = logging.getLogger(__name__)

# A player that does not say within this that it stands still is held all the same: its ledger tells where it was.
FREEZE_WITHIN_S = 2.0
# A new player starts, opens the file and seeks within that; then it waits for its moment.
EXCHANGE_LEAD_S = 1.0
EXCHANGE_WITHIN_S = 15.0


class Phase(StrEnum):
    """What there is to see."""

    STARTING = "starting"
    PLAYING = "playing"
    HOLDING = "holding"  # on the way to HELD
    HELD = "held"  # the last picture, without a player
    STILL = "still"  # the source is an image
    FAILED = "failed"


class HoldReason(StrEnum):
    """Why nothing is decoded although there is something to play."""

    PAUSED = "paused"
    UNSEEN = "no screen shows it"
    MEMORY = "memory"
    GROWTH = "the player grew"


class PlaybackListener(Protocol):
    """Who is told what becomes of the player."""

    def on_playing(self) -> None:
        """A player shows its first picture."""

    def on_figures(self, figures: Figures) -> None:
        """The player says what it holds."""

    def on_eased(self, eased: Eased) -> None:
        """The player has taken steps of the ladder."""

    def on_held(self) -> None:
        """The player has gone, and its last picture stays."""

    def on_replaced(self) -> None:
        """A player that was exchanged has ended."""

    def on_fatal(self, error: WayvidError) -> None:
        """There is nothing to show and never will be."""


class _Change(NamedTuple):
    """Another source on its way to the screens."""

    source: str
    stream: StreamSpec
    stream_id: int
    on_done: Callable[[WayvidError | None], None]
    # What to go back to if it fails, where a player was started for it alone.
    before: Phase | None


class Playback:
    """One source on the wall, whatever becomes of its players.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        source: the source in the user's words, for messages.
        stream: what the source means.
        player: a player that was started already, told its limits and to prepare the stream as number 0.
        listener: is told what happens.

    Attributes:
        limits: what the budget leaves to a player; for the next one and, by set_limits(), for this.
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
        self.hold_reasons: set[HoldReason] = set()
        self.player: PlayerProcess | None = player
        self.limits = limits
        self.hold_after_s = hold_after_s
        self.error = ""
        self._loop = loop
        self._wall = wall
        self._stream = stream
        self._stream_id = 0
        self._listener = listener
        self._exchange: Exchange | None = None
        self._change: _Change | None = None
        self._restarts = Restarts()
        self._restart_timer: Timer | None = None
        self._played_since_s = 0.0
        self._has_shown = False
        self._is_finishing = False  # the player has been told to end
        self._is_resting = False  # no screen asks the player for frames
        self._position_s = 0.0  # where to go on after a hold
        self._hold_timers: dict[HoldReason, Timer] = {}  # hold for that reason when it runs out
        self._freeze_timer: Timer | None = None
        self._still_is_full = True
        wall.on_reshaped = self._on_reshaped
        wall.on_seen = self._on_seen
        self._attach(player)

    def _attach(self, player: PlayerProcess) -> None:
        player.watch_in(self._loop, lambda message: self._on_message(player, message), self._on_exit)

    def send(self, message: ToPlayer) -> bool:
        """Tell the player something; False when there is none to tell."""
        if self.player is None or self._is_finishing:
            return False
        self.player.link.send(message)
        return True

    # The wall.

    def show_on(self, name: str, layout: str) -> None:
        """An output came: the player shows the stream there, too."""
        self.send(Show(name, self._stream_id if self._change is None else self._change.stream_id, layout))
        if self._exchange is not None:
            self._exchange.show_on(name, layout)

    def hide_on(self, name: str) -> None:
        """An output went."""
        self.send(Hide(name))
        if self._exchange is not None:
            self._exchange.hide_on(name)

    def _show_everywhere(self, stream_id: int) -> None:
        for name, screen in self._wall:
            self.send(Show(name, stream_id, screen.layout.value))

    def _on_reshaped(self) -> None:
        """An output may want more pixels than the image was made with: make it again."""
        if self.phase is Phase.STILL and self.player is None and not self._still_is_full:
            if self._wall.wants_more_pixels():
                self._still_is_full = True  # until the new one says otherwise
                self._start_player()

    def _on_seen(self) -> None:
        self.let_go(HoldReason.UNSEEN)

    # Players come and go.

    def _start_player(self, position_s: float = 0.0) -> None:
        if self.player is not None:  # started for another reason during a pause
            return
        self._cancel_restart()
        self._is_finishing = self._is_resting = False
        player = self.player = PlayerProcess(spawn_player(log.getEffectiveLevel()))
        self._attach(player)
        player.link.send(self.limits)
        change = self._change
        stream_id = change.stream_id if change is not None else self._stream_id
        player.link.send(Prepare(stream_id, change.stream if change is not None else self._stream, position_s))
        if self.is_paused and change is None:
            player.link.send(Pause(stream_id, True))
        self._show_everywhere(stream_id)
        if self.phase is not Phase.STILL:
            self.phase = Phase.STARTING

    def _cancel_restart(self) -> None:
        if self._restart_timer is not None:
            self._restart_timer.cancel()
            self._restart_timer = None

    def _on_message(self, player: PlayerProcess, message: ToDaemon) -> None:
        if player is not self.player:
            if self._exchange is not None and player is self._exchange.player:
                self._exchange.on_message(message)
            return
        match message:
            case Playing():
                self._on_playing(message)
            case Shown():
                if not self._is_finishing and self.phase is not Phase.HOLDING:  # said before it knew
                    self._wall.drop_still(message.output)
            case Still():
                self._on_still(player, message)
            case Failed():
                self._on_failed(message)
            case Rests():
                self._on_rests(message)
            case Frozen():
                self._on_frozen(message)
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
            self._hold_later(HoldReason.PAUSED)
        if self.hold_reasons:  # said while it could not be done
            self.hold(next(iter(self.hold_reasons)))

    def _on_exit(self, player: PlayerProcess, reason: str) -> None:
        if player is not self.player:
            self._on_other_exit(player, reason)
            return
        self.player = None
        self._cancel_exchange()
        self._cancel_hold_timers()
        if self.phase is Phase.HOLDING:
            self._on_held(player)
        elif self._is_finishing:
            player.close()
            self._after_finish()
        else:
            self._on_death(player, reason)

    def _after_finish(self) -> None:
        """The player has ended as it was told: perhaps something was wanted meanwhile."""
        if self._change is not None:
            self._start_player()
        elif self.phase is Phase.STARTING:  # the source set before its first picture came to nothing
            self._start_player(self._position_s)
        else:
            self._on_reshaped()

    def _on_other_exit(self, player: PlayerProcess, reason: str) -> None:
        """One that was exchanged has ended, or one that was to take over has."""
        if self._exchange is not None and player is self._exchange.player:
            log.warning("player: the one to take over ended by %s; the old one stays", reason)
            self._exchange = None
        else:
            self._listener.on_replaced()
        player.close()

    def _on_death(self, player: PlayerProcess, reason: str) -> None:
        now_s = monotonic()
        note = player.note(self._stream_id)
        self._show_last_picture(player, note)
        player.close()
        if self._change is not None:
            change, self._change = self._change, None
            change.on_done(SourceUnplayable(change.source, f"the player was ended by {reason}"))
            if change.before not in (None, Phase.STARTING):
                self.phase = change.before or self.phase
                return
        lived_s = now_s - self._played_since_s if self._played_since_s else 0.0
        self._played_since_s = 0.0
        self._restarts = after_death(self._restarts, lived_s)
        if self._restarts.is_given_up:
            self._give_up(reason)
            return
        pause_s = self._restarts.pause_s
        self.phase = Phase.STARTING
        position_s = self._position_after(note, now_s + pause_s)
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

    def _finish_player(self) -> None:
        if self.player is not None and not self._is_finishing:
            self._is_finishing = True
            self.player.finish(Finish())

    # Images and failures.

    def _on_still(self, player: PlayerProcess, message: Still) -> None:
        """The source is an image: the daemon shows it and the player may go."""
        if self._is_finishing:
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
        self._finish_player()
        log.info("%s: shown as a still", self.source)

    def _is_as_large(self, picture: Picture) -> bool:
        """Whether a picture of the image was made again and got no larger."""
        before = self._wall.picture
        if before is None or self.phase is not Phase.STILL:
            return False
        return (before.width_px, before.height_px) == (picture.width_px, picture.height_px)

    def _on_failed(self, message: Failed) -> None:
        change = self._change
        source = self.source if change is None or message.stream_id != change.stream_id else change.source
        error = SourceUnplayable(source, message.reason, "try another one, or see what 'mpv' says of it", message.code)
        if change is not None and message.stream_id == change.stream_id:
            self._take_back(change)
            change.on_done(error)
            return
        if message.stream_id != self._stream_id:
            return
        if not self._has_shown and change is None:
            self._listener.on_fatal(error)
            return
        log.error("%s", error)
        self.error = str(error)
        if self.player is not None and not self._is_finishing:
            self._show_last_picture(self.player, self.player.note(self._stream_id))
            self.phase = Phase.FAILED
            self._finish_player()

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
        self._cancel_exchange()
        self._cancel_restart()
        if self.phase is Phase.HOLDING and not self._is_finishing:
            self._thaw()
        is_served = self.player is not None and not self._is_finishing
        change = self._change = _Change(
            source, stream, (self._stream_id + 1) % MAX_STREAMS, on_done, None if is_served else self.phase
        )
        if is_served:
            self.send(Prepare(change.stream_id, stream))
            self._show_everywhere(change.stream_id)
        else:
            self._start_player()  # one that is just ending is waited for

    def _settle_change(self, change: _Change) -> None:
        """The new source has its first picture: the old one may go."""
        old_id = self._stream_id
        self._change = None
        self.source, self._stream, self._stream_id = change.source, change.stream, change.stream_id
        self.is_paused = False
        self._restarts = Restarts()
        self._cancel_hold_timers()
        self.hold_reasons.clear()
        self.phase = Phase.STARTING
        self.send(Close(old_id))
        change.on_done(None)

    def _take_back(self, change: _Change) -> None:
        """The old source stays."""
        self._change = None
        if change.before is None:
            self._show_everywhere(self._stream_id)
            self.send(Close(change.stream_id))
        else:
            self.phase = change.before
            self._finish_player()

    # Pause and hold.

    def set_paused(self, is_paused: bool) -> None:
        """Stop at the picture that is shown, or go on; what was paused for hold_after_s is held."""
        self.is_paused = is_paused
        self.send(Pause(self._stream_id, is_paused))
        if not is_paused:
            self._cancel_hold_timer(HoldReason.PAUSED)
            self.let_go(HoldReason.PAUSED)
        elif self.phase in (Phase.HELD, Phase.HOLDING):
            self.hold_reasons.add(HoldReason.PAUSED)
        else:
            self._hold_later(HoldReason.PAUSED)

    def _on_rests(self, message: Rests) -> None:
        if message.stream_id != self._stream_id:
            return
        self._is_resting = message.is_resting
        if message.is_resting:
            self._hold_later(HoldReason.UNSEEN)
        else:
            self._cancel_hold_timer(HoldReason.UNSEEN)

    def _hold_later(self, reason: HoldReason) -> None:
        self._cancel_hold_timer(reason)
        if self.hold_after_s > 0:
            self._hold_timers[reason] = self._loop.call_later(self.hold_after_s, lambda: self.hold(reason))

    def _cancel_hold_timer(self, reason: HoldReason) -> None:
        timer = self._hold_timers.pop(reason, None)
        if timer is not None:
            timer.cancel()

    def _cancel_hold_timers(self) -> None:
        for reason in HoldReason:
            self._cancel_hold_timer(reason)

    def hold(self, reason: HoldReason) -> None:
        """Give back all that playing takes; the last picture stays, and let_go() plays on from it."""
        self._cancel_hold_timer(reason)
        self.hold_reasons.add(reason)
        if self.phase is not Phase.PLAYING or self._change is not None or self.player is None:
            return  # done once it plays
        self._cancel_exchange()
        self.phase = Phase.HOLDING
        self.send(Freeze(self._stream_id))
        self._freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, self._cover)

    def _on_frozen(self, message: Frozen) -> None:
        if self.phase is Phase.HOLDING and message.stream_id == self._stream_id:
            self._cover()

    def _cover(self) -> None:
        """The player stands still, or does not answer: show its last picture, and then end it."""
        self._stop_freeze_timer()
        if self.phase is not Phase.HOLDING or self.player is None:
            return
        note = self.player.note(self._stream_id)
        self._freeze_timer = self._loop.call_later(FREEZE_WITHIN_S, self._finish_player)
        if not self._show_last_picture(self.player, note, self._finish_player):
            self._thaw()

    def _stop_freeze_timer(self) -> None:
        if self._freeze_timer is not None:
            self._freeze_timer.cancel()
            self._freeze_timer = None

    def _thaw(self) -> None:
        self._stop_freeze_timer()
        self.send(Thaw(self._stream_id))
        self._wall.forget_still()
        self.phase = Phase.PLAYING

    def _on_held(self, player: PlayerProcess) -> None:
        """The player has ended on the way to a hold."""
        self._stop_freeze_timer()
        note = player.note(self._stream_id)
        if self._wall.picture is None:  # it died before it was covered
            self._show_last_picture(player, note)
        if note is not None:
            self._stream = from_entry(self._stream, note.entry)
            self._position_s = note.position_s if note.duration_s > 0 else 0.0
        player.close()
        self.phase = Phase.HELD
        self._is_finishing = False
        log.info("%s: held (%s)", self.source, ", ".join(self.hold_reasons) or "and let go")
        self._listener.on_held()
        self.let_go(HoldReason.GROWTH)  # was only for the player's end
        if self.phase is not Phase.HELD:
            return
        if self._change is not None or not self.hold_reasons:
            self._start_player(self._position_s if self._change is None else 0.0)

    def let_go(self, reason: HoldReason) -> None:
        """A reason to hold has passed: with the last one gone, play goes on."""
        if reason not in self.hold_reasons:
            return
        self.hold_reasons.discard(reason)
        if self.hold_reasons:
            return
        if self.phase is Phase.HOLDING and not self._is_finishing:
            self._thaw()
        elif self.phase is Phase.HELD:
            log.info("%s: plays on", self.source)
            self._start_player(self._position_s)

    # Exchange.

    def exchange(self) -> bool:
        """Have a new player take over, unseen: it shows the stream at the same position before the old one goes.

        Returns:
            False when there is nothing to exchange now.
        """
        player = self.player
        if self.phase is not Phase.PLAYING or self._change is not None or self._exchange is not None or player is None:
            return False
        begin_at_s = monotonic() + EXCHANGE_LEAD_S
        position_s = self._position_after(player.note(self._stream_id), begin_at_s)
        successor = PlayerProcess(spawn_player(log.getEffectiveLevel()))
        self._attach(successor)
        successor.link.send(self.limits)
        successor.link.send(Prepare(self._stream_id, self._stream, position_s, begin_at_s))
        if self.is_paused:
            successor.link.send(Pause(self._stream_id, True))

        def on_shown() -> None:
            self._exchange = None
            self.player = successor
            self._played_since_s = monotonic()
            player.finish(Finish())
            self._listener.on_playing()

        self._exchange = Exchange(successor, self._stream_id, on_shown, self._cancel_exchange)
        for name, screen in self._wall:
            self._exchange.show_on(name, screen.layout.value)
        self._exchange.end_at(self._loop.call_later(EXCHANGE_WITHIN_S, self._cancel_exchange))
        return True

    def _cancel_exchange(self) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()

    # The daemon.

    def set_limits(self, limits: Limits, hold_after_s: float) -> None:
        """What a changed budget leaves, from now on."""
        self.limits = limits
        self.hold_after_s = hold_after_s
        self.send(limits)
        for reason in tuple(self._hold_timers):
            self._hold_later(reason)

    def _players(self) -> list[PlayerProcess]:
        players = [self.player, self._exchange.player if self._exchange is not None else None]
        return [player for player in players if player is not None]

    def begin_close(self) -> None:
        """Tell the players to end; close() waits for it."""
        for player in self._players():
            player.link.send(Finish())

    def close(self) -> None:
        """Wait until all players have ended."""
        for player in self._players():
            player.wait()
            player.close()
        self.player = self._exchange = None


def _error_of(message: Ended) -> WayvidError:
    """The player's last words as an error with the player's exit code."""
    error = PlayerError(message.reason)
    error.exit_code = message.exit_code  # type: ignore[misc]
    return error
