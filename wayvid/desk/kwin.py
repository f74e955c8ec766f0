"""A KWin on virtual outputs: its own session bus, and pictures by its D-Bus interface."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wayvid.desk.programs import find_program
from wayvid.desk.runtime import Runtime

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

DRAWING = "O2"  # OpenGL, on llvmpipe where there is no GPU: with KWIN_COMPOSE=Q KWin takes no pictures
ENVIRONMENT = {
    "KWIN_COMPOSE": DRAWING,
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
        self._bus_address = f"unix:path={self._bus_socket}"

    def prepare_bus(self) -> tuple[list[str], dict[str, str]]:
        """The command line and the environment of the session bus."""
        config = self._runtime.write("bus.conf", BUS_CONFIG.format(socket=self._bus_socket))
        return [self._bus_program, "--nofork", "--nopidfile", f"--config-file={config}"], self._runtime.compositor_env()

    def is_bus_ready(self) -> bool:
        """Whether the bus has its socket."""
        return self._bus_socket.is_socket()

    def prepare(self) -> tuple[list[str], dict[str, str]]:
        """The command line and the environment of KWin."""
        # KWin takes logical sizes and makes the mode from them: within a pixel of the wanted one.
        width, height = (round(side / self._scale) for side in self._size)
        argv = [str(self._copy()), "--virtual", "--no-lockscreen", "--no-global-shortcuts", "--no-kactivities"]
        argv += ["--output-count", str(self._count), "--width", str(width), "--height", str(height)]
        argv += ["--scale", f"{self._scale:g}", "--socket", "wayland-0"]
        return argv, ENVIRONMENT | self._runtime.compositor_env() | self.client_env()

    def client_env(self) -> dict[str, str]:
        """What clients get on top of the Wayland display."""
        return {"DBUS_SESSION_BUS_ADDRESS": self._bus_address, "XDG_CURRENT_DESKTOP": "KDE"}

    def is_ready(self) -> bool:
        """Whether it can take pictures; the rest is seen on its Wayland socket."""
        from wayvid.desk.kwin_pictures import is_offered

        return os.environ.get("KWIN_COMPOSE", DRAWING).startswith("Q") or is_offered(self._bus_address)

    def shot(self, output: str, path: Path, _env: dict[str, str]) -> None:
        """Write what the output shows as a PNG."""
        from wayvid.desk.kwin_pictures import take_picture

        take_picture(self._bus_address, output, path)

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
