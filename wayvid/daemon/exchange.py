"""A player on its way to take over from another."""

from __future__ import annotations

from collections.abc import Callable

from wayvid.daemon.supervisor import PlayerProcess
from wayvid.link.messages import Ended, Failed, GraphicsLost, Hide, Show, Shown, Still, ToDaemon
from wayvid.system.events import Timer

__all__ = ["Exchange"]


class Exchange:
    """Waits until a new player shows its streams on every output.

    Args:
        player: the new one, which has been told to prepare the streams.
        on_shown: called once when its pictures are everywhere.
        on_failed: called when it cannot take over.
    """

    def __init__(self, player: PlayerProcess, on_shown: Callable[[], None], on_failed: Callable[[], None]) -> None:
        self.player = player
        self._on_shown = on_shown
        self._on_failed = on_failed
        self._unshown: set[str] = set()
        self._deadline: Timer | None = None

    def end_at(self, deadline: Timer) -> None:
        """A timer that gives it up, to be cancelled when it is done."""
        self._deadline = deadline

    def show_on(self, show: Show) -> None:
        """One more output to wait for."""
        self._unshown.add(show.output)
        self.player.link.send(show)

    def hide_on(self, name: str) -> None:
        """An output less."""
        self.player.link.send(Hide(name))
        self._shown_on(name)

    def on_message(self, message: ToDaemon) -> None:
        """What the new player says."""
        match message:
            case Shown():
                self._shown_on(message.output)
            case Failed() | Ended() | Still() | GraphicsLost():
                self._on_failed()

    def _shown_on(self, name: str) -> None:
        self._unshown.discard(name)
        if not self._unshown:
            self._stop_deadline()
            self._on_shown()

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def close(self) -> None:
        """Give it up: the new player ends."""
        self._stop_deadline()
        self.player.kill()
