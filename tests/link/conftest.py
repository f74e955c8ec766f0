"""Both ends of a link in one process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from wayvid.link.messages import ToDaemon, ToPlayer
from wayvid.link.pair import link_pair
from wayvid.link.transport import LinkEnd


class Link(NamedTuple):
    """The daemon's end and the player's."""

    daemon: LinkEnd[Any, Any]
    player: LinkEnd[Any, Any]


@pytest.fixture
def link() -> Iterator[Link]:
    """A link whose two ends are both in this process."""
    ours, theirs = link_pair()
    ends = Link(LinkEnd(ours, ToDaemon), LinkEnd(theirs, ToPlayer))
    yield ends
    for end in ends:
        end.close()


@pytest.fixture
def open_fds() -> Callable[[], int]:
    """How many file descriptors this process has."""
    return lambda: len(os.listdir("/proc/self/fd"))
