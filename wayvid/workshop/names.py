"""How a Wallpaper Engine project is named: all that is needed to tell one from another source."""

from __future__ import annotations

import os

__all__ = ["MANIFEST", "PREFIX", "project_folder"]

MANIFEST = "project.json"
PREFIX = "we:"  # and the number of an item of the Workshop


def project_folder(path: str) -> str:
    """The folder of the project that a path means, by its folder or its project.json; empty when it means none."""
    if os.path.basename(path) == MANIFEST:
        return os.path.dirname(path)
    return path if os.path.lexists(os.path.join(path, MANIFEST)) else ""
