"""`python -m wayvid.player PARENT_PID LINK_FD LEDGER_FD LOG_LEVEL`: started by the daemon only."""

from __future__ import annotations

import logging
import os
import socket
import sys

import msgspec

from wayvid.errors import PlayerError, WayvidError
from wayvid.link.messages import Ended
from wayvid.player.library import load_libmpv
from wayvid.system.heap import keep_heap_small
from wayvid.system.process import die_with_parent, set_process_name
from wayvid.wayland.libwayland import use_one_libwayland

__all__ = ["main"]


def main() -> int:
    """Run the player; its exit code tells the daemon what went wrong."""
    parent_pid, link_fd, ledger_fd, level = (int(word) for word in sys.argv[1:5])
    die_with_parent(parent_pid)
    keep_heap_small()
    set_process_name("wayvid-player")
    logging.basicConfig(level=level, format="%(name)s: %(message)s", stream=sys.stderr)
    os.set_inheritable(link_fd, False)
    os.set_inheritable(ledger_fd, False)
    link = socket.socket(fileno=link_fd)
    try:
        _play(link, ledger_fd)
    except WayvidError as error:
        link.setblocking(True)
        link.send(msgspec.msgpack.encode(Ended(str(error), error.exit_code)))
        return error.exit_code
    return 0


def _play(link: socket.socket, ledger_fd: int) -> None:
    use_one_libwayland()
    from wayvid.link.ledger import Ledger

    try:
        load_libmpv()
        from wayvid.player.loop import Player
    except OSError as exc:  # python-mpv found no library
        raise PlayerError(
            "libmpv is not installed; install it: libmpv2 (Debian, Ubuntu), mpv-libs (Fedora), mpv (Arch)"
        ) from exc
    Player(link, Ledger(ledger_fd)).run()


sys.exit(main())
