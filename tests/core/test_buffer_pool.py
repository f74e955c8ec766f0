"""The pool: who gets which buffer, what the caps allow, who has to go."""

from __future__ import annotations

import gc
import mmap
import resource
from collections.abc import Callable
from types import ModuleType

import pytest

from wayvid._core import BufferPool, ManagedBuffer

PAGE = mmap.PAGESIZE
MIB = 1 << 20
View = Callable[..., memoryview]
Held = Callable[[], tuple[int, int]]


def test_a_released_buffer_serves_the_next_request(core: ModuleType) -> None:
    pool = core.BufferPool()
    first = pool.acquire(4 * PAGE)
    first_id, first_fd = first.id, first.fd
    pool.release(first)
    again = pool.acquire(4 * PAGE)
    assert (again.id, again.fd) == (first_id, first_fd)
    stats = pool.stats()
    assert (stats.hits, stats.misses, stats.evictions) == (1, 1, 0)


def test_a_reused_buffer_has_the_size_asked_for(core: ModuleType, view: View) -> None:
    pool = core.BufferPool()
    pool.release(pool.acquire(3 * PAGE))
    buffer = pool.acquire(2 * PAGE + 1)
    assert (buffer.size_bytes, buffer.capacity_bytes) == (2 * PAGE + 1, 3 * PAGE)
    assert view(buffer).nbytes == 2 * PAGE + 1


def test_the_smallest_buffer_that_fits_serves(core: ModuleType) -> None:
    pool = core.BufferPool()
    lent = {pages: pool.acquire(pages * PAGE) for pages in (14, 10, 12, 9)}
    ids = {pages: buffer.id for pages, buffer in lent.items()}
    for buffer in lent.values():
        pool.release(buffer)
    assert pool.acquire(10 * PAGE).id == ids[10]
    assert pool.acquire(10 * PAGE).id == ids[12]
    assert pool.acquire(10 * PAGE).id == ids[14]


def test_the_newest_of_equal_buffers_serves(core: ModuleType) -> None:
    pool = core.BufferPool()
    older, newer = pool.acquire(PAGE), pool.acquire(PAGE)
    pool.release(older)
    pool.release(newer)
    assert pool.acquire(PAGE).id == newer.id


@pytest.mark.parametrize(
    ("wanted_pages", "serves"),
    [
        pytest.param(12, True, id="exact"),
        pytest.param(8, True, id="half as much again"),
        pytest.param(7, False, id="more than half as much again"),
        pytest.param(1, False, id="far too large"),
        pytest.param(13, False, id="too small"),
    ],
)
def test_a_buffer_serves_only_within_the_waste_bound(core: ModuleType, wanted_pages: int, serves: bool) -> None:
    # In the earlier system 16 bytes could get a buffer of 8 MB.
    pool = core.BufferPool()
    pool.release(pool.acquire(12 * PAGE))
    pool.acquire(wanted_pages * PAGE)
    assert (pool.stats().hits, pool.stats().misses) == ((1, 1) if serves else (0, 2))


def test_sizes_within_a_page_share_buffers(core: ModuleType) -> None:
    pool = core.BufferPool()
    pool.release(pool.acquire(PAGE))
    assert pool.acquire(1).capacity_bytes == PAGE
    assert pool.stats().hits == 1


def test_stats_tell_lent_from_idle(core: ModuleType) -> None:
    pool = core.BufferPool(5, 100 * PAGE)
    lent, idle = pool.acquire(3 * PAGE), pool.acquire(10 * PAGE)
    pool.release(idle)
    stats = pool.stats()
    assert (stats.buffers_in_use, stats.in_use_bytes) == (1, 3 * PAGE)
    assert (stats.buffers_idle, stats.idle_bytes) == (1, 10 * PAGE)
    assert (stats.max_buffers, stats.max_bytes) == (5, 100 * PAGE)
    pool.release(lent)


def test_stats_are_frozen(core: ModuleType) -> None:
    with pytest.raises(AttributeError):
        core.BufferPool().stats().hits = 7


def test_the_caps_default_to_eight_buffers_and_a_hundred_mebibytes(core: ModuleType) -> None:
    stats = core.BufferPool().stats()
    assert (stats.max_buffers, stats.max_bytes) == (8, 100 * MIB)


