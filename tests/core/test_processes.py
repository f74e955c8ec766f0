"""What only a process of its own can show: a silent exit, and the advice of an uncompiled tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wayvid

SOURCE = Path(wayvid.__file__).parent


def run_python(code: str, *, folder: Path = SOURCE.parent) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("buffer = ManagedBuffer(9000)", id="open buffer"),
        pytest.param("view = memoryview(ManagedBuffer(9000))", id="view of a forgotten buffer"),
        pytest.param("pool = BufferPool(); pool.release(pool.acquire(1))", id="idle buffer"),
        pytest.param("pool = BufferPool(); buffer = pool.acquire(1); view = memoryview(buffer)", id="lent buffer"),
        pytest.param("pool = BufferPool(on_evict=print); pool.me = 1", id="no attributes of its own"),
        pytest.param("pool = BufferPool(on_evict=lambda b: pool); pool.release(pool.acquire(1))", id="pool in a cycle"),
        pytest.param("ticker = FrameTicker(); ticker.tick(); ticker.me = 1", id="no attributes on a ticker either"),
        pytest.param("half = FrameTicker.__new__(FrameTicker, -1)", id="half-built ticker"),
        pytest.param("half = ManagedBuffer.__new__(ManagedBuffer, -1)", id="half-built buffer"),
        pytest.param("half = BufferPool.__new__(BufferPool, -1)", id="half-built pool"),
    ],
)
def test_a_process_ends_silently_whatever_it_still_holds(code: str) -> None:
    done = run_python(
        "import faulthandler; faulthandler.enable()\n"
        "from wayvid._core import BufferPool, FrameTicker, ManagedBuffer\n"
        f"try:\n    {code}\nexcept (ValueError, AttributeError):\n    pass\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_pool_in_a_cycle_is_collected() -> None:
    done = run_python(
        "import gc\n"
        "from wayvid._core import BufferPool, memory_stats\n"
        "class Renderer:\n"
        "    def __init__(self): self.pool = BufferPool(on_evict=self.drop)\n"
        "    def drop(self, buffer): pass\n"
        "renderer = Renderer()\n"
        "renderer.pool.release(renderer.pool.acquire(1))\n"
        "del renderer\n"
        "gc.collect()\n"
        "print(memory_stats().current_bytes)\n"
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_counters_of_a_fresh_process_are_zero() -> None:
    done = run_python(
        "from wayvid._core import memory_stats\n"
        "s = memory_stats()\n"
        "print(s.current_bytes, s.peak_bytes, s.allocated_bytes, s.freed_bytes, s.active_allocations)"
    )
    assert (done.stdout, done.stderr) == ("0 0 0 0 0\n", "")


def test_an_uncompiled_tree_says_which_command_to_run(tmp_path: Path) -> None:
    package = tmp_path / "wayvid" / "_core"
    package.mkdir(parents=True)
    (package.parent / "__init__.py").touch()
    (package / "__init__.py").write_text((SOURCE / "_core" / "__init__.py").read_text())
    done = run_python("import wayvid._core", folder=tmp_path)
    assert done.returncode == 1
    assert "ImportError: wayvid._core.buffer is not compiled: run 'make setup'" in done.stderr.splitlines()[-1]
    assert "pip install -e ." in done.stderr
