"""What a Wayland client did, read off the bytes it sent: which memory it put on which surface, and when."""

from __future__ import annotations

import struct
from typing import NamedTuple

__all__ = ["NO_MEMORY", "Commit", "WireLog"]

# (interface, opcode) of the requests that matter; wayland.xml, wlr-layer-shell-unstable-v1.xml.
GET_REGISTRY = ("wl_display", 1)
BIND = ("wl_registry", 0)
CREATE_SURFACE = ("wl_compositor", 0)
CREATE_POOL = ("wl_shm", 0)
CREATE_BUFFER = ("wl_shm_pool", 0)
ATTACH = ("wl_surface", 1)
COMMIT = ("wl_surface", 6)
# Objects whose end must be known, since their ids are used again for objects of other kinds.
DESTROY = {("wl_shm_pool", 1), ("wl_buffer", 0), ("wl_surface", 0)}
# New objects that can be followed: request -> interface of the first argument.
CREATED = {
    GET_REGISTRY: "wl_registry",
    CREATE_SURFACE: "wl_surface",
    CREATE_POOL: "wl_shm_pool",
    CREATE_BUFFER: "wl_buffer",
}

HEADER_BYTES = 8
NO_MEMORY = 0


class Commit(NamedTuple):
    """A wl_surface.commit.

    Attributes:
        at_ns: CLOCK_MONOTONIC when it passed.
        surface: which surface of this connection, from 1.
        memory: which wl_shm_pool the attached buffer lies in, from 1; NO_MEMORY where none was attached.
    """

    at_ns: int
    surface: int
    memory: int


class WireLog:
    """Follows one client's requests.

    Ids of the protocol are used again; `surface` and `memory` of a Commit are not.

    Attributes:
        commits: all of them.
        pictures: by surface, its commits with a buffer of any kind, also one that is no shared memory.
        first_pictures_ns: by surface, when the first of these passed.
    """

    def __init__(self) -> None:
        self.commits: list[Commit] = []
        self.pictures: dict[int, int] = {}
        self.first_pictures_ns: dict[int, int] = {}
        self._rest = b""
        self._interfaces = {1: "wl_display"}
        self._numbers: dict[int, int] = {}  # object id -> number of the surface or of the memory behind it
        self._attached: dict[int, int] = {}  # surface id -> memory, until the commit
        self._with_buffer: set[int] = set()  # surface ids, until the commit
        self._made = {"wl_surface": 0, "wl_shm_pool": 0}

    def feed(self, data: bytes, now_ns: int) -> None:
        """Take in bytes from the client to the compositor, cut anywhere."""
        data = self._rest + data
        start = 0
        while len(data) - start >= HEADER_BYTES:
            target, word = struct.unpack_from("=II", data, start)
            size = word >> 16
            if size < HEADER_BYTES:
                raise ValueError(f"a message of {size} bytes")
            if len(data) - start < size:
                break
            self._take(target, word & 0xFFFF, data[start + HEADER_BYTES : start + size], now_ns)
            start += size
        self._rest = data[start:]

    def _take(self, target: int, opcode: int, body: bytes, now_ns: int) -> None:
        request = self._interfaces.get(target, ""), opcode
        if request == COMMIT:
            surface = self._numbers[target]
            self.commits.append(Commit(now_ns, surface, self._attached.pop(target, NO_MEMORY)))
            if target in self._with_buffer:
                self._with_buffer.remove(target)
                self.pictures[surface] = self.pictures.get(surface, 0) + 1
                self.first_pictures_ns.setdefault(surface, now_ns)
        elif request == ATTACH:
            (buffer,) = struct.unpack_from("=I", body)
            self._attached[target] = self._numbers.get(buffer, NO_MEMORY)
            (self._with_buffer.add if buffer else self._with_buffer.discard)(target)
        elif request == BIND:
            (length,) = struct.unpack_from("=I", body, 4)
            (new_id,) = struct.unpack_from("=I", body, len(body) - 4)
            self._interfaces[new_id] = body[8 : 8 + length - 1].decode()
        elif request in DESTROY:
            del self._interfaces[target]
            self._numbers.pop(target, None)
            self._attached.pop(target, None)
            self._with_buffer.discard(target)
        elif request in CREATED:
            (new_id,) = struct.unpack_from("=I", body)
            kind = self._interfaces[new_id] = CREATED[request]
            if kind in self._made:
                self._made[kind] += 1
                self._numbers[new_id] = self._made[kind]
            elif kind == "wl_buffer":
                self._numbers[new_id] = self._numbers[target]
