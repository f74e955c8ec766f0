"""What a connection to a message bus begins with: jeepney's parts, and the login."""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from types import ModuleType

__all__ = ["Login", "load_jeepney"]

PACKAGE = "jeepney"
PARTS = tuple(f"{PACKAGE}.{name}" for name in ("low_level", "wrappers", "fds", "bus"))
MOST_BYTES = 8192  # no line of a login is longer


def load_jeepney() -> None:
    """Import what makes and reads messages, without the rest of jeepney.

    The package imports all it has, and that binascii: 0.4 MB instead of 0.2. Whoever
    imports it later gets all of it. Does nothing where it is loaded already.

    Raises:
        ImportError: it is not installed.
    """
    if PACKAGE in sys.modules:
        return
    spec = PathFinder.find_spec(PACKAGE)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("jeepney is not installed")
    stand_in = sys.modules[PACKAGE] = ModuleType(PACKAGE)
    vars(stand_in)["__path__"] = list(spec.submodule_search_locations)
    try:
        for name in PARTS:
            __import__(name)
    finally:
        del sys.modules[PACKAGE]


class Login:
    """The lines that a bus wants to hear before it takes messages.

    Source: D-Bus Specification, "Authentication Protocol", mechanism EXTERNAL.

    Attributes:
        first: what to send first.
        is_done: whether messages may follow.
    """

    def __init__(self) -> None:
        self.first = b"\0AUTH EXTERNAL " + str(os.geteuid()).encode().hex().encode() + b"\r\n"
        self.is_done = False
        self._is_accepted = False
        self._said = b""

    def answer(self, data: bytes) -> bytes:
        """What to send next, after what the bus said.

        Raises:
            ValueError: it refuses, or is no bus.
        """
        self._said += data
        line, end, rest = self._said.partition(b"\r\n")
        if rest or len(line) > MOST_BYTES:
            raise ValueError(f"it says {self._said[:40]!r} to a login")
        if not end:
            return b""
        self._said = b""
        if not self._is_accepted and line.startswith(b"OK "):
            self._is_accepted = True
            return b"NEGOTIATE_UNIX_FD\r\n"
        if self._is_accepted and line.startswith((b"AGREE_UNIX_FD", b"ERROR")):
            self.is_done = True
            return b"BEGIN\r\n"
        raise ValueError(f"it says {line[:40]!r} to a login")
