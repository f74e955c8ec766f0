"""How a pool becomes smaller while it is used: by its caps, by trimming, by age."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

PAGE = mmap.PAGESIZE
Held = Callable[[], tuple[int, int]]


def test_trim_closes_the_largest_first_and_says_how_much_it_freed(core: ModuleType, held: Held) -> None:
    evicted: list[tuple[int, bool]] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append((buffer.id, buffer.closed)))
    lent = [pool.acquire(pages * PAGE) for pages in (2, 4, 1, 8)]
    for buffer in lent[:3]:
        pool.release(buffer)
    assert pool.trim(keep_buffers=1) == 6 * PAGE
    assert evicted == [(lent[1].id, False), (lent[0].id, False)]
    assert held() == (9 * PAGE, 2)
    assert pool.trim() == PAGE
    assert pool.trim() == 0
    assert pool.stats().evictions == 0
    assert held() == (8 * PAGE, 1)
    pool.release(lent[3])
    pool.close()


def test_trim_closes_the_longest_idle_of_equal_buffers_first(core: ModuleType) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append(buffer.id))
    small, a, b, c = (pool.acquire(pages * PAGE) for pages in (1, 4, 4, 4))
    for buffer in (small, b, c, a):
        pool.release(buffer)
    pool.trim(keep_buffers=2)
    assert evicted == [b.id, c.id]


def test_trim_keeps_as_many_as_it_is_told_to(core: ModuleType, held: Held) -> None:
    pool = core.BufferPool()
    for buffer in [pool.acquire(PAGE), pool.acquire(PAGE)]:
        pool.release(buffer)
    for keep in (2, 3, 2**62):
        assert pool.trim(keep) == 0
    assert held() == (2 * PAGE, 2)


def test_trim_refuses_a_negative_number(core: ModuleType) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        core.BufferPool().trim(-1)


def test_unused_buffers_go_when_they_were_idle_from_one_call_to_the_next(core: ModuleType, held: Held) -> None:
    evicted: list[tuple[int, bool]] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append((buffer.id, buffer.closed)))
    always, once, late = (pool.acquire(pages * PAGE) for pages in (1, 2, 4))
    pool.release(once)
    pool.release(always)
    assert pool.trim_unused() == 0
    pool.release(pool.acquire(PAGE))
    pool.release(late)
    assert pool.trim_unused() == 2 * PAGE
    assert evicted == [(once.id, False)]
    assert held() == (5 * PAGE, 2)
    assert pool.trim_unused() == 5 * PAGE
    assert held() == (0, 0)
    assert pool.trim_unused() == 0
    assert pool.stats().evictions == 0


def test_a_buffer_lent_during_the_call_was_used(core: ModuleType) -> None:
    pool = core.BufferPool()
    buffer = pool.acquire(PAGE)
    pool.release(buffer)
    pool.trim_unused()
    pool.acquire(PAGE)
    assert pool.trim_unused() == 0
    pool.release(buffer)
    assert pool.trim_unused() == 0
    assert pool.trim_unused() == PAGE


def test_unused_buffers_go_longest_idle_first(core: ModuleType) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append(buffer.id))
    a, b, c = (pool.acquire(pages * PAGE) for pages in (1, 8, 2))
    for buffer in (c, a, b):
        pool.release(buffer)
    pool.trim_unused()
    pool.trim_unused()
    assert evicted == [c.id, a.id, b.id]


@pytest.mark.parametrize(
    ("limits", "closed"),
    [
        pytest.param((2, 0), 2, id="buffers"),
        pytest.param((0, 5 * PAGE), 3, id="bytes"),
        pytest.param((3, 9 * PAGE), 1, id="both, buffers tighter"),
        pytest.param((3, 4 * PAGE), 3, id="both, bytes tighter"),
        pytest.param((4, 12 * PAGE), 0, id="just enough"),
        pytest.param((0, 0), 0, id="unlimited"),
        pytest.param((1, 1), 3, id="less than is lent"),
    ],
)
def test_lower_limits_close_the_longest_idle_until_they_hold(
    core: ModuleType, held: Held, limits: tuple[int, int], closed: int
) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append(buffer.id))
    lent, a, b, c = (pool.acquire(3 * PAGE) for _ in range(4))
    for buffer in (c, a, b):
        pool.release(buffer)
    assert pool.set_limits(*limits) == closed * 3 * PAGE
    assert evicted == [c.id, a.id, b.id][:closed]
    stats = pool.stats()
    assert (stats.max_buffers, stats.max_bytes) == limits
    assert (stats.buffers_in_use, stats.buffers_idle, stats.evictions) == (1, 3 - closed, closed)
    assert held() == ((4 - closed) * 3 * PAGE, 4 - closed)
    assert not lent.closed


@pytest.mark.parametrize("limits", [(1, 0), (0, 4 * PAGE)], ids=["buffers", "bytes"])
def test_lent_buffers_above_new_limits_only_block_further_lending(
    core: ModuleType, held: Held, limits: tuple[int, int]
) -> None:
    pool = core.BufferPool()
    a, b = pool.acquire(3 * PAGE), pool.acquire(3 * PAGE)
    assert pool.set_limits(*limits) == 0
    with pytest.raises(core.PoolExhausted) as caught:
        pool.acquire(PAGE)
    error = caught.value
    assert (error.max_buffers, error.cap_bytes, error.buffers_in_use) == (*limits, 2)
    pool.release(a)
    assert a.closed
    assert pool.stats().evictions == 1
    pool.release(b)
    assert not b.closed
    assert held() == (3 * PAGE, 1)
    assert pool.acquire(3 * PAGE).id == b.id


def test_a_pool_does_not_stay_above_its_limits_by_reusing_what_comes_back(core: ModuleType, held: Held) -> None:
    pool = core.BufferPool(8, 0)
    lent = [pool.acquire(PAGE) for _ in range(8)]
    pool.set_limits(2, 0)
    for _ in range(8):
        pool.release(lent.pop(0))
        try:
            lent.append(pool.acquire(PAGE))
        except core.PoolExhausted:
            continue
    assert held() == (2 * PAGE, 2)


def test_higher_limits_lend_more_at_once(core: ModuleType) -> None:
    pool = core.BufferPool(1, PAGE)
    pool.acquire(PAGE)
    with pytest.raises(core.PoolExhausted):
        pool.acquire(PAGE)
    assert pool.set_limits(2, 3 * PAGE) == 0
    pool.acquire(2 * PAGE)
    with pytest.raises(core.PoolExhausted):
        pool.acquire(PAGE)
    pool.set_limits(0, 0)
    pool.acquire(200 * PAGE)


@pytest.mark.parametrize("limits", [(-1, 0), (0, -1), (-(2**40), 5), (5, -(2**40))])
def test_negative_limits_are_refused_and_change_nothing(core: ModuleType, limits: tuple[int, int]) -> None:
    pool = core.BufferPool(3, 9 * PAGE)
    pool.release(pool.acquire(PAGE))
    with pytest.raises(ValueError, match="a cap is 0"):
        pool.set_limits(*limits)
    stats = pool.stats()
    assert (stats.max_buffers, stats.max_bytes, stats.buffers_idle) == (3, 9 * PAGE, 1)


SHRINK: dict[str, Callable[..., int]] = {
    "trim": lambda pool: pool.trim(),
    "trim_unused": lambda pool: pool.trim_unused() + pool.trim_unused(),
    "set_limits": lambda pool: pool.set_limits(1, 1),
}


@pytest.mark.parametrize("shrink", SHRINK.values(), ids=SHRINK.keys())
def test_a_closed_pool_has_nothing_to_shrink(core: ModuleType, shrink: Callable[..., int]) -> None:
    pool = core.BufferPool()
    lent = pool.acquire(PAGE)
    pool.close()
    assert shrink(pool) == 0
    pool.release(lent)
    assert pool.stats().evictions == 0
    assert lent.closed


@pytest.mark.parametrize("shrink", SHRINK.values(), ids=SHRINK.keys())
def test_an_error_in_on_evict_comes_out_after_all_are_closed(
    core: ModuleType, held: Held, shrink: Callable[..., int]
) -> None:
    def on_evict(buffer: object) -> None:
        calls.append(buffer)
        raise RuntimeError(f"call {len(calls)}")

    calls: list[object] = []
    pool = core.BufferPool(on_evict=on_evict)
    for buffer in [pool.acquire(PAGE), pool.acquire(PAGE)]:
        pool.release(buffer)
    with pytest.raises(RuntimeError, match="call 1"):
        shrink(pool)
    assert len(calls) == 2
    assert held() == (0, 0)


@pytest.mark.parametrize("shrink", SHRINK.values(), ids=SHRINK.keys())
def test_on_evict_may_use_the_pool(core: ModuleType, shrink: Callable[..., int]) -> None:
    seen: list[int] = []
    pool = core.BufferPool(on_evict=lambda _buffer: seen.append(pool.stats().buffers_idle))
    for buffer in [pool.acquire(PAGE), pool.acquire(PAGE)]:
        pool.release(buffer)
    shrink(pool)
    assert seen == [0, 0]


def test_a_pool_refers_to_each_buffer_once_and_to_a_closed_one_not_at_all(core: ModuleType) -> None:
    alone = core.ManagedBuffer(PAGE)
    references = sys.getrefcount(alone)
    pool = core.BufferPool()
    buffer = pool.acquire(PAGE)
    assert sys.getrefcount(buffer) == references + 1
    pool.release(buffer)
    assert sys.getrefcount(buffer) == references + 1
    pool.release(pool.acquire(PAGE))
    assert sys.getrefcount(buffer) == references + 1
    pool.trim()
    assert sys.getrefcount(buffer) == references
