"""`wayvid desk`: run a command on a virtual desk and take pictures of its screens."""

from __future__ import annotations

import argparse
import math
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from wayvid.cli.numbers import number
from wayvid.cli.parser import CommandParser
from wayvid.desk import COMPOSITORS, Desk
from wayvid.errors import DeskError, UsageError

__all__ = ["run"]

DESCRIPTION = """\
Run a command on a virtual desk: a real compositor (sway or KWin) without a
screen, with as many outputs as you like. Pictures of them are taken with
--shots. Everything started is stopped at the end, whatever happens.
"""
EXAMPLES = """\
wayvid desk -- wayvid check                               what wayvid would say there
wayvid desk --seconds 6 --shots shots -- wayvid run       three screens, three pictures
wayvid desk --outputs 1 --size 2560x1440 --scale 1.5 --shots shots -- swaybg -c '#336699'
wayvid desk --compositor kwin --outputs 2 -- wayvid outputs
"""
SHOTS_AFTER_S = 5.0
MOST_OUTPUTS = 16
SMALLEST_PX, LARGEST_PX = 16, 16384
SMALLEST_SCALE, LARGEST_SCALE = 0.25, 8.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Interrupted(BaseException):
    """A signal asked the desk to end."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(number)


def run(argv: Sequence[str]) -> int:
    """The exit code of COMMAND, or 0 when it was stopped after --seconds as asked."""
    options = _parse(argv)
    if options.shots is not None:
        _check_directory(options.shots)
    before = {number: signal.signal(number, _interrupt) for number in SIGNALS}
    try:
        desk = Desk(options.outputs, options.size, options.scale, options.compositor)
        with desk:
            return _run_on(desk, options)
    except _Interrupted as interrupted:
        return 128 + interrupted.number
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run_on(desk: Desk, options: argparse.Namespace) -> int:
    command = desk.start(options.command, stdin=sys.stdin)
    started = time.monotonic()
    try:
        code = command.wait(options.seconds)
    except subprocess.TimeoutExpired:
        code = None
    if options.shots is not None:
        if code is not None:
            _say(f"COMMAND ended by itself after {time.monotonic() - started:.1f} s; its pictures are taken now")
        for path in desk.shots(options.shots):
            print(path, flush=True)
    if code is None:
        if not desk.stop(command):
            raise DeskError(f"{options.command[0]!r} did not end on SIGTERM and had to be killed")
        code = 0 if command.returncode == -signal.SIGTERM else command.returncode
    return 128 - code if code < 0 else code


def _interrupt(number: int, _frame: FrameType | None) -> None:
    for other in SIGNALS:
        signal.signal(other, signal.SIG_IGN)  # the end of the desk is not to be interrupted again
    raise _Interrupted(number)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    own, command = list(argv), []
    if "--" in own:
        split = own.index("--")
        own, command = own[:split], own[split + 1 :]
    parser = CommandParser("desk", DESCRIPTION, EXAMPLES)
    parser.add_argument("--outputs", type=_count, default=3, metavar="N", help="how many screens (default 3)")
    parser.add_argument(
        "--size", type=_size, default=(1920, 1080), metavar="WxH", help="pixels of each (default 1920x1080)"
    )
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="S", help="their scale, such as 1.5 (default 1)")
    parser.add_argument("--compositor", choices=COMPOSITORS, default="sway", help="the compositor (default sway)")
    parser.add_argument(
        "--shots",
        type=Path,
        metavar="DIR",
        help="take a picture of each screen, as DIR/OUTPUT.png; DIR is made if need be",
    )
    parser.add_argument(
        "--seconds", type=_seconds, metavar="S",
        help="take the pictures and stop COMMAND after so long (default: when COMMAND ends; with --shots, 5)",
    )  # fmt: skip
    parser.add_argument("command", nargs="*", metavar="-- COMMAND", help="what to run, with its own options")
    options = parser.parse_args(own)
    options.command += command
    if not options.command:
        parser.error("which command shall run on the desk? put it behind '--'")
    if options.shots is not None and options.seconds is None:
        options.seconds = SHOTS_AFTER_S
    return options


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_OUTPUTS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of screens from 1 to {MOST_OUTPUTS}")
    return int(text)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,6})x(\d{1,6})", text, re.ASCII)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(SMALLEST_PX <= side <= LARGEST_PX for side in size):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a size such as 1920x1080 (each side {SMALLEST_PX} to {LARGEST_PX} pixels)"
        )
    return size


def _scale(text: str) -> float:
    scale = number(text)
    if not SMALLEST_SCALE <= scale <= LARGEST_SCALE:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a scale such as 1.5 ({SMALLEST_SCALE:g} to {LARGEST_SCALE:g})"
        )
    return scale


def _seconds(text: str) -> float:
    seconds = number(text)
    if not seconds > 0 or math.isinf(seconds):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _check_directory(path: Path) -> None:
    """Fail before anything is started, not when the first picture is to be written."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UsageError(
            f"cannot write pictures to {str(path)!r}: {error.strerror}; name another directory with --shots"
        ) from error


def _say(text: str) -> None:
    print(f"wayvid desk: {text}", file=sys.stderr, flush=True)
