"""What the words after --compare and --against mean, and what is refused before anything starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.conftest import need_programs
from tests.memtest.test_options import run_nowhere
from wayvid import __version__
from wayvid.errors import UsageError
from wayvid.memtest.contender import contender_of, is_still_source

REFUSED = {
    "a program that is not there": (["--against", "no-such-program -x"], "'no-such-program' is not installed here"),
    "mpv that is not there": (["--against", "mpv"], "install it (package mpv)"),
    "mpvpaper that is not there": (["--against", "mpvpaper"], "https://github.com/GhostNaN/mpvpaper"),
    "an open quote": (["--compare", "wayvid", "mpv 'a"], "is no command line: No closing quotation"),
    "no words": (["--against", " "], "is no command line"),
    "a folder without a wayvid": (["--compare", "wayvid", "/"], "has no bin/wayvid"),
    "a place for a source that is not named": (["--against", "x {source}"], "wants a source in the place of {source}"),
    "both ways at once": (["--against", "mpv", "--compare", "a", "b"], "leave one of them out"),
    "one alone": (["--compare", "wayvid"], "expected 2 arguments"),
    "attached": (["--against", "mpv", "--attach"], "--attach is for one wallpaper"),
    "quick": (["--against", "mpv", "--quick"], "--quick is for one wallpaper"),
    "bounds": (["--against", "mpv", "--ci", "x"], "--ci is for one wallpaper"),
    "still without two": (["--still"], "--still is for --compare"),
    "a file that cannot be written": (["--against", "/bin/true", "--csv", "/nowhere/a.csv"], "cannot write '/nowhere/"),
}


@pytest.mark.parametrize(("words", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_said_before_anything_starts(tmp_path: Path, words: list[str], reason: str) -> None:
    done = run_nowhere(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_is_not_there_is_said_before_anything_starts(tmp_path: Path) -> None:
    need_programs("mpv")
    with pytest.raises(Exception, match=r"cannot play .*none\.mp4") as caught:
        contender_of("B", "mpv", str(tmp_path / "none.mp4"), "/dev/null")
    assert caught.value.exit_code == 6  # type: ignore[attr-defined]


def test_a_command_line_gets_the_source_as_it_is_and_is_started_for_each_screen() -> None:
    awkward = "my {output}; $(x) 'clip.mp4"
    contender = contender_of("B", "/bin/echo --file={source} '{source}' on {output}", awkward, "/dev/null")
    one, two = contender.commands(["DP-1", "DP-2"])
    assert one == ["/bin/echo", f"--file={awkward}", awkward, "on", "DP-1"]
    assert two[-1] == "DP-2"


def test_a_command_line_without_a_screen_is_started_once() -> None:
    assert contender_of("B", "/bin/echo {source}", "a", "/dev/null").commands(["DP-1", "DP-2"]) == [["/bin/echo", "a"]]


def test_a_virtual_environment_is_its_own_wayvid(tmp_path: Path) -> None:
    program = tmp_path / "venv" / "bin" / "wayvid"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m wayvid "$@"\n')
    program.chmod(0o755)
    contender = contender_of("A", str(tmp_path / "venv"), "a.mp4", "my.toml")
    assert contender.commands(["DP-1"]) == [[str(program), "run", "-c", "my.toml", "--", "a.mp4"]]
    assert (contender.name, contender.version) == ("wayvid in venv", __version__)
    assert str(contender) == f"{program} run -c my.toml -- a.mp4"


def test_a_virtual_environment_that_is_broken_is_named(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "wayvid"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(UsageError, match=r"bin/wayvid' does not tell its version: .*; install wayvid there again"):
        contender_of("A", str(tmp_path), "", "/dev/null")


def test_known_programs_get_the_lean_options_and_a_screen_each() -> None:
    need_programs("mpv")
    contender = contender_of("B", "mpv", "", "/dev/null")
    assert {"--vo=wlshm", "--vd-lavc-threads=1", "--loop-file=inf", "--config=no"} <= set(contender.words)
    assert [command[0] for command in contender.commands(["DP-1", "DP-2"])] == contender.program * 2


def test_images_are_known_to_stand_still() -> None:
    assert is_still_source("A.PNG")
    assert not is_still_source("a.mp4")
    assert not is_still_source("")
