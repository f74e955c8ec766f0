"""`wayvid desk`: exit codes, pictures, errors, and that nothing stays behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

import wayvid
from tests.conftest import need_programs
from tests.support import is_near, picture_size, pixel, wait_until
from wayvid.desk.keeper import MARKER, marked_processes

BLUE = (0x33, 0x66, 0x99)
PACKAGE = Path(wayvid.__file__).parent
NOBODY = 65534
# Prints its desk's directory, then never ends.
ENDLESS = ("sh", "-c", "echo $XDG_RUNTIME_DIR; exec sleep 1000")


@pytest.fixture(autouse=True)
def _programs():
    need_programs("sway", "grim")


@pytest.fixture
def python_of_nobody():
    """The start of a command line that runs Python as an ordinary user."""
    if os.geteuid() != 0:
        return [sys.executable]
    need_programs("setpriv")
    become = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    # setpriv itself may still run what the user may not, hence the second look.
    check = "import os, sys; sys.exit(sys.version_info < (3, 11) or not os.access(sys.executable, os.X_OK))"
    for python in (sys.executable, "/usr/bin/python3"):
        argv = [*become, python]
        if subprocess.run([*argv, "-c", check], capture_output=True, check=False).returncode == 0:
            return argv
    pytest.skip("there is no Python 3.11 that another user may run")


def desk_argv(*arguments):
    return [sys.executable, "-m", "wayvid", "desk", *arguments]


def desk_env(**more):
    return os.environ | {"PYTHONPATH": str(PACKAGE.parent)} | more


def run_desk(*arguments, **more_env):
    return subprocess.run(
        desk_argv(*arguments), env=desk_env(**more_env), capture_output=True, text=True, timeout=60, check=False
    )


@contextmanager
def start_desk(*arguments):
    """A running desk command and its directory, known once COMMAND has started."""
    argv = desk_argv("--outputs", "1", *arguments)
    with subprocess.Popen(argv, env=desk_env(), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def wait_gone(directory):
    wait_until(lambda: not directory.exists() and not marked_processes(str(directory)), 60, "the desk to be gone")


def test_command_output_and_exit_code_are_those_of_wayvid_desk():
    done = run_desk("--outputs", "1", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")


def test_command_gets_what_is_behind_the_first_dashes_as_it_is():
    done = run_desk("--outputs", "1", "--", "printf", "%s|", "--", "--shots", "a b")
    assert done.stdout == "--|--shots|a b|"


def test_crash_of_command_is_its_exit_code():
    done = run_desk("--outputs", "1", "--", "sh", "-c", "kill -SEGV $$")
    assert done.returncode == 128 + signal.SIGSEGV


def test_pictures_are_taken_and_named_and_command_stopped(tmp_path):
    need_programs("swaybg")
    arguments = ("--outputs", "2", "--size", "800x600", "--seconds", "4", "--shots", str(tmp_path / "new" / "shots"))
    done = run_desk(*arguments, "--", "swaybg", "-c", "#336699")
    paths = [Path(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [path.name for path in paths] == ["HEADLESS-1.png", "HEADLESS-2.png"]
    assert all(picture_size(path) == (800, 600) and is_near(pixel(path, 400, 300), BLUE) for path in paths)


def test_command_that_ends_early_gives_its_code_and_pictures_and_this_is_said(tmp_path):
    done = run_desk("--outputs", "1", "--seconds", "30", "--shots", str(tmp_path), "--", "sh", "-c", "exit 4")
    assert done.returncode == 4
    assert "COMMAND ended by itself" in done.stderr
    assert (tmp_path / "HEADLESS-1.png").exists()


def test_command_that_fails_at_its_stop_gives_its_code():
    done = run_desk("--outputs", "1", "--seconds", "2", "--", "sh", "-c", "trap 'exit 9' TERM; sleep 1000 & wait")
    assert done.returncode == 9


def test_wayvid_of_command_is_the_same_installation():
    done = run_desk("--outputs", "1", "--", "sh", "-c", "echo $PATH")
    assert done.stdout.split(":")[0] == sysconfig.get_path("scripts")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_stays_after_a_signal(number):
    with start_desk("--", *ENDLESS) as (process, directory):
        assert len(marked_processes(str(directory))) == 2  # sway and sleep
        process.send_signal(number)
        assert process.wait(60) == 128 + number
        assert not directory.exists()
        assert marked_processes(str(directory)) == []


def test_nothing_stays_after_sigkill():
    script = "setsid -f sleep 1000; echo $XDG_RUNTIME_DIR; exec sleep 1000"
    with start_desk("--", "sh", "-c", script) as (process, directory):
        assert len(marked_processes(str(directory))) == 3  # sway and two sleeps
        process.kill()
        process.wait()
        wait_gone(directory)


def test_process_within_an_exec_is_found(tmp_path):
    program = tmp_path / "restless.sh"
    program.write_text('#!/bin/sh\nexec "$0"\n')
    program.chmod(0o755)
    with subprocess.Popen([program], env=os.environ | {MARKER: str(tmp_path)}) as process:
        try:
            missed = sum(marked_processes(str(tmp_path)) != [process.pid] for _ in range(100))
        finally:
            process.kill()
    assert missed < 3  # it has no environment in a fifth of its time, and for some microseconds looks as if for good


def test_nothing_stays_of_a_command_that_left_processes_behind():
    done = run_desk("--outputs", "1", "--", "sh", "-c", "setsid -f sleep 1000 >/dev/null 2>&1; echo $XDG_RUNTIME_DIR")
    assert done.returncode == 0
    directory = Path(done.stdout.strip())
    assert not directory.exists()
    assert marked_processes(str(directory)) == []


def test_directory_is_private():
    done = run_desk(
        "--outputs", "1", "--", sys.executable, "-c", "import os; print(os.stat(os.environ['XDG_RUNTIME_DIR']).st_mode)"
    )
    assert stat.S_IMODE(int(done.stdout)) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's desk changes the user")
def test_compositor_of_root_runs_as_nobody_and_command_as_root():
    script = "id -u; stat -c %u $XDG_RUNTIME_DIR/$WAYLAND_DISPLAY"
    assert run_desk("--outputs", "1", "--", "sh", "-c", script).stdout.split() == ["0", str(NOBODY)]


def test_desk_runs_for_an_ordinary_user_without_a_home(python_of_nobody):
    # The checkout and pytest's directories may be closed to other users.
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o777)
        for part in ("", "cli", "desk"):
            for path in (PACKAGE / part).glob("*.py"):
                target = Path(place, "wayvid", part, path.name)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": place, "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [
            *python_of_nobody,
            "-m",
            "wayvid",
            "desk",
            "--outputs",
            "1",
            "--shots",
            f"{place}/shots",
            "--",
            "id",
            "-u",
        ]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False, cwd="/")
    assert "Error" not in done.stderr
    assert done.stdout.splitlines()[1:] == [f"{place}/shots/HEADLESS-1.png"]
    assert done.stdout.splitlines()[0] != "0"
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "which command shall run on the desk? put it behind '--'"),
        (["--outputs", "0", "--", "true"], 2, "'0' is not a number of screens from 1 to 16"),
        (["--size", "1920", "--", "true"], 2, "'1920' is not a size such as 1920x1080"),
        (["--size", "1920x8", "--", "true"], 2, "'1920x8' is not a size such as 1920x1080"),
        (["--scale", "nan", "--", "true"], 2, "'nan' is not a scale such as 1.5"),
        (["--seconds", "0", "--", "true"], 2, "'0' is not a number of seconds above 0"),
        (["--compositor", "weston", "--", "true"], 2, "--compositor cannot be 'weston'; it is sway or kwin"),
        (["--shots", "/proc/none", "--", "true"], 2, "cannot write pictures to '/proc/none'"),
        (["--", "no-such-command"], 8, "cannot start 'no-such-command': No such file or directory"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(arguments, code, message):
    done = run_desk(*arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("wayvid desk: ")


@pytest.mark.parametrize(
    ("compositor", "program", "package"), [("sway", "sway", "sway"), ("kwin", "kwin_wayland", "kwin-wayland")]
)
def test_missing_program_is_named_with_its_package(tmp_path, compositor, program, package):
    done = run_desk("--compositor", compositor, "--", "true", PATH=str(tmp_path))
    assert done.returncode == 8
    assert f"{program} is not installed" in done.stderr
    assert f"apt install {package}" in done.stderr
    assert done.stderr.count("\n") == 1


def test_help_shows_examples():
    done = run_desk("--help")
    assert done.returncode == 0
    assert "wayvid desk --seconds 6 --shots shots -- wayvid run" in done.stdout
