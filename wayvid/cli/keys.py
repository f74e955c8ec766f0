"""Single keys from the terminal, without Enter, for as long as a `with` lasts."""

from __future__ import annotations

import os
import select
import sys
import termios
import time
import tty
from collections.abc import Sequence
from typing import Self

__all__ = ["Keyboard"]

READ_BYTES = 64


class Keyboard:
    """What is typed at stdin, unechoed; nothing ever where stdin is no terminal. Ctrl-C stays a signal."""

    def __init__(self) -> None:
        self._fd = -1
        self._before: list[int | list[bytes | int]] = []

    def __enter__(self) -> Self:
        if sys.stdin is not None and sys.stdin.isatty():
            self._fd = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._fd)
            tty.setcbreak(self._fd, termios.TCSANOW)
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._fd >= 0:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._before)

    def wait(self, seconds: float, keys: Sequence[bytes]) -> bool:
        """Whether one of the keys was pressed, or the terminal is gone, within so long."""
        until_s = time.monotonic() + seconds
        fds = [self._fd] if self._fd >= 0 else []
        while (left_s := until_s - time.monotonic()) > 0:
            if select.select(fds, [], [], left_s)[0]:
                typed = os.read(self._fd, READ_BYTES)
                if not typed or any(key in typed for key in keys):
                    return True
        return False
