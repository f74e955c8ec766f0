"""A Wayland socket that passes everything on to another and keeps a log of each client's commits.

It sees a wallpaper from outside, each of its processes apart, whatever they print, and
costs them one more hop of a few tens of microseconds per message.
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from wayvid.memtest.wire_log import WireLog

__all__ = ["Client", "Wiretap"]

CHUNK_BYTES = 64 * 1024
HOLD, RESUME, STOP = b"h", b"r", b"s"  # orders to the thread
MAX_FDS = 28  # what libwayland sends at most with one message


class Client:
    """One connection.

    Attributes:
        pid: of the process that opened it.
        log: its commits so far.
        is_open: whether both ends are there.
    """

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.near, self.far = near, far
        self.log = WireLog()
        self.is_open = True
        credentials = near.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("=3i"))
        self.pid: int = struct.unpack("=3i", credentials)[0]


class Wiretap:
    """Listens at `path` while it is open; a context manager. The passing on is done by a thread of its own.

    Args:
        display: the compositor's socket.
        path: where to listen, not there yet; None: in a folder of its own.
    """

    def __init__(self, display: Path, path: Path | None = None) -> None:
        self._display = display
        self._clients: list[Client] = []
        self._folder = tempfile.TemporaryDirectory(prefix="wayvid-tap-")
        self.path = path or Path(self._folder.name) / "wayland"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._orders_read, self._orders_write = os.pipe()
        self._selector = selectors.DefaultSelector()
        self._thread = threading.Thread(target=self._run, name="wiretap", daemon=True)

    def __enter__(self) -> Self:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._orders_read, selectors.EVENT_READ)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        os.write(self._orders_write, STOP)
        self._thread.join()
        for client in self._clients:
            client.near.close()
            client.far.close()
        self._listener.close()
        self.path.unlink(missing_ok=True)
        self._selector.close()
        os.close(self._orders_read)
        os.close(self._orders_write)
        self._folder.cleanup()

    def clients(self, pid: int | None = None) -> list[Client]:
        """The connections so far, of one process or of all, in the order they were opened."""
        return [client for client in list(self._clients) if pid in (None, client.pid)]

    def hold(self) -> None:
        """Keep back what the compositor says: clients are asked for no frame, as on screens that are off."""
        os.write(self._orders_write, HOLD)

    def resume(self) -> None:
        """Pass everything on again, also what was kept back."""
        os.write(self._orders_write, RESUME)

    def _run(self) -> None:
        while True:
            for key, _events in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj != self._orders_read:
                    self._pass_on(*key.data)
                elif self._obey(os.read(self._orders_read, 1)):
                    return

    def _obey(self, order: bytes) -> bool:
        """Do what another thread wants; whether to end."""
        for client in self._clients:
            if client.is_open and order == HOLD:
                self._selector.unregister(client.far)
            elif client.is_open and order == RESUME:
                self._listen_to_compositor(client)
        return order == STOP

    def _listen_to_compositor(self, client: Client) -> None:
        self._selector.register(client.far, selectors.EVENT_READ, (client, client.far, client.near))

    def _accept(self) -> None:
        near, _address = self._listener.accept()
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._display))
        client = Client(near, far)
        self._clients.append(client)
        self._selector.register(near, selectors.EVENT_READ, (client, near, far))
        self._listen_to_compositor(client)

    def _pass_on(self, client: Client, source: socket.socket, target: socket.socket) -> None:
        if not client.is_open:  # its other side hung up in the same moment
            return
        try:
            data, fds, _flags, _address = socket.recv_fds(source, CHUNK_BYTES, MAX_FDS)
            now_ns = time.monotonic_ns()
            if data:
                sent = socket.send_fds(target, [data], fds)
                target.sendall(data[sent:])
                for fd in fds:
                    os.close(fd)
        except (ConnectionResetError, BrokenPipeError):
            data = b""
        if not data:
            client.is_open = False
            for side in (client.near, client.far):
                if side in self._selector.get_map():
                    self._selector.unregister(side)
                side.close()
        elif source is client.near:
            client.log.feed(data, now_ns)
