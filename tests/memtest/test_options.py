"""What `wayvid memtest` refuses before anything is started, in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import DEADLINE_S
from wayvid.cli import memtest
from wayvid.desk.runtime import SESSION
from wayvid.errors import UsageError
from wayvid.memtest import pictures

WRONG = {
    "no screens": (["--outputs", "0"], "from 1 to 16"),
    "half a screen": (["--outputs", "1.5"], "from 1 to 16"),
    "no runs": (["--runs", "0"], "from 1 to 1000"),
    "no seconds": (["--seconds", "0"], "number of seconds"),
    "seconds that are no number": (["--seconds", "nan"], "number of seconds"),
    "endless": (["--seconds", "inf"], "number of seconds"),
    "less than no warm-up": (["--warm-up", "-1"], "number of seconds"),
    "attached and a source": (["a.mp4", "--attach"], "SOURCE is for a desk"),
    "attached and screens": (["--attach", "--outputs", "2"], "--outputs is for a desk"),
    "attached and a config": (["--attach", "--config", "x"], "--config is for a desk"),
    "attached and bounds": (["--attach", "--ci", "x"], "--ci is for a desk"),
    "quick and bounds": (["--quick", "--ci", "x"], "leave one of them out"),
    "bounds that are not there": (["--ci", "/nowhere/bounds.toml"], "cannot read bounds"),
    "a folder that is not there": (["--csv", "/nowhere/a.csv"], "cannot write '/nowhere/a.csv'"),
    "a folder as a file": (["--json", "/"], "cannot write '/'"),
    "one file for two": (["--csv", "a", "--json", "./a"], "cannot go to one file"),
}


def run_nowhere(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command where neither a desk nor mpv can be started."""
    env = {name: value for name, value in os.environ.items() if name not in SESSION} | {"PATH": str(cwd)}
    return subprocess.run(
        [sys.executable, "-m", "wayvid", "memtest", *words],
        env=env, cwd=cwd, capture_output=True, text=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("words", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path, words: list[str], reason: str) -> None:
    done = run_nowhere(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert done.stderr.startswith("wayvid memtest: ")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_can_be_written_is_taken_away_again_when_another_cannot(tmp_path: Path) -> None:
    done = run_nowhere("--csv", "a.csv", "--json", "/nowhere/a.json", cwd=tmp_path)
    assert done.returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_a_desk_that_cannot_start_is_named_and_leaves_no_file(tmp_path: Path) -> None:
    done = run_nowhere("--csv", "a.csv", "--json", "a.json", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (8, "")
    assert "sway" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_floor_without_mpv_is_named(tmp_path: Path) -> None:
    (tmp_path / "bounds.toml").write_text("[at_most]\nthreads = 99\n")
    done = run_nowhere("--ci", "bounds.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert "mpv is not installed" in done.stderr


def test_a_report_without_its_library_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _name: None)
    with pytest.raises(UsageError, match=r"pip install 'wayvid\[report\]'"):
        memtest.run(["--report", "a.html"])


def test_the_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        memtest.run(["--help"])
    assert "wayvid memtest --quick" in capsys.readouterr().out
