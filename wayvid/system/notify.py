"""Tells the service manager how this process is: a line or two as a datagram, nothing waits."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import MutableMapping
from time import CLOCK_MONOTONIC, clock_gettime_ns

__all__ = ["Notifier", "open_notifier"]

log = logging.getLogger(__name__)


class Notifier:
    """A service manager that wants to be told.

    Args:
        address: of its socket; "@" begins an abstract one.
        watchdog_s: it is to hear something at least so often; 0: it does not mind.

    Source: sd_notify(3), sd_watchdog_enabled(3).
    """

    def __init__(self, address: str, watchdog_s: float = 0.0) -> None:
        self.watchdog_s = watchdog_s
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket: socket.socket | None = socket.socket(
            socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        )

    def tell(self, *lines: str) -> None:
        """Tell it, such as "READY=1"; when it does not listen that is said once."""
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(lines).encode(errors="replace"), self._address)
        except BlockingIOError:
            log.debug("the service manager does not keep up; not told: %s", lines[0])
        except OSError as exc:
            log.warning("the service manager cannot be told anything: %s", exc.strerror)
            self.close()

    def tell_reloading(self) -> None:
        """The config is read again, until READY=1 is told."""
        self.tell("RELOADING=1", f"MONOTONIC_USEC={clock_gettime_ns(CLOCK_MONOTONIC) // 1000}")

    def close(self) -> None:
        """Tell nothing more; twice does nothing."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def open_notifier(environ: MutableMapping[str, str]) -> Notifier | None:
    """The service manager that this process was started by; None where none wants to be told.

    Args:
        environ: what says so is taken out of it, so that no child tells it anything.
    """
    address = environ.pop("NOTIFY_SOCKET", "")
    interval = environ.pop("WATCHDOG_USEC", "")
    pid = environ.pop("WATCHDOG_PID", "")
    if not address.startswith(("/", "@")) or len(address) < 2:
        return None
    is_ours = not pid or pid == str(os.getpid())
    return Notifier(address, int(interval) / 1e6 if interval.isdecimal() and is_ours else 0.0)
