"""The memory counters: what they add up, and what they refuse to count."""

from __future__ import annotations

from types import ModuleType

import pytest

FIGURES = ("current_bytes", "peak_bytes", "allocated_bytes", "freed_bytes", "active_allocations")


def new_record(core: ModuleType) -> int:
    """A size that makes a new peak whatever other tests did to the counters before."""
    return core.memory_stats().peak_bytes + 1


def difference(after: object, before: object) -> dict[str, int]:
    return {name: getattr(after, name) - getattr(before, name) for name in FIGURES if name != "peak_bytes"}


def test_an_allocation_shows_in_its_kind_and_in_the_total(core: ModuleType) -> None:
    before = core.memory_stats()
    core.allocated(core.TEXTURE, 1000)
    after = core.memory_stats()
    expected = {"current_bytes": 1000, "allocated_bytes": 1000, "freed_bytes": 0, "active_allocations": 1}
    assert difference(after.texture, before.texture) == expected
    assert difference(after, before) == expected
    core.freed(core.TEXTURE, 1000)


def test_other_kinds_stay_as_they_are(core: ModuleType) -> None:
    before = core.memory_stats()
    core.allocated(core.STAGING, 1000)
    after = core.memory_stats()
    for name in ("frame", "texture", "other"):
        assert not any(difference(after.kinds[name], before.kinds[name]).values()), name
    core.freed(core.STAGING, 1000)


def test_a_free_takes_the_allocation_away_again(core: ModuleType) -> None:
    before = core.memory_stats()
    core.allocated(core.OTHER, 1000)
    core.freed(core.OTHER, 1000)
    expected = {"current_bytes": 0, "allocated_bytes": 1000, "freed_bytes": 1000, "active_allocations": 0}
    assert difference(core.memory_stats(), before) == expected


@pytest.mark.parametrize(
    ("old", "new", "grown", "shrunk"),
    [
        pytest.param(1024, 1 << 20, (1 << 20) - 1024, 0, id="grows"),
        pytest.param(1 << 20, 1024, 0, (1 << 20) - 1024, id="shrinks"),
        pytest.param(1024, 1024, 0, 0, id="same"),
        pytest.param(0, 10, 10, 0, id="from nothing"),
    ],
)
def test_a_resize_counts_the_difference_and_stays_one_allocation(
    core: ModuleType, old: int, new: int, grown: int, shrunk: int
) -> None:
    # Users of the earlier system saw a buffer that grew from 1 KiB to 1 MiB still counted as 1 KiB.
    core.allocated(core.OTHER, old)
    before = core.memory_stats()
    core.resized(core.OTHER, old, new)
    assert difference(core.memory_stats(), before) == {
        "current_bytes": new - old,
        "allocated_bytes": grown,
        "freed_bytes": shrunk,
        "active_allocations": 0,
    }
    core.freed(core.OTHER, new)


def test_the_peak_is_the_most_held_at_once(core: ModuleType) -> None:
    base = core.memory_stats()
    size = new_record(core)
    for _ in range(3):
        core.allocated(core.OTHER, size)
    for _ in range(3):
        core.freed(core.OTHER, size)
    core.allocated(core.OTHER, 1)
    core.freed(core.OTHER, 1)
    stats = core.memory_stats()
    assert stats.peak_bytes == base.current_bytes + 3 * size
    assert stats.other.peak_bytes == base.other.current_bytes + 3 * size


def test_the_peak_of_the_total_is_not_the_sum_of_the_peaks(core: ModuleType) -> None:
    base = core.memory_stats().current_bytes
    size = new_record(core)
    for kind in (core.STAGING, core.TEXTURE):
        core.allocated(kind, size)
        core.freed(kind, size)
    stats = core.memory_stats()
    assert stats.peak_bytes == base + size
    assert stats.peak_bytes < sum(kind.peak_bytes for kind in stats.kinds.values())


def test_a_growing_resize_lifts_the_peak(core: ModuleType) -> None:
    base = core.memory_stats()
    size = new_record(core)
    core.allocated(core.OTHER, 1)
    core.resized(core.OTHER, 1, size)
    core.freed(core.OTHER, size)
    assert core.memory_stats().peak_bytes == base.current_bytes + size


@pytest.mark.parametrize("kind", [-1, 4, 1000, -(2**31)])
def test_an_unknown_kind_is_refused(core: ModuleType, kind: int) -> None:
    before = core.memory_stats()
    for call in (
        lambda: core.allocated(kind, 1),
        lambda: core.freed(kind, 1),
        lambda: core.resized(kind, 1, 1),
    ):
        with pytest.raises(ValueError, match=r"kind must be 0\.\.3"):
            call()
    assert not any(difference(core.memory_stats(), before).values())


@pytest.mark.parametrize("nbytes", [-1, -(2**40), (1 << 47) + 1])
def test_a_size_out_of_range_is_refused(core: ModuleType, nbytes: int) -> None:
    core.allocated(core.OTHER, 1)
    before = core.memory_stats()
    for call in (
        lambda: core.allocated(core.OTHER, nbytes),
        lambda: core.freed(core.OTHER, nbytes),
        lambda: core.resized(core.OTHER, nbytes, 1),
        lambda: core.resized(core.OTHER, 1, nbytes),
    ):
        with pytest.raises(ValueError, match=r"a size must be 0\.\."):
            call()
    assert not any(difference(core.memory_stats(), before).values())
    core.freed(core.OTHER, 1)


def test_more_cannot_be_freed_than_is_held(core: ModuleType) -> None:
    held = core.memory_stats().staging
    core.allocated(core.STAGING, 10)
    before = core.memory_stats()
    too_much = held.current_bytes + 11
    with pytest.raises(ValueError, match="holds less than"):
        core.freed(core.STAGING, too_much)
    with pytest.raises(ValueError, match="holds less than"):
        core.resized(core.STAGING, too_much, 1)
    assert not any(difference(core.memory_stats(), before).values())
    core.freed(core.STAGING, 10)


def test_nothing_can_be_freed_when_nothing_is_allocated(core: ModuleType) -> None:
    assert core.memory_stats().staging.active_allocations == 0
    with pytest.raises(ValueError, match=r"kind 2"):
        core.freed(core.STAGING, 0)
    assert core.memory_stats().staging.active_allocations == 0


def test_kinds_come_by_name_in_the_order_of_their_numbers(core: ModuleType) -> None:
    assert (core.FRAME, core.TEXTURE, core.STAGING, core.OTHER) == (0, 1, 2, 3)
    assert list(core.memory_stats().kinds) == ["frame", "texture", "staging", "other"]


@pytest.mark.parametrize("name", FIGURES)
def test_a_snapshot_is_frozen(core: ModuleType, name: str) -> None:
    stats = core.memory_stats()
    for frozen in (stats, stats.frame):
        with pytest.raises(AttributeError):
            setattr(frozen, name, 0)


def test_a_snapshot_stays_when_the_counters_move_on(core: ModuleType) -> None:
    stats = core.memory_stats()
    before = stats.current_bytes
    core.allocated(core.OTHER, 77)
    assert stats.current_bytes == before
    core.freed(core.OTHER, 77)


def test_a_snapshot_shows_its_figures_in_its_repr(core: ModuleType) -> None:
    stats = core.memory_stats()
    assert f"current_bytes={stats.current_bytes}, peak_bytes={stats.peak_bytes}" in repr(stats)
    assert repr(stats.frame).startswith("KindStats(current_bytes=")
