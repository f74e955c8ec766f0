"""`wayvid top`: the running wallpaper as a live table."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.live import Live

from wayvid.cli.parser import CommandParser
from wayvid.cli.rates import rates_between
from wayvid.cli.status import status_of
from wayvid.cli.topframe import top_frame
from wayvid.errors import UsageError
from wayvid.ipc.client import ask
from wayvid.ipc.messages import StatusRequest
from wayvid.ipc.status import Status

__all__ = ["run"]

DESCRIPTION = """\
Show the running wallpaper as a live table: frames a second of each screen and
stream, processor use and memory of each process, the frame pool, and what was
done for memory's sake. Ctrl-C ends it. docs/status.md explains each figure.
"""
EXAMPLES = """
wayvid top                        until Ctrl-C
wayvid top --interval 0.2         five times a second
wayvid top --once > top.txt       one picture of it, for a bug report
"""
MOST_S = 3600.0


def run(argv: Sequence[str]) -> int:
    """Show frames until Ctrl-C, which is the usual end; with --once one, of the rates over one interval."""
    parser = CommandParser("top", DESCRIPTION, EXAMPLES)
    parser.add_argument("--once", action="store_true", help="print it once, after one interval")
    parser.add_argument("--interval", type=_seconds, default=1.0, metavar="S", help="seconds between two (default 1)")
    options = parser.parse_args(argv)
    if not options.once and not sys.stdout.isatty():
        raise UsageError("top needs a terminal; in a pipe use 'wayvid top --once' or 'wayvid status --watch'")
    try:
        _show(Console(highlight=False), options.interval, options.once)
    except KeyboardInterrupt:
        return 0
    return 0


def _show(console: Console, interval_s: float, is_once: bool) -> None:
    before = _ask()
    if is_once:
        time.sleep(interval_s)
        now = _ask()
        console.print(top_frame(now, rates_between(before, now), console.width))
        return
    with Live(console=console, screen=True, auto_refresh=False) as live:
        rates = rates_between(before, before)
        while True:
            live.update(top_frame(before, rates, console.width), refresh=True)
            time.sleep(interval_s)
            now = _ask()
            before, rates = now, rates_between(before, now)


def _ask() -> Status:
    return status_of(ask(StatusRequest()))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0.05 <= seconds <= MOST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 0.05 to {MOST_S:g}")
    return seconds
