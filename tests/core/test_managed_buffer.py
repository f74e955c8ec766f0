"""A buffer: memory a compositor can map, counted while it lives."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import mmap
import os
import resource
from collections.abc import Callable
from types import ModuleType

import pytest

from wayvid._core import ManagedBuffer

PAGE = mmap.PAGESIZE
View = Callable[..., memoryview]
Held = Callable[[], tuple[int, int]]
FdCount = Callable[[], int]


@pytest.mark.parametrize(
    ("size", "capacity"),
    [(1, PAGE), (PAGE - 1, PAGE), (PAGE, PAGE), (PAGE + 1, 2 * PAGE), (1920 * 1080 * 4, 1920 * 1080 * 4)],
)
def test_a_buffer_has_the_size_asked_for_in_whole_pages(core: ModuleType, view: View, size: int, capacity: int) -> None:
    with core.ManagedBuffer(size) as buffer:
        assert (buffer.size_bytes, buffer.capacity_bytes) == (size, capacity)
        assert os.fstat(buffer.fd).st_size == capacity
        assert view(buffer).nbytes == size


def test_a_view_is_writable_contiguous_bytes_that_begin_as_zeros(core: ModuleType, view: View) -> None:
    with core.ManagedBuffer(5000) as buffer, view(buffer) as pixels:
        assert (pixels.format, pixels.itemsize, pixels.ndim) == ("B", 1, 1)
        assert pixels.c_contiguous
        assert not pixels.readonly
        assert pixels == bytes(5000)


def test_what_is_written_to_a_view_is_in_the_file(core: ModuleType, view: View) -> None:
    with core.ManagedBuffer(3 * PAGE) as buffer:
        with view(buffer) as pixels:
            pixels[0] = 1
            pixels[-1] = 2
        assert os.pread(buffer.fd, 1, 0) == b"\1"
        assert os.pread(buffer.fd, 1, 3 * PAGE - 1) == b"\2"


def test_the_address_is_where_the_view_begins() -> None:
    with ManagedBuffer(PAGE) as buffer:
        assert buffer.address % PAGE == 0
        with memoryview(buffer) as pixels:
            pixels[3] = 9
        assert ctypes.string_at(buffer.address, 4) == b"\0\0\0\x09"


def test_the_file_can_not_be_shrunk_under_the_compositor(core: ModuleType) -> None:
    # A compositor that reads past the end of a shrunken file gets SIGBUS and takes the session with it.
    with core.ManagedBuffer(2 * PAGE) as buffer:
        assert fcntl.fcntl(buffer.fd, fcntl.F_GET_SEALS) & fcntl.F_SEAL_SHRINK
        with pytest.raises(PermissionError):
            os.ftruncate(buffer.fd, PAGE)


def test_the_file_is_not_inherited_by_programs(core: ModuleType) -> None:
    with core.ManagedBuffer(PAGE) as buffer:
        assert not os.get_inheritable(buffer.fd)


def test_each_buffer_has_an_id_of_its_own(core: ModuleType) -> None:
    ids = []
    for _ in range(5):
        with core.ManagedBuffer(1) as buffer:
            ids.append(buffer.id)
    assert ids == sorted(set(ids))


def test_a_buffer_is_counted_under_its_kind_until_it_is_closed(core: ModuleType, held: Held) -> None:
    before = core.memory_stats().staging.current_bytes
    buffer = core.ManagedBuffer(PAGE + 1, core.STAGING)
    assert core.memory_stats().staging.current_bytes == before + 2 * PAGE
    assert held() == (2 * PAGE, 1)
    buffer.close()
    assert held() == (0, 0)


def test_a_forgotten_buffer_frees_itself(core: ModuleType, held: Held, open_fds: FdCount) -> None:
    fds = open_fds()
    buffer = core.ManagedBuffer(PAGE)
    assert open_fds() > fds  # the twin's mmap object holds a second one
    del buffer
    gc.collect()
    assert held() == (0, 0)
    assert open_fds() == fds


def test_a_view_keeps_a_forgotten_buffer_alive() -> None:
    pixels = memoryview(ManagedBuffer(PAGE))
    gc.collect()
    pixels[0] = 5
    assert pixels[0] == 5


def test_closing_returns_the_pages_to_the_kernel(core: ModuleType, view: View) -> None:
    buffer = core.ManagedBuffer(64 * PAGE)
    with view(buffer) as pixels:
        pixels[:] = bytes([1]) * pixels.nbytes
    other = os.dup(buffer.fd)
    assert os.fstat(other).st_blocks * 512 == 64 * PAGE
    buffer.close()
    os.close(other)
    with open("/proc/self/maps") as maps:
        assert not [line for line in maps if "memfd:wayvid" in line]


def test_close_twice_is_fine(core: ModuleType, held: Held) -> None:
    buffer = core.ManagedBuffer(PAGE)
    buffer.close()
    buffer.close()
    assert held() == (0, 0)


def test_a_closed_buffer_offers_nothing(core: ModuleType, view: View) -> None:
    buffer = core.ManagedBuffer(PAGE)
    buffer.close()
    assert buffer.closed
    assert (buffer.fd, buffer.size_bytes, buffer.capacity_bytes) == (-1, 0, 0)
    with pytest.raises(BufferError):
        view(buffer)
    with pytest.raises(ValueError, match="is closed"):
        buffer.grow(2 * PAGE)
    with pytest.raises(ValueError, match="is closed"):
        buffer.__enter__()


def test_a_closed_buffer_has_no_address() -> None:
    buffer = ManagedBuffer(PAGE)
    buffer.close()
    with pytest.raises(ValueError, match="is closed"):
        buffer.address  # noqa: B018 - the property raises


def test_close_is_refused_while_a_view_exists(core: ModuleType, view: View) -> None:
    buffer = core.ManagedBuffer(PAGE)
    with view(buffer) as pixels:
        with pytest.raises(BufferError):
            buffer.close()
        pixels[0] = 1
    buffer.close()
    assert buffer.closed


def test_a_grown_buffer_keeps_its_content_and_adds_zeros(core: ModuleType, view: View) -> None:
    with core.ManagedBuffer(PAGE) as buffer:
        with view(buffer) as pixels:
            pixels[:] = b"x" * PAGE
        buffer.grow(300 * PAGE)
        with view(buffer) as pixels:
            assert pixels[:PAGE] == b"x" * PAGE
            assert pixels[PAGE:] == bytes(299 * PAGE)
        assert os.fstat(buffer.fd).st_size == 300 * PAGE


def test_growth_is_counted(core: ModuleType, held: Held) -> None:
    # Users of the earlier system saw a buffer that grew from 1 KiB to 1 MiB still counted as 1 KiB.
    with core.ManagedBuffer(1024) as buffer:
        buffer.grow(1 << 20)
        assert held() == (1 << 20, 1)
    assert held() == (0, 0)


def test_growth_inside_the_last_page_changes_only_the_size(core: ModuleType, view: View, held: Held) -> None:
    with core.ManagedBuffer(10) as buffer:
        buffer.grow(PAGE)
        assert (buffer.size_bytes, buffer.capacity_bytes) == (PAGE, PAGE)
        assert view(buffer).nbytes == PAGE
        assert held() == (PAGE, 1)


def test_growth_is_refused_while_a_view_exists(core: ModuleType, view: View) -> None:
    with core.ManagedBuffer(PAGE) as buffer:
        with view(buffer), pytest.raises(BufferError):
            buffer.grow(2 * PAGE)
        assert buffer.capacity_bytes == PAGE
        buffer.grow(2 * PAGE)


def test_a_buffer_does_not_shrink(core: ModuleType, view: View) -> None:
    with core.ManagedBuffer(PAGE) as buffer:
        with pytest.raises(ValueError, match="cannot shrink"):
            buffer.grow(PAGE - 1)
        assert view(buffer).nbytes == PAGE


@pytest.mark.parametrize("size", [0, -1, -(2**40), 2**40 + 1, 2**63 - 1])
def test_a_size_out_of_range_is_refused(core: ModuleType, held: Held, size: int) -> None:
    with pytest.raises(ValueError, match=r"a buffer has 1\.\."):
        core.ManagedBuffer(size)
    with core.ManagedBuffer(1) as buffer, pytest.raises(ValueError, match=r"a buffer has 1\.\."):
        buffer.grow(size)
    assert held() == (0, 0)


@pytest.mark.parametrize("kind", [-1, 4])
def test_an_unknown_kind_is_refused(core: ModuleType, held: Held, kind: int) -> None:
    with pytest.raises(ValueError, match=r"kind must be 0\.\.3"):
        core.ManagedBuffer(1, kind)
    assert held() == (0, 0)


def test_running_out_of_file_descriptors_is_an_oserror_that_leaks_nothing(
    core: ModuleType, held: Held, open_fds: FdCount
) -> None:
    fds = open_fds()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        with pytest.raises(OSError, match="open files"):
            core.ManagedBuffer(PAGE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert held() == (0, 0)
    assert open_fds() == fds


@pytest.mark.parametrize("flag", ["readonly", "writable"])
def test_a_view_counts_only_while_it_lives(flag: str) -> None:
    buffer = ManagedBuffer(PAGE)
    first = memoryview(buffer)
    second = first.toreadonly() if flag == "readonly" else memoryview(buffer)
    first.release()
    with pytest.raises(BufferError):
        buffer.close()
    second.release()
    buffer.close()


def test_a_buffer_shows_its_state_in_its_repr() -> None:
    with ManagedBuffer(10) as buffer:
        assert repr(buffer) == f"<ManagedBuffer {buffer.id}: 10 of {PAGE} bytes, open>"
    assert repr(buffer).endswith("closed>")
