"""Where and when a figure was measured; figures of different machines are not comparable."""

from __future__ import annotations

import importlib.metadata

from wayvid.memtest import stamp
from wayvid.memtest.stamp import now

__all__ = ["machine", "now"]


def cython_version() -> str:
    """Of the Cython in this environment; wayvid may have been built in another."""
    try:
        return importlib.metadata.version("cython")
    except importlib.metadata.PackageNotFoundError:
        return "not installed here"


def machine() -> dict[str, str]:
    """What must be equal for two figures to be compared."""
    return stamp.machine() | {"cython": cython_version()}