@pytest.mark.parametrize(
    ("caps", "sizes"),
    [
        pytest.param((2, 0), [PAGE, PAGE], id="buffers"),
        pytest.param((0, 4 * PAGE), [3 * PAGE, PAGE], id="bytes"),
    ],
)
def test_a_pool_whose_caps_are_lent_out_refuses(
    core: ModuleType, held: Held, caps: tuple[int, int], sizes: list[int]
) -> None:
    pool = core.BufferPool(*caps)
    lent = [pool.acquire(size) for size in sizes]
    before = held()
    with pytest.raises(core.PoolExhausted) as caught:
        pool.acquire(1)
    error = caught.value
    assert isinstance(error, MemoryError)
    assert (error.wanted_bytes, error.cap_bytes) == (PAGE, caps[1])
    assert (error.in_use_bytes, error.buffers_in_use, error.max_buffers) == (sum(sizes), 2, caps[0])
    assert str(error.wanted_bytes) in str(error)
    assert str(error.in_use_bytes) in str(error)
    assert held() == before
    assert pool.stats().misses == 2
    pool.release(lent[0])
    pool.acquire(sizes[0])


def test_a_request_larger_than_the_cap_is_refused_without_evicting(core: ModuleType) -> None:
    pool = core.BufferPool(0, 4 * PAGE)
    pool.release(pool.acquire(PAGE))
    with pytest.raises(core.PoolExhausted):
        pool.acquire(5 * PAGE)
    assert pool.stats().buffers_idle == 1


def test_caps_of_zero_are_unlimited(core: ModuleType) -> None:
    pool = core.BufferPool(0, 0)
    lent = [pool.acquire(PAGE) for _ in range(200)]
    lent.append(pool.acquire(101 * MIB))
    assert pool.stats().buffers_in_use == 201
    for buffer in lent:
        pool.release(buffer)
    pool.close()


@pytest.mark.parametrize(
    ("caps", "evictions"),
    [pytest.param((3, 0), 2, id="buffers"), pytest.param((0, 30 * PAGE), 1, id="bytes")],
)
def test_the_longest_idle_buffer_makes_room_first(core: ModuleType, caps: tuple[int, int], evictions: int) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(*caps, on_evict=lambda buffer: evicted.append(buffer.id))
    a, b, c = (pool.acquire(10 * PAGE) for _ in range(3))
    for buffer in (b, c, a):
        pool.release(buffer)
    pool.acquire(5 * PAGE)
    pool.acquire(4 * PAGE)
    assert evicted == [b.id, c.id][:evictions]
    assert pool.stats().evictions == evictions


def test_idle_buffers_count_against_the_caps(core: ModuleType, held: Held) -> None:
    pool = core.BufferPool(4, 10 * PAGE)
    for pages in (1, 2, 4, 7, 10, 3, 6, 1, 9):
        buffer = pool.acquire(pages * PAGE)
        assert held()[0] <= 10 * PAGE
        assert held()[1] <= 4
        pool.release(buffer)
    pool.close()
    assert held() == (0, 0)


def test_on_evict_may_use_the_pool(core: ModuleType) -> None:
    seen: list[int] = []
    pool = core.BufferPool(on_evict=lambda _buffer: seen.append(pool.stats().buffers_idle))
    for buffer in [pool.acquire(PAGE), pool.acquire(PAGE)]:
        pool.release(buffer)
    pool.trim()
    assert seen == [0, 0]


def test_an_error_in_on_evict_comes_out_after_all_are_closed(core: ModuleType, held: Held) -> None:
    def on_evict(buffer: object) -> None:
        calls.append(buffer)
        raise RuntimeError(f"call {len(calls)}")

    calls: list[object] = []
    pool = core.BufferPool(2, 0, on_evict)
    for buffer in [pool.acquire(PAGE), pool.acquire(PAGE)]:
        pool.release(buffer)
    with pytest.raises(RuntimeError, match="call 1"):
        pool.trim()
    assert len(calls) == 2
    assert held() == (0, 0)


def test_an_error_in_on_evict_during_acquire_leaves_the_figures_true(core: ModuleType, held: Held) -> None:
    def on_evict(_buffer: object) -> None:
        raise RuntimeError("no")

    pool = core.BufferPool(1, 0, on_evict)
    pool.release(pool.acquire(PAGE))
    with pytest.raises(RuntimeError, match="no"):
        pool.acquire(9 * PAGE)
    stats = pool.stats()
    assert (stats.buffers_in_use, stats.buffers_idle, stats.in_use_bytes) == (0, 0, 0)
    assert held() == (0, 0)
    pool.acquire(9 * PAGE)


