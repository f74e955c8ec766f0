"""What each output shows, in few words: for the service manager and for hooks. Pure values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

__all__ = ["Change", "Showing", "changes_of", "status_line"]

# There is no picture of the source yet.
UNSETTLED = ("starting", "reconnecting")


class Showing(NamedTuple):
    """What one output shows.

    Attributes:
        output: its name.
        state: as of Stream.state.
        source: in the user's words; of a list, the file that is shown.
    """

    output: str
    state: str
    source: str


class Change(NamedTuple):
    """Another source, and the outputs that it has come to."""

    source: str
    outputs: tuple[str, ...]


def status_line(shown: Iterable[Showing]) -> str:
    """What all outputs show, as one line for `systemctl status`."""
    outputs: dict[tuple[str, str], list[str]] = {}
    for one in shown:
        outputs.setdefault((one.state, os.path.basename(one.source.rstrip("/")) or one.source), []).append(one.output)
    told = [f"{state}: {source} on {', '.join(names)}" for (state, source), names in outputs.items()]
    line = "; ".join(told) or "no screen to show anything on"
    return "".join(character if character.isprintable() else "?" for character in line)


def changes_of(told: Mapping[str, str], shown: Iterable[Showing]) -> list[Change]:
    """The sources that have come to outputs and have a picture there.

    Args:
        told: the sources that outputs are known to show, by name.
        shown: what they show.
    """
    outputs: dict[str, list[str]] = {}
    for one in shown:
        if one.state not in UNSETTLED and told.get(one.output) != one.source:
            outputs.setdefault(one.source, []).append(one.output)
    return [Change(source, tuple(names)) for source, names in outputs.items()]
