"""`wayvid workshop list`: the items of Wallpaper Engine's Workshop that Steam has here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wayvid.cli.parser import CommandParser
from wayvid.cli.text import UNKNOWN, aligned, clean
from wayvid.errors import SourceUnplayable
from wayvid.workshop.manifest import plain
from wayvid.workshop.project import read_project, video_of
from wayvid.workshop.steam import Item, items, libraries

__all__ = ["run"]

DESCRIPTION = """\
List the items of Wallpaper Engine's Workshop that Steam has on this machine, however
Steam was installed, and which of them wayvid can show: those of type video.
"""
EXAMPLES = """
wayvid workshop list            a table
wayvid workshop list --json     all that is known of each
wayvid run we:1234567890        show one
wayvid import 1234567890        a config file of one
"""
HEADINGS = ("ID", "TYPE", "SHOWN", "TITLE")


def run(argv: Sequence[str]) -> int:
    """Print the items; 0 also when there is none."""
    parser = CommandParser("workshop", DESCRIPTION, EXAMPLES)
    parser.add_argument("action", choices=("list",), help="what to do")
    parser.add_argument("--json", action="store_true", help="print a list of objects, keys as in docs/workshop.md")
    options = parser.parse_args(argv)
    found = [_describe(item) for item in items()]
    if options.json:
        print(json.dumps(found, indent=2))
    elif found:
        print("\n".join(aligned([HEADINGS, *map(_row, found)])))
    elif libraries():
        print("Steam has no item of Wallpaper Engine's Workshop here; subscribe to some in Steam")
    else:
        print("no Steam was found in this home folder")
    return 0


def _describe(item: Item) -> dict[str, Any]:
    """An item as `--json` shows it; None for what is not known."""
    facts: dict[str, Any] = {
        "id": item.item_id, "title": None, "type": None, "is_playable": False, "reason": "",
        "folder": item.folder, "file": None, "preview": None,
    }  # fmt: skip
    try:
        project = read_project(item.folder, f"we:{item.item_id}")
        facts["title"] = project.manifest.title or None
        facts["type"] = project.manifest.kind.value
        facts["preview"] = project.preview or None
        facts["file"] = video_of(project)
        facts["is_playable"] = True
    except SourceUnplayable as exc:
        facts["reason"] = clean(exc.reason)
    return facts


def _row(facts: dict[str, Any]) -> tuple[str, ...]:
    shown = "yes" if facts["is_playable"] else "no"
    title = facts["title"] or UNKNOWN
    if facts["type"] in (None, "video") and facts["reason"]:  # of the others the type says why
        title = f"{plain(title, 60)}: {facts['reason']}" if facts["title"] else facts["reason"]
    return facts["id"], facts["type"] or UNKNOWN, shown, plain(title, 100)
