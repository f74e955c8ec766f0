"""What processes hold: real ones, and on a made-up /proc what this machine does not have."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import wait_until
from wayvid.memory.usage import TICKS_PER_S, ProcessMemory, process_load, process_memory
from wayvid.units import MIB

DEADLINE_S = 60.0
PID = 4283
SLACK_BYTES = 4 * MIB  # what the interpreter itself may take meanwhile
# Says a line before and one after it has done what is asked, and waits for one each time.
CHILD = """
import mmap, os, sys, threading
print("before", flush=True)
sys.stdin.readline()
{deed}
print("after", flush=True)
sys.stdin.readline()
"""
ANONYMOUS = "kept = mmap.mmap(-1, {size}, flags=mmap.MAP_PRIVATE); kept[:] = b'x' * {size}"
MEMFD = (
    "fd = os.memfd_create('picture'); os.truncate(fd, {size}); kept = mmap.mmap(fd, {size}); kept[:] = b'x' * {size}"
)
FILE = (
    "file = open({path!r}, 'rb'); kept = mmap.mmap(file.fileno(), {size}, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)"
    "; sum(kept[at] for at in range(0, {size}, mmap.PAGESIZE))"
)
ROLLUP = """\
00100000-ff709000 ---p 00000000 00:00 0                          [rollup]
Rss:                4000 kB
Pss:                3000 kB
Pss_Dirty:           900 kB
Pss_Anon:           1000 kB
Pss_File:           1600 kB
Pss_Shmem:           400 kB
Anonymous:          1200 kB
Swap:                 70 kB
SwapPss:              50 kB
"""
OLD_ROLLUP = "".join(line for line in ROLLUP.splitlines(keepends=True) if not line.startswith("Pss_"))


class Child:
    """A Python process that does one deed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process
        assert process.stdout is not None
        assert process.stdout.readline() == "before\n"

    def act(self) -> None:
        """Returns when the deed is done."""
        self.go_on()
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "after\n"

    def go_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()


@contextmanager
def child(deed: str) -> Iterator[Child]:
    command = [sys.executable, "-c", CHILD.format(deed=deed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def memory_of(pid: int) -> ProcessMemory:
    memory = process_memory(pid)
    assert memory is not None
    return memory


# Real processes.


@pytest.mark.parametrize(
    ("deed", "part", "size"),
    [
        (ANONYMOUS, "pss_anon_bytes", 40 * MIB),
        (MEMFD, "pss_shmem_bytes", 30 * MIB),
        (FILE, "pss_file_bytes", 20 * MIB),
    ],
    ids=["anonymous", "memfd", "file"],
)
def test_memory_that_was_taken_shows_in_its_part_and_in_the_sums(
    tmp_path: Path, deed: str, part: str, size: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(size))
    with child(deed.format(size=size, path=str(path))) as one:
        before = memory_of(one.pid)._asdict()
        one.act()
        after = memory_of(one.pid)._asdict()
    for key in (part, "pss_bytes", "rss_bytes"):
        assert size - SLACK_BYTES <= after[key] - before[key] <= size + SLACK_BYTES, key
    for key in {"pss_anon_bytes", "pss_shmem_bytes", "pss_file_bytes"} - {part}:
        assert abs(after[key] - before[key]) < SLACK_BYTES, key


def test_a_picture_that_two_processes_map_counts_half_in_each() -> None:
    size = 30 * MIB
    deed = MEMFD + "; os.fork() or (sum(kept[::mmap.PAGESIZE]), sys.stdin.readline(), os._exit(0))"
    with child(deed.format(size=size)) as one:
        one.act()
        # The other touches its pages when it likes.
        wait_until(lambda: memory_of(one.pid).pss_shmem_bytes < size / 2 + SLACK_BYTES, DEADLINE_S, "the other")
        assert memory_of(one.pid).pss_shmem_bytes > size / 2 - SLACK_BYTES
        assert memory_of(one.pid).rss_bytes > size


def test_the_parts_make_up_the_whole() -> None:
    memory = memory_of(os.getpid())
    parts = memory.pss_anon_bytes + memory.pss_file_bytes + memory.pss_shmem_bytes
    assert 0 < memory.pss_bytes <= memory.rss_bytes
    assert abs(parts - memory.pss_bytes) <= 3 * 1024  # each is rounded down to KiB


def test_threads_fds_and_processor_time_are_counted() -> None:
    deed = (
        "kept = [os.open('/dev/null', os.O_RDONLY) for _ in range(5)]; wait = threading.Event()"
        "; [threading.Thread(target=wait.wait, daemon=True).start() for _ in range(3)]"
    )
    with child(deed) as one:
        before = process_load(one.pid)
        one.act()
        after = process_load(one.pid)
    assert before is not None
    assert after is not None
    assert (before.threads, after.threads) == (1, 4)
    assert after.fds - before.fds == 5


def test_processor_time_grows_with_work() -> None:
    with child("\nwhile True: pass") as one:
        before = process_load(one.pid)
        assert before is not None
        one.go_on()

        def has_worked() -> bool:
            now = process_load(one.pid)
            return now is not None and now.cpu_s >= before.cpu_s + 0.2

        wait_until(has_worked, DEADLINE_S, "processor time to be counted")


def test_a_process_that_has_ended_holds_nothing() -> None:
    with child("pass") as one:
        pass
    assert process_memory(one.pid) is None
    assert process_load(one.pid) is None


def test_a_process_that_nobody_waited_for_holds_nothing() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert process_memory(pid) is None
    finally:
        os.waitpid(pid, 0)


# A made-up /proc.


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """One process with an fd to /dev/null."""
    process = tmp_path / str(PID)
    (process / "fd").mkdir(parents=True)
    (process / "fdinfo").mkdir()
    (process / "smaps_rollup").write_text(ROLLUP)
    add_fd(tmp_path, 0, "/dev/null", "pos:\t0\n")
    return tmp_path


def add_fd(proc: Path, fd: int, link: str, info: str) -> None:
    (proc / str(PID) / "fd" / str(fd)).symlink_to(link)
    (proc / str(PID) / "fdinfo" / str(fd)).write_text(info)


def gpu_bytes(proc: Path) -> int | None:
    memory = process_memory(PID, str(proc))
    assert memory is not None
    return memory.gpu_bytes


def client(identity: int, *lines: str, pdev: str = "0000:03:00.0") -> str:
    head = ["pos:\t0", "flags:\t02400002", "drm-driver:\tamdgpu", f"drm-client-id:\t{identity}", f"drm-pdev:\t{pdev}"]
    return "\n".join([*head, *lines]) + "\n"


def test_each_figure_is_read_in_bytes(proc: Path) -> None:
    parts = [kib * 1024 for kib in (4000, 3000, 1000, 1600, 400, 50)]
    assert process_memory(PID, str(proc)) == ProcessMemory(*parts, gpu_bytes=None)


def test_an_old_kernel_leaves_what_is_not_anonymous_to_files(proc: Path) -> None:
    (proc / str(PID) / "smaps_rollup").write_text(OLD_ROLLUP)
    parts = [kib * 1024 for kib in (4000, 3000, 1200, 1800, 0, 50)]
    assert process_memory(PID, str(proc)) == ProcessMemory(*parts, gpu_bytes=None)


def test_the_parts_of_an_old_kernel_are_no_more_than_the_whole(proc: Path) -> None:
    # "Anonymous" counts pages that a fork shares whole.
    (proc / str(PID) / "smaps_rollup").write_text(OLD_ROLLUP.replace("1200 kB", "3500 kB"))
    memory = process_memory(PID, str(proc))
    assert memory is not None
    assert (memory.pss_anon_bytes, memory.pss_file_bytes) == (memory.pss_bytes, 0)


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        (["drm-resident-vram0:\t4096"], 4096),
        (["drm-resident-vram0:\t12 KiB"], 12 * 1024),
        (["drm-resident-vram0:\t3 MiB", "drm-resident-gtt:\t1 MiB"], 4 * MIB),
        (["drm-memory-vram:\t5 MiB"], 5 * MIB),
        (["drm-total-system0:\t7 MiB"], 7 * MIB),
        (["drm-total-vram:\t9 MiB", "drm-shared-vram:\t4 MiB", "drm-resident-vram:\t2 MiB"], 2 * MIB),
        (["drm-resident-vram:\t2 MiB", "drm-memory-vram:\t3 MiB", "drm-total-vram:\t9 MiB"], 2 * MIB),
        (["drm-resident-vram:\t2 MiB", "drm-total-gtt:\t1 MiB"], 3 * MIB),
        (["drm-total-system0:\t0"], 0),
        (["drm-engine-render:\t123 ns", "drm-total-cycles-render:\t99", "drm-purgeable-vram:\t1 MiB"], None),
        (["drm-resident-vram:\t2 parsecs"], None),
    ],
    ids=[
        "bytes", "KiB", "regions are added", "old name", "total alone", "resident before total",
        "order does not matter", "each region by its best key", "nothing held", "no memory told", "unknown unit",
    ],
)  # fmt: skip
def test_a_gpu_client_holds_what_its_driver_tells(proc: Path, lines: list[str], held: int | None) -> None:
    add_fd(proc, 7, "/dev/dri/renderD128", client(1, *lines))
    assert gpu_bytes(proc) == held


