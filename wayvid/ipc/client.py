"""Asks the daemon of this display and waits for its answer; for client commands, which may block."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import msgspec

from wayvid.errors import IpcError, IpcUnavailable
from wayvid.ipc.address import socket_address
from wayvid.ipc.messages import (
    Pictured,
    Request,
    SnapshotRequest,
    StatusRequest,
    SubscribeRequest,
    read_answer,
    write_request,
)

if TYPE_CHECKING:
    from wayvid.ipc.status import Status

__all__ = ["answer_of", "ask", "ask_picture", "ask_status", "events", "status_of"]

AnswerT = TypeVar("AnswerT")

ANSWER_WITHIN_S = 5.0
RECEIVE_BYTES = 64 * 1024
WHEN_LATE = "if that goes on, end it and start it again"


def ask(
    request: Request,
    deadline_s: float = ANSWER_WITHIN_S,
    when_late: str = WHEN_LATE,
    environ: Mapping[str, str] = os.environ,
) -> msgspec.Raw:
    """What the daemon answers, as JSON.

    Args:
        request: what is wanted.
        deadline_s: for all of it, in seconds from now.
        when_late: advice to the user when it is over.
        environ: says which display's daemon is meant.

    Raises:
        IpcUnavailable: no daemon runs on this display, or it does not answer in time.
        RequestFailed: it says that it could not do it.
        IpcError: the display is not known, or the answer is not understood.
    """
    with _connection(deadline_s, when_late, environ) as connection:
        connection.send(request)
        line = connection.receive()
    return read_answer(line)


def ask_picture(request: SnapshotRequest, environ: Mapping[str, str] = os.environ) -> tuple[Pictured, int]:
    """A picture of what is shown, and the memory that it is in, to be closed; errors are those of ask."""
    with _connection(ANSWER_WITHIN_S, WHEN_LATE, environ) as connection:
        connection.send(request)
        data = read_answer(connection.receive())
        if not connection.fds:
            raise IpcError("wayvid handed over no picture; are too many files open here?")
        try:
            return msgspec.json.decode(data, type=Pictured), connection.fds.pop()
        except msgspec.ValidationError as exc:
            raise IpcError(f"wayvid's answer is not understood ({exc}); start it again") from exc
        finally:
            while connection.fds:
                os.close(connection.fds.pop())


def ask_status(environ: Mapping[str, str] = os.environ) -> Status:
    """What the daemon of a display shows and holds; errors are those of ask and status_of."""
    return status_of(ask(StatusRequest(), environ=environ))


def status_of(data: msgspec.Raw) -> Status:
    """The daemon's answer to a status request; errors are those of answer_of."""
    from wayvid.ipc.status import Status  # a third of what the other commands would import

    return answer_of(data, Status)


def answer_of(data: msgspec.Raw, kind: type[AnswerT]) -> AnswerT:
    """The daemon's answer as values.

    Raises:
        IpcError: it has other keys than this version knows.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as exc:
        raise IpcError(
            f"wayvid's {kind.__name__.lower()} is not understood ({exc}); "
            "the one that runs is of another version: start it again"
        ) from exc


def events(environ: Mapping[str, str] = os.environ) -> Iterator[list[bytes]]:
    """What changes, from now on and for ever: the lines that have come, each time that some have.

    The first are those of this moment; none where there is no screen. Errors are those
    of ask; the daemon's end is IpcUnavailable.
    """
    with _connection(ANSWER_WITHIN_S, WHEN_LATE, environ) as connection:
        connection.send(SubscribeRequest())
        read_answer(connection.receive())
        yield connection.take_all()
        while True:
            connection.wait_line()
            yield connection.take_all()


@contextmanager
def _connection(deadline_s: float, when_late: str, environ: Mapping[str, str]) -> Iterator[_Connection]:
    """A connection to the daemon; what goes wrong with it meanwhile is told in the user's words."""
    path = socket_address(environ)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as sock:
        try:
            yield _Connection(sock, path, deadline_s)
        except IpcError:  # some are ConnectionErrors, too
            raise
        except (BlockingIOError, TimeoutError) as exc:
            raise IpcUnavailable(f"wayvid does not answer at {path} within {deadline_s:g} s; {when_late}") from exc
        except (FileNotFoundError, ConnectionRefusedError) as exc:
            raise IpcUnavailable(
                f"no wayvid runs on this display (nothing listens at {path}); start it with 'wayvid run'"
            ) from exc
        except (ConnectionError, EOFError) as exc:
            raise IpcUnavailable(f"wayvid ended before it answered at {path}; see what it said on its stderr") from exc
        except OSError as exc:
            raise IpcError(f"cannot talk to wayvid at {path}: {exc.strerror}; is it another user's?") from exc


class _Connection:
    """Lines to the daemon and from it, the first of them by a deadline."""

    def __init__(self, sock: socket.socket, path: str, deadline_s: float) -> None:
        self._sock = sock
        self._received = bytearray()
        self.fds: list[int] = []  # that came with it
        self._due_s = monotonic() + deadline_s
        # With a timeout of Python's the socket would be non-blocking, and fail at once where others wait already.
        seconds = int(deadline_s)
        timeval = struct.pack("ll", seconds, int((deadline_s - seconds) * 1e6))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
        sock.connect(path)

    def send(self, request: Request) -> None:
        self._sock.settimeout(max(self._due_s - monotonic(), 0.001))
        with suppress(BrokenPipeError):  # hung up on already, perhaps with an answer that says why
            self._sock.sendall(write_request(request))

    def _receive_some(self) -> None:
        data, rights, _flags, _address = self._sock.recvmsg(
            RECEIVE_BYTES, socket.CMSG_SPACE(struct.calcsize("i")), socket.MSG_CMSG_CLOEXEC
        )
        for _level, _kind, payload in rights:
            self.fds += struct.unpack(f"{len(payload) // struct.calcsize('i')}i", payload)
        if not data:
            raise EOFError
        self._received += data

    def receive(self) -> bytes:
        """The next line, with its end."""
        while (end := self._received.find(b"\n")) < 0:
            self._sock.settimeout(max(self._due_s - monotonic(), 0.001))
            self._receive_some()
            if monotonic() > self._due_s:
                raise TimeoutError
        line = bytes(self._received[: end + 1])
        del self._received[: end + 1]
        return line

    def wait_line(self) -> None:
        """Wait, for ever, until a line has come.

        Raises:
            IpcUnavailable: the daemon ended.
        """
        self._sock.settimeout(None)
        try:
            while b"\n" not in self._received:
                self._receive_some()
        except (ConnectionError, EOFError) as exc:
            raise IpcUnavailable("wayvid has ended; start it with 'wayvid run'") from exc

    def take_all(self) -> list[bytes]:
        """The lines that have come, with their ends."""
        end = self._received.rfind(b"\n") + 1
        lines = bytes(self._received[:end]).splitlines(keepends=True)
        del self._received[:end]
        return lines
