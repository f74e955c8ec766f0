"""Completions as shells read them, and man pages as man does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import run_wayvid
from tests.ipc.daemon import Daemon
from wayvid.cli.completions import FILES, SHARE
from wayvid.cli.main import COMMANDS

# Has bash complete the last of the words, as Tab would; a `wayvid` of the test's own answers what screens there are.
COMPLETE = """
wayvid() {
  case "$*" in
    "outputs --names") printf '%s\\n' DP-1 DP-2 HDMI-A-1 ;;
    "sources --names") printf '%s\\n' wayvid:sea wayvid:dawn ;;
  esac
}
. "$SCRIPT"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
$(complete -p wayvid | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "${COMPREPLY[@]}"
"""


def completed(*words: str, cwd: Path | None = None) -> set[str]:
    done = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", "wayvid", *words],
        env=os.environ | {"SCRIPT": str(SHARE / FILES["bash"])},
        cwd=cwd, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("pa",), {"pause"}),
        (("pause", "-o", ""), {"DP-1", "DP-2", "HDMI-A-1"}),
        (("pause", "-o", "DP-1", "--output", "H"), {"HDMI-A-1"}),
        (("run", "waves.mp4", "--layout", "c"), {"cover", "contain", "centre"}),
        (("run", "--rend"), {"--renderer"}),
        (("service", ""), {"install", "remove", "status"}),
        (("completions", "f"), {"fish"}),
        (("run", "wayv"), {"wayvid:sea", "wayvid:dawn"}),
        (("set", "wayvid", ":"), {"sea", "dawn"}),  # as bash has it: a colon is a word
        (("set", "wayvid", ":", "s"), {"sea"}),
        (("set", "wayvid", ":", "sea", "-o", "H"), {"HDMI-A-1"}),
    ],
)
def test_bash_completes(words: tuple[str, ...], found: set[str]) -> None:
    assert completed(*words, cwd=SHARE) == found


def test_bash_completes_files_where_files_are_meant(tmp_path: Path) -> None:
    (tmp_path / "waves.mp4").touch()
    for words in (("run", "wav"), ("set", "wav"), ("run", "-c", "wav")):
        assert completed(*words, cwd=tmp_path) == {"waves.mp4"}


def test_bash_knows_every_command() -> None:
    assert completed("") == set(COMMANDS)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_completes(tmp_path: Path) -> None:
    def complete(line: str) -> set[str]:
        script = f"function wayvid; echo DP-1; end; source {SHARE / FILES['fish']}; complete -C '{line}'"
        env = os.environ | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
        done = subprocess.run(["fish", "-c", script], env=env, capture_output=True, text=True, check=True)
        return {each.partition("\t")[0] for each in done.stdout.splitlines()}

    assert complete("wayvid pau") == {"pause"}
    assert complete("wayvid pause -o ") == {"DP-1"}
    assert complete("wayvid layout co") == {"cover", "contain"}


@pytest.mark.parametrize("shell", FILES)
def test_each_shell_reads_what_the_command_prints(shell: str, tmp_path: Path) -> None:
    done = run_wayvid("completions", shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (SHARE / FILES[shell]).read_text()
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(done.stdout)
    checked = subprocess.run([shell, "-n", str(script)], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_names_are_those_of_the_wallpaper_that_runs(daemon: Daemon) -> None:
    done = run_wayvid("outputs", "--names", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["DP-1", "HDMI-A-1", "eDP-1"]


def test_man_pages_are_there_for_all_commands_and_render_without_a_warning() -> None:
    folder = SHARE / "man" / "man1"
    assert {path.name for path in folder.iterdir()} == {"wayvid.1", *(f"wayvid-{name}.1" for name in COMMANDS)}
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    for path in folder.iterdir():
        done = subprocess.run(
            ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", str(path)], capture_output=True, check=False, encoding="utf-8"
        )
        assert (done.returncode, done.stderr) == (0, ""), path.name
        assert "EXAMPLES\n" in done.stdout
