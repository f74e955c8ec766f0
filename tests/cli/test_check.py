"""`wayvid check` as a user runs it: on good compositors, on bad ones, and with parts broken."""

import json
import os
import pty
import shutil
import socket
import sys
from pathlib import Path

import pytest

import wayvid
from tests.buses import PrivateBus
from tests.cli.conftest import DEADLINE_S, run_wayvid
from tests.conftest import need_programs
from tests.support import wait_until
from wayvid.cli import check
from wayvid.cli.main import main
from wayvid.conditions import Condition
from wayvid.errors import MissingProtocol

PROTOCOLS = {
    "wl_compositor", "wl_subcompositor", "wl_shm", "zwlr_layer_shell_v1", "wp_viewporter", "zxdg_output_manager_v1",
    "wp_fractional_scale_manager_v1", "wp_single_pixel_buffer_manager_v1", "wp_presentation",
}  # fmt: skip
CONDITIONS = {f"condition {condition}" for condition in Condition}
MACHINE = {"libwayland", "libmpv", "hwdec", "EGL", "compiled core", "kernel", "Python"} | CONDITIONS
SESSION = {"compositor", "outputs", "other wallpapers"}


class Told:
    """What `wayvid check --json` printed."""

    def __init__(self, env=None, cwd=None):
        self.done = run_wayvid("check", "--json", env=env, cwd=cwd)
        assert self.done.stderr == ""
        told = json.loads(self.done.stdout)
        assert self.done.returncode == told["exit_code"]
        self.status, self.items = told["status"], told["items"]

    def item(self, name):
        (found,) = [item for item in self.items if item["name"] == name]
        return found


