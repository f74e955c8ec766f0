"""A link end: order, slow and dead peers, file descriptors, and peers that talk nonsense."""

from __future__ import annotations

import array
import mmap
import os
import select
import socket
import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest

from tests.link.conftest import Link
from wayvid.link.messages import Hide, Memory, Prepare, Shown, StreamSpec, ToDaemon
from wayvid.link.pair import MAX_MESSAGE_BYTES, link_pair
from wayvid.link.transport import LinkEnd

FdCount = Callable[[], int]
ALMOST_FULL = "x" * (MAX_MESSAGE_BYTES - 100)
GARBAGE = [
    pytest.param(b"\xc1", id="a byte that msgpack never uses"),
    pytest.param(b"\x00" * 5000, id="zeros"),
    pytest.param(os.urandom(0) + b"GET / HTTP/1.1\r\n\r\n", id="text"),
    pytest.param(msgspec.msgpack.encode({"type": "Memory"}), id="fields missing"),
    pytest.param(msgspec.msgpack.encode({"type": "Launch", "memory_id": 1}), id="a kind of message from the future"),
    pytest.param(msgspec.msgpack.encode({"type": "Shown", "output": 3}), id="wrong type of a field"),
    pytest.param(msgspec.msgpack.encode(Shown("DP-1"))[:-2], id="cut short"),
    pytest.param(b"\xdb\xff\xff\xff\xff" + b"x" * 20, id="a string of 4 GiB"),
]


def send_with_fds(sock: socket.socket, data: bytes, fds: list[int]) -> None:
    sock.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))])


def is_readable(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])


# Order and slow peers.


def test_messages_arrive_in_order(link: Link) -> None:
    for number in range(500):
        link.daemon.send(Hide(str(number)))
        if number % 50 == 49:
            arrived = [message.output for message, _fd in link.player.receive()]
            assert arrived == [str(n) for n in range(number - 49, number + 1)]


def test_receive_ends_when_nothing_waits(link: Link) -> None:
    assert list(link.daemon.receive()) == []
    assert not link.daemon.hung_up


def test_messages_to_a_slow_reader_wait_and_arrive_in_order(link: Link) -> None:
    sent = [Hide(f"{number} {'x' * 50_000}") for number in range(40)]
    for message in sent:
        link.daemon.send(message)
    assert link.daemon.has_unsent
    arrived = []
    while link.daemon.has_unsent:
        before = len(arrived)
        arrived += [message for message, _fd in link.player.receive()]
        assert len(arrived) > before
        link.daemon.flush()
    arrived += [message for message, _fd in link.player.receive()]
    assert arrived == sent


def test_a_small_message_does_not_overtake_a_large_one_that_waits(link: Link) -> None:
    while not link.daemon.has_unsent:
        link.daemon.send(Hide(ALMOST_FULL))
    link.daemon.send(Hide("small"))
    arrived = []
    for _ in range(10):
        arrived += [message.output for message, _fd in link.player.receive()]
        link.daemon.flush()
    assert arrived[-1] == "small"
    assert arrived.index("small") == len(arrived) - 1


def test_the_largest_message_passes(link: Link) -> None:
    overhead = len(msgspec.msgpack.encode(Hide("x" * 100_000))) - 100_000
    largest = Hide("x" * (MAX_MESSAGE_BYTES - overhead))
    link.daemon.send(largest)
    assert not link.daemon.has_unsent
    assert list(link.player.receive()) == [(largest, -1)]


def test_a_message_that_is_too_large_is_refused_and_the_link_goes_on(link: Link, open_fds: FdCount) -> None:
    before = open_fds()
    with pytest.raises(ValueError, match=f"over the limit of {MAX_MESSAGE_BYTES}"):
        link.daemon.send(Prepare(0, StreamSpec(path="x" * MAX_MESSAGE_BYTES)), passed_fd=0)
    assert open_fds() == before
    link.daemon.send(Hide("after"))
    assert list(link.player.receive()) == [(Hide("after"), -1)]


# Dead peers.


def test_a_link_to_a_dead_peer_hangs_up_without_an_error(link: Link) -> None:
    link.player.close()
    assert is_readable(link.daemon.fd)
    assert list(link.daemon.receive()) == []
    assert link.daemon.hung_up


def test_what_a_peer_said_before_it_died_is_received(link: Link) -> None:
    link.player.send(Shown("DP-1"))
    link.player.close()
    link.daemon.send(Hide("DP-1"))  # notices the death first
    assert link.daemon.hung_up
    assert list(link.daemon.receive()) == [(Shown("DP-1"), -1)]


def test_messages_to_a_dead_peer_are_dropped_with_their_fds(link: Link, open_fds: FdCount) -> None:
    link.player.close()
    before = open_fds()
    for _ in range(100):
        link.daemon.send(Memory(1, 1), passed_fd=0)
    assert not link.daemon.has_unsent
    assert open_fds() == before


