"""`wayvid run`: the wallpaper itself."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.errors import UsageError
from wayvid.geometry import Layout

__all__ = ["run"]

LOG_LEVELS = ("debug", "info", "warning", "error")

EXAMPLES = """
wayvid run                                the built-in wallpaper on every screen
wayvid run ~/Videos/waves.mp4             a clip on every screen
wayvid run waves.mp4 -o DP-1 -o DP-2      only on these screens
wayvid run old.avi --layout contain       whole, with bars, instead of cropped
wayvid run waves.mp4 -o DP-1 -o HDMI-A-1=contain
wayvid run ~/Pictures/lake.jpg            a picture: shown without a player
"""


def _parser() -> CommandParser:
    layouts = [layout.value for layout in Layout]
    parser = CommandParser("run", "Put a video, a picture or the built-in wallpaper behind the desktop.", EXAMPLES)
    parser.add_argument("source", metavar="SOURCE", nargs="?", help="file, folder or URL; none: the built-in wallpaper")
    parser.add_argument(
        "-o", "--output", metavar="OUTPUT[=LAYOUT]", action="append", default=[],
        help="a screen to use, with its own layout if wanted; repeatable; default: all screens",
    )
    parser.add_argument("--layout", choices=layouts, default=Layout.FILL.value, help="how to lay it out (default: fill)")
    parser.add_argument("--renderer", choices=("auto", "shm"), default="auto", help="auto takes the best there is: shm")
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="warning", help="what to say on stderr (default: warning)")
    return parser


def _outputs(words: Sequence[str]) -> dict[str, Layout | None]:
    outputs: dict[str, Layout | None] = {}
    for word in words:
        name, separator, layout = word.partition("=")
        try:
            outputs[name] = Layout(layout) if separator else None
        except ValueError as exc:
            known = ", ".join(layout.value for layout in Layout)
            raise UsageError(f"there is no layout {layout!r} (in {word!r}); layouts: {known}") from exc
    return outputs


def run(argv: Sequence[str]) -> int:
    """Run the wallpaper until a signal ends it."""
    args = _parser().parse_args(argv)
    outputs = _outputs(args.output)
    logging.basicConfig(level=args.log_level.upper(), format="%(name)s: %(message)s", stream=sys.stderr)

    # The player's start takes longest, so it comes first; pywayland is loaded
    # only after it, while the player loads libmpv on the other core.
    from wayvid.daemon.scene import STREAM_ID, Wish
    from wayvid.daemon.source import DEFAULT_STREAM, stream_of
    from wayvid.wayland.display import socket_path

    socket_path()
    stream = stream_of(args.source) if args.source is not None else DEFAULT_STREAM
    from wayvid.daemon.supervisor import END_SIGNALS, PlayerProcess
    from wayvid.link.messages import Prepare

    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    player = PlayerProcess()
    player.link.send(Prepare(STREAM_ID, stream))
    from wayvid.daemon.loop import Daemon

    Daemon(args.source or "the built-in wallpaper", stream, Wish(Layout(args.layout), outputs), player).run()
    return 0
