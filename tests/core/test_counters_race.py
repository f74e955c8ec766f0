"""The C side of the counters, which other compiled modules call without the GIL."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from wayvid._core import OTHER, allocated, freed, memory_stats

SOURCE = Path(__file__).with_name("race.pyx")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """race.pyx, compiled against the .pxd of the counters."""
    folder = tmp_path_factory.mktemp("race")
    shutil.copy(SOURCE, folder)
    done = subprocess.run(
        [sys.executable, "-m", "Cython.Build.Cythonize", "--inplace", "--quiet", "race.pyx"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    spec = importlib.util.spec_from_file_location("race", next(folder.glob("race*.so")))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_totals_are_exact_when_eight_threads_churn_without_the_gil(race: ModuleType) -> None:
    threads, rounds = 8, 50_000
    before = memory_stats().other
    with ThreadPoolExecutor(threads) as executor:
        for churn in [executor.submit(race.churn, rounds) for _ in range(threads)]:
            churn.result()
    after = memory_stats().other
    # each, grown to 2 * each and shrunk to 1; for 0 the last step is a growth by 1
    total = threads * (rounds * (rounds - 1) + 1)
    assert after.allocated_bytes - before.allocated_bytes == total
    assert after.freed_bytes - before.freed_bytes == total
    assert after.current_bytes == before.current_bytes
    assert after.active_allocations == before.active_allocations


def test_no_peak_is_lost_when_eight_threads_raise_it_without_the_gil(race: ModuleType) -> None:
    # A thread that stores its own figure after another's higher one would take the peak down again.
    before = memory_stats()
    to_the_peak = max(each.peak_bytes - each.current_bytes for each in (before, before.other))
    allocated(OTHER, to_the_peak)
    climb = race.Climb()
    with ThreadPoolExecutor(8) as executor:
        others = [executor.submit(climb.grow) for _ in range(7)]
        lost = executor.submit(climb.spike, 1000).result()
    freed(OTHER, to_the_peak)
    assert lost == 0
    assert [other.exception() for other in others] == [None] * 7
    assert memory_stats().current_bytes == before.current_bytes
