"""Where files of wayvid's own are, by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

__all__ = ["cache_folder"]


def cache_folder(environ: Mapping[str, str]) -> str:
    """Where last pictures are kept; it need not be there."""
    home = environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):  # XDG Base Directory Specification: ignored
        home = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "wayvid")
