"""The two ends of a link before anything is said over it; light, since it comes first at the start."""

from __future__ import annotations

import socket

__all__ = ["link_pair", "MAX_MESSAGE_BYTES"]

MAX_MESSAGE_BYTES = 160 * 1024


def link_pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends, the daemon's and the player's; packets keep their bounds."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MAX_MESSAGE_BYTES)
    return ends
