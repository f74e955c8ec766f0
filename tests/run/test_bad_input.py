"""Whatever a user gets wrong is one line on stderr that says what to do, and a documented exit code."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip
from tests.conftest import need_programs
from wayvid.desk import Desk
from wayvid.errors import DeskError

UNPLAYABLE, UNKNOWN_OUTPUT, USAGE, NO_COMPOSITOR = 6, 5, 2, 3


def run_once(argv: Sequence[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wayvid", *argv], env=env, capture_output=True, text=True, timeout=60, check=False
    )


def expect(result: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """One line, no traceback, all the words, nothing on stdout."""
    assert result.returncode == code, result.stderr
    assert result.stderr.endswith("\n")
    assert result.stderr.count("\n") == 1, result.stderr
    assert result.stdout == ""
    for word in words:
        assert word in result.stderr, result.stderr


def ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)


def missing(_folder: Path) -> str:
    return "/no/such/file.mp4"


def folder_without_media(folder: Path) -> str:
    (folder / "notes.txt").write_text("nothing to play")
    return str(folder)


def empty_file(folder: Path) -> str:
    (folder / "empty.mp4").touch()
    return str(folder / "empty.mp4")


def garbage(folder: Path) -> str:
    (folder / "garbage.mp4").write_bytes(bytes(range(256)) * 800)
    return str(folder / "garbage.mp4")


def truncated(folder: Path) -> str:
    whole = make_numbered_clip(folder / "whole.mp4", frames=60)
    cut = folder / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return str(cut)


def sound_alone(folder: Path) -> str:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", str(folder / "sound.ogg"))
    return str(folder / "sound.ogg")


def undecodable(folder: Path) -> str:
    """A container that is whole around pictures that are not."""
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1", "-c:v", "libx264", "-bsf:v", "noise=amount=1", str(folder / "noise.mkv"))
    return str(folder / "noise.mkv")


SOURCES = {
    "missing": (missing, "no such file"),
    "folder without media": (folder_without_media, "no video or picture"),
    "empty": (empty_file, "empty"),
    "garbage": (garbage, "not a video"),
    "truncated": (truncated, "damaged"),
    "sound alone": (sound_alone, "no video stream"),
    "undecodable": (undecodable, "decoded"),
}


@pytest.mark.parametrize("case", SOURCES)
def test_source_that_cannot_be_played_is_one_line_with_the_reason(sway_desk: Desk, tmp_path: Path, case: str) -> None:
    need_programs("ffmpeg")
    make, word = SOURCES[case]
    source = make(tmp_path)
    result = run_once(["run", source], sway_desk.env)
    expect(result, UNPLAYABLE, "wayvid run: cannot play", source, word)


def test_unknown_output_is_named_with_those_that_exist(sway_desk: Desk) -> None:
    result = run_once(["run", "-o", "DP-9"], sway_desk.env)
    expect(result, UNKNOWN_OUTPUT, "'DP-9'", *sway_desk.outputs)


ARGUMENTS = {
    "unknown layout": (["run", "--layout", "round"], ["round", "fill", "contain", "stretch", "centre"]),
    "unknown layout of an output": (["run", "-o", "DP-1=round"], ["round", "fill", "centre"]),
    "unknown renderer": (["run", "--renderer", "vulkan"], ["vulkan", "shm"]),
    "unknown option": (["run", "--bogus"], ["--bogus", "--help"]),
    "unknown command": (["xyzzy"], ["'xyzzy'", "wayvid --help"]),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_wrong_argument_is_one_line_that_lists_the_right_ones(sway_desk: Desk, case: str) -> None:
    argv, words = ARGUMENTS[case]
    expect(run_once(argv, sway_desk.env), USAGE, *words)


ENVIRONMENTS: dict[str, Callable[[Path], dict[str, str | None]]] = {
    "not set": lambda _folder: {"WAYLAND_DISPLAY": None},
    "no such socket": lambda folder: {"WAYLAND_DISPLAY": "wayland-77", "XDG_RUNTIME_DIR": str(folder)},
    "no runtime folder": lambda _folder: {"WAYLAND_DISPLAY": "wayland-1", "XDG_RUNTIME_DIR": None},
}


@pytest.mark.parametrize("case", ENVIRONMENTS)
def test_missing_compositor_is_one_line_that_says_what_to_do(tmp_path: Path, case: str) -> None:
    env = dict(os.environ)
    for name, value in ENVIRONMENTS[case](tmp_path).items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    expect(run_once(["run"], env), NO_COMPOSITOR, "wayvid desk")


def test_dead_socket_is_one_line(tmp_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-1"))  # bound but never listening: as a crash leaves it
    env = dict(os.environ, WAYLAND_DISPLAY="wayland-1", XDG_RUNTIME_DIR=str(tmp_path))
    expect(run_once(["run"], env), NO_COMPOSITOR, "cannot connect")


def test_compositor_that_ends_is_one_line() -> None:
    with (
        Desk(outputs=1, size=(320, 180)) as desk,
        subprocess.Popen(
            [sys.executable, "-m", "wayvid", "run", "--log-level", "info"],
            env=desk.env,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        for line in process.stderr:
            if "playing" in line:
                break
        with contextlib.suppress(DeskError):  # sway ends before it answers
            desk.sway.command("exit")
        said = process.stderr.read()
        assert process.wait(timeout=60) == NO_COMPOSITOR
    assert said.count("\n") == 1
    assert "connection to the compositor broke" in said
