"""Which processes are wallpaper programs, and on which display."""

import subprocess
import sys
from pathlib import Path

import pytest

from wayvid.system.rivals import display_of, find_rivals, rival_program

PYTHON = "/usr/bin/python3.11"


@pytest.mark.parametrize(
    ("name", "command", "program"),
    [
        ("swaybg", ["swaybg", "-i", "a.png"], "swaybg"),
        ("swaybg", ["swaybg"], ""),
        (".swaybg-wrapped", ["/nix/store/x/bin/swaybg"], ""),
        (".swaybg-wrapped", ["/nix/store/x/bin/.swaybg-wrapped", "-i", "a.png"], "swaybg"),
        ("awww-daemon", ["awww-daemon"], "awww-daemon"),
        ("linux-wallpaper", ["/opt/lwe/linux-wallpaperengine", "--screen-root", "DP-1"], "linux-wallpaperengine"),
        ("waypaper", [PYTHON, "/usr/bin/waypaper"], "waypaper"),
        ("python3.11", [PYTHON, "-m", "wayvid", "run"], "wayvid"),
        ("wayvid", [PYTHON, "/usr/bin/wayvid", "run", "a.mp4"], "wayvid"),
        ("wayvid", [PYTHON, "-OO", "-m", "wayvid.daemon", "9", "3"], "wayvid"),
        ("wayvid", [PYTHON, "/usr/bin/wayvid", "check"], ""),
        ("wayvid", [PYTHON, "/usr/bin/wayvid", "desk", "--", "wayvid", "run"], ""),
        ("python3.11", [PYTHON, "-OO", "-m", "wayvid.player", "9", "3"], ""),
        ("vim", ["vim", "swaybg"], ""),
        ("sh", ["sh", "-c", "wayvid run"], ""),
        ("kthreadd", [], ""),
    ],
)
def test_program_is_known_by_process_name_and_command_line(name, command, program):
    assert rival_program(name, command) == program


@pytest.mark.parametrize(
    ("environment", "display"),
    [
        ({"XDG_RUNTIME_DIR": "/run/user/1", "WAYLAND_DISPLAY": "wayland-3"}, "/run/user/1/wayland-3"),
        ({"XDG_RUNTIME_DIR": "/run/user/1", "WAYLAND_DISPLAY": "/tmp/here"}, "/tmp/here"),
        ({"XDG_RUNTIME_DIR": "/run/user/1"}, "/run/user/1/wayland-0"),
    ],
)
def test_display_is_the_socket_that_libwayland_would_take(environment, display):
    assert display_of(environment) == Path(display)


def test_display_is_unknown_without_a_runtime_directory():
    assert display_of({"WAYLAND_DISPLAY": "wayland-1"}) is None


@pytest.fixture
def fake_hyprpaper(tmp_path):
    """A running process called hyprpaper, whose display is TMP_PATH/wayland-1."""
    program = tmp_path / "hyprpaper"
    program.symlink_to(sys.executable)
    env = {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-1"}
    command = [str(program), "-c", "print(flush=True); input()"]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield process
        process.communicate(b"\n")


def test_rival_is_found_on_its_own_display_only(fake_hyprpaper, tmp_path):
    (rival,) = find_rivals(tmp_path / "wayland-1")
    assert (rival.pid, rival.program, rival.is_certain) == (fake_hyprpaper.pid, "hyprpaper", True)
    assert f"kill {fake_hyprpaper.pid}" in rival.advice
    assert find_rivals(tmp_path / "wayland-2") == []


def test_display_that_is_named_by_another_path_is_the_same(fake_hyprpaper, tmp_path):
    (tmp_path / "wayland-1").touch()
    (tmp_path / "link").symlink_to(tmp_path / "wayland-1")
    assert [rival.pid for rival in find_rivals(tmp_path / "link")] == [fake_hyprpaper.pid]
