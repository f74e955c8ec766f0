"""The `wayvid` command: finds the subcommand, turns errors into one line and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from wayvid import __version__
from wayvid.errors import UsageError, WayvidError

__all__ = ["main"]

# How like a command a wrong word is, by difflib: "rnu" is like run, "play" is not like layout.
SIMILAR = 0.65
FULL = (errno.ENOSPC, errno.EDQUOT)
# Each name is a module of wayvid.cli with `run(argv) -> exit code`.
COMMANDS = {
    "run": "put a video, a picture or the built-in wallpaper behind the desktop",
    "status": "say what the running wallpaper shows, and what memory it holds",
    "why": "say what each screen does, and which condition or command made it so",
    "events": "say what changes, as it does: for scripts and bars",
    "top": "the same as a live table, with frame rates and processor use",
    "set": "show something else",
    "pause": "stop the picture, and the decoding",
    "resume": "go on after a pause",
    "toggle": "pause, or go on: for a key",
    "seek": "go to another position",
    "speed": "play slower or faster",
    "layout": "lay the pictures out in another way",
    "next": "go to the next file of a folder",
    "prev": "go to the file before",
    "volume": "make it louder or softer",
    "mute": "have it be silent, as it is at first, or heard",
    "snapshot": "write the picture that is shown to a file",
    "quit": "end it",
    "reload": "read the config file again",
    "config": "say where the config file is, what is wrong in it, and what holds for a screen",
    "sources": "list the built-in wallpapers, and what else can be shown",
    "outputs": "list the screens and what they can do",
    "workshop": "list the items of Wallpaper Engine's Workshop that Steam has here",
    "import": "make a config file of a Wallpaper Engine project",
    "optimise": "say what a clip costs on these screens, and make a copy that costs less",
    "check": "say what this machine and compositor can do, and what to do about the rest",
    "service": "start the wallpaper with the session: a systemd user unit",
    "completions": "print what bash, zsh or fish completes after 'wayvid'",
    "memtest": "measure its memory and load over a while, and whether it plays meanwhile",
    "desk": "run a command on a virtual desk without a screen, and take pictures of it",
}
# What other programs call it.
ELSEWHERE = {
    "play": "run",
    "start": "run",
    "daemon": "run",
    "init": "run",
    "restore": "run",
    "img": "set",
    "switch": "set",
    "set-source": "set",
    "wallpaper": "set",
    "apply": "set",
    "rate": "speed",
    "stop": "quit",
    "kill": "quit",
    "exit": "quit",
    "unpause": "resume",
    "continue": "resume",
    "query": "status",
    "info": "status",
    "ping": "status",
    "previous": "prev",
    "unmute": "mute off",
    "screenshot": "snapshot",
    "list": "sources",
    "ls": "sources",
    "screens": "outputs",
    "monitors": "outputs",
    "doctor": "check",
    "enable": "service install",
    "autostart": "service install",
}


def help_text() -> str:
    """What `wayvid --help` prints."""
    lines = [
        "usage: wayvid COMMAND [OPTIONS]",
        "",
        "A video wallpaper for every Wayland screen, from one decode.",
        "",
        "commands:",
    ]
    lines += [f"  {name:<11} {summary}" for name, summary in COMMANDS.items()]
    lines += ["", "options:", "  --version  print the version", "  --help     print this, or the help of a command"]
    lines += ["", "examples:", "  wayvid run                      the built-in wallpaper on every screen"]
    lines += [
        "  wayvid run ~/Videos/waves.mp4   a clip on every screen",
        "  wayvid set ~/Videos/rain.mp4    another one",
        "  wayvid status                   what it shows and holds",
        "  wayvid check                    what this machine can do",
    ]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program's name; None takes those of the process.

    Returns:
        The exit code, as listed in docs/exit-codes.md.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    name = args[0] if args else "--help"
    if name == "help" and len(args) > 1:
        name, args = args[1], [args[1], "--help"]
    try:
        code = _run(name, args)
        if sys.stdout is not None:  # `wayvid pause >&-`
            sys.stdout.flush()
    except WayvidError as error:
        where = f"wayvid {name}" if name in COMMANDS else "wayvid"
        print(f"{where}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return _after_failed_write(name, error)
    return code


def _run(name: str, args: Sequence[str]) -> int:
    if name in ("--help", "-h", "help"):
        print(help_text())
        return 0
    if name in ("--version", "-V"):
        print(f"wayvid {__version__}")
        return 0
    if name not in COMMANDS:
        raise UsageError(_unknown(name, args))
    return int(import_module(f"wayvid.cli.{name}").run(args[1:]))


def _unknown(name: str, args: Sequence[str]) -> str:
    import shlex
    from difflib import get_close_matches

    near = get_close_matches(name, COMMANDS, n=1, cutoff=SIMILAR)
    meant = ELSEWHERE.get(name) or (near[0] if near else "")
    last = args[-1] if args else name
    if name[:1] != "-" and (any(mark in name for mark in "/.:") or os.path.exists(name)):
        advice = f"to show it: wayvid run {shlex.quote(name)}"
    elif not meant and os.path.isfile(last):  # as mpvpaper takes it: a screen, and then the file
        advice = f"to show {shlex.quote(last)}: wayvid run {shlex.quote(last)}, on one screen with -o"
    else:
        advice = f"did you mean {meant!r}? see 'wayvid --help'" if meant else "see 'wayvid --help'"
    return f"there is no {'option' if name[:1] == '-' else 'command'} {name!r}; {advice}"


def _after_failed_write(name: str, error: OSError) -> int:
    """The exit code where stdout takes nothing more; any other error goes on."""
    is_unread = isinstance(error, BrokenPipeError)  # `wayvid status --watch | head`
    if not is_unread and error.errno not in FULL:  # `wayvid status --json --watch >> log`
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's own flush at exit
    if is_unread:
        return 0
    print(f"wayvid {name}: cannot write: {error.strerror}; make room there", file=sys.stderr)
    return WayvidError.exit_code
