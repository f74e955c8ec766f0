"""How a pool becomes smaller while it is used: by its caps, by trimming."""

from __future__ import annotations

import mmap
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

PAGE = mmap.PAGESIZE
Held = Callable[[], tuple[int, int]]


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
