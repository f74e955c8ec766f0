"""A stand-in for the player: a program of the test's own in the place of Python."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from wayvid.daemon.supervisor import PlayerProcess
from wayvid.link import spawn
from wayvid.link.messages import ToDaemon
from wayvid.system.events import EventLoop

DEADLINE_S = 60.0
# Called as the player is: [FLAGS] -m wayvid.player PARENT_PID LINK_FD LEDGER_FD LOG_LEVEL
HEAD = """#!{python}
import os, signal, socket, sys, time
from wayvid.link.ledger import Ledger, Note
from wayvid.link.messages import *
from wayvid.link.transport import LinkEnd
from wayvid.system.process import die_with_parent
parent_pid, link_fd, ledger_fd, level = map(int, sys.argv[-4:])
die_with_parent(parent_pid)
sock = socket.socket(fileno=link_fd)
end = LinkEnd(sock, ToPlayer)
sock.setblocking(True)
"""


class Watched:
    """A player in an event loop, and what it said."""

    def __init__(self, player: PlayerProcess, loop: EventLoop) -> None:
        self.player = player
        self.loop = loop
        self.said: list[ToDaemon] = []
        self.exits: list[str] = []
        self.stop_at: Callable[[], bool] = lambda: False
        player.watch_in(loop, self._on_message, self._on_exit)

    def _on_message(self, message: ToDaemon) -> None:
        self.said.append(message)
        if self.stop_at():
            self.loop.stop()

    def _on_exit(self, player: PlayerProcess, reason: str) -> None:
        assert player is self.player
        self.exits.append(reason)
        self.loop.stop()

    def run_until_said(self, count: int = 1) -> None:
        """Serve until so many messages came."""
        self.stop_at = lambda: len(self.said) >= count
        if not self.stop_at():
            self.loop.run()

    def run_until_exit(self) -> str:
        """Serve until it has ended; the reason."""
        if not self.exits:
            self.stop_at = lambda: False
            self.loop.run()
        return self.exits[0]


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    """A loop that fails the test rather than wait for ever."""

    def too_late() -> None:
        raise AssertionError("the loop waited in vain")

    loop = EventLoop()
    loop.call_later(DEADLINE_S, too_late)
    yield loop
    loop.close()


@pytest.fixture
def start_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], PlayerProcess]]:
    """Starts a PlayerProcess that runs the given code instead of a player."""
    players: list[PlayerProcess] = []

    def start(code: str) -> PlayerProcess:
        program = tmp_path / f"stand-in-{len(players)}"
        program.write_text(HEAD.format(python=sys.executable) + code)
        program.chmod(0o755)
        with monkeypatch.context() as patch:
            patch.setattr(spawn.sys, "executable", str(program))
            players.append(PlayerProcess(spawn.spawn_player(logging.WARNING)))
        return players[-1]

    yield start
    for player in players:
        player.kill()
        player.wait()
        player.close()
