"""Where Steam keeps the items of Wallpaper Engine's Workshop."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from wayvid.errors import SourceUnplayable
from wayvid.workshop.names import PREFIX

__all__ = ["Item", "find_item", "items", "libraries", "number_of"]

APP_ID = "431960"  # Wallpaper Engine's
MAX_LIST_BYTES = 256 * 1024
# Below the home folder. The first three are often links to one another.
ROOTS = (
    ".steam/steam",
    ".steam/root",
    ".local/share/Steam",
    ".steam/debian-installation",
    ".var/app/com.valvesoftware.Steam/.steam/steam",
    ".var/app/com.valvesoftware.Steam/.local/share/Steam",
    ".var/app/com.valvesoftware.Steam/data/Steam",
    "snap/steam/common/.steam/steam",
    "snap/steam/common/.local/share/Steam",
)
LISTS = ("steamapps/libraryfolders.vdf", "config/libraryfolders.vdf", "SteamApps/libraryfolders.vdf")
CONTENT = (f"steamapps/workshop/content/{APP_ID}", f"SteamApps/workshop/content/{APP_ID}")


class Item(NamedTuple):
    """An item of the Workshop that Steam has on this machine: its number, and its folder."""

    item_id: str
    folder: str


def number_of(text: str) -> str:
    """The number of the item that "we:ID", a bare number or the item's address means; empty where it means none."""
    text = text.removeprefix(PREFIX)
    if "steamcommunity.com/" in text:
        from urllib.parse import parse_qs, urlsplit

        text = parse_qs(urlsplit(text).query).get("id", [""])[0]
    return text if text.isascii() and text.isdecimal() else ""


def find_item(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The folder of an item.

    Args:
        name: "we:ID".
        environ: says whose home it is.

    Raises:
        SourceUnplayable: the name has no number, or Steam has no such item.
    """
    item_id = number_of(name)
    if not item_id:
        raise SourceUnplayable(name, f"behind {PREFIX} has to be the number of an item", "see 'wayvid workshop list'")
    found = libraries(environ)
    for library in found:
        for content in CONTENT:
            folder = os.path.join(library, content, item_id)
            if os.path.isdir(folder):
                return folder
    if not found:
        raise SourceUnplayable(name, "no Steam was found in this home folder", "name the project's folder")
    reason = f"Steam does not have that item (looked in {len(found)} librar{'y' if len(found) == 1 else 'ies'})"
    raise SourceUnplayable(name, reason, "subscribe to it in Steam, and see 'wayvid workshop list'")


def items(environ: Mapping[str, str] = os.environ) -> list[Item]:
    """All items that Steam has, by their numbers; each once, however many ways lead to it."""
    found: dict[str, str] = {}
    for library in libraries(environ):
        for content in CONTENT:
            folder = os.path.join(library, content)
            for name in _names(folder):
                path = os.path.join(folder, name)
                if name.isascii() and name.isdecimal() and os.path.isdir(path):
                    found.setdefault(name, path)
    return [Item(item_id, found[item_id]) for item_id in sorted(found, key=int)]


def libraries(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The real paths of Steam's library folders: of every way that Steam is installed, each once."""
    home = environ.get("HOME") or os.path.expanduser("~")
    places = [os.path.join(home, root) for root in ROOTS]
    if os.path.isabs(data_home := environ.get("XDG_DATA_HOME", "")):
        places.append(os.path.join(data_home, "Steam"))
    found: dict[str, None] = {}
    for place in places:
        if os.path.isdir(place) and (root := os.path.realpath(place)) not in found:
            listed = [os.path.realpath(path) for path in _listed(root) if os.path.isdir(path)]
            found.update(dict.fromkeys([root, *listed]))
    return list(found)


def _listed(root: str) -> Iterator[str]:
    """The folders in Steam's own lists of them, the present form and that before 2021; what is broken is left out."""
    for name in LISTS:
        try:
            with open(os.path.join(root, name), encoding="utf-8", errors="surrogateescape") as file:
                text = file.read(MAX_LIST_BYTES)
            tables = _parse(text)
        except (OSError, SyntaxError, RecursionError):
            continue
        for key, table in tables.items():
            if key.lower() == "libraryfolders" and isinstance(table, dict):
                for number, entry in table.items():
                    path = _path(entry)
                    if number.isdecimal() and os.path.isabs(path) and "\0" not in path:
                        yield path


def _path(entry: object) -> str:
    if isinstance(entry, dict):
        entry = next((value for key, value in entry.items() if key.lower() == "path"), "")
    return entry if isinstance(entry, str) else ""


def _parse(text: str) -> dict[str, Any]:
    import vdf  # only where somebody asks for an item by its number

    tables: dict[str, Any] = vdf.loads(text)
    return tables


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
