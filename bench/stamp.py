"""Where and when a figure was measured; figures of different machines are not comparable."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import shutil
import subprocess
from pathlib import Path


def cpu_model() -> str:
    """The processor's name, or the architecture where the kernel gives none.

    Source: proc_cpuinfo(5), "model name".
    """
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def cython_version() -> str:
    """Of the Cython in this environment; wayvid may have been built in another."""
    try:
        return importlib.metadata.version("cython")
    except importlib.metadata.PackageNotFoundError:
        return "not installed here"


def machine() -> dict[str, str]:
    """What must be equal for two figures to be compared."""
    return {
        "cpu": f"{cpu_model()} x {os.cpu_count()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
        "cython": cython_version(),
    }


def programs() -> dict[str, str]:
    """Versions of the programs that the play bench runs beside wayvid."""
    versions = {}
    for name in ("mpv", "sway"):
        path = shutil.which(name)
        if path is not None:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
            versions[name] = said.partition("\n")[0].removeprefix(name).removeprefix(" version").split()[0]
    return versions


def now() -> str:
    """The present second in UTC, ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
