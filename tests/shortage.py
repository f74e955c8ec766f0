"""Makes memory short: for real in a cgroup of its own, or by saying so where the machine forbids that."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from tests.support import wait_until
from wayvid.system.psi import PRESSURE_FILE
from wayvid.units import MIB

CGROUPS = Path("/sys/fs/cgroup")
LIMIT_BYTES = 24 * MIB
FILE_BYTES = 256 * MIB
DEADLINE_S = 60.0
# Two processes read a file that is larger than what they may hold, round and round: each page costs another one.
# It is on a disk, since pages of a tmpfs cannot be dropped, and a hole, so that nothing is read from the disk.
HOG = """
import os, sys, tempfile
from wayvid.system.process import die_with_parent

die_with_parent(int(sys.argv[3]))
with open(sys.argv[1] + "/cgroup.procs", "w") as procs:
    procs.write(str(os.getpid()))
first = os.getpid()
if os.fork() == 0:
    die_with_parent(first)
size, part = int(sys.argv[2]), bytearray(1 << 20)
with tempfile.TemporaryFile(dir="/var/tmp") as file:
    file.truncate(size)
    while True:
        for at in range(0, size, len(part)):
            os.preadv(file.fileno(), [part], at)
"""


class Shortage(Protocol):
    """Memory that can be made short.

    Attributes:
        path: the pressure file to watch, or what WAYVID_PSI may be instead.
    """

    path: str

    def begin(self) -> None: ...

    def close(self) -> None: ...


class RealShortage:
    """Reclaim without end in a cgroup of 24 MB; the rest of the machine has its memory, and loses some time.

    Raises:
        OSError: no cgroup can be made here.
    """

    path = PRESSURE_FILE

    def __init__(self) -> None:
        with open(self.path, "r+b"):
            pass
        # As the kernel sees it: the root of version 2, or the own cgroup of version 1.
        if (CGROUPS / "cgroup.controllers").exists():
            parent, limit = CGROUPS, "memory.high"
        else:
            lines = Path("/proc/self/cgroup").read_text().splitlines()
            own = next((path for _, kind, path in (line.split(":", 2) for line in lines) if kind == "memory"), "/")
            parent, limit = CGROUPS / "memory" / own.lstrip("/"), "memory.limit_in_bytes"
        self._cgroup = parent / f"wayvid-test-{os.getpid()}"
        self._hog: subprocess.Popen[bytes] | None = None
        self._cgroup.mkdir()
        try:
            # An existing file only: without the memory controller there is none.
            with open(self._cgroup / limit, "r+") as file:
                file.write(str(LIMIT_BYTES))
        except OSError:
            self._cgroup.rmdir()
            raise

    def begin(self) -> None:
        arguments = [str(self._cgroup), str(FILE_BYTES), str(os.getpid())]
        self._hog = subprocess.Popen([sys.executable, "-c", HOG, *arguments], start_new_session=True)

    def close(self) -> None:
        if self._hog is not None:
            os.killpg(self._hog.pid, signal.SIGKILL)
            self._hog.wait()
        wait_until(self._is_removed, DEADLINE_S, f"{self._cgroup} to be empty")

    def _is_removed(self) -> bool:
        try:
            self._cgroup.rmdir()
        except OSError:
            return False  # the second process is not gone yet
        return True


class SaidShortage:
    """A socket that says what the kernel would."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "psi")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(DEADLINE_S)
        self._listener.bind(self.path)
        self._listener.listen()
        self._peer: socket.socket | None = None

    def begin(self) -> None:
        self.say(b"s")

    def say(self, stall: bytes) -> None:
        """b"s" or b"f", to whoever watches."""
        if self._peer is None:
            self._peer, _ = self._listener.accept()
        self._peer.send(stall, socket.MSG_OOB)

    def close(self) -> None:
        """The watcher's fd is gone, too."""
        self._listener.close()
        if self._peer is not None:
            self._peer.close()


def make_shortage(folder: Path) -> Shortage:
    """A real one where the machine lets us."""
    try:
        return RealShortage()
    except OSError:
        return SaidShortage(folder)
