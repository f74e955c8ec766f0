"""`wayvid set`: show something else."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from wayvid.cli.listed import add_list_options, listed
from wayvid.cli.parser import CommandParser
from wayvid.cli.text import clean
from wayvid.embedded import PREFIX as EMBEDDED
from wayvid.errors import UsageError
from wayvid.ipc.client import answer_of, ask
from wayvid.ipc.messages import Changed, SetRequest, SpanRequest
from wayvid.link.messages import PIPE
from wayvid.playlist import PREFIX as PLAYLIST
from wayvid.transition import LONGEST_S
from wayvid.workshop.names import PREFIX

__all__ = ["run", "absolute_source"]

SEQUENCE = "mf://"
DESCRIPTION = """\
Have the running wallpaper show something else, in the layouts that the screens
have. It says nothing, and ends when only the new one is seen; when the new
source cannot be played, the old one stays. A screen that is told what another one
shows already joins it: both show the same picture, from one decoder. What is set
plays, also where it was paused, and at the speed that the config file says. For a
named pipe that nobody writes to yet it does not wait: it says so. A
screen that 'wayvid run -o' left out gets it when it is named whole.

With --span the screens show one picture together, as they stand, and with
--no-span each the whole of it: until the next "set" of a SOURCE without
these words, which goes back to what config file and "run --span" say. Without a
SOURCE they do so with what they show.
"""
EXAMPLES = """
wayvid set ~/Videos/waves.mp4       another clip
wayvid set ~/Videos/loops/          the clips of a folder, one after the other
wayvid set ~/Walls/ --shuffle --every 10m
wayvid set lake.jpg                 a picture, from the working directory
wayvid set we:1234567890            an item of Wallpaper Engine, by its number
wayvid set -o HDMI-A-1 rain.mp4     on one screen; the others stay as they are
wayvid set --span wide.mp4          one clip over all screens, as they stand
wayvid set --no-span                each screen shows the whole of what is shown
wayvid set --default                the built-in wallpaper
wayvid set wayvid:sea               another built-in one; see 'wayvid sources'
wayvid set rain.mp4 --transition wipe --duration 2
"""
# The answer comes with the first picture; libmpv gives up on a silent server after 60 s (network-timeout).
SHOWN_WITHIN_S = 90.0
WHEN_LATE = "it goes on trying; see 'wayvid status'"


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    parser = CommandParser("set", DESCRIPTION, EXAMPLES)
    parser.add_argument("source", metavar="SOURCE", nargs="?", help="file, folder, URL, named pipe, or we:ID")
    parser.add_argument("--default", action="store_true", help="the built-in wallpaper, in place of a source")
    spans = parser.add_mutually_exclusive_group()
    spans.add_argument(
        "--span",
        action="store_true",
        default=None,
        help="one picture over all of these screens, each its part (default: as the config says, else each the whole)",
    )
    spans.add_argument("--no-span", action="store_false", dest="span", help="each of these screens shows the whole")
    parser.add_argument(
        "--transition",
        choices=("fade", "none", "wipe", "grow"),
        default="",
        help="how the screens go over to it: the one through the other, at once, from the left, from the middle"
        " (default: as the config says, else fade)",
    )
    parser.add_argument(
        "--duration",
        metavar="SECONDS",
        type=float,
        help="how long that takes, at most 10 (default: as the config says, else 0.6)",
    )
    add_list_options(parser)
    parser.add_outputs()
    options = parser.parse_args(argv)
    if options.default and options.source is not None:
        parser.error("name a SOURCE or --default, and not both")
    if options.source is None and not options.default:
        if options.span is None:
            parser.error("SOURCE is missing")
        return _span(options)
    source = "" if options.default else _named(options.source)
    source = listed(source, options)
    if options.duration is not None and not 0 <= options.duration <= LONGEST_S:
        raise UsageError(f"--duration {options.duration:g} is not possible; say 0 to {LONGEST_S:g} seconds")
    request = SetRequest(
        source,
        outputs=tuple(options.output),
        transition=options.transition,
        duration_s=options.duration,
        span=options.span,
    )
    note = answer_of(ask(request, SHOWN_WITHIN_S, WHEN_LATE), Changed).note
    if note:
        print(f"wayvid set: {options.source}: {clean(note)}", file=sys.stderr)
    return 0


def _span(options: argparse.Namespace) -> int:
    """Have the screens show what they show in another way."""
    listed("", options)
    for word in ("transition", "duration"):
        if getattr(options, word) not in ("", None):
            raise UsageError(f"--{word} is for a SOURCE that is named")
    ask(SpanRequest(options.span, outputs=tuple(options.output)))
    return 0


def _named(source: str) -> str:
    if source == "-":
        raise UsageError("the standard input is for 'wayvid run -' alone; set a named pipe (mkfifo)")
    if source.startswith(PIPE):
        return PIPE + absolute_source(source[len(PIPE) :])
    if not source:  # which would mean the built-in wallpaper to the daemon
        raise UsageError("SOURCE is empty; name a file, a folder or a URL, or take --default")
    return absolute_source(source)


def absolute_source(source: str) -> str:
    """A source as the daemon, which has another working directory, finds it; a URL, or "we:ID", stays as it is.

    A path that is not UTF-8, which JSON cannot carry, becomes a file:// URL.

    Raises:
        UsageError: it has no absolute path, or is a URL that is not UTF-8.
    """
    for prefix in (PLAYLIST, SEQUENCE):
        if source.startswith(prefix):
            return prefix + absolute_source(source[len(prefix) :])
    is_url = _is_url(source) or source.startswith((PREFIX, EMBEDDED))
    path = source if is_url or not source else os.path.expanduser(source)
    if path and not is_url and not os.path.isabs(path):
        try:
            path = os.path.join(os.getcwd(), path)
        except FileNotFoundError as exc:
            raise UsageError(f"{source!r} is in a folder that was deleted; name it by its whole path") from exc
    try:
        path.encode()
    except UnicodeEncodeError as exc:
        if is_url:
            raise UsageError(f"{source!r} is not UTF-8; write its bytes as %XX") from exc
        from urllib.parse import quote

        return "file://" + quote(os.fsencode(path))
    return path


def _is_url(text: str) -> bool:
    scheme, separator, _rest = text.partition("://")
    return bool(separator) and scheme.replace("+", "").replace("-", "").isalnum()
