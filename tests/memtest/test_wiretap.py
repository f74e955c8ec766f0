"""A tap between clients and a compositor, both made here."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.support import wait_until
from wayvid.memtest.wiretap import Wiretap

REQUEST = struct.pack("=II", 3, 8 << 16)  # of an object that nobody made
FLOOD = REQUEST * (1 << 19)  # more than both sockets hold
WAIT_S = 60


@pytest.fixture
def compositor(tmp_path: Path) -> Iterator[socket.socket]:
    """What listens where a compositor would."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayland"))
        listener.listen()
        yield listener


def connect(tap: Wiretap, compositor: socket.socket) -> tuple[socket.socket, socket.socket]:
    """A client and what the compositor has of it."""
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(tap.path))
    return client, compositor.accept()[0]


def test_both_sides_of_a_connection_may_hang_up_in_the_same_moment(compositor: socket.socket, tmp_path: Path) -> None:
    with Wiretap(tmp_path / "wayland") as tap:
        slow, slow_far = connect(tap, compositor)
        gone, gone_far = connect(tap, compositor)
        flood = Thread(target=slow.sendall, args=(FLOOD,))
        flood.start()
        # The tap's thread waits for the compositor to read, and sees the others' ends afterwards, both in one look.
        wait_until(lambda: slow_far.recv(1, socket.MSG_PEEK), WAIT_S, "the flood")
        gone.close()
        gone_far.close()
        left = len(FLOOD)
        while left:
            left -= len(slow_far.recv(1 << 16))
        flood.join(WAIT_S)
        late, late_far = connect(tap, compositor)
        late.sendall(REQUEST)
        late_far.settimeout(WAIT_S)
        assert late_far.recv(len(REQUEST)) == REQUEST
        for each in (slow, slow_far, late, late_far):
            each.close()
