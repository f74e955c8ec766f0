"""The daemon: keeps a picture on every wanted output, whatever becomes of the player."""

from __future__ import annotations

import logging
import signal
from time import monotonic

from wayvid.config.model import Config
from wayvid.daemon.policy import Restarts, after_death, from_entry, resume_position
from wayvid.daemon.scene import STREAM_ID, Wish
from wayvid.daemon.screen import Screen
from wayvid.daemon.spawn import END_SIGNALS, spawn_player
from wayvid.daemon.supervisor import PlayerProcess
from wayvid.errors import CompositorGone, PlayerError, SourceUnplayable, WayvidError
from wayvid.link.messages import (
    Ended,
    Failed,
    Finish,
    Hide,
    Picture,
    Playing,
    Prepare,
    Show,
    Shown,
    Still,
    StreamSpec,
    ToDaemon,
)
from wayvid.system.events import EventLoop
from wayvid.system.pages import release_startup_pages
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.shm import SharedMemory

__all__ = ["Daemon"]

log = logging.getLogger(__name__)

RELEASE_PAGES_AFTER_S = 3.0


class Daemon:
    """Shows one source on the wished outputs.

    Args:
        source: the source in the user's words, for messages.
        stream: what the source means.
        wish: which outputs, in which layouts.
        player: a player that was started already and told to prepare the stream.
        config: what holds now.
        config_path: where it is from; empty: the defaults hold.
    """

    def __init__(
        self, source: str, stream: StreamSpec, wish: Wish, player: PlayerProcess, *, config: Config, config_path: str
    ) -> None:
        self._config = config
        self._config_path = config_path
        self._source = source
        self._stream = stream
        self._wish = wish
        self._player: PlayerProcess | None = player
        self._loop = EventLoop()
        self._connection: Connection | None = None
        self._screens: dict[str, Screen] = {}
        self._restarts = Restarts()
        self._played_since_s = 0.0
        self._has_shown = False
        self._is_finishing = False
        self._still: tuple[SharedMemory, Picture] | None = None
        self._still_is_final = False
        self._still_is_full = True
        self._error: WayvidError | None = None

    def run(self) -> None:
        """Serve until SIGINT or SIGTERM.

        Raises:
            CompositorError: no compositor, or it went away.
            UnknownOutput: a wished output is not connected.
            SourceUnplayable: nothing of the source can be shown.
            PlayerError: the player cannot start.
        """
        loop = self._loop
        loop.on_signals(END_SIGNALS, loop.stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)  # those that came during the start count now
        try:
            connection = self._connection = Connection()
            connection.start()
            self._wish.check_known(output.name for output in connection.named_outputs())
            connection.on_output_added = self._on_output_added
            connection.on_output_removed = self._on_output_removed
            for output in connection.named_outputs():
                self._on_output_added(output)
            connection.watch_in(loop)
            if self._player is not None:
                self._player.watch_in(loop, self._on_message, self._on_exit)
            loop.call_later(RELEASE_PAGES_AFTER_S, release_startup_pages)
            loop.run()
        finally:
            self._close()
        if self._error is not None:
            raise self._error

    # Outputs.

    def _on_output_added(self, output: Output) -> None:
        layout = self._wish.layout_on(output.name)
        if layout is None:
            return
        assert self._connection is not None
        log.info("%s: %s, wallpaper %s", output.name, output.device, layout.value)
        screen = Screen(self._connection, output, layout, self._on_reshaped)
        self._screens[output.name] = screen
        if self._still is not None:
            screen.show_still(*self._still)
        if self._player is not None and not self._is_finishing:
            self._player.link.send(Show(output.name, STREAM_ID, layout.value))

    def _on_output_removed(self, output: Output) -> None:
        screen = self._screens.pop(output.name, None)
        if screen is not None:
            log.info("%s: gone", output.name)
            screen.close()
            if self._player is not None:
                self._player.link.send(Hide(output.name))

    def _on_reshaped(self) -> None:
        """An output may want more pixels than the image was made with: make it again."""
        if self._still is None or not self._still_is_final or self._still_is_full or self._player is not None:
            return
        picture = self._still[1]
        if any(screen.wants_more_than(picture) for screen in self._screens.values()):
            self._still_is_full = True  # until the new one says otherwise
            self._start_player(0.0)

    # The player.

    def _start_player(self, resume_s: float) -> None:
        if self._player is not None:  # started for another reason during a pause
            return
        self._is_finishing = False
        player = self._player = PlayerProcess(spawn_player(log.getEffectiveLevel()))
        player.watch_in(self._loop, self._on_message, self._on_exit)
        player.link.send(Prepare(STREAM_ID, self._stream, resume_s))
        for name, screen in self._screens.items():
            player.link.send(Show(name, STREAM_ID, screen.layout.value))

    def _on_message(self, message: ToDaemon) -> None:
        match message:
            case Playing():
                self._played_since_s = monotonic()
                self._has_shown = True
                log.info("%s: playing, %dx%d", self._source, message.width_px, message.height_px)
            case Shown():
                self._on_shown(message.output)
            case Still():
                self._on_still(message)
            case Failed():
                self._on_failed(message)
            case Ended():
                self._stop_with(_error_of(message))

    def _on_shown(self, name: str) -> None:
        if self._is_finishing:  # said before it knew: the still is all there is from now on
            return
        screen = self._screens.get(name)
        if screen is not None:
            screen.drop_still()
        if not any(screen.has_still for screen in self._screens.values()):
            self._forget_still()

    def _on_still(self, message: Still) -> None:
        """The source is an image: the daemon shows it and the player may go."""
        if self._is_finishing:
            return
        assert self._player is not None
        memory = self._player.memories[message.picture.memory_id]
        assert self._connection is not None
        self._still_is_full = message.is_full or self._is_as_large(message.picture)
        self._show_still(SharedMemory(self._connection, memory.fd, memory.size_bytes), message.picture)
        self._still_is_final = self._has_shown = self._is_finishing = True
        self._player.finish(Finish())
        log.info("%s: shown as a still", self._source)

    def _is_as_large(self, picture: Picture) -> bool:
        """Whether a picture of the image was made again and got no larger."""
        if self._still is None or not self._still_is_final:
            return False
        before = self._still[1]
        return (before.width_px, before.height_px) == (picture.width_px, picture.height_px)

    def _show_still(self, memory: SharedMemory, picture: Picture) -> None:
        previous, self._still = self._still, (memory, picture)
        for screen in self._screens.values():
            screen.show_still(memory, picture)
        if previous is not None:
            previous[0].close()

    def _forget_still(self) -> None:
        if self._still is not None and not self._still_is_final:
            self._still[0].close()
            self._still = None

    def _on_failed(self, message: Failed) -> None:
        error = SourceUnplayable(
            self._source, message.reason, "try another one, or see what 'mpv' says of it", message.code
        )
        if not self._has_shown:
            self._stop_with(error)
            return
        log.error("%s", error)
        if self._player is not None and not self._is_finishing:
            self._hold_last_picture(self._player)
            self._is_finishing = True
            self._player.finish(Finish())

    def _stop_with(self, error: WayvidError) -> None:
        self._error = self._error or error
        self._loop.stop()

    def _hold_last_picture(self, player: PlayerProcess) -> None:
        """Show what the player showed last, from its own memory."""
        note = player.note(STREAM_ID)
        memory = player.memories.get(note.picture.memory_id) if note is not None else None
        if note is not None and memory is not None and self._connection is not None:
            self._show_still(SharedMemory(self._connection, memory.fd, memory.size_bytes), note.picture)

    def _on_exit(self, player: PlayerProcess, reason: str) -> None:
        self._player = None
        if self._is_finishing:
            player.close()
            self._on_reshaped()  # perhaps while it was ending
            return
        now_s = monotonic()
        note = player.note(STREAM_ID)
        self._hold_last_picture(player)
        player.close()
        lived_s = now_s - self._played_since_s if self._played_since_s else 0.0
        self._played_since_s = 0.0
        self._restarts = after_death(self._restarts, lived_s)
        if self._restarts.is_given_up:
            self._give_up(reason)
            return
        pause_s = self._restarts.pause_s
        position_s = 0.0
        if note is not None:
            self._stream = from_entry(self._stream, note.entry)
            loops = self._stream.loop and len(self._stream.paths) == 1
            elapsed_s = now_s - note.at_s + pause_s
            position_s = resume_position(note.position_s, elapsed_s, note.duration_s, self._stream.speed, loops)
        log.warning("player: ended by %s; starting it again %s", reason, f"in {pause_s:g} s" if pause_s else "now")
        if pause_s:
            self._loop.call_later(pause_s, lambda: self._start_player(position_s))
        else:
            self._start_player(position_s)

    def _give_up(self, reason: str) -> None:
        deaths = self._restarts.deaths
        message = f"{self._source!r} ended the player {deaths} times (last by {reason}), so it is not tried again"
        if self._has_shown:
            log.error("%s; its last picture stays; start wayvid again with another source", message)
        else:
            self._stop_with(PlayerError(f"{message}; try another file, or report it with 'wayvid check' beside it"))

    def _close(self) -> None:
        if self._player is not None:
            self._player.link.send(Finish())
        for screen in self._screens.values():
            screen.close()
        self._screens.clear()
        if self._connection is not None:
            try:
                self._connection.flush()
            except CompositorGone:
                log.debug("the compositor went first")
        if self._player is not None:
            self._player.wait()
            self._player.close()
        if self._connection is not None:
            self._connection.close()
        # A second signal has nothing left to end, and would have its default effect.
        signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
        self._loop.close()


def _error_of(message: Ended) -> WayvidError:
    """The player's last words as an error with the player's exit code."""
    error = PlayerError(message.reason)
    error.exit_code = message.exit_code  # type: ignore[misc]
    return error
