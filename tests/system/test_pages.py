"""Start-up pages go back to the kernel: only those of files, and nothing breaks."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys
import tempfile

from wayvid.system.pages import _file_backed_read_only, release_startup_pages

CHILD = """
import ctypes, decimal, json, mmap, os, sqlite3, sys
import mpv
from wayvid.system.pages import free_pages

def resident_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

file = open(sys.argv[1], "rb")
pages = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
contents = hash(pages[:])
before = resident_kb()
free_pages()
after = resident_kb()
assert hash(pages[:]) == contents
free_pages()
assert json.loads(json.dumps({"a": [1.5, None]})) == {"a": [1.5, None]}
assert str(decimal.Decimal(1) / 3).startswith("0.333")
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
handle = mpv.backend.mpv_create()
assert handle
mpv.backend.mpv_initialize(handle)
mpv.backend.mpv_terminate_destroy(handle)
print(before, after)
"""


# What libraries have in memory: files' pages, but for those that were written to.
NEIGHBOUR = """
import ctypes, decimal, json, sqlite3, sys
import mpv
print("there", flush=True)
sys.stdin.read()
"""
FORGETTING = """
import ctypes, decimal, json, sqlite3
import mpv
from wayvid._core.libc import forget_code

def rows():
    mapping = ""
    with open("/proc/self/smaps") as smaps:
        for line in smaps:
            name, _colon, value = line.partition(":")
            if not value.endswith(" kB\\n"):
                mapping = line if "-" in line.split()[0] else mapping
            elif name in ("Rss", "Anonymous") and "/" in mapping:
                yield mapping.split()[0], name, int(value.split()[0])

def held_kb():
    found = list(rows())
    return {name: sum(kb for _mapping, each, kb in found if each == name) for name in ("Rss", "Anonymous")}

handle = mpv.backend.mpv_create()
mpv.backend.mpv_initialize(handle)
before = held_kb()
forget_code()
after = held_kb()
assert json.loads(json.dumps({"a": [1.5, None]})) == {"a": [1.5, None]}
assert str(decimal.Decimal(1) / 3).startswith("0.333")
assert sqlite3.connect(":memory:").execute("select 6 * 7").fetchone() == (42,)
mpv.backend.mpv_terminate_destroy(handle)
assert abs(after["Anonymous"] - before["Anonymous"]) < 64, "what the linker wrote must stay"
print(before["Rss"] - before["Anonymous"], after["Rss"] - after["Anonymous"])
"""


PATCHED = """
import ctypes, mmap, sqlite3
from wayvid._core.libc import forget_code

with open("/proc/self/maps") as maps:
    code = next(line.split()[0] for line in maps if "libsqlite3" in line and " r-xp " in line)
page = int(code.split("-")[1], 16) - mmap.PAGESIZE
last = (ctypes.c_ubyte * mmap.PAGESIZE).from_address(page)  # what is behind the code
libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
assert libc.mprotect(page, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) == 0
before = last[-1]
last[-1] = 0xA5
assert libc.mprotect(page, mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC) == 0
forget_code()
print(before, last[-1])
"""


def mappings() -> dict[int, tuple[str, str]]:
    """Start -> permissions and path of all mappings of this process."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        rows = [line.split(maxsplit=5) for line in maps]
    return {int(row[0].split("-")[0], 16): (row[1], row[5].strip() if len(row) > 5 else "") for row in rows}


def test_only_read_only_mappings_of_files_are_chosen() -> None:
    with tempfile.TemporaryFile() as file:
        os.ftruncate(file.fileno(), 4 * mmap.PAGESIZE)
        writable = mmap.mmap(file.fileno(), 4 * mmap.PAGESIZE)
        memory_fd = os.memfd_create("pages-test")
        os.ftruncate(memory_fd, mmap.PAGESIZE)
        memory = mmap.mmap(memory_fd, mmap.PAGESIZE, prot=mmap.PROT_READ)
        chosen = dict(_file_backed_read_only())
        known = mappings()
        writable.close()
        memory.close()
        os.close(memory_fd)
    assert chosen
    for start, length in chosen.items():
        permissions, path = known[start]
        assert "w" not in permissions
        assert path.startswith("/")
        assert not path.startswith("/memfd:")
        assert length > 0
        assert length % mmap.PAGESIZE == 0
    assert any("libc" in known[start][1] for start in chosen)


def test_the_process_shrinks_and_still_works() -> None:
    # A file that nobody else has mapped: the kernel leaves shared pages alone. On a disk: those of a tmpfs need swap.
    size = 32 * 1024 * 1024
    with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())
        done = subprocess.run([sys.executable, "-c", CHILD, file.name], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    before_kb, after_kb = map(int, done.stdout.split())
    assert before_kb - after_kb > 0.9 * size / 1024


def test_pages_of_libraries_are_unmapped_also_where_others_have_them() -> None:
    words = [sys.executable, "-c", NEIGHBOUR]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as neighbour:
        assert neighbour.stdout is not None
        assert neighbour.stdout.readline() == "there\n"
        done = subprocess.run([sys.executable, "-c", FORGETTING], capture_output=True, text=True, check=False)
        neighbour.communicate("")
    assert done.stderr == ""
    before_kb, after_kb = map(int, done.stdout.split())
    assert before_kb > 20_000
    assert after_kb < 0.25 * before_kb


def test_code_that_was_written_to_stays() -> None:
    """As a graphics driver does it with OpenGL's entry points; dropped, it would be the file's again."""
    done = subprocess.run([sys.executable, "-c", PATCHED], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    before, after = map(int, done.stdout.split())
    assert before != after == 0xA5


def test_release_leaves_no_fd() -> None:
    before = len(os.listdir("/proc/self/fd"))
    release_startup_pages()
    assert len(os.listdir("/proc/self/fd")) == before
