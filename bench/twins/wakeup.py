"""An eventfd that C code rings: here by a Python function that ctypes has made callable from C."""

from __future__ import annotations

import ctypes
import os


def _ring(fd: int) -> None:
    try:
        os.eventfd_write(fd, 1)
    except (OSError, ValueError):  # a late call: the fd is closed
        return


# The context is the fd itself; its lower half is all of it.
_wakeup_cb = ctypes.CFUNCTYPE(None, ctypes.c_int)(_ring)


class Wakeup:
    """Twin of wayvid._core.wakeup.Wakeup."""

    __slots__ = ("_fd",)

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    @property
    def fd(self) -> int:
        return self._fd

    @property
    def callback_address(self) -> int:
        return ctypes.cast(_wakeup_cb, ctypes.c_void_p).value or 0

    @property
    def context_address(self) -> int:
        return self._fd & 0xFFFF_FFFF_FFFF_FFFF

    def drain(self) -> bool:
        if self._fd < 0:
            raise ValueError("the wakeup is closed")
        try:
            return os.eventfd_read(self._fd) > 0
        except BlockingIOError:
            return False

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()