def with_module(env, folder, name, text):
    """The environment, with a Python module of ours before all others."""
    path = Path(folder, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return env | {"PYTHONPATH": str(folder)}


def test_everything_is_ok_on_sway(sway_desk):
    told = Told(sway_desk.env)
    assert [item for item in told.items if item["status"] != "ok"] == []
    assert (told.status, told.done.returncode) == ("ok", 0)
    assert {item["name"] for item in told.items} == SESSION | PROTOCOLS | MACHINE
    assert told.item("compositor")["found"].startswith("sway 1.")
    screens = sorted(told.item("outputs")["found"].split(", "))  # newer wlroots name the last one first
    assert screens == ["HEADLESS-1 1280x720", "HEADLESS-2 1280x720", "HEADLESS-3 1280x720"]


def test_each_condition_to_rest_for_has_a_line_with_its_source_or_why_there_is_none(sway_desk):
    need_programs("dbus-daemon")
    bus = PrivateBus()
    upower, path = "org.freedesktop.UPower", "/org/freedesktop/UPower"
    bus.offer(upower, {(path, upower): {"OnBattery": ("b", True)}})
    told = Told(sway_desk.env | bus.env)
    bus.close()
    assert told.item("condition battery")["found"] == "told: on battery"
    assert told.item("condition locked")["found"] == "not told, so rules for it never apply: logind is not there"
    screens = told.item("condition fullscreen")["found"].removeprefix("told: ").split(", ")
    assert sorted(screens) == [f"HEADLESS-{number}: no fullscreen window" for number in (1, 2, 3)]


def test_everything_is_ok_on_kwin(kwin_desk):
    told = Told(kwin_desk.env)
    assert [item for item in told.items if item["status"] != "ok"] == []
    assert told.item("compositor")["found"].startswith("KWin")
    assert "(needs 1)" in told.item("zwlr_layer_shell_v1")["found"]


def test_running_swaybg_is_named_with_what_to_do(sway_desk):
    need_programs("swaybg")
    swaybg = sway_desk.start(["swaybg", "-c", "#336699"])
    told = Told(sway_desk.env)
    assert (told.status, told.done.returncode) == ("degraded", 1)
    item = told.item("other wallpapers")
    assert item["status"] == "degraded"
    assert f"swaybg (process {swaybg.pid})" in item["found"]
    assert f"kill {swaybg.pid}" in item["advice"]


def test_wallpaper_of_another_compositor_is_not_named(sway_desk, kwin_desk):
    need_programs("swaybg")
    sway_desk.start(["swaybg", "-c", "#336699"])
    assert Told(kwin_desk.env).item("other wallpapers")["found"] == "none found"


def test_the_wayvid_that_runs_is_named_once_and_is_no_fault(sway_desk):
    # It was said to be degraded, with the advice to kill it.
    own = sway_desk.start([sys.executable, "-m", "wayvid", "run"])
    path = sway_desk.runtime_dir / f"wayvid-{sway_desk.display.name}.sock"
    wait_until(path.is_socket, DEADLINE_S, "it to be there")
    item = Told(sway_desk.env).item("other wallpapers")
    assert item["status"] == "ok"
    assert item["found"] == f"none found; wayvid (process {own.pid}) shows the wallpaper here"


def test_all_but_the_compositor_is_looked_at_when_there_is_none():
    told = Told()
    assert (told.status, told.done.returncode) == ("missing", 2)
    assert {item["name"] for item in told.items} == MACHINE | {"compositor"}
    assert [item["name"] for item in told.items if item["status"] != "ok"] == ["compositor"]
    assert "WAYLAND_DISPLAY is not set" in told.item("compositor")["found"]


def test_socket_that_nobody_listens_at_is_a_missing_compositor(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "wayland-7"))
    told = Told(os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"})
    assert told.done.returncode == 2
    assert "Connection refused" in told.item("compositor")["found"]


def test_missing_protocol_is_named_with_compositors_that_have_it(bare_env):
    told = Told(bare_env)
    assert told.done.returncode == 2
    assert told.item("compositor")["found"].startswith("cage at ")
    item = told.item("zwlr_layer_shell_v1")
    assert item["status"] == "missing"
    assert "not offered" in item["found"]
    assert "Hyprland" in item["advice"]


def test_run_names_the_missing_protocol_in_one_line(bare_env):
    done = run_wayvid("run", env=bare_env)
    assert done.returncode == MissingProtocol.exit_code == 4
    assert "zwlr_layer_shell_v1" in done.stderr
    assert "Hyprland" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.usefixtures("silent_compositor")
def test_compositor_that_hangs_is_said_so_within_the_deadline(monkeypatch, capsys):
    monkeypatch.setattr(check, "ANSWER_WITHIN_S", 1.0)
    assert main(["check"]) == 2
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("missing   compositor")
    assert "does not answer" in first


def test_missing_libmpv_is_named_with_its_packages(tmp_path, sway_desk):
    # Runs in each child before anything else; python-mpv asks find_library, too.
    without = "import ctypes.util\nctypes.util.find_library = lambda name: None\n"
    told = Told(with_module(sway_desk.env, tmp_path, "sitecustomize.py", without))
    assert told.done.returncode == 2
    item = told.item("libmpv")
    assert (item["status"], item["found"]) == ("missing", "not installed")
    assert "libmpv2 (Debian, Ubuntu), mpv-libs (Fedora), mpv (Arch)" in item["advice"]


def test_libmpv_that_cannot_be_loaded_is_missing_with_the_reason(tmp_path, sway_desk):
    library = tmp_path / "libmpv.so.2"
    library.write_text("not a library")
    broken = f"import ctypes.util\nctypes.util.find_library = lambda name: {str(library)!r}\n"
    told = Told(with_module(sway_desk.env, tmp_path, "sitecustomize.py", broken))
    assert (told.item("libmpv")["status"], told.done.returncode) == ("missing", 2)
    assert str(library) in told.item("libmpv")["found"]


def test_libmpv_that_crashes_is_a_line_like_any_other(tmp_path, sway_desk):
    told = Told(with_module(sway_desk.env, tmp_path, "mpv.py", "import os\nos.abort()\n"))
    assert told.done.returncode == 2
    assert "crashed with signal 6" in told.item("libmpv")["found"]


@pytest.mark.parametrize("text", ["import os\nos.abort()\n", "raise ImportError('no EGL')\n"], ids=["crash", "none"])
def test_missing_or_crashing_egl_costs_nothing_since_it_is_not_needed(tmp_path, sway_desk, text):
    told = Told(with_module(sway_desk.env, tmp_path, "OpenGL/__init__.py", text))
    assert (told.status, told.done.returncode) == ("ok", 0)
    assert "not needed" in told.item("EGL")["found"]


def test_pywayland_that_cannot_be_loaded_is_missing(tmp_path, sway_desk):
    broken = "raise ImportError('libffi.so.8: cannot open shared object file')\n"
    told = Told(with_module(sway_desk.env, tmp_path, "pywayland/__init__.py", broken))
    assert told.done.returncode == 2
    assert "libffi.so.8" in told.item("libwayland")["found"]


def test_core_that_is_not_compiled_is_missing_with_what_to_run(tmp_path, sway_desk):
    shutil.copytree(Path(wayvid.__file__).parent, tmp_path / "wayvid", ignore=shutil.ignore_patterns("*.so"))
    told = Told(sway_desk.env | {"PYTHONPATH": str(tmp_path)}, cwd=tmp_path)
    assert told.done.returncode == 2
    assert "not compiled" in told.item("compiled core")["found"]
    assert told.item("libmpv")["status"] == "ok"


def test_modules_in_the_working_directory_are_not_taken_for_libraries(tmp_path, sway_desk):
    Path(tmp_path, "mpv.py").write_text("import os\nos.abort()\n")
    assert Told(sway_desk.env, cwd=tmp_path).item("libmpv")["status"] == "ok"


def test_lines_are_one_each_and_without_colour_in_a_pipe(sway_desk):
    done = run_wayvid("check", env=sway_desk.env)
    *lines, empty, last = done.stdout.splitlines()
    assert (done.returncode, done.stderr, empty, last) == (0, "", "", "wayvid can run here")
    assert all(line.startswith("ok        ") for line in lines)
    assert len(lines) == len(SESSION | PROTOCOLS | MACHINE)


@pytest.mark.parametrize(("variables", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colour_is_used_on_a_terminal_only_if_wanted(variables, is_coloured):
    primary, secondary = pty.openpty()
    with os.fdopen(primary, "rb", buffering=0) as terminal, os.fdopen(secondary, "wb", buffering=0) as stdout:
        item = check.Item("compositor", check.Status.MISSING, "none", "start one")
        with pytest.MonkeyPatch.context() as patch, open(stdout.fileno(), "w", closefd=False) as stream:
            patch.setenv("TERM", "xterm")
            patch.delenv("NO_COLOR", raising=False)
            for name, value in variables.items():
                patch.setenv(name, value)
            check._print_lines([item], stream)
        printed = b""
        while b"start one" not in printed:  # the kernel passes on line by line
            printed += terminal.read(4096)
    assert printed.startswith(b"\033[31mmissing\033[0m   compositor" if is_coloured else b"missing   compositor")
    assert b"-> start one" in printed


def test_unknown_option_is_one_line_that_leads_to_the_help():
    done = run_wayvid("check", "now")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "wayvid check: there is no place for now; see 'wayvid check --help'\n"
