"""Contract tests run on the compiled module and on its plain-Python twin alike."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from types import ModuleType

import pytest

import bench.twins
import wayvid._core


@pytest.fixture(params=[wayvid._core, bench.twins], ids=["compiled", "twin"])
def core(request: pytest.FixtureRequest) -> ModuleType:
    """One of the two modules with the names of wayvid._core."""
    return request.param


@pytest.fixture
def view(core: ModuleType) -> Callable[..., memoryview]:
    """Makes a view of a buffer; a Python class can export one only since Python 3.12."""
    return core.ManagedBuffer.view if core is bench.twins else memoryview


@pytest.fixture
def held(core: ModuleType) -> Callable[[], tuple[int, int]]:
    """(bytes, allocations) counted since the test began: the counters belong to the process."""
    gc.collect()  # what earlier tests left in reference cycles must not end during this one
    before = core.memory_stats()

    def since() -> tuple[int, int]:
        now = core.memory_stats()
        return now.current_bytes - before.current_bytes, now.active_allocations - before.active_allocations

    return since


@pytest.fixture
def open_fds() -> Callable[[], int]:
    """How many file descriptors this process has."""
    return lambda: len(os.listdir("/proc/self/fd"))
