"""Other programs that put something behind the desktop of the same compositor."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

__all__ = ["Rival", "find_rivals", "rival_program", "display_of"]

# Program: how to end it, and what would start it again.
PROGRAMS = {
    "awww-daemon": "run 'awww kill', and remove it from your compositor's autostart",
    "gslapper": "",
    "hidamari": "",
    "hyprpaper": (
        "run 'kill {pid}', and remove it from Hyprland's config "
        "(if systemd starts it: 'systemctl --user disable --now hyprpaper')"
    ),
    "linux-wallpaperengine": "",
    "mpvpaper": "",
    "mpvpaper-holder": "",
    "nvpaper": "",
    "oguri": "",
    "swaybg": "run 'kill {pid}'; if sway started it, remove 'output ... bg' from sway's config",
    "swww-daemon": "run 'swww kill', and remove it from your compositor's autostart",
    "waypaper": "close its window; it starts other wallpaper programs",
    "wayvid": "stop it with 'kill {pid}': one wayvid is enough for all screens",
    "wbg": "",
    "wpaperd": "",
}
ADVICE = "run 'kill {pid}', and remove it from your compositor's autostart"
DEFAULT_DISPLAY = "wayland-0"  # libwayland, wl_display_connect
DAEMON = "wayvid.daemon"  # as in `python -m wayvid.daemon`
INTERPRETERS = ("bash", "perl", "python", "sh")


class Rival(NamedTuple):
    """A running wallpaper program; is_certain: it was seen to be on this display."""

    pid: int
    program: str
    advice: str
    is_certain: bool


def find_rivals(display: Path) -> list[Rival]:
    """Wallpaper programs of this user on the compositor at `display`; not this process."""
    own = {os.getpid(), os.getppid()}
    rivals = []
    for process in psutil.process_iter():
        rival = None if process.pid in own else _as_rival(process, display)
        if rival is not None:
            rivals.append(rival)
    return rivals


def _as_rival(process: psutil.Process, display: Path) -> Rival | None:
    try:
        uid = os.geteuid()
        if uid not in (0, process.uids().effective):
            return None
        program = rival_program(process.name(), process.cmdline())
        if not program or process.status() == psutil.STATUS_ZOMBIE:
            return None
        try:
            theirs = display_of(process.environ())
        except psutil.AccessDenied:
            theirs = None
    except psutil.Error:  # it ended while we looked
        return None
    if theirs is not None and not _is_same(theirs, display):
        return None
    advice = (PROGRAMS[program] or ADVICE).format(pid=process.pid)
    return Rival(process.pid, program, advice, theirs is not None)


def rival_program(name: str, command: Sequence[str]) -> str:
    """The wallpaper program that a process is, by name and command line; empty when it is none."""
    for word in _names(name, command):
        # NixOS wraps programs: .swaybg-wrapped.
        program = word.removeprefix(".").removesuffix("-wrapped")
        if program == "swaybg" and len(command) == 1:
            return ""  # sway 1.10 starts it so where its config has no "bg"; it shows nothing
        if program in PROGRAMS and program != "wayvid":
            return program
    return "wayvid" if _is_wayvid_run(command) else ""


def _names(name: str, command: Sequence[str]) -> Iterator[str]:
    yield name
    if command:
        yield Path(command[0]).name
    if len(command) > 1 and _is_interpreter(command[0]):
        yield Path(command[1]).name


def _is_interpreter(program: str) -> bool:
    return Path(program).name.rstrip("0123456789.") in INTERPRETERS


def _is_wayvid_run(command: Sequence[str]) -> bool:
    """Whether it is `wayvid run` in any spelling, or the daemon that this becomes."""
    words = list(command)
    if words and _is_interpreter(words[0]):
        words = words[words.index("-m") + 1 :] if "-m" in words else [word for word in words[1:] if word[:1] != "-"]
    return words[:1] == [DAEMON] or (len(words) > 1 and Path(words[0]).name == "wayvid" and words[1] == "run")


def display_of(environment: Mapping[str, str]) -> Path | None:
    """The Wayland socket that a program with this environment connects to; None when it has none."""
    path = Path(environment.get("WAYLAND_DISPLAY") or DEFAULT_DISPLAY)
    if path.is_absolute():
        return path
    runtime = environment.get("XDG_RUNTIME_DIR")
    return Path(runtime) / path if runtime else None


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other
