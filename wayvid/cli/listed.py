"""The order and the times of a folder or a list, as arguments."""

from __future__ import annotations

import argparse
import os
import re

from wayvid.cli.parser import CommandParser
from wayvid.embedded import PREFIX as EMBEDDED
from wayvid.errors import UsageError
from wayvid.playlist import LONGEST_S, PREFIX, SHORTEST_S, Playlist, playlist_of
from wayvid.workshop.names import PREFIX as PROJECT

__all__ = ["add_list_options", "listed"]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_TIME = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_URL = re.compile(r"[\w+-]+://")


def add_list_options(parser: CommandParser) -> None:
    """Take how a folder or list is shown; see listed()."""
    parser.add_argument("--shuffle", action="store_true", help="of a folder or list: in another order each round")
    parser.add_argument(
        "--every",
        metavar="TIME",
        type=_time,
        default=0.0,
        help="of a folder or list: show each file so long, such as 90, 10m, 2h or 1d"
        " (default: to its end, an image for a minute)",
    )
    parser.add_argument("--recursive", action="store_true", help="of a folder: with the folders in it")


def _time(text: str) -> float:
    match = _TIME.fullmatch(text)
    seconds = float(match[1]) * _UNITS[match[2]] if match is not None else 0.0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no time from 1 s to 7 d; write such as 90, 10m, 2h or 1d")
    return seconds


def _is_a_clip(source: str) -> bool:
    """Whether it is one file, and no list of several."""
    from wayvid.daemon.listing import LIST_SUFFIXES

    path = os.path.expanduser(source)
    return os.path.isfile(path) and not path.lower().endswith(LIST_SUFFIXES)


def listed(source: str, options: argparse.Namespace) -> str:
    """A source with the options of add_list_options().

    Args:
        source: a folder or a list, which may have options of its own; or anything, where none is given.
        options: the arguments.

    Raises:
        UsageError: they make no sense for that source.
    """
    told = [f"--{name}" for name in ("shuffle", "every", "recursive") if getattr(options, name)]
    if not told:
        return source
    if not source:
        raise UsageError(f"{told[0]} is for a SOURCE that is named: a folder or a list")
    if (
        source == "-"
        or source.startswith((PROJECT, EMBEDDED))
        or (_URL.match(source) and not source.startswith("file://"))
        or _is_a_clip(source)
    ):
        raise UsageError(f"{told[0]} is for a folder or a list, and {source!r} is none")
    try:
        playlist = playlist_of(source) if source.startswith(PREFIX) else Playlist(source)
    except ValueError as exc:
        raise UsageError(f"{source!r}: {exc}") from exc
    if options.shuffle:
        playlist = playlist._replace(order="shuffle")
    is_recursive = playlist.recursive or options.recursive
    return str(playlist._replace(every_s=options.every or playlist.every_s, recursive=is_recursive))
