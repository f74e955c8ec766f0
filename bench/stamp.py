"""Where and when a figure was measured; figures of different machines are not comparable."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from pathlib import Path


def cpu_model() -> str:
    """The processor's name, or the architecture where the kernel gives none.

    Source: proc_cpuinfo(5), "model name".
    """
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict[str, str]:
    """What must be equal for two figures to be compared."""
    return {
        "cpu": f"{cpu_model()} x {os.cpu_count()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "cython": importlib.metadata.version("cython"),
    }


def now() -> str:
    """The present second in UTC, ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
