"""`wayvid optimise` as a user runs it: real clips, really decoded and encoded."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import run_wayvid
from tests.conftest import need_programs
from tests.support import wait_until
from wayvid.desk import Desk

UNPLAYABLE, USAGE, NOT_POSSIBLE, INTERRUPTED = 6, 2, 15, 130
SCREEN = ("--output", "320x180@25", "--seconds", "0.2")


def make_clip(path: Path, size: str = "640x360", rate: int = 50, seconds: float = 2, *words: str) -> Path:
    need_programs("ffmpeg", "ffprobe")
    graph = f"testsrc2=s={size}:r={rate}:d={seconds}"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", graph, *words, "-c:v", "libx264", "-preset", "ultrafast",
         "-pix_fmt", "yuv420p", path],
        check=True,
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of 640x360 at 50 frames a second, with a sound that lasts longer."""
    sound = ("-f", "lavfi", "-i", "sine=d=2.5")
    return make_clip(tmp_path_factory.mktemp("optimise") / "sea 50%.mp4", "640x360", 50, 2, *sound)


def test_copy_is_what_was_proposed_and_is_measured(clip: Path) -> None:
    before = set(clip.parent.iterdir())
    done = run_wayvid("optimise", str(clip), *SCREEN, "--write", "--core-watts", "10", "--hours", "2")
    assert done.returncode == 0, done.stderr
    assert done.stderr == "wayvid optimise: making sea 50%.320x180.mp4\n"
    for words in ("75% of its pixels and 50% of its frames", "320x180 pixels instead of 640x360: no screen shows more",
                  "25 frames a second instead of 50: no screen shows more", "goes on for 0.5 s without one",
                  "x 10 W (a busy core, assumed) x 2 h a day", "CPU, % of a core", "memory of decoding"):  # fmt: skip
        assert words in done.stdout
    (copy,) = set(clip.parent.iterdir()) - before
    assert copy.name == "sea 50%.320x180.mp4"
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", copy],
        capture_output=True,
        check=True,
    ).stdout
    (video,) = json.loads(told)["streams"]
    assert (video["width"], video["height"], video["avg_frame_rate"], video["pix_fmt"]) == (320, 180, "25/1", "yuv420p")
    assert (video["nb_frames"], video["start_pts"], video["has_b_frames"]) == ("50", 0, 0)
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("frames a second")]
    assert rows == [["frames", "a", "second", "50", "25", "50", "%"]]
    assert copy.stat().st_mode & 0o077 == clip.stat().st_mode & 0o077

    again = run_wayvid("optimise", str(clip), *SCREEN, "--write")
    assert (again.returncode, again.stdout) == (USAGE, "")
    assert "is there already; name another file, or take --force" in again.stderr
    lean = run_wayvid("optimise", str(copy), *SCREEN, "--write", "-o", str(clip.parent / "lean.mp4"))
    assert lean.returncode == NOT_POSSIBLE
    assert "nothing to gain" in lean.stdout
    assert set(clip.parent.iterdir()) == before | {copy}


def test_screens_of_the_session_are_taken_where_none_is_named(clip: Path, sway_desk: Desk) -> None:
    done = run_wayvid("optimise", str(clip), "--seconds", "0.2", env=sway_desk.env)
    assert done.returncode == 0, done.stderr
    for screen in sway_desk.outputs:
        assert f"{screen} 1280x720 60 Hz fill" in done.stdout
    assert "it is made, and measured, with --write" in done.stdout


def test_interrupted_copy_leaves_nothing(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "long.mp4", "1280x720", 50, 5)
    argv = [
        sys.executable,
        "-m",
        "wayvid",
        "optimise",
        str(clip),
        "--output",
        "1024x576",
        "--seconds",
        "0.2",
        "--write",
    ]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

        def is_written() -> bool:
            assert process.poll() is None, "it ended by itself"
            return any(path.stat().st_size for path in tmp_path.glob(".long*.half"))

        wait_until(is_written, 60, "the first bytes of the copy")
        ffmpeg = int(children.read_text())
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert err == "wayvid optimise: making long.1024x576.mp4\n"
    assert os.listdir(tmp_path) == ["long.mp4"]
    assert not Path(f"/proc/{ffmpeg}").exists()


def test_ffmpeg_that_fails_is_one_line_and_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    broken = tmp_path / "ffmpeg"
    broken.write_text(
        '#!/bin/sh\ncase "$*" in *-encoders*) echo " V libx264 "; exit;; esac\necho "disk full" >&2; exit 3\n'
    )
    broken.chmod(0o755)
    env = dict(os.environ, PATH=f"{tmp_path}:{os.environ['PATH']}")
    done = run_wayvid("optimise", str(clip), *SCREEN, "--write", "-o", str(tmp_path / "a.mp4"), env=env)
    assert (done.returncode, done.stderr.splitlines()[1:]) == (
        1, [f"wayvid optimise: ffmpeg could not make the copy of {str(clip)!r}: disk full"],
    )  # fmt: skip
    assert os.listdir(tmp_path) == ["ffmpeg"]


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["gone.mp4"], UNPLAYABLE, "there is no such file"),
        (["text.mp4"], UNPLAYABLE, "ffprobe cannot read it"),
        (["https://example.org/a.mp4"], USAGE, "is not a file here"),
        (["folder"], USAGE, "has several files; name one of them"),
        (["lake.png"], NOT_POSSIBLE, "is a picture"),
        (["clip.mp4"], USAGE, "no screen is known: "),
        (["clip.mp4", "--output", "big"], USAGE, "is not the size of a screen"),
        (["clip.mp4", "-o", "a.mp4"], USAGE, "add --write"),
        (["clip.mp4", *SCREEN, "--write", "-o", "none/a.mp4"], 1, "cannot write"),
        (["clip.mp4", "--max-fps", "x"], USAGE, "is not a number from 0 to 1000"),
    ],
)
def test_what_cannot_be_done_is_one_line(clip: Path, tmp_path: Path, argv: list[str], code: int, words: str) -> None:
    (tmp_path / "clip.mp4").symlink_to(clip)
    (tmp_path / "text.mp4").write_text("not a video\n" * 100)
    (tmp_path / "folder").mkdir()
    for name in ("folder/a.mp4", "folder/b.mp4"):
        (tmp_path / name).write_bytes(b"x")
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color", "-frames:v", "1", tmp_path / "lake.png"],
                   check=True)  # fmt: skip
    done = run_wayvid("optimise", *argv, cwd=tmp_path)
    assert done.returncode == code
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


@pytest.mark.parametrize("missing", ["ffprobe", "ffmpeg"])
def test_missing_program_is_one_line(clip: Path, tmp_path: Path, missing: str) -> None:
    (other,) = {"ffprobe", "ffmpeg"} - {missing}
    (tmp_path / other).symlink_to(subprocess.check_output(["which", other], text=True).strip())
    env = dict(os.environ, PATH=str(tmp_path))
    done = run_wayvid("optimise", str(clip), *SCREEN, "--write", env=env)
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert (
        done.stderr
        == f"wayvid optimise: {missing} is not installed, and optimise needs it; install it (package ffmpeg)\n"
    )
