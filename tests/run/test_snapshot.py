"""`wayvid snapshot`: the picture that is on the screen, whoever shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import block_picture, read_number
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
NOT_POSSIBLE, CANNOT_WRITE = 15, 1


def wayvid(run: Run, *argv: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "wayvid", *argv], env=run.desk.env, capture_output=True, timeout=60, check=False
    )


def snapshot(run: Run, *argv: str) -> Path:
    """The picture that the command wrote, over the one before."""
    path = run.folder / "snapshot.png"
    done = wayvid(run, "snapshot", str(path), *argv)
    assert (done.stderr, done.stdout, done.returncode) == (b"", b"", 0)
    return path


def fds(pid: int | None) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.usefixtures("renderer")
def test_snapshot_is_what_the_screen_shows_while_it_plays_is_paused_and_held(
    sway_desk: Desk, run_wayvid: Callable[..., Run], write_config: Callable[..., str], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=2))
    run.wait_playing()
    first = read_number(snapshot(run))
    assert first is not None
    wait_until(lambda: (read_number(snapshot(run)) or 0) > first + 5, START_S, "a later picture")

    assert run.ask("pause")["ok"]
    shown = read_number(run.shot(A))
    assert shown is not None
    held, player = fds(run.process.pid), fds(run.player_pid())
    while run.status().state == "paused":
        assert read_number(snapshot(run)) == shown
    assert run.status().state == "held"
    assert read_number(snapshot(run)) == shown
    with Image.open(run.folder / "snapshot.png") as picture:
        assert picture.size == (336, 188), "all of it, and no more pixels than the clip has"
    assert run.ask("resume")["ok"]
    run.wait_state("playing")
    snapshot(run)
    assert fds(run.process.pid) <= held + 2
    assert fds(run.player_pid()) <= player + 2
    assert run.stderr == ""


def test_snapshot_of_an_image_is_the_image_and_of_one_screen_its_own(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path
) -> None:
    picture = block_picture((640, 400))
    picture.save(tmp_path / "blocks.png")
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    assert run.ask("set", source=str(tmp_path / "blocks.png"), outputs=[B])["ok"]
    with Image.open(snapshot(run, "-o", B)) as seen:
        assert seen.size == (640, 400)
        assert seen.tobytes() == picture.tobytes()
    assert read_number(snapshot(run, "-o", A, "-o", C)) is not None
    before = (run.folder / "snapshot.png").read_bytes()

    done = wayvid(run, "snapshot", str(run.folder / "snapshot.png"))
    assert done.returncode == NOT_POSSIBLE
    assert done.stderr.decode() == (
        "wayvid snapshot: the screens show different pictures; name one of them with -o: "
        "HEADLESS-1, HEADLESS-2, HEADLESS-3\n"
    )
    for where, why in (
        (tmp_path / "no" / "such.png", "No such file or directory"),
        (tmp_path, "it is a folder"),
        (Path("/proc/snapshot.png"), "No such file"),
    ):
        done = wayvid(run, "snapshot", str(where), "-o", B)
        assert done.returncode == CANNOT_WRITE
        assert f"cannot write '{where}': {why}" in done.stderr.decode()
        assert done.stderr.count(b"\n") == 1
    assert (run.folder / "snapshot.png").read_bytes() == before
    assert not {path.name for path in run.folder.iterdir()} - {"snapshot.png", "stderr", "state", "cache"}

    done = wayvid(run, "snapshot", "-", "-o", B)
    assert (done.returncode, done.stderr) == (0, b"")
    (run.folder / "piped.png").write_bytes(done.stdout)
    with Image.open(run.folder / "piped.png") as seen:
        assert seen.tobytes() == picture.tobytes()
