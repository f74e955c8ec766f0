"""The player process: started, listened to, and outlived."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

import msgspec

from wayvid.errors import PlayerError, WayvidError
from wayvid.link.ledger import Ledger, Note
from wayvid.link.messages import Connected, Ended, Finish, Memory, MemoryGone, ToDaemon, ToPlayer
from wayvid.link.spawn import SpawnedPlayer
from wayvid.link.transport import LinkEnd
from wayvid.system.events import EventLoop, Timer
from wayvid.system.process import describe_exit

__all__ = ["PlayerProcess", "PlayerMemory", "error_of"]

log = logging.getLogger(__name__)

# Longer than libmpv ever took to close here (0.1 s), short enough for a logout.
FINISH_WITHIN_S = 2.0


class PlayerMemory:
    """Memory of a player that the daemon can show from, also after the player's end."""

    def __init__(self, fd: int, size_bytes: int) -> None:
        self.fd = fd
        self.size_bytes = size_bytes

    def close(self) -> None:
        """Give it back; twice does nothing."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class PlayerProcess:
    """One run of the player.

    Args:
        spawned: the process; its fds are owned from now on.

    Attributes:
        memories: what its pictures are in, by memory id.
    """

    def __init__(self, spawned: SpawnedPlayer) -> None:
        self.memories: dict[int, PlayerMemory] = {}
        self.pid = spawned.pid
        self.link: LinkEnd[ToPlayer, ToDaemon] = LinkEnd(socket.socket(fileno=spawned.link_fd), ToDaemon)
        self._ledger = Ledger(spawned.ledger_fd)
        self._pidfd = os.pidfd_open(self.pid)
        self._surfaces_fd = -1
        self._loop: EventLoop | None = None
        self._kill_timer: Timer | None = None
        self._on_message: Callable[[ToDaemon], None] = lambda _message: None
        self._on_exit: Callable[[PlayerProcess, str], None] = lambda _player, _reason: None

    def watch_in(
        self,
        loop: EventLoop,
        on_message: Callable[[ToDaemon], None],
        on_exit: Callable[[PlayerProcess, str], None],
    ) -> None:
        """Have an event loop serve it.

        Args:
            loop: the daemon's.
            on_message: called with each message but those about memory.
            on_exit: called once, with the reason in words, when it has ended.
        """
        self._loop = loop
        self._on_message = on_message
        self._on_exit = on_exit
        loop.watch(self.link.fd, self._on_link)
        loop.watch(self._pidfd, self._on_pidfd)
        self.link.on_queued = self._flush_later
        if self.link.has_unsent:
            self._flush_later()

    def _flush_later(self) -> None:
        if self._loop is not None:
            self._loop.watch(self.link.fd, self._on_link, self._on_link_writable)

    def _on_link_writable(self) -> None:
        self.link.flush()
        if self._loop is not None and not self.link.has_unsent:
            self._loop.watch(self.link.fd, self._on_link)

    def _on_link(self) -> None:
        try:
            for message, fd in self.link.receive():
                self._take(message, fd)
        except msgspec.DecodeError as exc:
            log.error("player: it speaks another version (%s); install wayvid again", exc)
            self.kill()
        if self.link.hung_up and self._loop is not None:
            self._loop.unwatch(self.link.fd)

    def _take(self, message: ToDaemon, fd: int) -> None:
        match message:
            case Connected():
                self.leave_screens()
                self._surfaces_fd = fd
            case Memory(memory_id=memory_id, size_bytes=size_bytes):
                self._forget_memory(memory_id)
                self.memories[memory_id] = PlayerMemory(fd, size_bytes)
            case MemoryGone(memory_id=memory_id):
                self._forget_memory(memory_id)
            case _:
                self._on_message(message)

    def _forget_memory(self, memory_id: int) -> None:
        gone = self.memories.pop(memory_id, None)
        if gone is not None:
            gone.close()

    def note(self, stream_id: int) -> Note | None:
        """What the player last noted of a stream."""
        return self._ledger.read(stream_id)

    def finish(self, message: ToPlayer) -> None:
        """Ask it to end; it is killed if it takes too long."""
        self.link.send(message)
        if self._loop is not None:
            self._kill_timer = self._loop.call_later(FINISH_WITHIN_S, self.kill)

    def kill(self) -> None:
        """End it at once."""
        if self._pidfd >= 0:
            with suppress(ProcessLookupError):  # ended, and its last words are still being read
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _on_pidfd(self) -> None:
        _pid, status = os.waitpid(self.pid, 0)
        self._on_link()  # what it said before it died
        reason = describe_exit(status)
        self._release()
        self._on_exit(self, reason)

    def _release(self) -> None:
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        if self._loop is not None:
            self._loop.unwatch(self.link.fd)
            self._loop.unwatch(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = -1
        self.link.close()

    def wait(self) -> None:
        """Wait for its end, at most FINISH_WITHIN_S, then kill it. For the daemon's own end."""
        if self._pidfd >= 0:
            poller = select.poll()
            poller.register(self._pidfd, select.POLLIN)
            if not poller.poll(FINISH_WITHIN_S * 1000):
                self.kill()
            os.waitpid(self.pid, 0)
            self._release()

    def end(self) -> None:
        """Have it end, wait for that and give back what it had. For a start that failed."""
        self.link.send(Finish())
        self.wait()
        self.close()

    def leave_screens(self) -> None:
        """Have the compositor take away what is left of a player that has ended; twice does nothing."""
        if self._surfaces_fd >= 0:
            os.close(self._surfaces_fd)
            self._surfaces_fd = -1

    def close(self, keeps_surfaces: bool = False) -> None:
        """Give back the ledger and the memories; the process has ended.

        Args:
            keeps_surfaces: what it showed stays on the screens until leave_screens().
        """
        if not keeps_surfaces:
            self.leave_screens()
        self._ledger.close()
        for memory in self.memories.values():
            memory.close()
        self.memories.clear()


def error_of(message: Ended) -> WayvidError:
    """The player's last words as an error with the player's exit code."""
    error = PlayerError(message.reason)
    error.exit_code = message.exit_code  # type: ignore[misc]
    return error
