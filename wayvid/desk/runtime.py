"""The private directory of a desk, and the environments of what runs in it."""

from __future__ import annotations

import os
import pwd
import stat
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

from wayvid.desk.keeper import MARKER

__all__ = ["Runtime", "create_runtime"]

# Variables of the session wayvid desk was called from; a client that saw them would leave the desk.
SESSION = (
    "DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "XAUTHORITY", "SWAYSOCK", "I3SOCK", "HYPRLAND_INSTANCE_SIGNATURE",
    "NIRI_SOCKET", "WAYFIRE_SOCKET", "DBUS_SESSION_BUS_ADDRESS", "DESKTOP_SESSION", "XDG_SESSION_DESKTOP", MARKER,
)  # fmt: skip

# What a compositor may know of the caller: where programs are, the language, and drawing settings.
# Not the rest: root's environment must not be readable by the unprivileged uid.
KEPT = (
    "PATH", "LANG", "LANGUAGE", "TZ", "LD_LIBRARY_PATH", "XDG_DATA_DIRS", "XKB_CONFIG_ROOT", "QT_PLUGIN_PATH",
    "LIBGL_DRIVERS_PATH", "__EGL_VENDOR_LIBRARY_DIRS", "GALLIUM_DRIVER", "LP_NUM_THREADS", "WLR_RENDERER",
    "KWIN_COMPOSE",
)  # fmt: skip

# A socket's path has 108 bytes (unix(7)); what comes after the directory needs some 40.
LONGEST_BASE_BYTES = 50


@dataclass(frozen=True)
class Runtime:
    """A desk's directory and the user its compositor runs as (None: the caller)."""

    path: Path
    user: int | None
    group: int | None

    def write(self, name: str, text: str) -> Path:
        """Write a file that the compositor's user can read, whatever the umask is."""
        path = self.path / name
        path.write_text(text)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        """Make the compositor's user the owner of a file."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)

    def compositor_env(self) -> dict[str, str]:
        """The environment of the compositor: nothing of the caller's home or session."""
        env = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("LC_")}
        home = str(self.path / "home")
        env.update(
            {
                MARKER: str(self.path),
                "HOME": home,
                "XDG_RUNTIME_DIR": str(self.path),
                "XDG_CONFIG_HOME": f"{home}/.config",
                "XDG_CONFIG_DIRS": f"{home}/.config",
                "XDG_CACHE_HOME": f"{home}/.cache",
                "XDG_DATA_HOME": f"{home}/.local/share",
                "XDG_STATE_HOME": f"{home}/.local/state",
            }
        )
        return env

    def client_env(self, display: str) -> dict[str, str]:
        """The environment of clients: the caller's, moved into the desk.

        `wayvid` on its PATH is the installation that runs now.
        """
        env = {name: value for name, value in os.environ.items() if name not in SESSION}
        env.update(
            {
                MARKER: str(self.path),
                "XDG_RUNTIME_DIR": str(self.path),
                "XDG_STATE_HOME": str(self.path / "state"),  # its displays have the names of others
                "XDG_SESSION_TYPE": "wayland",
                "WAYLAND_DISPLAY": display,
            }
        )
        scripts = sysconfig.get_path("scripts")
        env["PATH"] = os.pathsep.join([scripts, env["PATH"]]) if env.get("PATH") else scripts
        return env


def create_runtime() -> Runtime:
    """Make the private directory (0700), owned by the user the compositor will run as.

    Root gets an unprivileged user for it: sway refuses to run as root, and a compositor
    needs none of root's rights.
    """
    user = group = None
    if os.geteuid() == 0:
        user, group = _nobody()
    runtime = Runtime(Path(tempfile.mkdtemp(prefix="wayvid-desk-", dir=_base_directory(user))), user, group)
    home = runtime.path / "home"
    home.mkdir(mode=0o700)
    runtime.give(home)
    runtime.give(runtime.path)
    return runtime


def _nobody() -> tuple[int, int]:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return entry.pw_uid, entry.pw_gid


def _base_directory(user: int | None) -> str:
    """The temporary directory, or /tmp if its path is too long or closed to the compositor's user."""
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > LONGEST_BASE_BYTES:
        return "/tmp"
    if user is not None:
        for place in (Path(base), *Path(base).parents):
            if not place.stat().st_mode & stat.S_IXOTH:
                return "/tmp"
    return base
