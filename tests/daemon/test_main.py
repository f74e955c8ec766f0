"""The daemon as `wayvid run` becomes it: the words it is given."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wayvid.link.pair import link_pair

BAD_CONFIG, NO_COMPOSITOR = 9, 3


# The player is the daemon's child, as it is when `wayvid run` becomes the daemon; this one is gone at once.
START = 'true & exec "$0" -m wayvid.daemon $! "$@"'


def run_daemon(config: str, folder: Path) -> subprocess.CompletedProcess[str]:
    ours, theirs = link_pair()
    ledger_fd = os.memfd_create("ledger", os.MFD_CLOEXEC)
    words = [ours.fileno(), ledger_fd, logging.WARNING, "fill", "", config, "", "", "DP-1=contain"]
    try:
        return subprocess.run(
            ["sh", "-c", START, sys.executable, *map(str, words)],
            env=os.environ | {"XDG_RUNTIME_DIR": str(folder), "WAYLAND_DISPLAY": "wayland-gone"},
            pass_fds=[ours.fileno(), ledger_fd], capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(ledger_fd)
        ours.close()
        theirs.close()


def test_a_config_file_that_broke_since_it_was_checked_ends_the_start(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("power.max_buffers = 1")
    done = run_daemon(str(path), tmp_path)
    assert done.stderr.startswith(f"wayvid run: config file {path}, line 1: power.max_buffers: 1 is not allowed; give ")
    assert (done.returncode, done.stderr.count("\n")) == (BAD_CONFIG, 1)


@pytest.mark.parametrize("config", ["", "/dev/null"])
def test_no_config_file_is_fine(tmp_path: Path, config: str) -> None:
    done = run_daemon(config, tmp_path)
    assert "wayland-gone" in done.stderr
    assert (done.returncode, done.stderr.count("\n")) == (NO_COMPOSITOR, 1)
