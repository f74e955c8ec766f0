"""One client's lines: what came in and what is still to go out, both bounded."""

from __future__ import annotations

import os
import socket
import struct

from wayvid.errors import BadRequest
from wayvid.ipc.messages import MAX_LINE_BYTES

__all__ = ["LineSocket", "MAX_UNSENT_BYTES"]

MAX_UNSENT_BYTES = 1024 * 1024


class LineSocket:
    """A non-blocking socket read and written in lines.

    Args:
        sock: non-blocking; owned from now on.

    Attributes:
        has_ended: whether the other side sends no more; it may still read.
        is_broken: whether the other side reads no more, or leaves too much unread.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._received = bytearray()
        self._unsent = bytearray()
        self._passed: list[tuple[int, int]] = []  # how much is to go before each fd, and the fd
        self._skips = False
        self.has_ended = False
        self.is_broken = False

    @property
    def fd(self) -> int:
        """To watch; -1 once it is closed."""
        return self._sock.fileno()

    @property
    def unsent_bytes(self) -> int:
        """How much waits for the other side to read."""
        return len(self._unsent)

    def receive(self) -> None:
        """Take in some of what has arrived; only when take_line() has nothing more."""
        try:
            data = self._sock.recv(MAX_LINE_BYTES + 1 - len(self._received))
        except BlockingIOError:
            return
        except OSError:
            self.is_broken = True
            return
        if not data:
            self.has_ended = True
            if self._received:  # a last line without its end
                data = b"\n"
        if self._skips:
            _rest, end, data = data.partition(b"\n")
            self._skips = not end
        self._received += data

    def take_line(self) -> bytes | None:
        """The next line without its end; None while there is none.

        Raises:
            BadRequest: it is too long; what is still to come of it is skipped.
        """
        end = self._received.find(b"\n")
        if end >= 0:
            line = bytes(self._received[:end])
            del self._received[: end + 1]
            return line
        if len(self._received) > MAX_LINE_BYTES:
            self._received.clear()
            self._skips = True
            raise BadRequest(f"the request is longer than {MAX_LINE_BYTES} bytes")
        return None

    def send(self, data: bytes, passed_fd: int = -1) -> None:
        """Send, later if the other side is slow.

        Args:
            data: lines.
            passed_fd: comes with the first byte of them; owned from now on. -1: none.
        """
        if passed_fd >= 0:
            self._passed.append((len(self._unsent), passed_fd))
        self._unsent += data
        self.flush()
        if len(self._unsent) > MAX_UNSENT_BYTES:
            self.is_broken = True

    def flush(self) -> None:
        """Send what is still unsent, as far as the other side takes it."""
        try:
            while self._unsent:
                sent_bytes = self._send_some()
                del self._unsent[:sent_bytes]
                self._passed = [(before - sent_bytes, fd) for before, fd in self._passed]
        except BlockingIOError:
            pass
        except OSError:
            self.is_broken = True

    def _send_some(self) -> int:
        if not self._passed:
            return self._sock.send(self._unsent, socket.MSG_NOSIGNAL)
        before, fd = self._passed[0]
        if before:  # the fd goes with its own line
            return self._sock.send(self._unsent[:before], socket.MSG_NOSIGNAL)
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", fd))
        sent_bytes = self._sock.sendmsg([self._unsent], [rights], socket.MSG_NOSIGNAL)
        os.close(fd)
        del self._passed[0]
        return sent_bytes

    def close(self) -> None:
        """Close the socket; twice does nothing."""
        while self._passed:
            os.close(self._passed.pop()[1])
        self._sock.close()
