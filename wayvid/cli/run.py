"""`wayvid run`: the wallpaper itself."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from wayvid.cli.layouts import LAYOUTS, layout_word, no_layout
from wayvid.cli.listed import add_list_options, listed
from wayvid.cli.parser import CommandParser
from wayvid.config.load import config_path, load_config
from wayvid.errors import UsageError
from wayvid.geometry import Layout
from wayvid.lean import load_msgspec
from wayvid.link.spawn import END_SIGNALS, NO_PLAYER, interpreter_flags, spawn_player
from wayvid.system.folders import cache_folder
from wayvid.wayland.display import socket_path

__all__ = ["run", "run_parser"]

# The numbers of the logging module, which this process does not need.
LOG_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}

# The compositor and the daemon have one each while a last picture is put up.
FEW_PROCESSORS = 2

EXAMPLES = """
wayvid run                                what the config file says, else the built-in wallpaper
wayvid run ~/Videos/waves.mp4             a clip on every screen
wayvid run waves.mp4 -o DP-1 -o DP-2      only on these screens
wayvid run old.avi --layout contain       whole, with bars, instead of cropped
wayvid run waves.mp4 -o DP-1 -o HDMI-A-1=contain
wayvid run --span wide.mp4                one clip over all screens, as they stand
wayvid run ~/Walls/ --shuffle --every 10m --recursive
wayvid run ~/Pictures/lake.jpg            a picture: shown without a player
wayvid run https://example.org/sea.mp4    from a server: waited for, and tried again when it goes away
ffmpeg -re -i sea.mkv -f mpegts - | wayvid run -
wayvid run waves.mp4 -c small.toml        with a config file of its own, such as a smaller memory budget
"""


def run_parser() -> CommandParser:
    """The parser of its arguments, which a service checks as well."""
    parser = CommandParser("run", "Put a video, a picture or the built-in wallpaper behind the desktop.", EXAMPLES)
    parser.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="file, folder, URL, named pipe, - (the standard input) or we:ID;"
        " none: as the config says, else the built-in wallpaper",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUTPUT[=LAYOUT]",
        action="append",
        default=[],
        help="a screen to use, with its own layout if wanted; repeatable; default: all screens;"
        " 'wayvid set -o' adds others",
    )
    parser.add_argument(
        "--layout",
        type=layout_word,
        choices=LAYOUTS,
        default=None,
        help="how to lay it out (default: as the config says, else fill)",
    )
    parser.add_argument(
        "--span",
        action="store_true",
        help="one picture over all of these screens, each its part (default: as the config says, else each the whole)",
    )
    parser.add_argument(
        "-c",
        "--config",
        metavar="FILE",
        help="config file (default: ~/.config/wayvid/config.toml, where there is one)",
    )
    parser.add_argument(
        "--renderer",
        choices=("auto", "gl", "shm"),
        help="gl draws with OpenGL, shm with the processor; auto takes gl where a graphics card does it"
        " (default: as the config says, else auto)",
    )
    add_list_options(parser)
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="forget what commands said last time (default: sources, layouts, positions, speeds and pauses hold)",
    )
    parser.add_argument(
        "--log-level", choices=LOG_LEVELS, default="warning", help="what to say on stderr (default: warning)"
    )
    return parser


def _check_layouts(words: Sequence[str]) -> None:
    for word in words:
        _name, separator, layout = word.partition("=")
        try:
            Layout(layout if separator else Layout.FILL)
        except ValueError:
            raise UsageError(f"{word!r}: {no_layout(layout)}") from None


def run(argv: Sequence[str]) -> int:
    """Start the player, then become the daemon; ends when a signal ends it."""
    args = run_parser().parse_args(argv)
    _check_layouts(args.output)
    if args.source == "":
        raise UsageError("SOURCE is empty; name a file, a folder or a URL, or leave it out")
    source = listed(args.source or "", args)
    config = config_path(args.config)
    if config is not None:
        load_msgspec()
        load_config(config)  # the daemon reads it for itself; here an error comes before anything is started
    socket_path()  # where there is none, that is said before anything is started
    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    log_level = LOG_LEVELS[args.log_level]
    # The player's start takes longest, so it comes first. But where there are last pictures these do, and on few
    # processors nothing is to take one from them.
    player = NO_PLAYER
    if len(os.sched_getaffinity(0)) > FEW_PROCESSORS or not os.path.isdir(cache_folder(os.environ)):
        player = spawn_player(log_level)
        os.set_inheritable(player.link_fd, True)
        os.set_inheritable(player.ledger_fd, True)
    flags = ["fresh" if args.fresh else "", "span" if args.span else ""]
    told = [args.layout or "", source, config or "", args.renderer or ""]
    words = [*player, log_level, *told, *flags, *args.output]
    os.execv(sys.executable, [sys.executable, *interpreter_flags(), "-m", "wayvid.daemon", *map(str, words)])
