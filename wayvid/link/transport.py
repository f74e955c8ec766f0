"""One end of the link: whole messages over a socket pair, file descriptors beside them."""

from __future__ import annotations

import array
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from wayvid.link.pair import MAX_MESSAGE_BYTES

__all__ = ["LinkEnd"]

SendT = TypeVar("SendT")
ReceiveT = TypeVar("ReceiveT")

FD_BYTES = array.array("i").itemsize


class LinkEnd(Generic[SendT, ReceiveT]):
    """Sends one kind of messages and receives the other; never blocks.

    Args:
        sock: this side's end; owned from now on.
        receives: the union of message types that may arrive.

    Attributes:
        hung_up: whether the other side is gone.
        on_queued: called when a message has to wait: flush() once fd is writable.
    """

    def __init__(self, sock: socket.socket, receives: object) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(receives)
        self._unsent: deque[tuple[bytes, int]] = deque()
        self.hung_up = False
        self.on_queued: Callable[[], None] = lambda: None

    @property
    def fd(self) -> int:
        """To watch: readable when messages wait or the other side ended."""
        return self._sock.fileno()

    def send(self, message: SendT, passed_fd: int = -1) -> None:
        """Send a message, later if the other side is slow; to a dead peer it is dropped.

        Args:
            message: one of the types of this direction.
            passed_fd: a file descriptor to send along; stays the caller's. -1: none.
        """
        data = self._encoder.encode(message)
        if len(data) > MAX_MESSAGE_BYTES:
            raise ValueError(f"a message of {len(data)} bytes is over the limit of {MAX_MESSAGE_BYTES}")
        if self.hung_up:
            return
        self._unsent.append((data, os.dup(passed_fd) if passed_fd >= 0 else -1))
        self.flush()
        if self._unsent:
            self.on_queued()

    def flush(self) -> None:
        """Send what is still queued, as far as the other side takes it."""
        while self._unsent and not self.hung_up:
            data, passed_fd = self._unsent[0]
            ancillary = (
                [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [passed_fd]))] if passed_fd >= 0 else []
            )
            try:
                self._sock.sendmsg([data], ancillary, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            except OSError:  # the peer ended; what it said before is still to be received
                self.hung_up = True
                self._drop_unsent()
                return
            self._unsent.popleft()
            if passed_fd >= 0:
                os.close(passed_fd)

    @property
    def has_unsent(self) -> bool:
        """Whether messages wait for the other side to read."""
        return bool(self._unsent)

    def receive(self) -> Iterator[tuple[ReceiveT, int]]:
        """Messages that have arrived, each with its fd (the caller's from now on) or -1.

        Ends when none waits; `hung_up` is then true if the other side is gone.

        Raises:
            msgspec.DecodeError: the other side speaks another version.
        """
        while True:
            try:
                # Close-on-exec, or the next player would inherit the memory of this one;
                # CMSG_LEN, since CMSG_SPACE has room for a second fd that nobody would close.
                data, ancillary, _flags, _address = self._sock.recvmsg(
                    MAX_MESSAGE_BYTES, socket.CMSG_LEN(FD_BYTES), socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            except OSError:
                data, ancillary = b"", []
            if not data:
                self.hung_up = True
                return
            passed_fd = -1
            for _level, _kind, payload in ancillary:
                passed_fd = array.array("i", payload)[0]
            try:
                message = self._decoder.decode(data)
            except msgspec.DecodeError:
                if passed_fd >= 0:
                    os.close(passed_fd)
                raise
            yield message, passed_fd

    def _drop_unsent(self) -> None:
        for _data, passed_fd in self._unsent:
            if passed_fd >= 0:
                os.close(passed_fd)
        self._unsent.clear()

    def close(self) -> None:
        """Close this end; twice does nothing."""
        self._drop_unsent()
        self._sock.close()
