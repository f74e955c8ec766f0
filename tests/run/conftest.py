"""Clips and runs of the real program for the tests of `wayvid run`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from tests.battery import Battery
from tests.clips import make_numbered_clip
from tests.conftest import need_programs
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.ipc.status import Status

START_S = 60.0  # nobody waits so long where all is well; a busy machine needs a multiple of what an idle one does
# Compiled once, and not anew for each run's own cache.
SHADERS = {"MESA_SHADER_CACHE_DIR": str(Path(tempfile.gettempdir(), f"wayvid-test-shaders-{os.getuid()}"))}


class Run:
    """A `wayvid run` on a desk, its stderr kept."""

    def __init__(
        self, desk: Desk, folder: Path, args: tuple[str, ...], env: dict[str, str], stdin: IO[bytes] | int
    ) -> None:
        self.desk = desk
        self.folder = folder
        self.stderr_path = folder / "stderr"
        with self.stderr_path.open("wb") as stderr:
            argv = [sys.executable, "-m", "wayvid", "run", *args]
            self.process = desk.start(argv, stdin=stdin, stderr=stderr, env=env)

    def ask(self, command: str, **fields: object) -> dict[str, Any]:
        """The daemon's answer to a request at its socket."""
        path = self.desk.runtime_dir / f"wayvid-{self.desk.display.name}.sock"
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(START_S)
            sock.connect(str(path))
            sock.sendall(msgspec.json.encode({"v": 1, "command": command, **fields}) + b"\n")
            with sock.makefile("rb") as lines:
                answer = msgspec.json.decode(lines.readline(), type=dict[str, Any])
        assert answer["v"] == 1
        return answer

    def status(self) -> Status:
        """What `wayvid status` would show."""
        return msgspec.convert(self.ask("status")["data"], Status)

    def wait_state(self, *states: str, deadline_s: float = START_S) -> Status:
        """The first status with one of these states."""

        def in_state() -> Status | None:
            assert self.process.poll() is None, f"wayvid ended early: {self.stderr}"
            status = self.status()
            return status if status.state in states else None

        status = wait_until(in_state, deadline_s, f"{' or '.join(states)}; stderr: {self.stderr}")
        assert status is not None
        return status

    def wait_listening(self) -> None:
        """Wait until it takes requests; one that was killed has left a socket, too."""
        path = self.desk.runtime_dir / f"wayvid-{self.desk.display.name}.sock"

        def listens() -> bool:
            with socket.socket(socket.AF_UNIX) as sock:
                return sock.connect_ex(str(path)) == 0

        wait_until(listens, START_S, f"{path}; stderr: {self.stderr}")

    def wait_playing(self) -> Status:
        """Its status once it listens, plays, and has a picture on every screen."""
        self.wait_listening()
        self.wait_state("playing")

        def is_everywhere() -> Status | None:
            status = self.status()
            return status if all(output.state == "playing" for output in status.outputs) else None

        status = wait_until(is_everywhere, START_S, "a picture on every screen")
        assert status is not None
        return status

    @property
    def stderr(self) -> str:
        """What it has said so far."""
        return self.stderr_path.read_text()

    def shot(self, output: str) -> Path:
        """A picture of an output, as a PPM where that can be had: it takes a third of the time."""
        path = self.picture_path(output)
        if path.suffix == ".png":
            return self.desk.shot(output, path)
        path.write_bytes(self.desk.ppm(output))
        return path

    def picture_path(self, output: str) -> Path:
        """Where shot() puts it."""
        return self.folder / f"{output}.{'ppm' if self.desk.compositor == 'sway' else 'png'}"

    def wait_picture(
        self, output: str, is_right: Callable[[Path], bool], what: str, deadline_s: float = START_S
    ) -> Path:
        """The first picture of an output that is right."""

        def looks_right() -> bool:
            assert self.process.poll() is None, f"wayvid ended early: {self.stderr}"
            return is_right(self.shot(output))

        wait_until(looks_right, deadline_s, f"{what} on {output}; stderr: {self.stderr}")
        return self.picture_path(output)

    def player_pid(self) -> int | None:
        """The player process; None while there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:  # the daemon has others for moments, such as the one that reads figures
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"wayvid.player" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
        return None

    def wait_player(self) -> int:
        """The player process, once it is there."""
        return wait_until(self.player_pid, START_S, "a player process") or 0

    def end(self) -> int:
        """End it as a user does; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=START_S)


@pytest.fixture
def run_wayvid(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., Run]:
    """Starts `wayvid run` on a desk: run_wayvid(desk, *args, env={...}).

    What commands say and what was shown last is forgotten with the run, unless env has other folders for it.
    """
    need_programs("ffmpeg")
    runs: list[Run] = []

    def start(
        desk: Desk, *args: str, env: dict[str, str] | None = None, stdin: IO[bytes] | int = subprocess.DEVNULL
    ) -> Run:
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        if "renderer" in request.fixturenames:
            args = (*args, "--renderer", request.getfixturevalue("renderer"))
        own = {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache"), **SHADERS}
        run = Run(desk, folder, args, own | (env or {}), stdin)
        runs.append(run)
        return run

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
            try:
                run.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                run.process.kill()
                run.process.wait()


# For tests that wait for many pictures: a software driver takes long for them.
SLOWLY_DRAWN = ("shm", pytest.param("gl", marks=pytest.mark.slow))


@pytest.fixture(params=("shm", "gl"))
def renderer(request: pytest.FixtureRequest) -> str:
    """Has `run_wayvid` draw with each of the renderers; OpenGL is a software driver's here."""
    return str(request.param)


@pytest.fixture(scope="session")
def numbered_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds at 30 fps, each frame with its number."""
    need_programs("ffmpeg")
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "numbers.mp4", frames=300)


@pytest.fixture
def write_config(tmp_path: Path) -> Callable[..., str]:
    """Writes a config file with keys of its table [power], and gives its path: write_config(max_memory_mb=64)."""

    def write(**power: float) -> str:
        path = tmp_path / "config.toml"
        path.write_text("[power]\n" + "".join(f"{key} = {value}\n" for key, value in power.items()))
        return str(path)

    return write


@pytest.fixture
def battery(tmp_path: Path) -> Iterator[Battery]:
    """A battery; plugged in at first."""
    battery = Battery(tmp_path / "supply")
    yield battery
    battery.close()
