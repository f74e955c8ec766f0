"""Finds the programs a desk is made of, and says which package has a missing one."""

from __future__ import annotations

import shutil

from wayvid.errors import DeskError

__all__ = ["find_program"]

# program: package in Debian/Ubuntu (apt), Fedora (dnf), Arch (pacman)
PACKAGES = {
    "sway": ("sway", "sway", "sway"),
    "grim": ("grim", "grim", "grim"),
    "kwin_wayland": ("kwin-wayland", "kwin-wayland", "kwin"),
    "dbus-daemon": ("dbus-daemon", "dbus-daemon", "dbus"),
}


def find_program(name: str, purpose: str) -> str:
    """The absolute path of a program the desk cannot do without.

    Args:
        name: a key of PACKAGES.
        purpose: what the desk wants it for, for the error.

    Raises:
        DeskError: it is not on PATH; names the package to install.
    """
    path = shutil.which(name)
    if path is None:
        apt, dnf, pacman = PACKAGES[name]
        raise DeskError(
            f"{name} is not installed and the virtual desk needs it {purpose}; "
            f"install it with 'apt install {apt}', 'dnf install {dnf}' or 'pacman -S {pacman}'"
        )
    return path
