"""`wayvid sources`: what can be shown."""

from __future__ import annotations

import json
from collections.abc import Sequence

from wayvid.cli.parser import CommandParser
from wayvid.cli.text import aligned
from wayvid.embedded import EMBEDDED, PREFIX

__all__ = ["run"]

DESCRIPTION = """\
List the wallpapers that are built in, and what else may be named as SOURCE of `run`
and `set`, and as `source` in the config file. docs/sources.md says more of each.
"""
EXAMPLES = """
wayvid sources                    a table
wayvid sources --names            the names of the built-in ones alone
wayvid sources --json             for scripts
wayvid run wayvid:sea             one of them
"""
# Kind, an example, what is shown.
KINDS = (
    ("file", "~/Videos/waves.mp4", "a clip, over and over"),
    ("image", "~/Pictures/lake.jpg", "without a player"),
    ("folder", "~/Walls/", "its files, one after the other"),
    ("list", "~/Walls/quiet.m3u", "the files that a list names (.m3u, .pls)"),
    ("list", "playlist:~/Walls?order=shuffle&every_s=600", "a folder or list: its order, and how long each file stays"),
    ("sequence", "mf://frames/%04d.png?fps=24", "numbered images as the pictures of a clip"),
    ("sequence", "mf://frames/*.png?fps=24", "images by their names"),
    ("url", "https://example.org/waves.mp4", "a stream; any URL that libmpv knows"),
    ("pipe", "pipe:/run/user/1000/waves", "what is written into a named pipe; - is the standard input of run"),
    ("project", "we:1234567890", "a video of Wallpaper Engine's Workshop; or the folder of its project"),
)


def run(argv: Sequence[str]) -> int:
    """Print them."""
    parser = CommandParser("sources", DESCRIPTION, EXAMPLES)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print an object, keys as in docs/sources.md")
    form.add_argument("--names", action="store_true", help="print the built-in ones, one a line: for completions")
    options = parser.parse_args(argv)
    if options.names:
        print(*(PREFIX + each.name for each in EMBEDDED), sep="\n")
    elif options.json:
        embedded = [{"source": PREFIX + each.name, "description": each.words} for each in EMBEDDED]
        kinds = [{"kind": kind, "example": example, "description": words} for kind, example, words in KINDS]
        print(json.dumps({"embedded": embedded, "kinds": kinds}, indent=2))
    else:
        print("built in:", *_indented([(PREFIX + each.name, each.words) for each in EMBEDDED]), sep="\n")
        print("", "others, by an example each:", *_indented(list(KINDS)), sep="\n")
    return 0


def _indented(rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"  {line}" for line in aligned(rows)]
