"""`wayvid memtest --soak` on a real desk, and what its faults must not get away with."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.conftest import need_programs
from tests.memtest.test_command import below, descendants
from tests.support import wait_until
from wayvid.memtest.faults import DAMAGED_BYTES
from wayvid.memtest.schedule import KINDS, schedule

SHORTER, SHORT, LONG = "0.005", "0.007", "0.1"
SEED = "1643"  # with a restart among the first faults
NO_RESTART_SEED = "132"  # for long
WAIT_S = 60


def soak(folder: Path, *words: str, timeout_s: float = 110) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """The command with its JSON."""
    command = [sys.executable, "-m", "wayvid", "memtest", "--soak", *words, "--json", "soak.json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False)
    kept = next(folder.glob("soak*.json"), None)
    return done, json.loads(kept.read_text()) if kept else {}


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param(SHORT, marks=pytest.mark.timeout(110)),
        pytest.param(LONG, marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
    ids=["short", "long"],
)
def test_every_fault_is_got_over_and_on_record(tmp_path: Path, hours: str) -> None:
    need_programs("sway", "grim")
    done, told = soak(tmp_path, hours, "--seed", SEED, "--csv", "soak.csv", timeout_s=800)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all is well" in done.stdout
    faults = [fault for run in told["runs"] for fault in run["faults"]]
    assert {fault["name"] for fault in faults} >= {"unplug", "kill", "image", "restart"}
    assert [fault["name"] for fault in faults[: len(KINDS)]] == first_round(SEED)[: len(faults)]
    assert len(faults) >= len(KINDS) or hours == SHORT
    assert all(fault["took_s"] is not None and not fault["broken"] for fault in faults)
    assert len(told["runs"]) == 1 + sum(fault["name"] == "restart" for fault in faults)
    assert told["soak"]["broken"] == []
    with (tmp_path / "soak.csv").open(newline="") as file:
        names = {row["fault"] for row in csv.DictReader(file)}
    assert "" in names
    assert names <= {"", *KINDS}


def test_a_wallpaper_that_ends_is_named_and_the_soak_begins_again(tmp_path: Path) -> None:
    need_programs("sway", "grim")
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", "--soak", SHORTER, "--seed", NO_RESTART_SEED, "--csv", "soak.csv",
         "--json", "soak.json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
    ) as process:  # fmt: skip
        kept = tmp_path / "soak.partial.csv"
        try:
            wait_until(lambda: kept.exists() and has_fault(kept), WAIT_S, "a sample from after the start")
            os.kill(below(process.pid, b"wayvid.daemon"), signal.SIGKILL)
            stdout, stderr = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    assert process.returncode == 13, stderr
    assert b"by signal 9" in stderr.splitlines()[-1]
    assert b"BROKEN" in stdout
    first, second, *_rest = json.loads((tmp_path / "soak.json").read_text())["runs"]
    assert first["failed"]
    assert second["samples"]


def first_round(seed: str) -> list[str]:
    """Which faults a soak begins with."""
    random = Random(int(seed))
    random.randbytes(DAMAGED_BYTES)  # of the file that one of them needs
    return [planned.name for planned in islice(schedule(1, random), len(KINDS))]


def has_fault(path: Path) -> bool:
    """Whether a sample was taken during a fault; of a line that is being written the end is missing."""
    with path.open(newline="") as file:
        return any(row["fault"] in KINDS for row in csv.DictReader(file))


def test_an_interrupted_soak_ends_all_and_keeps_what_it_has(tmp_path: Path) -> None:
    need_programs("sway", "grim")
    with subprocess.Popen(
        [sys.executable, "-m", "wayvid", "memtest", "--soak", "1", "--csv", "soak.csv", "--json", "soak.json"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        kept = tmp_path / "soak.partial.csv"
        try:
            wait_until(lambda: kept.exists() and kept.read_text().count("\n") >= 3, WAIT_S, "two samples")
            started = descendants(process.pid)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=WAIT_S)
        finally:
            process.kill()
    assert process.returncode == 128 + signal.SIGINT, stderr
    assert b"PARTIAL (interrupted by SIGINT): soak of 1 h" in stdout
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), WAIT_S, "the end of all")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["soak.partial.csv", "soak.partial.json"]
    assert json.loads((tmp_path / "soak.partial.json").read_text())["seed"] is not None
