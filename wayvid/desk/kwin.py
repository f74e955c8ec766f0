"""A KWin on virtual outputs: its own session bus, and pictures by its D-Bus interface."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wayvid.desk.programs import find_program
from wayvid.desk.runtime import Runtime
from wayvid.errors import DeskError

__all__ = ["KWin"]

# The session bus of the desk alone: it starts no services, and root may use it beside the compositor's user.
BUS_CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""

# KWin draws pictures for others with OpenGL only: under KWIN_COMPOSE=Q the interface is not there (KWin 5.27).
ENVIRONMENT = {
    "KWIN_COMPOSE": "O2",
    "KWIN_SCREENSHOT_NO_PERMISSION_CHECKS": "1",
    "QT_LOGGING_RULES": "*.debug=false;kf.*=false",
}


class KWin:
    """What a desk has to know about KWin."""

    name = "kwin"

    def __init__(self, runtime: Runtime, count: int, size: tuple[int, int], scale: float) -> None:
        self._program = find_program("kwin_wayland", "as its compositor")
        self._bus_program = find_program("dbus-daemon", "because KWin needs a session bus")
        self._runtime = runtime
        self._count = count
        self._size = size
        self._scale = scale
        self._bus_socket = runtime.path / "bus"

    def prepare_bus(self) -> tuple[list[str], dict[str, str]]:
        """The command line and the environment of the session bus."""
        config = self._runtime.write("bus.conf", BUS_CONFIG.format(socket=self._bus_socket))
        return [self._bus_program, "--nofork", "--nopidfile", f"--config-file={config}"], self._runtime.compositor_env()

    def is_bus_ready(self) -> bool:
        """Whether the bus has its socket."""
        return self._bus_socket.is_socket()

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """The command line and the environment of KWin."""
        width, height = self._size
        argv = [str(self._copy()), "--virtual", "--no-lockscreen", "--no-global-shortcuts", "--no-kactivities"]
        argv += ["--output-count", str(self._count), "--width", str(width), "--height", str(height)]
        argv += ["--scale", f"{self._scale:g}", "--socket", "wayland-0"]
        return argv, ENVIRONMENT | self._runtime.compositor_env() | self.client_env()

    def client_env(self) -> dict[str, str]:
        """What clients get on top of the Wayland display."""
        return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self._bus_socket}", "XDG_CURRENT_DESKTOP": "KDE"}

    def is_ready(self) -> bool:
        """Nothing beyond its Wayland socket, which the desk looks at."""
        return True

    def shot(self, output: str, path: Path, env: dict[str, str]) -> None:
        """Write what the output shows as a PNG."""
        raise DeskError("not yet")

    def _copy(self) -> Path:
        """A copy of the binary: the installed one has a file capability, and where that is not
        allowed (containers) it does not even start. It must keep its name."""
        folder = self._runtime.path / "bin"
        folder.mkdir(mode=0o755)
        copy = folder / os.path.basename(self._program)
        shutil.copyfile(self._program, copy)
        copy.chmod(0o755)
        self._runtime.give(folder)
        return copy
