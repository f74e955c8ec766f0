"""A camera: an RTSP server (RFC 2326) that sends a clip within its connection, well or badly."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import threading
from enum import StrEnum
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from tests.servers import Switched

__all__ = ["Camera", "View"]

PATH = "/live"
MOST_PACKET_BYTES = 2048
LOOKS_EVERY_S = 0.1


class View(StrEnum):
    """What is seen by who comes, and by who is there."""

    GOOD = "good"
    SILENT = "silent"  # it keeps the connection and sends nothing
    GARBAGE = "garbage"  # packets of no kind
    NO_RTSP = "no rtsp"  # another protocol answers


class _Handler(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        camera = self.server.owner
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            camera.connections.append(self.connection)
            if camera.view is View.NO_RTSP:
                self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n" * 20)
                return
            while request := self._request():
                method, url, number = request
                camera.requests.append(method)
                if method == "SETUP":
                    sender = stack.enter_context(_Sender(camera))
                    self._answer(number, f"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: {number}\r\n")
                elif method == "DESCRIBE" and not url.endswith(PATH):
                    self._answer(number, status="404 Not Found")
                elif method == "DESCRIBE":
                    self._answer(number, f"Content-Base: {url}/\r\nContent-Type: application/sdp\r\n", camera.sdp)
                else:
                    self._answer(number, "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n")
                    if method == "PLAY":
                        threading.Thread(target=sender.send_to, args=(self.connection,), daemon=True).start()

    def _request(self) -> tuple[str, str, str] | None:
        """Its method, URL and number; what comes within the connection as a report is left out."""
        line = self.rfile.readline()
        while line.startswith(b"$"):
            size = struct.unpack(">xxH", (line + self.rfile.read(4))[:4])[0] if len(line) < 4 else None
            if size is None:
                size = struct.unpack(">xxH", line[:4])[0] - len(line) + 4
            self.rfile.read(max(size, 0))
            line = self.rfile.readline()
        if not line.strip():
            return None
        method, url, _version = line.decode().split()
        number = "0"
        while (line := self.rfile.readline().strip()) != b"":
            name, _colon, value = line.decode().partition(":")
            if name.lower() == "cseq":
                number = value.strip()
        return method, url, number

    def _answer(self, number: str, fields: str = "", body: str = "", status: str = "200 OK") -> None:
        head = f"RTSP/1.0 {status}\r\nCSeq: {number}\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
        self.wfile.write((head + body).encode())


class _Sender:
    """Has ffmpeg send the clip to ports of this machine, and passes on what comes."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(LOOKS_EVERY_S)
        self._process: subprocess.Popen[bytes] | None = None

    def send_to(self, connection: socket.socket) -> None:
        """Until one of them ends."""
        camera = self._camera
        self._process = camera.send(self._socket.getsockname()[1])
        with contextlib.suppress(OSError):
            while self._process.poll() is None:
                with contextlib.suppress(TimeoutError):
                    packet = self._socket.recv(MOST_PACKET_BYTES)
                    if camera.view is View.GARBAGE:
                        packet = os.urandom(len(packet))
                    if camera.view is not View.SILENT:
                        connection.sendall(struct.pack(">cBH", b"$", 0, len(packet)) + packet)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._socket.close()


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: Camera


class Camera(Switched):
    """A camera that shows a clip over and over, at a port that stays its own while it is off.

    Args:
        clip: H.264.

    Attributes:
        view: what is seen.
        requests: the methods that were asked for.
        connections: all that there ever were.
        sdp: what it says of its pictures.
    """

    def __init__(self, clip: Path) -> None:
        self.view = View.GOOD
        self.requests: list[str] = []
        self.connections: list[socket.socket] = []
        self._clip = clip
        with TemporaryDirectory() as folder:
            path = Path(folder, "sdp")
            self.send(9, "-t", "0.1", "-sdp_file", str(path)).wait()
            self.sdp = path.read_text().partition("SDP:\n")[2] or path.read_text()
        super().__init__(_Server, _Handler)

    def send(self, port: int, *words: str) -> subprocess.Popen[bytes]:
        """An ffmpeg that sends the clip to a port of this machine, as fast as it plays."""
        command = ["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", str(self._clip), "-an", "-c", "copy"]
        end = ["-f", "rtp", *words, f"rtp://127.0.0.1:{port}?pkt_size=1200"]
        return subprocess.Popen([*command, *end], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    @property
    def url(self) -> str:
        """Of its pictures."""
        return f"rtsp://127.0.0.1:{self.port}{PATH}"

    @property
    def wrong_url(self) -> str:
        """Of none."""
        return f"rtsp://127.0.0.1:{self.port}/nothing"

    def break_off(self) -> None:
        """See Switched."""
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.connections.clear()
