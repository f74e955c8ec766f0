"""Eight threads at once: every figure is exact afterwards, and no buffer is ever lent twice."""

from __future__ import annotations

import mmap
import random
import sys
import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

PAGE = mmap.PAGESIZE
THREADS = 8
View = Callable[..., memoryview]
Held = Callable[[], tuple[int, int]]


@pytest.fixture(autouse=True)
def hurried_threads() -> Iterator[None]:
    """Let the interpreter change threads as often as it can."""
    interval_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval_s)


def run_threads(work: Callable[[int], None]) -> None:
    """Run work(number) in THREADS threads and raise what any of them raised."""
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as exc:  # noqa: BLE001 - raised below, in the test's own thread
            errors.append(exc)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_counters_are_exact_when_threads_hammer_them(core: ModuleType) -> None:
    rounds = 5000
    before = core.memory_stats()
    # a new peak of each, above all that the rounds hold
    record = max(each.peak_bytes for each in (before, *before.kinds.values())) + 2 * THREADS * rounds
    all_meet = threading.Barrier(THREADS)

    def work(number: int) -> None:
        for each in range(rounds):
            kind = (number + each) % 4
            core.allocated(kind, number + each)
            core.resized(kind, number + each, each)
            core.freed(kind, each)
        all_meet.wait()
        core.allocated(number % 4, record)
        all_meet.wait()
        core.freed(number % 4, record)

    run_threads(work)
    after = core.memory_stats()
    expected = [THREADS // 4 * record] * 4
    for number in range(THREADS):
        for each in range(rounds):
            expected[(number + each) % 4] += number + each
    for (name, then), now, total in zip(before.kinds.items(), after.kinds.values(), expected, strict=True):
        assert now.allocated_bytes - then.allocated_bytes == total, name
        assert now.freed_bytes - then.freed_bytes == total, name
        assert now.current_bytes == then.current_bytes, name
        assert now.active_allocations == then.active_allocations, name
        assert now.peak_bytes == then.current_bytes + THREADS // 4 * record, name
    assert after.allocated_bytes - before.allocated_bytes == sum(expected)
    assert after.freed_bytes - before.freed_bytes == sum(expected)
    assert after.current_bytes == before.current_bytes
    assert after.active_allocations == before.active_allocations
    assert after.peak_bytes == before.current_bytes + THREADS * record


def test_snapshots_taken_under_fire_are_never_absurd(core: ModuleType) -> None:
    stop = threading.Event()

    def work(number: int) -> None:
        if number:
            while not stop.is_set():
                core.allocated(core.STAGING, 100)
                core.freed(core.STAGING, 100)
            return
        try:
            for _ in range(3000):
                stats = core.memory_stats()
                for figures in (stats, stats.staging):
                    assert 0 <= figures.current_bytes <= figures.peak_bytes
                    assert figures.allocated_bytes - figures.freed_bytes == figures.current_bytes
                    assert figures.active_allocations >= 0
        finally:
            stop.set()

    run_threads(work)
    assert core.memory_stats().staging.current_bytes == 0


def test_a_pool_stays_exact_when_threads_hammer_it(core: ModuleType, view: View, held: Held) -> None:
    rounds = 500
    evicted: list[int] = []
    pool = core.BufferPool(6, 40 * PAGE, on_evict=lambda buffer: evicted.append(buffer.id))
    outcomes: list[tuple[int, int]] = []

    def work(number: int) -> None:
        dice = random.Random(number)
        served = refused = 0
        for _ in range(rounds):
            try:
                buffer = pool.acquire(dice.randint(1, 9 * PAGE))
            except core.PoolExhausted:
                refused += 1
                continue
            with view(buffer) as pixels:
                pixels[0] = number
                pool.stats()
                assert pixels[0] == number, "two threads hold one buffer"
            pool.release(buffer)
            served += 1
            if dice.random() < 0.02:
                pool.trim(2)
        outcomes.append((served, refused))

    run_threads(work)
    stats = pool.stats()
    served = sum(each for each, _ in outcomes)
    assert served + sum(each for _, each in outcomes) == THREADS * rounds
    assert stats.hits + stats.misses == served
    assert (stats.buffers_in_use, stats.in_use_bytes) == (0, 0)
    assert stats.misses == stats.buffers_idle + len(evicted)
    assert held() == (stats.idle_bytes, stats.buffers_idle)
    pool.close()
    assert held() == (0, 0)
    assert len(evicted) == len(set(evicted)) == stats.misses


def test_a_pool_stays_exact_when_threads_change_its_limits(core: ModuleType, view: View, held: Held) -> None:
    evicted: list[int] = []
    pool = core.BufferPool(on_evict=lambda buffer: evicted.append(buffer.capacity_bytes))
    served_bytes: list[int] = []
    freed_bytes: list[int] = []

    def work(number: int) -> None:
        dice = random.Random(number)
        for _ in range(400):
            try:
                buffer = pool.acquire(dice.randint(1, 9 * PAGE))
            except core.PoolExhausted:
                continue
            served_bytes.append(buffer.capacity_bytes)
            with view(buffer) as pixels:
                pixels[0] = number
                match dice.randrange(10):
                    case 0:
                        freed_bytes.append(pool.set_limits(dice.randint(0, 6), dice.randint(0, 40) * PAGE))
                    case 1:
                        freed_bytes.append(pool.trim_unused())
                    case 2:
                        freed_bytes.append(pool.trim(dice.randint(0, 3)))
                    case _:
                        pool.stats()
                assert pixels[0] == number, "two threads hold one buffer"
            pool.release(buffer)

    run_threads(work)
    stats = pool.stats()
    assert stats.hits + stats.misses == len(served_bytes)
    assert (stats.buffers_in_use, stats.in_use_bytes) == (0, 0)
    assert stats.buffers_idle <= (stats.max_buffers or stats.buffers_idle)
    assert stats.idle_bytes <= (stats.max_bytes or stats.idle_bytes)
    assert held() == (stats.idle_bytes, stats.buffers_idle)
    assert stats.misses == stats.buffers_idle + len(evicted)
    assert sum(freed_bytes) <= sum(evicted)
    freed_bytes.append(pool.set_limits(1, 1))
    assert held() == (0, 0)
    assert freed_bytes[-1] == stats.idle_bytes
    assert len(evicted) == stats.misses


def test_the_caps_hold_when_threads_hammer_the_pool(core: ModuleType) -> None:
    pool = core.BufferPool(4, 12 * PAGE)
    stop = threading.Event()

    def work(number: int) -> None:
        if number:
            while not stop.is_set():
                try:
                    pool.release(pool.acquire(number * PAGE))
                except core.PoolExhausted:
                    continue
            return
        try:
            for _ in range(2000):
                stats = pool.stats()
                assert stats.buffers_in_use + stats.buffers_idle <= 4
                assert stats.in_use_bytes + stats.idle_bytes <= 12 * PAGE
        finally:
            stop.set()

    run_threads(work)


def test_views_of_one_buffer_are_counted_exactly_across_threads(core: ModuleType, view: View) -> None:
    buffer = core.ManagedBuffer(PAGE)

    def work(_number: int) -> None:
        for _ in range(3000):
            with view(buffer) as pixels:
                assert pixels.nbytes == PAGE

    run_threads(work)
    buffer.close()
    assert buffer.closed


def test_each_due_frame_is_reported_once_when_threads_tick(core: ModuleType) -> None:
    rounds = 5000
    ticker = core.FrameTicker(3, 7)
    seen: list[tuple[int, int]] = []

    def work(_number: int) -> None:
        dues = [ticker.tick() for _ in range(rounds)]
        seen.append((sum(due & core.STATS_DUE for due in dues), sum(due & core.CHECK_DUE for due in dues) // 2))

    run_threads(work)
    frames = THREADS * rounds
    assert ticker.frames == frames
    assert tuple(map(sum, zip(*seen, strict=True))) == (frames // 3, frames // 7)


def test_frames_are_exact_and_cadences_whole_when_threads_change_them(core: ModuleType) -> None:
    rounds = 2000
    ticker = core.FrameTicker(1, 0)
    dues: list[int] = []

    def work(number: int) -> None:
        for each in range(rounds):
            if number == 0:
                ticker.set_cadence(*((1, 0) if each % 2 else (1, 10**9)))
            dues.append(ticker.tick())

    run_threads(work)
    assert ticker.frames == THREADS * rounds
    assert set(dues) == {core.STATS_DUE}
