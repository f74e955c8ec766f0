"""Where and when something was measured; figures of different machines are not comparable."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import subprocess

__all__ = ["cpu_model", "machine", "now"]

PROGRAMS = ("mpv", "sway")
ANSWER_WITHIN_S = 10.0


def cpu_model() -> str:
    """The processor's name, or the architecture where the kernel gives none.

    Source: proc_cpuinfo(5), "model name".
    """
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict[str, str]:
    """What must be equal for two measurements to be compared."""
    found = {
        "cpu": f"{cpu_model()} x {os.cpu_count()}",
        "kernel": platform.release(),
        "python": platform.python_version(),
    }
    for name in PROGRAMS:
        if path := shutil.which(name):
            found[name] = _version(path, name)
    return found


def _version(path: str, name: str) -> str:
    try:
        said = subprocess.run(
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=ANSWER_WITHIN_S, check=False,
        ).stdout  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    words = said.partition("\n")[0].removeprefix(name).removeprefix(" version").split()
    return words[0] if words else "unknown"


def now() -> str:
    """The present second in UTC, ISO 8601."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