def test_a_gpu_client_with_several_fds_counts_once(proc: Path) -> None:
    for fd in (7, 8):
        add_fd(proc, fd, "/dev/dri/renderD128", client(1, "drm-resident-vram:\t2 MiB"))
    add_fd(proc, 9, "/dev/dri/renderD128", client(2, "drm-resident-vram:\t3 MiB"))
    add_fd(proc, 10, "/dev/dri/renderD129", client(1, "drm-resident-vram:\t4 MiB", pdev="0000:04:00.0"))
    assert gpu_bytes(proc) == (2 + 3 + 4) * MIB


def test_clients_without_a_number_count_each(proc: Path) -> None:
    for fd in (7, 8):
        add_fd(proc, fd, "/dev/dri/card0", "drm-driver:\told\ndrm-memory-vram:\t1 MiB\n")
    assert gpu_bytes(proc) == 2 * MIB


def test_only_fds_of_graphics_devices_are_looked_into(proc: Path) -> None:
    add_fd(proc, 7, "/home/user/dev/dri/renderD128", client(1, "drm-resident-vram:\t2 MiB"))
    assert gpu_bytes(proc) is None


def test_an_fd_that_is_closed_meanwhile_does_not_spoil_the_rest(proc: Path) -> None:
    (proc / str(PID) / "fd" / "7").symlink_to("/dev/dri/renderD128")
    add_fd(proc, 8, "/dev/dri/renderD128", client(1, "drm-resident-vram:\t2 MiB"))
    assert gpu_bytes(proc) == 2 * MIB


def test_an_empty_reading_is_none(proc: Path) -> None:
    (proc / str(PID) / "smaps_rollup").write_text("")
    assert process_memory(PID, str(proc)) is None


def test_a_name_with_spaces_and_brackets_does_not_shift_the_load(proc: Path) -> None:
    stat = f"{PID} (a (b) c) S 1 1 1 0 -1 4194560 1 2 3 4 250 50 0 0 20 0 5 0 100 1 1 1"
    (proc / str(PID) / "stat").write_text(stat)
    assert process_load(PID, str(proc)) == (300 / TICKS_PER_S, 5, 1)
