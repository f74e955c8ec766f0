"""A web server that serves one file well, or badly in each of the ways that servers do."""

from __future__ import annotations

import contextlib
import re
import socket
import struct
import threading
from enum import StrEnum
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, TCPServer
from types import TracebackType
from typing import Self

__all__ = ["FaultServer", "Mode", "Switched"]

PAGE_PATH = "/watch"
CHUNK_BYTES = 16 * 1024


class Mode(StrEnum):
    """How it answers; those that break off do so after `FaultServer.cut_bytes` of an answer."""

    GOOD = "good"
    STALL = "stall"  # says nothing more, and keeps the connection
    RESET = "reset"
    GARBAGE = "garbage"  # from the first byte on, and as many as were promised
    MISSING = "404"
    BUSY = "503"
    TRICKLE = "trickle"  # a byte now and then, for ever
    PAGE = "page"  # HTML where a video was expected


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        owner = self.server.owner
        mode = owner.mode
        owner.count(self.path)
        if mode in (Mode.MISSING, Mode.BUSY):
            self.send_error(HTTPStatus(int(mode)))
            return
        data = owner.data
        if self.path == PAGE_PATH:
            mode = Mode.PAGE
        if mode is Mode.PAGE:
            data = b"<!doctype html><html><body>" + b"<p>a page with a video in it</p>" * 200
        elif mode is Mode.GARBAGE:
            data = bytes((each * 167 + 13) % 256 for each in range(65536)) * (len(data) // 65536 + 1)
        first = self._head(data, "text/html" if mode is Mode.PAGE else "video/mp4")
        self._body(data[first:], mode)

    def _head(self, data: bytes, kind: str) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        first = min(int(asked[1]), len(data)) if asked and self.server.owner.has_ranges else 0
        self.send_response(HTTPStatus.PARTIAL_CONTENT if first else HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) - first))
        if self.server.owner.has_ranges:
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        return first

    def _body(self, data: bytes, mode: Mode) -> None:
        owner = self.server.owner
        breaks = mode in (Mode.STALL, Mode.RESET, Mode.TRICKLE)
        end = min(owner.cut_bytes, len(data)) if breaks else len(data)
        for at in range(0, end, CHUNK_BYTES):
            self.wfile.write(data[at : min(at + CHUNK_BYTES, end)])
            if owner.pace_s and owner.over.wait(owner.pace_s):
                return
            if (
                owner.mode is not mode and mode is not Mode.PAGE
            ):  # it has changed meanwhile: this connection is broken off
                self._reset()
                return
        if mode is Mode.RESET:
            self._reset()
        while mode in (Mode.STALL, Mode.TRICKLE) and owner.mode is mode and not owner.over.wait(0.2):
            if mode is Mode.TRICKLE and end < len(data):
                self.wfile.write(data[end : end + 1])
                end += 1
        if breaks:
            self.close_connection = True

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_words: object) -> None:
        """Nothing."""

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()
            return
        self.close_connection = True


class Switched:
    """A server at a port of this machine that stays its own while it is off; it is on at first.

    Args:
        kind: the server.
        handler: answers who comes; `self.server.owner` is this.
    """

    def __init__(self, kind: type[TCPServer], handler: type[BaseRequestHandler]) -> None:
        self._kind = kind
        self._handler = handler
        self._server: TCPServer | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        """Listen (again)."""
        self._server = server = self._kind(("127.0.0.1", self.port), self._handler)
        server.owner = self  # type: ignore[attr-defined]
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """Refuse connections, and break off those that there are; twice does nothing."""
        server, self._server = self._server, None
        if server is not None:
            self.break_off()
            server.shutdown()
            server.server_close()

    def break_off(self) -> None:
        """Those who are there are to get nothing more; of a server without any there is nothing to do."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: FaultServer


class FaultServer(Switched):
    """A web server of one file, at a port that stays its own while it is stopped and started again.

    Args:
        data: the file.

    Attributes:
        mode: how the next request is answered; what is being answered in another one is broken off.
        cut_bytes: after how many bytes of an answer it breaks off, where it does.
        has_ranges: whether it can begin within the file.
        pace_s: pause after each 16 KB.
        requests: the paths that were asked for.
        over: set when it ends.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.mode = Mode.GOOD
        self.cut_bytes = len(data) // 2
        self.has_ranges = True
        self.pace_s = 0.0
        self.requests: list[str] = []
        self.over = threading.Event()
        super().__init__(_Server, _Handler)

    @property
    def url(self) -> str:
        """Of the file."""
        return f"http://127.0.0.1:{self.port}/clip.mp4"

    @property
    def page_url(self) -> str:
        """Of a web page, in every mode."""
        return f"http://127.0.0.1:{self.port}{PAGE_PATH}"

    def count(self, path: str) -> None:
        """One more request."""
        self.requests.append(path)

    def start(self) -> None:
        """See Switched."""
        self.over.clear()
        super().start()

    def break_off(self) -> None:
        """See Switched."""
        self.over.set()
