"""Which compositor listens at a Wayland socket, by the kernel and by the environment."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

__all__ = ["Peer", "socket_peer", "compositor_title", "compositor_by_environment", "version_command"]

# Process names as the kernel keeps them, at most 15 characters (proc(5), comm).
TITLES = {
    "Hyprland": "Hyprland",
    "cage": "cage",
    "cosmic-comp": "COSMIC",
    "dwl": "dwl",
    "gamescope-wl": "gamescope",
    "gnome-shell": "GNOME Shell",
    "kwin_wayland": "KWin",
    "kwin_wayland_wr": "KWin",
    "labwc": "labwc",
    "mutter": "Mutter",
    "niri": "niri",
    "phoc": "phoc",
    "river": "river",
    "sway": "sway",
    "wayfire": "Wayfire",
    "weston": "Weston",
}
# Those whose `--version` prints it and does nothing else.
TELL_VERSION = ("Hyprland", "gnome-shell", "kwin_wayland", "labwc", "niri", "sway", "wayfire", "weston")
# Set by the compositor for its clients.
VARIABLES = {
    "HYPRLAND_INSTANCE_SIGNATURE": "Hyprland",
    "NIRI_SOCKET": "niri",
    "SWAYSOCK": "sway",
}


class Peer(NamedTuple):
    """The process at the other end of a socket; name is empty when it cannot be seen."""

    pid: int
    name: str


def socket_peer(path: Path) -> Peer:
    """Who listens at a Unix socket.

    Raises:
        OSError: nobody does, or they do not let us in.

    Source: unix(7), SO_PEERCRED: who called listen(); pid 0 is in another pid namespace.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as sock:
        sock.connect(str(path))
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    (pid, _uid, _gid) = struct.unpack("3i", credentials)
    return Peer(pid, _process_name(pid))


def _process_name(pid: int) -> str:
    try:
        comm = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    # NixOS wraps programs: .sway-wrapped.
    return comm[1:].split("-wrap")[0] if comm.startswith(".") else comm


def compositor_title(peer: Peer) -> str:
    """The compositor's usual name; the process's where that is not known."""
    return TITLES.get(peer.name, peer.name)


def compositor_by_environment(environment: Mapping[str, str]) -> str:
    """The compositor's name as its clients' environment has it; empty when it has none."""
    for variable, title in VARIABLES.items():
        if environment.get(variable):
            return title
    return environment.get("XDG_CURRENT_DESKTOP", "").replace(":", ", ")


def version_command(peer: Peer) -> list[str]:
    """What prints the compositor's version, from the program that runs; empty when nothing does.

    Never another user's program: who checks as root must not run it as root.
    """
    try:
        program = os.readlink(f"/proc/{peer.pid}/exe")
        owner = os.stat(program).st_uid
    except OSError:
        return []
    name = Path(program).name.removeprefix(".").split("-wrap")[0]
    return [program, "--version"] if name in TELL_VERSION and owner in (0, os.geteuid()) else []
