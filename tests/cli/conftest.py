"""The command as a user runs it, and compositors that are no good for it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import need_programs
from tests.ipc.daemon import Daemon
from tests.support import wait_until
from wayvid.desk.processes import start_process, stop_processes
from wayvid.desk.runtime import SESSION, create_runtime

DEADLINE_S = 60


def run_wayvid(*arguments, env=None, cwd=None):
    """A finished `wayvid` command; without `env` there is no compositor."""
    bare = {name: value for name, value in os.environ.items() if name not in SESSION}
    return subprocess.run(
        [sys.executable, "-m", "wayvid", *arguments],
        env=bare if env is None else env, cwd=cwd, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip


@pytest.fixture
def bare_env():
    """The environment of a client of cage, which has no layer-shell and no viewporter."""
    need_programs("cage")
    runtime = create_runtime()
    settings = {
        "WLR_BACKENDS": "headless",
        "WLR_LIBINPUT_NO_DEVICES": "1",
        "WLR_RENDERER": "pixman",
        "WAYLAND_DISPLAY": "",
    }
    log = runtime.path / "compositor.log"
    with log.open("wb") as output:
        cage = start_process(
            ["cage", "--", "sleep", "1000"], runtime.compositor_env() | settings,
            user=runtime.user, group=runtime.group, cwd=runtime.path, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        name = wait_until(
            lambda: next((path.name for path in runtime.path.glob("wayland-*") if path.is_socket()), None),
            60,
            f"cage, which said {log.read_text()}",
        )
        yield runtime.client_env(name)
    finally:
        stop_processes([cage], 5)
        subprocess.run(["rm", "-rf", str(runtime.path)], check=True)


@pytest.fixture
def silent_compositor(tmp_path, monkeypatch):
    """This process's compositor takes connections and never says a word."""
    path = Path(tmp_path, "wayland-7")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        for name in SESSION:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        monkeypatch.setenv("WAYLAND_DISPLAY", path.name)
        yield path


@pytest.fixture
def daemon(tmp_path):
    """A stand-in daemon that serves the socket of a display of its own."""
    daemon = Daemon(tmp_path)
    assert daemon.is_serving, daemon.end()
    yield daemon
    daemon.close()
