"""The event loop's priority events, which pressure files have; here a socket's out-of-band data."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator

import pytest

from tests.system.conftest import rounds_of
from wayvid.system.events import EventLoop


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets; what the second sends with MSG_OOB is a priority event of the first."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Pair = tuple[socket.socket, socket.socket]


def test_a_priority_event_is_told(loop: EventLoop, pair: Pair) -> None:
    ours, theirs = pair
    said: list[bytes] = []
    loop.watch_priority(
        ours.fileno(), lambda: (said.append(ours.recv(1, socket.MSG_OOB)), loop.stop()), lambda: pytest.fail("gone")
    )
    for byte in (b"s", b"f"):
        theirs.send(byte, socket.MSG_OOB)
        loop.run()
    assert said == [b"s", b"f"]


def test_an_fd_that_is_always_readable_does_not_wake_a_priority_watch(loop: EventLoop, pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"x")
    loop.watch_priority(ours.fileno(), lambda: pytest.fail("no priority event"), lambda: pytest.fail("gone"))
    assert rounds_of(loop, 0.1) < 10


def test_a_priority_watch_hears_once_that_its_fd_is_gone(loop: EventLoop, pair: Pair) -> None:
    ours, theirs = pair
    said: list[str] = []
    loop.watch_priority(ours.fileno(), lambda: pytest.fail("no priority event"), lambda: said.append("gone"))
    theirs.close()
    assert rounds_of(loop, 0.1) < 10
    assert said == ["gone"]


def test_the_last_priority_event_comes_before_the_end(loop: EventLoop, pair: Pair) -> None:
    ours, theirs = pair
    said: list[bytes] = []
    loop.watch_priority(
        ours.fileno(),
        lambda: said.append(ours.recv(1, socket.MSG_OOB)),
        lambda: (said.append(b"gone"), loop.stop()),
    )
    theirs.send(b"s", socket.MSG_OOB)
    theirs.close()
    loop.run()
    assert said == [b"s", b"gone"]


def test_a_priority_watch_can_be_withdrawn_and_replaced(loop: EventLoop, pair: Pair) -> None:
    ours, theirs = pair
    theirs.send(b"s", socket.MSG_OOB)
    for _ in range(2):
        loop.watch_priority(ours.fileno(), lambda: pytest.fail("replaced"), lambda: pytest.fail("gone"))
    loop.watch(ours.fileno(), lambda: pytest.fail("replaced"))
    loop.watch_priority(ours.fileno(), loop.stop, lambda: pytest.fail("gone"))
    loop.run()
    loop.unwatch(ours.fileno())
    assert rounds_of(loop, 0.05) < 10


def test_a_file_that_has_no_priority_events_is_refused(loop: EventLoop) -> None:
    with tempfile.TemporaryFile() as file:
        for _ in range(2):
            with pytest.raises(PermissionError):
                loop.watch_priority(file.fileno(), loop.stop, loop.stop)
        loop.unwatch(file.fileno())
