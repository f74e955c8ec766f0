"""The memory limit that the session or a service manager has put on this process's cgroup."""

from __future__ import annotations

import os
from typing import NamedTuple

__all__ = ["CgroupMemory", "memory_high"]

LIMITS = ("memory.high", "memory.max")  # above the first the kernel slows down and reclaims, at the second it kills


class CgroupMemory(NamedTuple):
    """A cgroup with a limit: bytes, and its directory.

    Attributes:
        limit_bytes: the lower of memory.high and memory.max.
        used_bytes: of all processes in it, without file pages that the kernel would drop first.
        path: where it is in the file system.
    """

    limit_bytes: int
    used_bytes: int
    path: str


def memory_high(self_cgroup: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> CgroupMemory | None:
    """The limit that is nearest to being reached, of the own cgroup and those above it.

    None when there is none, when it cannot be read, and with cgroup v1.

    Source: Linux, Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files".
    """
    path = _own_cgroup(self_cgroup)
    if path is None or not os.path.exists(f"{root}/cgroup.controllers"):
        return None
    limited = []
    while path:
        found = _limited(root + path)
        if found is not None:
            limited.append(found)
        path = path.rpartition("/")[0]
    return max(limited, key=lambda one: one.used_bytes / one.limit_bytes, default=None)


def _own_cgroup(self_cgroup: str) -> str | None:
    """ "/user.slice/..." of the v2 hierarchy, "" for its root; None when there is none, or it cannot be seen.

    Source: cgroups(7): hierarchy 0 is v2's; "/.." leads out of the cgroup namespace.
    """
    try:
        with open(self_cgroup, encoding="utf-8", errors="surrogateescape") as file:
            paths = [line[len("0::") :].rstrip("\n") for line in file if line.startswith("0::")]
    except OSError:
        return None
    return paths[0].rstrip("/") if paths and not paths[0].startswith("/..") else None


def _limited(path: str) -> CgroupMemory | None:
    limits = [limit for limit in (_number(f"{path}/{name}") for name in LIMITS) if limit is not None]
    used_bytes = _number(f"{path}/memory.current")
    if not limits or used_bytes is None:
        return None
    # 0 is a limit, too: as small as can be.
    return CgroupMemory(max(min(limits), 1), max(used_bytes - _inactive_file(path), 0), path)


def _number(path: str) -> int | None:
    """A file's number; None for "max", and where there is no such file (the root has none, nor has an old kernel)."""
    try:
        with open(path, encoding="ascii") as file:
            text = file.read().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _inactive_file(path: str) -> int:
    try:
        with open(f"{path}/memory.stat", encoding="ascii") as file:
            return next((int(line.split()[1]) for line in file if line.startswith("inactive_file ")), 0)
    except OSError:
        return 0
