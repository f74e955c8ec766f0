"""`wayvid memtest` as a user runs it: on a real virtual desk, attached, interrupted, and without room."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import run_wayvid
from tests.conftest import need_programs
from tests.ipc.daemon import Daemon
from tests.support import wait_until
from wayvid.memtest.columns import COLUMNS, PER_OUTPUT

SHORT = ("--seconds", "2", "--warm-up", "1")
WAIT_S = 60


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_json(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def descendants(pid: int) -> list[int]:
    """Living processes below one."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(word) for thread in threads for word in (thread / "children").read_text().split()]
    except OSError:
        return []
    return children + [below for child in children for below in descendants(child)]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A stand-in daemon; each status is a second later, with 30 frames more."""
    folder = tmp_path / "display"
    folder.mkdir()
    daemon = Daemon(folder)
    assert daemon.is_serving, daemon.end()
    yield daemon
    daemon.close()


@pytest.fixture
def background(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A long measurement that has two samples in long.partial.csv by now."""
    need_programs("sway")
    words = ["--seconds", "500", "--warm-up", "0", "--csv", "long.csv", "--json", "long.json"]
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        kept = tmp_path / "long.partial.csv"
        try:
            wait_until(lambda: kept.exists() and kept.read_text().count("\n") >= 3, WAIT_S, "two samples")
            yield process
        finally:
            process.kill()


