"""Asks the daemon of this display and waits for its answer; for client commands, which may block."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import TypeVar

import msgspec

from wayvid.errors import IpcError, IpcUnavailable
from wayvid.ipc.address import socket_address
from wayvid.ipc.messages import Request, StatusRequest, read_answer, write_request
from wayvid.ipc.status import Status

__all__ = ["answer_of", "ask", "ask_status", "status_of"]

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
    path = socket_address(environ)
    due_s = monotonic() + deadline_s
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as sock:
        try:
            _connect(sock, path, deadline_s)
            _send(sock, write_request(request), due_s)
            line = _receive_line(sock, due_s)
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
    return read_answer(line)


def ask_status(environ: Mapping[str, str] = os.environ) -> Status:
    """What the daemon of a display shows and holds; errors are those of ask and status_of."""
    return status_of(ask(StatusRequest(), environ=environ))


def status_of(data: msgspec.Raw) -> Status:
    """The daemon's answer to a status request; errors are those of answer_of."""
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


def _connect(sock: socket.socket, path: str, deadline_s: float) -> None:
    # With a timeout of Python's the socket would be non-blocking, and fail at once where others wait already.
    seconds = int(deadline_s)
    timeval = struct.pack("ll", seconds, int((deadline_s - seconds) * 1e6))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
    sock.connect(path)


def _send(sock: socket.socket, data: bytes, due_s: float) -> None:
    sock.settimeout(max(due_s - monotonic(), 0.001))
    with suppress(BrokenPipeError):  # hung up on already, perhaps with an answer that says why
        sock.sendall(data)


def _receive_line(sock: socket.socket, due_s: float) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        sock.settimeout(max(due_s - monotonic(), 0.001))
        data = sock.recv(RECEIVE_BYTES)
        if not data:
            raise EOFError
        line += data
        if monotonic() > due_s:
            raise TimeoutError
    return bytes(line)
