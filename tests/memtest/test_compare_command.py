"""`wayvid memtest --compare` as a user runs it: contenders that play, stand still, die, hide, and are interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import run_wayvid
from tests.clips import make_colour_clip, make_numbered_clip
from tests.conftest import need_programs
from tests.memtest.test_command import SHORT, WAIT_S, descendants, read_csv, read_json
from tests.support import wait_until
from wayvid.memtest.household import MARK, members
from wayvid.memtest.turns import COLUMNS

MPV = "mpv --no-config --vo=wlshm --fs --loop-file=inf --really-quiet {source}"
# It leaves its parent, which ends, as programs do that go to the background.
DAEMON = f"setsid -f {MPV}"
DIES = "sh -c 'echo it was fine; echo no picture today >&2; exit 3'"


@pytest.fixture
def clip(tmp_path: Path) -> str:
    """Small, and moves."""
    need_programs("sway", "grim", "mpv", "ffmpeg")
    (tmp_path / "clips").mkdir()
    return str(make_numbered_clip(tmp_path / "clips" / "a clip.mp4", 90))


def marked_processes() -> list[int]:
    """Processes that any measurement of this test run has started as a contender and that live."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"{MARK}=".encode() in environ and f"{TEST}={os.getpid()}".encode() in environ:
                found.append(int(entry.name))
    return found


TEST = "WAYVID_TEST_OF"


@pytest.fixture
def env() -> dict[str, str]:
    """Tells our own contenders from those of others on this machine."""
    return dict(os.environ) | {TEST: str(os.getpid())}


@pytest.mark.slow
def test_two_are_measured_in_turn_and_all_files_are_whole(tmp_path: Path, clip: str, env: dict[str, str]) -> None:
    words = ("--runs", "2", "--csv", "a.csv", "--json", "a.json", "--report", "a.html")
    done = run_wayvid("memtest", clip, "--against", DAEMON, *SHORT, *words, env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 of 2 turns of A count; 2 of 2 turns of B count" in done.stdout
    rows = read_csv(tmp_path / "a.csv")
    assert list(rows[0]) == list(COLUMNS)
    order = list(dict.fromkeys((row["round"], row["contender"]) for row in rows))
    assert order == [("1", "A"), ("1", "B"), ("2", "B"), ("2", "A")]
    assert all(float(row["frames_per_s"]) > 0 for row in rows if row["warm_up"] == "0")
    # daemon and player; mpv alone, though what was started has ended
    assert {row["contender"]: row["processes"] for row in rows} == {"A": "2", "B": "1"}
    told = read_json(tmp_path / "a.json")
    assert told["partial"] == ""
    assert told["figures"]["pss_bytes"]["ratio"] > 0
    assert len(told["figures"]["pss_bytes"]["ratios"]) == 2
    assert (tmp_path / "a.html").read_text().count("data:image/jpeg") == 2
    assert marked_processes() == []


def test_a_command_that_dies_at_once_is_shown_and_the_rest_is_kept(
    tmp_path: Path, clip: str, env: dict[str, str]
) -> None:
    words = ("--csv", "a.csv", "--json", "a.json")
    done = run_wayvid("memtest", clip, "--compare", MPV, DIES, *SHORT, *words, env=env, cwd=tmp_path)
    assert done.returncode == 13
    assert done.stderr.splitlines()[-1] == (
        "wayvid memtest: sh ended by itself with exit code 3; it last said: it was fine | no picture today"
    )
    assert "PARTIAL (sh ended by itself" in done.stdout
    assert {row["contender"] for row in read_csv(tmp_path / "a.partial.csv")} == {"A"}
    assert "no picture today" in read_json(tmp_path / "a.partial.json")["partial"]
    assert marked_processes() == []


def test_a_picture_that_does_not_change_fails_the_turn_though_it_is_drawn_anew(
    tmp_path: Path, env: dict[str, str]
) -> None:
    need_programs("sway", "grim", "mpv", "ffmpeg")
    (tmp_path / "clips").mkdir()
    grey = str(make_colour_clip(tmp_path / "clips" / "grey.mkv", (320, 180), (90, 90, 90)))
    words = ("--runs", "1", "--json", "a.json")
    done = run_wayvid("memtest", grey, "--compare", MPV, DIES, *SHORT, *words, env=env, cwd=tmp_path)
    turn = read_json(tmp_path / "a.partial.json")["turns"][0]
    assert "mpv: HEADLESS-1 showed the same picture for 5 s" in turn["failed"]
    assert "0 of 1 turn of A count" in done.stdout


@pytest.mark.slow
def test_what_shows_no_picture_at_all_fails(tmp_path: Path, env: dict[str, str]) -> None:
    need_programs("sway", "grim")
    done = run_wayvid("memtest", "--compare", "sh -c 'echo waiting; exec sleep 99'", DIES, env=env, cwd=tmp_path)
    assert done.returncode == 13
    assert "sh gave 0 of 1 screens a picture within 30 s; it last said: waiting" in done.stderr
    assert marked_processes() == []


@pytest.mark.slow
def test_a_still_picture_is_measured_when_that_is_asked_for(tmp_path: Path, env: dict[str, str]) -> None:
    need_programs("sway", "grim", "swaybg")
    colours = ("--compare", "swaybg -c '#336699'", "swaybg -c '#993366'", "--runs", "1", *SHORT)
    moving = run_wayvid("memtest", *colours, env=env, cwd=tmp_path)
    assert moving.returncode == 13
    assert "2 of 2 turns failed; round 1, A: swaybg: HEADLESS-1 showed the same picture" in moving.stderr
    still = run_wayvid("memtest", *colours, "--still", env=env, cwd=tmp_path)
    assert still.returncode == 0, still.stderr
    assert "1 of 1 turn of A counts; 1 of 1 turn of B counts" in still.stdout


def test_an_interrupt_ends_all_and_keeps_what_was_measured(tmp_path: Path, clip: str, env: dict[str, str]) -> None:
    words = ["--compare", DAEMON, MPV, "--seconds", "500", "--warm-up", "1", "--csv", "a.csv", "--json", "a.json"]
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", clip, *words],
        env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        kept = tmp_path / "a.partial.csv"
        try:
            wait_until(lambda: kept.exists() and kept.read_text().count("\n") >= 5, WAIT_S, "two looks that count")
            started = [*descendants(process.pid), *marked_processes()]
            assert len(started) >= 2  # sway, mpv
            process.send_signal(signal.SIGINT)
            stdout, _stderr = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    assert process.returncode == 130
    assert b"PARTIAL (interrupted by SIGINT)" in stdout
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), 60, "the end of all")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.partial.csv", "a.partial.json"]
    assert len(read_json(tmp_path / "a.partial.json")["turns"]) == 1


def test_a_program_is_found_whatever_it_starts_and_wherever_that_goes() -> None:
    env = dict(os.environ) | {MARK: f"test-{os.getpid()}"}
    # One that left its parent, and one whose environment is another, below a parent that is known.
    script = "setsid -f sleep 98; env -i sleep 97 & exec sleep 96"
    with subprocess.Popen(["sh", "-c", script], env=env, start_new_session=True) as root:
        found: list[int] = []
        try:
            found = wait_until(
                lambda: (pids := members(env[MARK], [root.pid])) and len(pids) == 3 and pids, 10, "three sleepers"
            )
            names = {Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1] for pid in found}
            assert names == {b"96", b"97", b"98"}
        finally:
            for pid in {*found, root.pid, *members(env[MARK], [root.pid])}:
                os.kill(pid, signal.SIGKILL)
