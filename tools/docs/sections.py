"""Pages by hand with parts that are made: the parts are between two markers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

__all__ = ["BadMarkers", "fill", "names_in", "part_of"]

_PART = re.compile(r"(<!-- made: ([\w./-]+) .*?-->\n)(.*?)(<!-- end -->)", re.DOTALL)


class BadMarkers(Exception):
    """A page's markers name what is not made, or are not closed."""


def names_in(page: str) -> list[str]:
    """The parts that a page asks for."""
    return [match[2] for match in _PART.finditer(page)]


def part_of(page: str, name: str) -> str:
    """What a page has of a part now."""
    return next(match[3].strip("\n") for match in _PART.finditer(page) if match[2] == name)


def fill(page: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """The page with each part made anew.

    Raises:
        BadMarkers: nobody makes such a part, or a marker has no end.
    """
    if page.count("<!-- made: ") != len(names_in(page)):
        raise BadMarkers("a part that is made ('<!-- made: NAME by ... -->') has no '<!-- end -->'")

    def make(match: re.Match[str]) -> str:
        if match[2] not in makers:
            raise BadMarkers(f"nobody makes the part {match[2]!r}; there are: {', '.join(makers)}")
        return f"{match[1]}\n{makers[match[2]]()}\n\n{match[4]}"

    return _PART.sub(make, page)