def test_a_desk_of_its_own_is_measured_and_all_files_are_whole(tmp_path: Path) -> None:
    need_programs("sway")
    words = ("--outputs", "2", "--csv", "a.csv", "--json", "a.json", "--report", "a.html")
    done = run_wayvid("memtest", *SHORT, *words, env=dict(os.environ), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 run counts" in done.stdout
    assert "warm-up" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.html", "a.json"]
    rows = read_csv(tmp_path / "a.csv")
    assert list(rows[0]) == [
        *COLUMNS,
        *(f"{figure}_HEADLESS-{number}" for number in (1, 2) for figure in PER_OUTPUT),
    ]
    assert int(rows[-1]["presented_HEADLESS-2"]) > int(rows[0]["presented_HEADLESS-2"])
    assert int(rows[-1]["player_uss_bytes"]) > 0
    told = read_json(tmp_path / "a.json")
    assert told["partial"] == ""
    assert told["summary"]["pss_bytes"]["n"] == sum(row["warm_up"] == "0" for row in rows)
    assert (tmp_path / "a.html").read_text().count("<svg") == 1


def test_a_broken_bound_is_named_with_exit_code_one(tmp_path: Path) -> None:
    need_programs("sway", "mpv")
    (tmp_path / "bounds.toml").write_text(
        "[at_most]\nthreads = 1\n[at_least]\nframes_per_s = 1\n[ratio_at_most]\nrss_bytes = 99\n"
    )
    done = run_wayvid("memtest", *SHORT, "--ci", "bounds.toml", env=dict(os.environ), cwd=tmp_path)
    assert done.returncode == 1
    line = done.stderr.splitlines()[-1]
    assert line.startswith("wayvid memtest: bound broken: at_most.threads is ")
    assert "frames_per_s" not in line
    assert "kept    ratio_at_most.rss_bytes" in done.stdout


def test_a_wallpaper_that_ends_at_once_is_shown_with_its_last_words(tmp_path: Path) -> None:
    need_programs("sway")
    done = run_wayvid("memtest", "none.mp4", "--csv", "a.csv", env=dict(os.environ), cwd=tmp_path)
    assert done.returncode == 6
    assert "cannot play 'none.mp4'" in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_stopped_player_fails_the_run(tmp_path: Path) -> None:
    need_programs("sway")
    words = ["--seconds", "30", "--warm-up", "0", "--csv", "a.csv", "--json", "a.json"]
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        kept = tmp_path / "a.partial.csv"
        try:
            wait_until(lambda: kept.exists() and kept.read_text().count("\n") >= 3, WAIT_S, "two samples")
            os.kill(below(process.pid, b"wayvid.player"), signal.SIGSTOP)
            _stdout, stderr = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    assert process.returncode == 13, stderr
    assert b"HEADLESS-1 showed no new frame" in stderr.splitlines()[-1]
    told = read_json(tmp_path / "a.json")
    assert told["summary"] == {}
    assert {row["failed"] for row in read_csv(tmp_path / "a.csv")} == {"1"}


def test_a_player_that_crashes_and_is_replaced_fails_the_run(tmp_path: Path) -> None:
    need_programs("sway")
    words = ["--seconds", "15", "--warm-up", "0", "--csv", "a.csv"]  # another player has to come meanwhile
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", *words],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        kept = tmp_path / "a.partial.csv"
        try:
            wait_until(lambda: kept.exists() and kept.read_text().count("\n") >= 3, WAIT_S, "two samples")
            os.kill(below(process.pid, b"wayvid.player"), signal.SIGKILL)
            _stdout, stderr = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    assert process.returncode == 13, stderr
    assert b"the player ended by itself and was replaced" in stderr.splitlines()[-1]


def below(pid: int, word: bytes) -> int:
    """The process below a measurement that has a word on its command line."""

    def found() -> list[int]:
        return [each for each in descendants(pid) if word in command_of(each)]

    return wait_until(found, WAIT_S, f"a process of {word.decode()}")[0]


def command_of(pid: int) -> bytes:
    """Its command line; empty when it has ended: others come and go."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_and_keeps_what_was_measured(
    tmp_path: Path, background: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    started = descendants(background.pid)
    assert len(started) >= 3  # sway, daemon, player
    background.send_signal(number)
    stdout, _stderr = background.communicate(timeout=WAIT_S)
    assert background.returncode == 128 + number
    assert f"PARTIAL (interrupted by {number.name})".encode() in stdout
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), WAIT_S, "the end of all")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.partial.csv", "long.partial.json"]
    assert len(read_csv(tmp_path / "long.partial.csv")) >= 2
    assert read_json(tmp_path / "long.partial.json")["partial"] == f"interrupted by {number.name}"


def test_a_wallpaper_that_dies_meanwhile_fails_the_run(tmp_path: Path, background: subprocess.Popen[bytes]) -> None:
    os.kill(below(background.pid, b"wayvid.daemon"), signal.SIGKILL)
    _stdout, stderr = background.communicate(timeout=WAIT_S)
    assert background.returncode == 13
    assert b"by signal 9" in stderr.splitlines()[-1]
    assert read_json(tmp_path / "long.json")["runs"][0]["failed"]


def test_a_full_disk_keeps_what_is_elsewhere_and_marks_it(tmp_path: Path, daemon: Daemon) -> None:
    words = ("--attach", "--seconds", "500", "--csv", "/dev/full", "--json", "a.json")
    done = run_wayvid("memtest", *words, env=daemon.env, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "wayvid memtest: cannot write '/dev/full': No space left on device; make room there"
    )
    assert "cannot write" in read_json(tmp_path / "a.partial.json")["partial"]
    assert not (tmp_path / "a.json").exists()


def test_a_disk_that_fills_keeps_whole_rows(tmp_path: Path, daemon: Daemon) -> None:
    words = ["--attach", "--seconds", "500", "--csv", "a.csv"]
    # A file that may not grow fails as a full disk does.
    limited = ["prlimit", "--fsize=4000", sys.executable, "-m", "wayvid", "memtest", *words]
    done = subprocess.run(limited, env=daemon.env, cwd=tmp_path, capture_output=True, timeout=WAIT_S, check=False)
    assert done.returncode == 1
    assert b"PARTIAL (cannot write 'a.partial.csv': File too large" in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.partial.csv"]
    text = (tmp_path / "a.partial.csv").read_text()
    assert len(text) <= 4000
    assert text.endswith("\n")
    assert len({line.count(",") for line in text.splitlines()}) == 1
    assert len(text.splitlines()) >= 3


def test_the_running_wallpaper_is_measured_and_left_running(tmp_path: Path, daemon: Daemon) -> None:
    (tmp_path / "a.csv").write_text("older")
    done = run_wayvid("memtest", "--attach", *SHORT, "--csv", "a.csv", env=daemon.env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    rows = read_csv(tmp_path / "a.csv")
    assert rows[-1]["frames_per_s"] == "30.0"  # one of its screens is hidden
    assert {row["actions"] for row in rows} == {""}  # all were done before
    assert daemon.is_serving


def test_quick_answers_in_three_lines(daemon: Daemon) -> None:
    done = run_wayvid("memtest", "--quick", "--attach", *SHORT, env=daemon.env)
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["memory", "load", "frames"]


def test_nothing_to_attach_to_is_one_line() -> None:
    env = dict(os.environ) | {"XDG_RUNTIME_DIR": "/nowhere", "WAYLAND_DISPLAY": "wayland-0"}
    done = run_wayvid("memtest", "--attach", env=env)
    assert (done.returncode, done.stdout) == (10, "")
    assert "no wayvid runs" in done.stderr.splitlines()[-1]
