"""Asks a compositor for its outputs in a few bytes of the Wayland wire format.

The desk must know when its outputs are there without loading a Wayland library: it
runs in client commands and tests beside programs that bring their own.

Source: wayland.xml (wl_display, wl_registry, wl_output); docs "Wire Format".
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Output", "list_outputs"]

DISPLAY_ID, REGISTRY_ID, FIRST_FREE_ID = 1, 2, 3
SYNC, GET_REGISTRY, BIND = 0, 1, 0
GLOBAL, CALLBACK_DONE = 0, 0
GEOMETRY, MODE, SCALE, NAME = 0, 1, 3, 4
MODE_CURRENT = 1
OUTPUT_VERSION = 4  # the first with a name
TIMEOUT_S = 2.0


@dataclass
class Output:
    """One output as clients see it. size_px is its mode: pixels before rotation and scale."""

    name: str
    size_px: tuple[int, int] = (0, 0)
    scale: int = 1
    transform: int = 0


def list_outputs(path: Path) -> list[Output] | None:
    """The outputs of the compositor that listens at this socket; None while it does not answer."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC) as sock:
            sock.settimeout(TIMEOUT_S)
            sock.connect(str(path))
            return _Conversation(sock).outputs()
    except OSError:
        return None


class _Conversation:
    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = b""
        self._next_id = FIRST_FREE_ID

    def outputs(self) -> list[Output]:
        self._send(DISPLAY_ID, GET_REGISTRY, struct.pack("=I", REGISTRY_ID))
        found: dict[int, Output] = {}
        for _, opcode, body in self._roundtrip():
            if opcode == GLOBAL:
                (name,) = struct.unpack_from("=I", body)
                interface, end = _text(body, 4)
                (version,) = struct.unpack_from("=I", body, end)
                if interface == "wl_output":
                    found[self._bind(name, interface, min(version, OUTPUT_VERSION))] = Output(f"output-{name}")
        for sender, opcode, body in self._roundtrip():
            if sender in found:
                _apply(found[sender], opcode, body)
        return list(found.values())

    def _bind(self, name: int, interface: str, version: int) -> int:
        identity = self._new_id()
        text = interface.encode() + b"\0"
        text += b"\0" * (-len(text) % 4)
        head = struct.pack("=II", name, len(interface) + 1)
        self._send(REGISTRY_ID, BIND, head + text + struct.pack("=II", version, identity))
        return identity

    def _roundtrip(self) -> list[tuple[int, int, bytes]]:
        """Everything the compositor said until it answered a sync."""
        callback = self._new_id()
        self._send(DISPLAY_ID, SYNC, struct.pack("=I", callback))
        said: list[tuple[int, int, bytes]] = []
        while True:
            sender, opcode, body = self._receive()
            if sender == callback and opcode == CALLBACK_DONE:
                return said
            if sender != DISPLAY_ID:
                said.append((sender, opcode, body))

    def _new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _send(self, identity: int, opcode: int, body: bytes) -> None:
        self._sock.sendall(struct.pack("=II", identity, (len(body) + 8) << 16 | opcode) + body)

    def _receive(self) -> tuple[int, int, bytes]:
        self._fill(8)
        sender, word = struct.unpack_from("=II", self._buffer)
        size = word >> 16
        self._fill(size)
        body, self._buffer = self._buffer[8:size], self._buffer[size:]
        return sender, word & 0xFFFF, body

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            data = self._sock.recv(4096)
            if not data:
                raise ConnectionError("the compositor closed the connection")
            self._buffer += data


def _text(body: bytes, offset: int) -> tuple[str, int]:
    """A string argument and the offset behind it."""
    (length,) = struct.unpack_from("=I", body, offset)
    start = offset + 4
    return body[start : start + length - 1].decode(), start + length + (-length % 4)


def _apply(output: Output, opcode: int, body: bytes) -> None:
    if opcode == GEOMETRY:
        _, after_make = _text(body, 20)
        _, after_model = _text(body, after_make)
        (output.transform,) = struct.unpack_from("=i", body, after_model)
    elif opcode == MODE:
        flags, width, height = struct.unpack_from("=Iii", body)
        if flags & MODE_CURRENT:
            output.size_px = (width, height)
    elif opcode == SCALE:
        (output.scale,) = struct.unpack_from("=i", body)
    elif opcode == NAME:
        output.name, _ = _text(body, 0)
