"""Clips and runs of the real program for the tests of `wayvid run`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip
from tests.conftest import need_programs
from tests.support import wait_until
from wayvid.desk import Desk

START_S = 15.0


class Run:
    """A `wayvid run` on a desk, its stderr kept."""

    def __init__(self, desk: Desk, folder: Path, args: tuple[str, ...]) -> None:
        self.desk = desk
        self.folder = folder
        self.stderr_path = folder / "stderr"
        with self.stderr_path.open("wb") as stderr:
            self.process = desk.start([sys.executable, "-m", "wayvid", "run", *args], stderr=stderr)

    @property
    def stderr(self) -> str:
        """What it has said so far."""
        return self.stderr_path.read_text()

    def shot(self, output: str) -> Path:
        """A picture of an output."""
        return self.desk.shot(output, self.folder / f"{output}.png")

    def wait_picture(
        self, output: str, is_right: Callable[[Path], bool], what: str, deadline_s: float = START_S
    ) -> Path:
        """The first picture of an output that is right."""

        def looks_right() -> bool:
            assert self.process.poll() is None, f"wayvid ended early: {self.stderr}"
            return is_right(self.shot(output))

        wait_until(looks_right, deadline_s, f"{what} on {output}; stderr: {self.stderr}")
        return self.folder / f"{output}.png"

    def player_pid(self) -> int | None:
        """The player process; None while there is none."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def wait_player(self) -> int:
        """The player process, once it is there."""
        return wait_until(self.player_pid, START_S, "a player process") or 0

    def end(self) -> int:
        """End it as a user does; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=10)


@pytest.fixture
def run_wayvid(tmp_path: Path) -> Callable[..., Run]:
    """Starts `wayvid run` on a desk: run_wayvid(desk, *args)."""
    need_programs("ffmpeg")
    runs: list[Run] = []

    def start(desk: Desk, *args: str) -> Run:
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        run = Run(desk, folder, args)
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


@pytest.fixture(scope="session")
def numbered_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds at 30 fps, each frame with its number."""
    need_programs("ffmpeg")
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "numbers.mp4", frames=300)