def test_what_waits_for_a_peer_that_dies_is_dropped(link: Link, open_fds: FdCount) -> None:
    before = open_fds()
    while not link.daemon.has_unsent:
        link.daemon.send(Hide(ALMOST_FULL), passed_fd=0)
    link.player.close()
    link.daemon.flush()
    assert link.daemon.hung_up
    assert not link.daemon.has_unsent
    assert open_fds() == before - 1  # the player's end itself


def test_close_twice_does_nothing_and_gives_back_what_waits(open_fds: FdCount) -> None:
    before = open_fds()
    ours, theirs = link_pair()
    end: LinkEnd[object, object] = LinkEnd(ours, ToDaemon)
    while not end.has_unsent:
        end.send(Hide(ALMOST_FULL), passed_fd=0)
    end.send(Memory(2, 2), passed_fd=0)
    end.close()
    end.close()
    theirs.close()
    assert open_fds() == before


# File descriptors.


def test_a_passed_fd_is_the_same_file(link: Link, open_fds: FdCount) -> None:
    before = open_fds()
    memory = os.memfd_create("test")
    os.ftruncate(memory, mmap.PAGESIZE)
    link.player.send(Memory(7, mmap.PAGESIZE), passed_fd=memory)
    os.pwrite(memory, b"written later", 0)
    ((message, received),) = link.daemon.receive()
    assert message == Memory(7, mmap.PAGESIZE)
    assert os.path.samestat(os.fstat(received), os.fstat(memory))
    assert os.pread(received, 13, 0) == b"written later"
    os.close(memory)
    os.close(received)
    assert open_fds() == before


def test_the_sender_may_close_its_fd_while_the_message_waits(link: Link) -> None:
    while not link.player.has_unsent:
        link.player.send(Shown(ALMOST_FULL))
    memory = os.memfd_create("test")
    identity = os.fstat(memory)
    link.player.send(Memory(1, 1), passed_fd=memory)
    os.close(memory)
    received = []
    while link.player.has_unsent or not received:
        received += [fd for message, fd in link.daemon.receive() if isinstance(message, Memory)]
        link.player.flush()
    assert os.path.samestat(os.fstat(received[0]), identity)
    os.close(received[0])


def test_many_fds_arrive_each_with_its_own_message(link: Link, open_fds: FdCount) -> None:
    before = open_fds()
    memories = [os.memfd_create("test") for _ in range(20)]
    for number, memory in enumerate(memories):
        link.player.send(Shown("between"))
        link.player.send(Memory(number, 1), passed_fd=memory)
    for message, fd in link.daemon.receive():
        if isinstance(message, Memory):
            assert os.path.samestat(os.fstat(fd), os.fstat(memories[message.memory_id]))
            os.close(fd)
        else:
            assert fd == -1
    for memory in memories:
        os.close(memory)
    assert open_fds() == before


def test_a_received_fd_is_not_inherited_by_the_next_player(link: Link) -> None:
    # A restarted player kept the dead one's picture memory alive, 8 MB for each buffer.
    link.player.send(Memory(1, 1), passed_fd=0)
    ((_message, fd),) = link.daemon.receive()
    assert not os.get_inheritable(fd)
    child = subprocess.run(
        [sys.executable, "-c", f"import os; os.fstat({fd})"], close_fds=False, capture_output=True, check=False
    )
    os.close(fd)
    assert b"Bad file descriptor" in child.stderr


# Peers that talk nonsense.


@pytest.mark.parametrize("data", GARBAGE)
def test_garbage_is_an_error_and_leaves_no_fd(data: bytes, open_fds: FdCount) -> None:
    ours, theirs = link_pair()
    end: LinkEnd[object, object] = LinkEnd(ours, ToDaemon)
    before = open_fds()
    send_with_fds(theirs, data, [0])
    with pytest.raises(msgspec.DecodeError):
        list(end.receive())
    assert open_fds() == before
    end.close()
    theirs.close()


def test_a_message_after_garbage_is_received() -> None:
    ours, theirs = link_pair()
    end: LinkEnd[object, object] = LinkEnd(ours, ToDaemon)
    theirs.send(b"\xc1")
    theirs.send(msgspec.msgpack.encode(Shown("DP-1")))
    with pytest.raises(msgspec.DecodeError):
        list(end.receive())
    assert list(end.receive()) == [(Shown("DP-1"), -1)]
    end.close()
    theirs.close()


def test_a_message_with_two_fds_gives_one_and_leaks_none(open_fds: FdCount) -> None:
    ours, theirs = link_pair()
    end: LinkEnd[object, object] = LinkEnd(ours, ToDaemon)
    before = open_fds()
    send_with_fds(theirs, msgspec.msgpack.encode(Memory(1, 1)), [0, 1])
    ((_message, fd),) = end.receive()
    os.close(fd)
    assert open_fds() == before
    end.close()
    theirs.close()


def test_both_ends_are_closed_on_exec() -> None:
    for end in link_pair():
        assert not end.get_inheritable()
        end.close()
