"""`wayvid reload`: read the config file again."""

from __future__ import annotations

from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.cli.set import SHOWN_WITHIN_S, WHEN_LATE
from wayvid.ipc.client import ask
from wayvid.ipc.messages import ReloadRequest

__all__ = ["run"]

DESCRIPTION = """\
Have the running wallpaper read its config file again. A file with a mistake in
it changes nothing; the mistake is told here.
"""
EXAMPLES = """
wayvid reload                       after a change of the config file
wayvid reload && wayvid status      and see what came of it
"""


def run(argv: Sequence[str]) -> int:
    """Ask for it; 0 when the daemon has done it."""
    CommandParser("reload", DESCRIPTION, EXAMPLES).parse_args(argv)
    ask(ReloadRequest(), SHOWN_WITHIN_S, WHEN_LATE)
    return 0
