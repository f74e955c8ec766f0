"""A sway whose screen is a window on Xvfb: sixty steady refreshes a second, and it tells when frames were shown.

Headless sway draws whenever something was committed and never answers presentation feedback.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from bench.scenes import wait_for
from wayvid.desk import Desk
from wayvid.desk.runtime import Runtime
from wayvid.desk.sway import Sway
from wayvid.errors import DeskError

WINDOW = (1024, 768)  # what wlroots' X11 backend makes
SOCKET = "/tmp/.X11-unix/X{}"  # Xvfb knows no other place


class _SwayOnX(Sway):
    """A sway in a window."""

    display = ""

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        argv, env = super().prepare()
        return argv, env | {"WLR_BACKENDS": "x11", "WLR_X11_OUTPUTS": "1", "DISPLAY": self.display}


class SteadyDesk(Desk):
    """A desk with one output, X11-1, of 60 Hz."""

    def __init__(self) -> None:
        super().__init__(outputs=1, size=WINDOW)
        self._x: subprocess.Popen[bytes] | None = None
        self._number = 0

    def close(self) -> None:
        super().close()
        if self._x is not None:
            self._x.terminate()
            self._x.wait()
            self._x = None

    def _open(self) -> None:
        program = shutil.which("Xvfb")
        if program is None:
            raise DeskError("Xvfb is not installed; it is the screen with steady refreshes (Debian: apt install xvfb)")
        read_fd, write_fd = os.pipe()
        argv = [program, "-displayfd", str(write_fd), "-noreset", "-ac", "-nolisten", "tcp"]
        self._x = subprocess.Popen(argv, pass_fds=[write_fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write_fd)
        with os.fdopen(read_fd) as told:
            self._number = int(told.readline() or "-1")  # nothing when it ended
        if self._number < 0:
            raise DeskError("Xvfb ended by itself")
        wait_for(Path(SOCKET.format(self._number)).is_socket, "the socket of Xvfb")
        super()._open()

    def _make_backend(self, runtime: Runtime) -> Sway:
        sway = _SwayOnX(runtime, self.sizes, self.scale)
        sway.display = f":{self._number}"
        return sway
