"""Who plays: the player on stage and, during an exchange, the one that is to take over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

import msgspec

from wayvid.daemon.exchange import Exchange
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.link.ledger import Note
from wayvid.link.messages import (
    Draws,
    Finish,
    Graphics,
    GraphicsLost,
    Hide,
    Limits,
    Pace,
    Pause,
    Prepare,
    Show,
    ToDaemon,
    ToPlayer,
)
from wayvid.link.spawn import spawn_player
from wayvid.system.events import EventLoop
from wayvid.system.heap import collect

__all__ = ["Cast", "CastListener", "Terms"]

log = logging.getLogger(__name__)

# A new player starts, opens the file and seeks within that; else the old one stays.
EXCHANGE_WITHIN_S = 15.0
# A card that is reset so often is left alone.
MOST_LOSSES = 2


class Terms(NamedTuple):
    """On what terms a player works.

    Attributes:
        limits: what the budget leaves to it.
        graphics: what to draw with.
    """

    limits: Limits
    graphics: Graphics


class CastListener(Protocol):
    """Who is told what the player on stage does."""

    def on_message(self, player: PlayerProcess, message: ToDaemon) -> None:
        """It says something."""

    def on_exit(self, player: PlayerProcess, reason: str, was_told: bool) -> None:
        """It has ended, by itself or as it was told; nobody is on stage now. To be closed."""

    def on_replaced(self) -> None:
        """One that another took over from has ended."""

    def on_kept(self) -> None:
        """Another was to take over and will not."""


class Cast:
    """The player processes of one playback.

    Args:
        loop: the daemon's event loop.
        player: the first one, which was started already.
        terms: of the first player, which knows them already.
        listener: is told what becomes of the one on stage.

    Attributes:
        player: who is on stage; None for nobody.
        is_finishing: it has been told to end.
        draws: what the newest player draws with; None while it has not said so.
        terms: of the next one; by set_terms() the limits are this one's, too.
    """

    def __init__(self, loop: EventLoop, player: PlayerProcess, terms: Terms, listener: CastListener) -> None:
        self.player: PlayerProcess | None = player
        self.is_finishing = False
        self.draws: Draws | None = None
        self._losses = 0
        self._paces: dict[str, Pace] = {}
        self.terms = terms
        self._loop = loop
        self._listener = listener
        self._exchange: Exchange | None = None
        self._attach(player)

    def _attach(self, player: PlayerProcess) -> None:
        player.watch_in(self._loop, lambda message: self._on_message(player, message), self._on_exit)

    @property
    def serves(self) -> bool:
        """Whether there is a player that will do as it is told."""
        return self.player is not None and not self.is_finishing

    @property
    def is_exchanging(self) -> bool:
        """Whether another player is about to take over."""
        return self._exchange is not None

    def send(self, message: ToPlayer, passed_fd: int = -1) -> bool:
        """Tell the player something, with an fd that stays the caller's; False when there is none to tell."""
        if self.player is None or self.is_finishing:
            return False
        self.player.link.send(message, passed_fd)
        return True

    def note(self, stream_id: int) -> Note | None:
        """What the player last noted of a stream."""
        return self.player.note(stream_id) if self.player is not None else None

    def set_terms(self, terms: Terms) -> bool:
        """What holds from now on; whether it takes another player, since one draws as it began."""
        before, self.terms = self.terms.graphics, terms
        self._losses = 0
        self.send(terms.limits)
        if self._exchange is not None:
            self._exchange.player.link.send(terms.limits)
        return msgspec.structs.replace(before, refusal="") != terms.graphics

    # Outputs.

    def show(self, show: Show, still_fd: int = -1) -> None:
        """Show a stream on an output.

        Args:
            show: what and how.
            still_fd: the memory of the still in it, if it has one; stays the caller's.
        """
        self.send(show, still_fd)
        if self._exchange is not None:
            self._exchange.show_on(Show(show.output, show.stream_id, show.laid))

    def hide(self, name: str) -> None:
        """An output went, or is the daemon's own now."""
        self.send(Hide(name))
        if self._exchange is not None:
            self._exchange.hide_on(name)

    def set_pace(self, pace: Pace) -> None:
        """Give an output fewer frames, or all again; also by players to come."""
        if self._paces.get(pace.output, Pace(pace.output)) != pace:
            self._paces[pace.output] = pace
            self.send(pace)
            if self._exchange is not None:
                self._exchange.player.link.send(pace)

    # Coming and going.

    def _spawn(self) -> PlayerProcess:
        player = PlayerProcess(spawn_player(log.getEffectiveLevel()))
        self._attach(player)
        player.link.send(self.terms.limits)
        player.link.send(self.terms.graphics)
        for pace in self._paces.values():
            player.link.send(pace)
        return player

    def enter(self) -> None:
        """Start a player, which has no streams yet; nobody may be on stage."""
        self.is_finishing = False
        self.player = self._spawn()

    def prepare(self, prepare: Prepare, is_paused: bool, pipe_fd: int = -1) -> None:
        """Give the player one stream more, with the pipe that it comes through, which stays the caller's."""
        if self.player is not None:
            _prepare(self.player, prepare, is_paused, pipe_fd)

    def finish(self) -> None:
        """Tell the player to end, once."""
        if self.player is not None and not self.is_finishing:
            self.is_finishing = True
            self.player.finish(Finish())

    def _on_draws(self, draws: Draws) -> None:
        """What a player draws with; what it could not start is not tried again by the next one."""
        self.draws = draws
        graphics = self.terms.graphics
        if draws.renderer == "shm" and graphics.renderer != "shm" and not graphics.refusal:
            level = logging.WARNING if graphics.renderer == "gl" else logging.INFO
            log.log(level, "renderer: shm; %s", draws.reason)
            refused = msgspec.structs.replace(graphics, refusal=draws.reason)
            self.terms = self.terms._replace(graphics=refused)

    def _on_graphics_lost(self, lost: GraphicsLost) -> None:
        self._losses += 1
        log.warning("player: %s", lost.reason)
        if self._losses >= MOST_LOSSES:
            reason = f"OpenGL failed {self._losses} times, last: {lost.reason}"
            self.terms = self.terms._replace(graphics=msgspec.structs.replace(self.terms.graphics, refusal=reason))

    def _on_message(self, player: PlayerProcess, message: ToDaemon) -> None:
        if isinstance(message, Draws):
            self._on_draws(message)
            return
        if isinstance(message, GraphicsLost):
            self._on_graphics_lost(message)
        if player is self.player:
            self._listener.on_message(player, message)
        elif self._exchange is not None and player is self._exchange.player:
            self._exchange.on_message(message)

    def _on_exit(self, player: PlayerProcess, reason: str) -> None:
        self._see_off(player, reason)
        # A player, its surfaces' stand-ins and their callbacks hold each other: left to Python's own pace, those of
        # ten players lie about and scatter the heap. Some ms, and what is urgent has been done.
        collect()

    def _see_off(self, player: PlayerProcess, reason: str) -> None:
        if player is self.player:
            was_told, self.is_finishing = self.is_finishing, False
            self.player = None
            self.cancel_exchange()
            self._listener.on_exit(player, reason, was_told)
            return
        if self._exchange is not None and player is self._exchange.player:
            log.warning("player: the one to take over ended by %s; the old one stays", reason)
            self.cancel_exchange()
        else:
            self._listener.on_replaced()
        player.close()

    def exchange(
        self, streams: Iterable[tuple[Prepare, bool]], shows: Iterable[Show], on_taken_over: Callable[[], None]
    ) -> None:
        """Have a new player take over, unseen: the old one goes when the new one's pictures are everywhere.

        Args:
            streams: what both show, where and when the new one begins, and whether it is paused there.
            shows: on which outputs.
            on_taken_over: called once it is on stage; not when it failed, and the old one stays.
        """
        successor = self._spawn()
        for prepare, is_paused in streams:
            _prepare(successor, prepare, is_paused)

        def on_shown() -> None:
            before, self.player = self.player, successor
            self._exchange = None
            if before is not None:
                before.finish(Finish())
            on_taken_over()

        self._exchange = Exchange(successor, on_shown, self.cancel_exchange)
        for show in shows:
            self._exchange.show_on(show)
        self._exchange.end_at(self._loop.call_later(EXCHANGE_WITHIN_S, self.cancel_exchange))

    def cancel_exchange(self) -> None:
        """The old player stays, if one was to take over."""
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.close()
            self._listener.on_kept()

    # The daemon's end.

    def _all(self) -> list[PlayerProcess]:
        players = [self.player, self._exchange.player if self._exchange is not None else None]
        return [player for player in players if player is not None]

    def begin_close(self) -> None:
        """Tell the players to end; close() waits for it."""
        for player in self._all():
            player.link.send(Finish())

    def close(self) -> None:
        """Wait until all players have ended."""
        for player in self._all():
            player.wait()
            player.close()
        self.player = self._exchange = None


def _prepare(player: PlayerProcess, prepare: Prepare, is_paused: bool, pipe_fd: int = -1) -> None:
    player.link.send(prepare, pipe_fd)
    if is_paused:
        player.link.send(Pause(prepare.stream_id, True))
