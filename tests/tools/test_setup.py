"""tools/setup.sh on machines of other kinds: what it says, and that it does nothing unasked."""

import shutil
import subprocess
from pathlib import Path

import pytest

TOOLS = Path(__file__).parents[2] / "tools"
BASICS = ("sh", "env", "dirname", "grep", "cat")


@pytest.fixture
def machine(tmp_path):
    """A machine with nothing but basic programs, and a way to run setup.sh on it."""
    return Machine(tmp_path)


class Machine:
    def __init__(self, place):
        self.bin = place / "bin"
        self.bin.mkdir()
        self.log = place / "calls.log"
        for name in BASICS:
            self.bin.joinpath(name).symlink_to(shutil.which(name))
        self.add_program("ldconfig")  # knows no libmpv
        shutil.copytree(TOOLS, place / "wayvid" / "tools")
        self.script = place / "wayvid" / "tools" / "setup.sh"

    def add_program(self, name, does="exit 0"):
        """A program that notes its arguments."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\n{does}\n')
        path.chmod(0o755)

    def setup(self, purpose, user=1000):
        self.add_program("id", f"echo {user}")
        env = {"PATH": str(self.bin)}
        return subprocess.run([self.script, purpose], env=env, capture_output=True, text=True, timeout=30, check=False)

    def calls(self, *names):
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.split()[0] in names]


@pytest.mark.parametrize(
    ("manager", "command"),
    [("dnf", "sudo dnf install"), ("pacman", "sudo pacman -S --needed")],
)
def test_setup_says_what_to_install_and_does_not_try_when_there_is_no_apt(machine, manager, command):
    machine.add_program(manager)
    machine.add_program("sudo")
    done = machine.setup("run")
    assert done.returncode == 1
    assert f"{command} python" in done.stderr
    assert "sway grim" in done.stderr
    assert machine.calls(manager, "sudo") == []


def test_setup_names_packages_of_fedora_and_arch_when_it_knows_no_package_manager(machine):
    done = machine.setup("test")
    assert "in Fedora: python3 python3-devel gcc-c++" in done.stderr
    assert "in Arch: python gcc" in done.stderr


def test_setup_asks_for_sudo_only_after_saying_what_for(machine):
    machine.add_program("apt-get")
    machine.add_program("sudo", "exit 1")
    done = machine.setup("setup")
    assert done.returncode == 1
    assert "sudo is needed for these packages only" in done.stderr
    assert "python3 python3-venv python3-dev g++ libmpv2" in done.stderr
    assert machine.calls("sudo") == ["sudo apt-get update -qq"]


def test_setup_without_root_and_sudo_says_what_root_must_run(machine):
    machine.add_program("apt-get")
    done = machine.setup("setup")
    assert "run as root: apt-get update && apt-get install python3" in done.stderr
    assert machine.calls("apt-get") == []


def test_setup_as_root_updates_the_lists_before_it_installs(machine):
    machine.add_program("apt-get")
    done = machine.setup("setup", user=0)
    assert machine.calls("apt-get")[0] == "apt-get update -qq"
    assert machine.calls("apt-get")[1].startswith("apt-get install -y -qq --no-install-recommends python3 ")
    assert "still missing" in done.stderr


@pytest.mark.parametrize(
    ("purpose", "wanted", "unwanted"),
    [
        ("setup", ["libmpv"], ["sway", "kwin"]),
        ("run", ["sway", "grim"], ["kwin", "ffmpeg"]),
        ("bench", ["sway", "mpv", "ffmpeg"], ["kwin", "swaybg"]),
        ("test", ["sway", "kwin_wayland", "ffmpeg", "swaybg"], []),
    ],
)
def test_setup_wants_only_what_the_purpose_needs(machine, purpose, wanted, unwanted):
    said = machine.setup(purpose).stderr.splitlines()[0]
    assert all(name in said for name in wanted)
    assert not any(name in said for name in unwanted)


def test_session_is_one_whose_socket_is_there(tmp_path):
    def has_session(**env):
        return subprocess.run([TOOLS / "has-session.sh"], env=env, check=False).returncode == 0

    runtime = str(tmp_path)
    assert not has_session()
    assert not has_session(XDG_RUNTIME_DIR=runtime)
    assert not has_session(XDG_RUNTIME_DIR=runtime, WAYLAND_DISPLAY="wayland-1")


def test_running_compositor_is_a_session(sway_desk):
    env = {name: sway_desk.env[name] for name in ("XDG_RUNTIME_DIR", "WAYLAND_DISPLAY")}
    assert subprocess.run([TOOLS / "has-session.sh"], env=env, check=False).returncode == 0
    env = {"WAYLAND_DISPLAY": str(sway_desk.display)}
    assert subprocess.run([TOOLS / "has-session.sh"], env=env, check=False).returncode == 0
