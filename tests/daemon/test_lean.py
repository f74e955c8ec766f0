"""What the two processes do not load, where it is installed."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["wayvid.daemon.loop", "wayvid.player.loop"])
def test_process_does_without_what_msgspec_only_tries(module: str) -> None:
    code = f"import typing_extensions, sys; del sys.modules['typing_extensions']; import {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
    assert "msgspec" in loaded.split()
    assert "typing_extensions" not in loaded.split()


def test_others_can_still_import_it() -> None:
    code = "import wayvid.daemon, typing_extensions; print(typing_extensions.__name__)"
    assert subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True).stdout
