"""In which order the files of a list are shown, forwards and backwards, also while files come and go."""

from __future__ import annotations

from itertools import pairwise

import pytest

from wayvid.daemon.turns import Entry, Listing, first, following

ROUNDS = range(-3, 40)


def names(count: int) -> list[str]:
    return [f"/f/{number:03}.jpg" for number in range(count)]


def walk(listing: Listing, begin: Entry, step: int, count: int) -> list[Entry]:
    entries = [begin]
    for _ in range(count):
        found = following(listing, entries[-1], step)
        assert found is not None
        entries.append(found.entry)
    return entries


def files_of(entries: list[Entry]) -> list[str]:
    return [entry.file for entry in entries]


def begin_of(listing: Listing, round_: int = 0) -> Entry:
    found = first(listing, round_)
    assert found is not None
    return found.entry


@pytest.mark.parametrize("round_", ROUNDS)
@pytest.mark.parametrize("count", [3, 4, 5, 30])
def test_each_shuffled_round_shows_each_file_once_and_none_twice_in_a_row(count: int, round_: int) -> None:
    listing = Listing(lambda: names(count), is_shuffled=True)
    entries = walk(listing, begin_of(listing, round_), 1, 5 * count - 1)
    assert all(one.file != other.file for one, other in pairwise(entries))
    for number in range(5):
        part = entries[number * count : (number + 1) * count]
        assert {entry.round_ for entry in part} == {round_ + number}
        assert sorted(files_of(part)) == names(count)
    assert walk(listing, entries[-1], -1, len(entries) - 1) == entries[::-1], "back the way it came"


def test_orders_of_rounds_are_all_there_are() -> None:
    listing = Listing(lambda: names(3), is_shuffled=True)
    orders = {tuple(files_of(walk(listing, begin_of(listing, round_), 1, 2))) for round_ in range(200)}
    assert len(orders) == 6


@pytest.mark.parametrize("is_shuffled", [True, False])
def test_two_files_alternate_and_one_is_alone(is_shuffled: bool) -> None:
    two = Listing(lambda: names(2), is_shuffled)
    seen = files_of(walk(two, begin_of(two, 5), 1, 6))
    assert all(one != other for one, other in pairwise(seen))
    one = Listing(lambda: names(1), is_shuffled)
    found = following(one, begin_of(one, 5), 1)
    assert found is not None
    assert (found.entry.file, found.is_alone) == (names(1)[0], True)
    assert following(Listing(list, is_shuffled), Entry("/f/gone.jpg", 3), 1) is None
    assert first(Listing(list, is_shuffled), 0) is None


def test_names_go_round_in_their_order() -> None:
    listing = Listing(lambda: reversed(names(3)))
    assert files_of(walk(listing, begin_of(listing), 1, 4)) == [*names(3), *names(2)]
    assert files_of(walk(listing, begin_of(listing), -1, 3)) == [names(3)[0], *names(3)[::-1]]
    ends = [following(listing, Entry(name, 0), 1) for name in names(3)]
    assert [found is not None and found.is_new_round for found in ends] == [False, False, True]


def test_a_lists_own_order_goes_before_names() -> None:
    lines = {name: number for number, name in enumerate("cab")}
    listing = Listing(lambda: lines, rank=lambda file: lines.get(file, -1))
    assert files_of(walk(listing, begin_of(listing), 1, 3)) == list("cabc")
    assert files_of(walk(listing, begin_of(listing), -1, 2)) == list("cba")


@pytest.mark.parametrize("is_shuffled", [True, False])
def test_files_that_come_and_go_count_at_once(is_shuffled: bool) -> None:
    there = names(9)
    listing = Listing(lambda: there, is_shuffled)
    here = begin_of(listing, 3)
    there.remove(here.file)
    after = walk(listing, here, 1, 8)[1:]
    assert here.file not in files_of(after)
    there.append("/f/new.jpg")
    assert "/f/new.jpg" in files_of(walk(listing, after[-1], 1, 18))


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("left", [0, 1, 2])
@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_files_that_go_between_two_looks_are_no_error(step: int, left: int, after: int) -> None:
    # Each step looks more than once; while a large folder was deleted the daemon ended with a traceback.
    every = names(4)
    for file in every:
        there, looks = list(every), 0

        def files(there: list[str] = there) -> list[str]:
            nonlocal looks
            looks += 1
            if looks > after:
                del there[left:]
            return there

        found = following(Listing(files, True), Entry(file, 3), step)
        assert found is None or found.entry.file in every
