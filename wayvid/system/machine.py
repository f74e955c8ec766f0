"""What the kernel and the graphics cards of this machine offer."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from wayvid.system.pages import MADV_PAGEOUT

__all__ = ["RenderNode", "missing_kernel_features", "can_page_out", "render_nodes"]


class RenderNode(NamedTuple):
    """A device that can render or decode; `driver` is the kernel's."""

    path: str
    driver: str
    is_accessible: bool


def missing_kernel_features() -> list[str]:
    """Names of the system calls that wayvid needs and the kernel (or a sandbox) refuses."""
    attempts: dict[str, Callable[[], int]] = {
        "memfd_create with seals": lambda: os.memfd_create("wayvid-check", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING),
        "pidfd_open": lambda: os.pidfd_open(os.getpid()),
        "eventfd": lambda: os.eventfd(0, os.EFD_CLOEXEC),
    }
    missing = []
    for name, attempt in attempts.items():
        try:
            os.close(attempt())
        except OSError as exc:
            missing.append(f"{name} ({exc.strerror})")
    return missing


def can_page_out() -> bool:
    """Whether the kernel takes unused pages back on request (madvise(2), MADV_PAGEOUT)."""
    libc = ctypes.CDLL(None, use_errno=True)
    with mmap.mmap(-1, mmap.PAGESIZE) as page:
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return bool(libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE), MADV_PAGEOUT) == 0)


def render_nodes(devices: Path = Path("/dev/dri"), sysfs: Path = Path("/sys/class/drm")) -> list[RenderNode]:
    """The DRM render nodes, in the kernel's order."""
    nodes = []
    for device in sorted(devices.glob("renderD*")):
        driver = sysfs / device.name / "device" / "driver"
        name = driver.resolve().name if driver.exists() else "unknown driver"
        nodes.append(RenderNode(str(device), name, os.access(device, os.R_OK | os.W_OK)))
    return nodes
