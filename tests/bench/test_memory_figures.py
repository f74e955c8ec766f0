"""How the memory bench judges what it has read, and how mappings are told apart; nothing here looks at a process."""

from __future__ import annotations

import pytest

from bench import memory, report, where
from bench.where import Mapping, Share

MB = 1_000_000
KB = 1024


def rounds(**changes: list[float]) -> report.Samples:
    samples: report.Samples = {
        "three_player_rss": [90.0, 91.0],
        "one_player_rss": [90.0, 90.0],
        "three_pss": [80.0, 81.0],
        "one_pss": [80.0, 82.5],
    }
    return samples | changes


def test_one_screen_is_compared_with_three_round_by_round() -> None:
    made = memory.derived(rounds())
    assert made["one_more_pss"] == [0.0, 1.5]
    assert made["one_more_rss"] == [-0.5, -0.5]


def test_rounds_that_others_shared_count_only_where_there_are_no_others() -> None:
    some = rounds(three_player_rss_shared=[130.0])
    assert memory.derived(some)["three_player_rss"] == [90.0, 91.0]
    assert "in 1 of 2 rounds" in memory.note(some)
    every = rounds(three_player_rss=[], three_player_rss_shared=[130.0, 131.0])
    assert memory.derived(every)["three_player_rss"] == [130.0, 131.0]
    assert "in every round" in memory.note(every)
    assert memory.note(rounds()) == ""


def test_a_buffer_larger_than_the_screen_misses_its_target() -> None:
    figure = memory.FIGURES["large_buffer"]
    assert figure.verdict(1920 * 1080 * 4 / MB) == "met"
    assert figure.verdict(3840 * 2160 * 4 / MB) == "MISSED"


SMAPS = """\
7f0000000000-7f0000200000 r-xp 00000000 fe:00 11 /usr/lib/libx.so.1 (deleted)
Size:               2048 kB
Rss:                 100 kB
Pss:                  50 kB
Anonymous:         0 kB
VmFlags: rd ex mr mw me
7f0000200000-7f0000201000 rw-p 00200000 fe:00 11                         /usr/lib/libx.so.1
Rss:                   4 kB
Pss:                   4 kB
Anonymous:         4 kB
"""


def test_mappings_are_read_with_their_paths_and_sizes() -> None:
    code, data = where.read_mappings(SMAPS)
    assert code == Mapping(0x7F0000000000, 0x7F0000200000, "r-xp", "/usr/lib/libx.so.1 (deleted)", 100 * KB, 50 * KB, 0)
    assert (data.begins, data.path, data.own) == (0x7F0000200000, "/usr/lib/libx.so.1", 4 * KB)


def mapping(path: str, permissions: str = "rw-p", begins: int = 0, size: int = 4 * KB) -> Mapping:
    return Mapping(begins, begins + size, permissions, path, size, size, size if "w" in permissions else 0)


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (mapping("/memfd:wayvid-buffer (deleted)", "rw-s"), "frame buffers"),
        (mapping("[heap]"), "heap"),
        (mapping("[stack]"), "stack of the main thread"),
        (mapping("/usr/lib/libx.so.1", "r-xp"), "file libx.so.1"),
        (mapping("/usr/lib/libx.so.1"), where.LIBRARY_DATA),
        (mapping("", size=4 * MB), "anonymous, as large as a picture"),
        (mapping("", size=MB), "anonymous, smaller"),
    ],
    ids=["picture", "heap", "stack", "code", "data", "decoded", "other"],
)
def test_a_mapping_is_in_the_group_of_its_kind(one: Mapping, name: str) -> None:
    assert where.groups([one]) == {name: Share(one.rss, one.pss, one.own)}


def test_what_follows_tells_stacks_and_zeroed_data_from_other_anonymous_memory() -> None:
    library = mapping("/usr/lib/libx.so.1", "r-xp", begins=0, size=64 * KB)
    zeroed = mapping("", begins=64 * KB, size=8 * KB)
    guard = mapping("", "---p", begins=MB, size=4 * KB)
    stack = mapping("", begins=guard.ends, size=64 * KB)
    arena = mapping("", begins=64 * KB, size=1024 * KB)
    assert where.groups([library, zeroed])[where.LIBRARY_DATA].rss == zeroed.rss
    assert where.groups([guard, stack])["stacks of other threads"].rss == stack.rss
    assert where.LIBRARY_DATA not in where.groups([library, arena])


def test_the_table_has_every_byte_and_few_lines() -> None:
    many = [mapping(f"/usr/lib/lib{number}.so", "r-xp", size=MB) for number in range(40)]
    table = where.lines(where.groups(many))
    assert len(table) == 1 + where.LISTED + 2
    assert table[-2].startswith("28 other files")
    assert table[-1].split() == ["together", "40.0", "40.0", "0.0"]
