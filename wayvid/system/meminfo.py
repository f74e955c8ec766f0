"""How much of the machine's memory could still be had."""

from __future__ import annotations

__all__ = ["available_share"]

MEMINFO = "/proc/meminfo"


def available_share(path: str = MEMINFO) -> float:
    """What new programs could take without swapping, as a part of all memory: 0.0 .. 1.0.

    1.0 where it cannot be read. Threads: any. Source: proc_meminfo(5), MemAvailable.
    """
    figures = {}
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                name, _, value = line.partition(":")
                figures[name] = value.split()
                if name == "MemAvailable":
                    return int(figures[name][0]) / int(figures["MemTotal"][0])
    except (OSError, ValueError, LookupError, ZeroDivisionError):
        return 1.0
    return 1.0
