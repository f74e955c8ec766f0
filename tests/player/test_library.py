"""libmpv is found without a search, and by python-mpv's own where the linker does not know it."""

from __future__ import annotations

import subprocess
import sys

LOAD = """
import sys
from wayvid.player import library
"""
SAYS = """
library.load_libmpv()
print("mpv" in sys.modules)
import mpv, ctypes.util
print("subprocess" in sys.modules, ctypes.util.find_library("c") is not None, mpv.backend.mpv_client_api_version() > 0)
"""


def said(script: str) -> list[str]:
    """What a fresh Python prints, by words."""
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()


def test_libmpv_is_loaded_without_a_search_which_is_there_for_others_afterwards() -> None:
    script = f"{LOAD}{SAYS}".replace(
        "import mpv, ctypes.util", "import mpv\nprint('tempfile' in sys.modules)\nimport ctypes.util"
    )
    assert said(script) == ["True", "False", "True", "True", "True"]


def test_a_libmpv_of_another_name_is_searched_for() -> None:
    assert said(f"{LOAD}library.NAMES = ('libmpv-none.so.0',){SAYS}") == ["False", "True", "True", "True"]
