"""`wayvid top`: the running wallpaper as a live table."""

from __future__ import annotations

import argparse
import math
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.live import Live

from wayvid.cli.keys import Keyboard
from wayvid.cli.parser import CommandParser
from wayvid.cli.rates import rates_between
from wayvid.cli.topframe import top_frame
from wayvid.ipc.client import ask_status

__all__ = ["run"]

DESCRIPTION = """\
Show the running wallpaper as a live table: frames a second of each screen and
stream, processor use and memory of each process, the frame pool, and what was
done for memory's sake. q or Ctrl-C ends it. docs/status.md explains each figure.
"""
EXAMPLES = """
wayvid top                        until q or Ctrl-C
wayvid top --interval 0.2         five times a second
wayvid top > top.txt              one picture of it, for a bug report
"""
MOST_S = 3600.0
END_KEYS = (b"q", b"Q")


def run(argv: Sequence[str]) -> int:
    """Show frames until q or Ctrl-C, the usual ends; in a pipe or with --once one, of the rates over one interval."""
    parser = CommandParser("top", DESCRIPTION, EXAMPLES)
    parser.add_argument(
        "--once", action="store_true", help="print it once, after one interval; so it does without a terminal"
    )
    parser.add_argument("--interval", type=_seconds, default=1.0, metavar="S", help="seconds between two (default 1)")
    options = parser.parse_args(argv)
    console = Console(highlight=False)
    is_live = sys.stdout is not None and sys.stdout.isatty() and not console.is_dumb_terminal
    try:
        if options.once or not is_live:
            _print_once(console, options.interval)
        else:
            _show(console, options.interval)
    except KeyboardInterrupt:
        return 0
    return 0


def _print_once(console: Console, interval_s: float) -> None:
    before = ask_status()
    time.sleep(interval_s)
    now = ask_status()
    with console.capture() as capture:  # rich would end with code 1 where nobody reads
        console.print(top_frame(now, rates_between(before, now), console.width))
    print(capture.get(), end="")


def _show(console: Console, interval_s: float) -> None:
    before = ask_status()
    rates = rates_between(before, before)
    signal.signal(signal.SIGTERM, _end)  # by default it would leave the terminal as it is now
    with Keyboard() as keyboard, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(top_frame(before, rates, console.width), refresh=True)
            if keyboard.wait(interval_s, END_KEYS):
                return
            now = ask_status()
            before, rates = now, rates_between(before, now)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.05 <= seconds <= MOST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.05 to {MOST_S:g}")
    return seconds
