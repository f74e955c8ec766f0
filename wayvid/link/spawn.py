"""Starts the player process. Imports next to nothing: at the start of `wayvid run` it comes first."""

from __future__ import annotations

import os
import signal
import sys
from typing import NamedTuple

from wayvid.link.pair import link_pair

__all__ = ["SpawnedPlayer", "interpreter_flags", "spawn_player", "END_SIGNALS", "NO_PLAYER"]

# Held back from the first moment of `wayvid run` until the daemon's loop can answer.
END_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class SpawnedPlayer(NamedTuple):
    """A player that runs and what ties it to us.

    Attributes:
        pid: its process.
        link_fd: our end of the link.
        ledger_fd: the memory of the ledger.
    """

    pid: int
    link_fd: int
    ledger_fd: int


# It comes later.
NO_PLAYER = SpawnedPlayer(0, -1, -1)


def interpreter_flags() -> list[str]:
    """What Python is told for the daemon and the player.

    -P: no module is taken from the working directory, where anybody's files may lie.
    -X no_debug_ranges: bytecode without the columns that tracebacks underline, 0.1 MB.
    -OO, where that is free: it drops the docstrings of every module, a megabyte in
    each process. Its bytecode is cached apart from the usual. Where it neither is
    cached nor can be, each start would compile every module again, in 0.1 s.
    """
    cache = os.path.join(os.path.dirname(__file__), "__pycache__")
    cached = os.path.join(cache, f"spawn.{sys.implementation.cache_tag}.opt-2.pyc")
    can_cache = not sys.dont_write_bytecode and os.access(cache, os.W_OK)
    lean = ["-P", "-X", "no_debug_ranges"]
    return [*lean, "-OO"] if can_cache or os.path.exists(cached) else lean


def spawn_player(log_level: int) -> SpawnedPlayer:
    """Start a player; it ends with this process, however that ends.

    Args:
        log_level: of its messages on stderr, as logging's numbers.
    """
    ours, theirs = link_pair()
    ledger_fd = os.memfd_create("wayvid-ledger", os.MFD_CLOEXEC)
    for fd in (theirs.fileno(), ledger_fd):
        os.set_inheritable(fd, True)
    words = [str(word) for word in (os.getpid(), theirs.fileno(), ledger_fd, log_level)]
    argv = [sys.executable, *interpreter_flags(), "-m", "wayvid.player", *words]
    # A terminal's Ctrl-C reaches both processes; the daemon ends the player in order.
    pid = os.posix_spawn(sys.executable, argv, os.environ, setsigmask=(signal.SIGINT,))
    os.set_inheritable(ledger_fd, False)
    theirs.close()
    return SpawnedPlayer(pid, ours.detach(), ledger_fd)
