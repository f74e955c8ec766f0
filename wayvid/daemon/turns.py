"""Which file of a list is shown before and after another: pure values, which keep no list.

The files are looked through once or twice for each step, so a list of any length takes
no memory, and what has come or gone meanwhile counts at once. A shuffled list has an
order for each round that follows from the round's number alone. So the way back is
the way it came, also after a restart, which has to know the file and the round only.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeAlias

from wayvid.link.messages import StreamSpec
from wayvid.playlist import Playlist

__all__ = ["Entry", "Found", "Listing", "Opened", "Turn", "first", "following"]

_Key: TypeAlias = tuple[int, str]

_MASK = (1 << 64) - 1


class Listing(NamedTuple):
    """What there is to show.

    Attributes:
        files: called for each look: all of them as they are now, each once.
        is_shuffled: else they are in the order of their ranks, and then of their names.
        rank: of a file, also of one that is not among them.
    """

    files: Callable[[], Iterable[str]]
    is_shuffled: bool = False
    rank: Callable[[str], int] = lambda _file: 0


class Entry(NamedTuple):
    """Where a list is.

    Attributes:
        file: that is shown.
        round_: of a shuffled list, any number.
    """

    file: str
    round_: int


class Found(NamedTuple):
    """A place in a list.

    Attributes:
        entry: that place.
        is_alone: there is no other file.
        is_new_round: the list's end, or its beginning, was passed on the way.
    """

    entry: Entry
    is_alone: bool
    is_new_round: bool = False


class Turn(NamedTuple):
    """Where a timeline is in its list.

    Attributes:
        playlist: the list, its path absolute.
        entry: what is shown.
        since_s: since when, Unix time; what is about to come has a moment that is.
        is_alone: there was no other file.
        loops: whether the list begins again at its end.
        loop_fade_s: how long the end of a file fades into its beginning, where it loops.
    """

    playlist: Playlist
    entry: Entry
    since_s: float
    is_alone: bool
    loops: bool = True
    loop_fade_s: float = 0.0

    @property
    def loops_file(self) -> bool:
        """Whether the file that is shown begins again at its end."""
        return self.loops if self.is_alone else bool(self.playlist.every_s)


class Opened(NamedTuple):
    """What a source is to begin with.

    Attributes:
        spec: the stream; of a list, that of one of its files.
        turn: where it is in its list; None: it is none.
    """

    spec: StreamSpec
    turn: Turn | None = None


class _Ends(NamedTuple):
    """What one look through the files finds; None: there is no such file."""

    number: int
    first: str | None
    second: str | None
    last: str | None
    before: str | None
    after: str | None


def first(listing: Listing, round_: int) -> Found | None:
    """Where a list begins; None: it has no file."""
    ends = _look(listing, round_)
    file = ends.first
    if listing.is_shuffled and ends.number > 2 and _look(listing, round_ - 1).last == file:
        file = ends.second
    return Found(Entry(file, round_), ends.number == 1) if file is not None else None


def following(listing: Listing, entry: Entry, step: int) -> Found | None:
    """What is shown after a file, or before it.

    Args:
        listing: see Listing.
        entry: what is shown; it may have gone.
        step: 1 or -1.

    Returns:
        None: there is no file. The same one where there is no other.
    """
    here = _look(listing, entry.round_, entry.file)
    if here.number <= 2:  # each once a round, never the same twice in a row: two alternate
        here = _look(listing, 0, entry.file)
    elif listing.is_shuffled:
        return _shuffled(listing, entry, step, here)
    if here.first is None or here.last is None:
        return None
    beside = here.after if step > 0 else here.before
    other = beside or (here.first if step > 0 else here.last)
    return Found(entry._replace(file=other), here.number == 1, beside is None)


def _shuffled(listing: Listing, entry: Entry, step: int, here: _Ends) -> Found | None:
    """As following(), of three files or more.

    A round that would begin with the last file of the one before has its second one first.
    """
    file, round_ = entry
    assert here.first is not None
    assert here.second is not None
    other = here.after if step > 0 else here.before
    if file in (here.first, here.second) or other == here.second:
        begin = (here.first, here.second)
        if _look(listing, round_ - 1).last == here.first:
            begin = (here.second, here.first)
        other = _in_order(file, begin, other, step, _look(listing, round_, here.second).after)
    if other is not None:
        return Found(Entry(other, round_), False)
    beyond = _look(listing, round_ + step)
    other = beyond.last
    if step > 0:
        other = beyond.second if beyond.first == here.last and beyond.second else beyond.first
    if other is None:  # all have gone since the first look
        return None
    return Found(Entry(other, round_ + step), False, True)


def _in_order(file: str, begin: tuple[str, str], other: str | None, step: int, third: str | None) -> str | None:
    """The neighbour of a file near the beginning of a round, whose first two files are these."""
    if step > 0:
        return {begin[0]: begin[1], begin[1]: third}.get(file, other)
    return {begin[0]: None, begin[1]: begin[0]}.get(file, begin[1] if file == third else other)


def _key_of(listing: Listing, round_: int) -> Callable[[str], _Key]:
    rank = listing.rank
    if not listing.is_shuffled:
        return lambda file: (rank(file), file)
    from zlib import crc32  # a library, which the daemon needs for nothing else

    salt = round_ * 0x9E3779B97F4A7C15

    # The last steps of SplitMix64: without them the orders of two rounds would be alike, crc32 being linear.
    def key(file: str) -> _Key:
        mixed = (crc32(os.fsencode(file)) + salt) & _MASK
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
        return mixed ^ mixed >> 31, file

    return key


def _look(listing: Listing, round_: int, file: str | None = None) -> _Ends:
    """Look through the files once, in the order of a round.

    Args:
        listing: see Listing.
        round_: which.
        file: whose neighbours are wanted; it need not be there.
    """
    key_of = _key_of(listing, round_)
    here = key_of(file) if file is not None else None
    count = 0
    first = second = last = before = after = None
    for each in listing.files():
        count += 1
        key = key_of(each)
        if first is None or key < first:
            first, second = key, first
        elif second is None or key < second:
            second = key
        if last is None or key > last:
            last = key
        if here is not None and key != here:
            if key < here:
                before = key if before is None or key > before else before
            else:
                after = key if after is None or key < after else after
    return _Ends(count, *(key and key[1] for key in (first, second, last, before, after)))
