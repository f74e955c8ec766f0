"""A stand-in daemon for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ipc.daemon import Daemon


@pytest.fixture
def start_daemon(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Starts stand-in daemons of one display: start_daemon(*words)."""
    daemons: list[Daemon] = []

    def start(*words: str) -> Daemon:
        daemons.append(Daemon(tmp_path, *words))
        return daemons[-1]

    yield start
    for daemon in daemons:
        daemon.close()


@pytest.fixture
def daemon(start_daemon: Callable[..., Daemon]) -> Daemon:
    """One that serves."""
    daemon = start_daemon()
    assert daemon.is_serving, daemon.end()
    return daemon
