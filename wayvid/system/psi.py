"""Says when the machine's memory runs short: the kernel's pressure stall information (PSI).

The kernel counts the time in which tasks wait for memory, and wakes whoever asked
for it as soon as that was too much: no polling, no wake-up while memory is enough.

For tests, WAYVID_PSI names another file, such as a cgroup's memory.pressure. It may
also name a listening Unix socket, whose peer sends b"s" (some) and b"f" (full) as
out-of-band data, the next one when the last was taken.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import stat
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol, TypeAlias

from wayvid.system.events import EventLoop

__all__ = ["Stall", "SystemPressure", "open_triggers"]

log = logging.getLogger(__name__)

Stall: TypeAlias = Literal["some", "full"]  # some task waited for memory; all that wanted to run did

PRESSURE_FILE = "/proc/pressure/memory"
PATH_VARIABLE = "WAYVID_PSI"
# How much of a window of 2 s may be lost, in microseconds. Without privileges windows are multiples of 2 s.
# Source: Linux, Documentation/accounting/psi.rst, "Monitoring for pressure thresholds".
TRIGGERS: dict[Stall, str] = {"some": "some 150000 2000000", "full": "full 100000 2000000"}
REMEDIES = {
    errno.ENOENT: "the kernel keeps no such figures: it wants CONFIG_PSI",
    errno.EOPNOTSUPP: "the kernel keeps no such figures: it wants psi=1 on its command line",
    errno.EACCES: "only root may watch it before Linux 6.4",
    errno.EPERM: "only root may watch it before Linux 6.4",
}
SOCKET_STALLS: dict[bytes, Stall] = {b"s": "some", b"f": "full"}


class _Trigger(Protocol):
    def fileno(self) -> int: ...

    def take(self) -> Stall | None:
        """What has happened, once the fd has a priority event."""

    def close(self) -> None: ...


class _KernelTrigger:
    """A trigger in a PSI file; it exists as long as its fd.

    Raises:
        OSError: no such file, or the kernel refuses.
    """

    def __init__(self, path: str, stall: Stall) -> None:
        self._stall = stall
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            # The kernel puts its NUL over the last byte, whatever that is (kernel/sched/psi.c, psi_write).
            os.write(self._fd, TRIGGERS[stall].encode() + b"\0")
        except OSError:
            os.close(self._fd)
            raise

    def fileno(self) -> int:
        return self._fd

    def take(self) -> Stall:
        return self._stall  # polling has cleared it

    def close(self) -> None:
        os.close(self._fd)


class _SocketTrigger:
    """What a test says instead of the kernel.

    Raises:
        OSError: nobody listens.
    """

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            self._socket.connect(path)
        except OSError:
            self._socket.close()
            raise

    def fileno(self) -> int:
        return self._socket.fileno()

    def take(self) -> Stall | None:
        return SOCKET_STALLS.get(self._socket.recv(1, socket.MSG_OOB))

    def close(self) -> None:
        self._socket.close()


class SystemPressure:
    """The triggers that could be set; they exist until close().

    Attributes:
        reason: why nothing, or not everything, is watched; empty when all is well.
    """

    def __init__(self, triggers: list[_Trigger], reason: str) -> None:
        self.reason = reason
        self._triggers = triggers
        self._loop: EventLoop | None = None

    def watch_in(self, loop: EventLoop, on_event: Callable[[Stall], None]) -> None:
        """Call back at each stall that is too long: at most once in 2 s for "some", and for "full" likewise."""
        self._loop = loop
        for trigger in self._triggers[:]:
            try:
                loop.watch_priority(
                    trigger.fileno(), partial(self._report, trigger, on_event), partial(self._on_gone, trigger)
                )
            except OSError as exc:
                self._drop(trigger, f"memory pressure: cannot be watched: {exc.strerror}")

    def close(self) -> None:
        """Withdraw the triggers; twice does nothing."""
        while self._triggers:
            trigger = self._triggers.pop()
            if self._loop is not None:
                self._loop.unwatch(trigger.fileno())
            trigger.close()

    def _report(self, trigger: _Trigger, on_event: Callable[[Stall], None]) -> None:
        stall = trigger.take()
        if stall is not None:
            on_event(stall)

    def _on_gone(self, trigger: _Trigger) -> None:
        self._drop(trigger, "memory pressure: what was watched is gone")

    def _drop(self, trigger: _Trigger, reason: str) -> None:
        self._triggers.remove(trigger)
        trigger.close()
        self.reason = reason
        log.warning("%s", reason)


def open_triggers(path: str | None = None) -> SystemPressure:
    """Ask the kernel to watch the memory; what it refuses is in `reason`, and no error.

    Args:
        path: a PSI file; None: what WAYVID_PSI names, else the whole machine's.
    """
    path = path or _pressure_path()
    if _is_socket(path):
        attempts: list[Callable[[], _Trigger]] = [partial(_SocketTrigger, path)]
    else:
        attempts = [partial(_KernelTrigger, path, stall) for stall in TRIGGERS]
    triggers: list[_Trigger] = []
    reason = ""
    for attempt in attempts:
        try:
            triggers.append(attempt())
        except OSError as exc:
            remedy = REMEDIES.get(exc.errno or 0)
            reason = f"memory pressure: {path}: {exc.strerror}" + (f"; {remedy}" if remedy else "")
    return SystemPressure(triggers, reason)


def _pressure_path() -> str:
    return os.environ.get(PATH_VARIABLE) or PRESSURE_FILE


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(os.stat(path).st_mode)
    except OSError:
        return False