def test_a_second_release_is_refused(core: ModuleType) -> None:
    pool = core.BufferPool()
    buffer = pool.acquire(PAGE)
    pool.release(buffer)
    with pytest.raises(ValueError, match="not lent"):
        pool.release(buffer)
    assert pool.stats().buffers_idle == 1


def test_a_foreign_buffer_is_refused(core: ModuleType) -> None:
    pool, other = core.BufferPool(), core.BufferPool()
    for foreign in (other.acquire(PAGE), core.ManagedBuffer(PAGE)):
        with pytest.raises(ValueError, match="not from this pool"):
            pool.release(foreign)
    for nonsense in (None, b"x"):
        with pytest.raises(TypeError):
            pool.release(nonsense)
    assert pool.stats().buffers_idle == 0


def test_a_released_buffer_can_not_be_looked_at(core: ModuleType, view: View) -> None:
    pool = core.BufferPool()
    buffer = pool.acquire(PAGE)
    pool.release(buffer)
    with pytest.raises(BufferError):
        view(buffer)


def test_release_is_refused_while_a_view_exists() -> None:
    pool = BufferPool()
    buffer = pool.acquire(PAGE)
    with memoryview(buffer), pytest.raises(BufferError, match="1 views"):
        pool.release(buffer)
    assert pool.stats().buffers_in_use == 1
    pool.release(buffer)


def test_a_pooled_buffer_is_neither_closed_nor_grown_by_its_holder(core: ModuleType) -> None:
    pool = core.BufferPool()
    buffer = pool.acquire(PAGE)
    for misuse in (buffer.close, lambda: buffer.grow(2 * PAGE), buffer.__enter__):
        with pytest.raises(ValueError, match="belongs to a pool"):
            misuse()
    pool.release(buffer)
    with pytest.raises(ValueError, match="belongs to a pool"):
        buffer.close()


def test_a_closed_pool_lends_nothing_and_closes_what_comes_back(core: ModuleType, held: Held) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append(buffer.id))
    lent, idle = pool.acquire(PAGE), pool.acquire(2 * PAGE)
    pool.release(idle)
    pool.close()
    pool.close()
    assert held() == (PAGE, 1)
    with pytest.raises(ValueError, match="pool is closed"):
        pool.acquire(PAGE)
    pool.release(lent)
    assert lent.closed
    assert evicted == [idle.id, lent.id]
    assert held() == (0, 0)


def test_a_forgotten_pool_frees_its_idle_buffers(core: ModuleType, held: Held) -> None:
    pool = core.BufferPool()
    pool.release(pool.acquire(PAGE))
    del pool
    gc.collect()
    assert held() == (0, 0)


def test_a_lent_buffer_outlives_a_forgotten_pool() -> None:
    buffer = BufferPool().acquire(PAGE)
    gc.collect()
    memoryview(buffer)[0] = 1
    buffer.close()
    assert buffer.closed


@pytest.mark.parametrize("size", [0, -1, 2**40 + 1, 2**63 - 1])
def test_a_size_out_of_range_is_refused(core: ModuleType, size: int) -> None:
    pool = core.BufferPool()
    with pytest.raises(ValueError, match=r"a buffer has 1\.\."):
        pool.acquire(size)
    assert pool.stats().buffers_in_use == 0


@pytest.mark.parametrize("caps", [(-1, 0), (0, -1)])
def test_a_negative_cap_is_refused(core: ModuleType, caps: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="a cap is 0"):
        core.BufferPool(*caps)


def test_on_evict_must_be_callable(core: ModuleType) -> None:
    with pytest.raises(TypeError):
        core.BufferPool(on_evict=3)


def test_a_failed_allocation_gives_its_reservation_back(core: ModuleType, held: Held) -> None:
    # 1 TiB is a valid size; the address space limit makes the kernel refuse to map it.
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pool = core.BufferPool(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 36, hard))
    try:
        with pytest.raises((MemoryError, OSError)):
            pool.acquire(1 << 40)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    stats = pool.stats()
    assert (stats.buffers_in_use, stats.in_use_bytes) == (0, 0)
    assert held() == (0, 0)


def test_a_pool_buffer_is_a_managed_buffer() -> None:
    pool = BufferPool()
    buffer = pool.acquire(PAGE)
    assert isinstance(buffer, ManagedBuffer)
    assert repr(buffer).endswith("lent>")
    pool.release(buffer)
    assert repr(buffer).endswith("released>")
