"""How a folder or a list of files is named with the order and the times in which its files are shown: plain words."""

from __future__ import annotations

from math import isfinite
from typing import NamedTuple

__all__ = ["LONGEST_S", "ORDERS", "PREFIX", "SHORTEST_S", "Playlist", "playlist_of"]

PREFIX = "playlist:"
ORDERS = ("name", "shuffle")
# How long a file may be shown, where its end does not say it.
SHORTEST_S, LONGEST_S = 1, 604800
_FLAGS = {"true": True, "false": False}


class Playlist(NamedTuple):
    """What is said of a list; str() is the source that means it.

    Attributes:
        path: a folder, or a file with a list in it.
        order: of ORDERS; "name" is that of the names, in a list's file that of its lines.
        every_s: how long each file is shown; 0: to its end.
        recursive: whether folders within the folder belong to it.
    """

    path: str
    order: str = ORDERS[0]
    every_s: float = 0.0
    recursive: bool = False

    def __str__(self) -> str:
        words = [f"order={self.order}"] if self.order != ORDERS[0] or "?" in self.path else []
        words += [f"every_s={self.every_s:.12g}"] if self.every_s else []
        words += ["recursive=true"] if self.recursive else []
        return f"{PREFIX}{self.path}{'?' * bool(words)}{'&'.join(words)}"


def playlist_of(text: str) -> Playlist:
    """What a source that begins with PREFIX means; what is behind its last "?" are options if it looks so.

    Raises:
        ValueError: in words: an option that there is not, or that cannot be so.
    """
    whole = text.removeprefix(PREFIX)
    path, separator, words = whole.rpartition("?")
    pairs = [word.partition("=") for word in words.split("&")]
    if not separator or not all(name.isidentifier() and sign for name, sign, _value in pairs):
        return Playlist(whole)
    told: dict[str, str] = {name: value for name, _sign, value in pairs}
    if unknown := sorted(told.keys() - {"order", "every_s", "recursive"}):
        raise ValueError(f"{unknown[0]!r} is no option of a list; there are order, every_s and recursive")
    order = told.get("order", ORDERS[0])
    if order not in ORDERS:
        raise ValueError(f"there is no order {order!r}; give {' or '.join(ORDERS)}")
    flag = told.get("recursive", "false")
    if flag not in _FLAGS:
        raise ValueError(f"recursive={flag} is not possible; give true or false")
    return Playlist(path, order, _seconds(told.get("every_s", "0")), _FLAGS[flag])


def _seconds(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not isfinite(value) or not (value == 0 or SHORTEST_S <= value <= LONGEST_S):
        raise ValueError(f"every_s={word} is not possible; give seconds from {SHORTEST_S:g} to {LONGEST_S:g}, or 0")
    return value
