"""The commands to a running wallpaper, as processes against a stand-in daemon."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote_to_bytes

import msgspec
import pytest

from tests.cli.conftest import DEADLINE_S, run_wayvid
from tests.ipc.daemon import Daemon
from wayvid.cli.main import main
from wayvid.cli.set import absolute_source
from wayvid.cli.volume import volume
from wayvid.errors import IpcUnavailable, UsageError
from wayvid.ipc import client
from wayvid.ipc.messages import PauseRequest, Request, write_request
from wayvid.ipc.status import OutputWhy, Why

ASKING = [
    "status",
    "why",
    "pause",
    "resume",
    "reload",
    "set x.mp4",
    "top",
    "top --once",
    "events",
    "snapshot x.png",
    "quit",
]


def source_shown(daemon: Daemon) -> str:
    return json.loads(run_wayvid("status", "--json", env=daemon.env).stdout)["source"]


def state(daemon: Daemon) -> str:
    return json.loads(run_wayvid("status", "--json", env=daemon.env).stdout)["state"]


def test_pause_and_resume_do_it_and_say_nothing(daemon: Daemon) -> None:
    for command, wanted in (("pause", "paused"), ("resume", "playing"), ("reload", "playing")):
        done = run_wayvid(command, env=daemon.env)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert state(daemon) == wanted


def test_resume_says_what_something_else_goes_on_to_stop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # "wayvid resume" ended well, and nothing moved: it was a rule that had stopped it.
    why = Why(
        [
            OutputWhy("DP-1", "held", "locked (the session's hint)", 0.0),
            OutputWhy("DP-2", "playing", "muted by battery", 0.0),
            OutputWhy("DP-3", "paused", "a command", 0.0),  # again, by another client
        ],
        [],
    )
    monkeypatch.setattr("wayvid.cli.resume.ask", lambda _request: msgspec.Raw(msgspec.json.encode(why)))
    assert main(["resume"]) == 0
    assert (
        capsys.readouterr().out == "DP-1: still held: locked (the session's hint); resume undoes 'wayvid pause' alone\n"
    )


def test_set_names_a_file_of_the_working_directory_by_its_whole_path(daemon: Daemon, tmp_path: Path) -> None:
    done = run_wayvid("set", "waves.mp4", env=daemon.env | {"PYTHONPATH": os.getcwd()}, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert source_shown(daemon) == str(tmp_path / "waves.mp4")


def test_why_is_a_line_for_each_screen_and_for_what_nobody_tells(daemon: Daemon) -> None:
    done = run_wayvid("why", env=daemon.env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "DP-1: slow, at most 10 fps: battery (43 %, on battery)",
        "HDMI-A-1: paused: a command",
        "eDP-1: playing, at most 24 fps (max_fps)",
        "not known here: gamemode, fullscreen ('wayvid check' says why)",
    ]
    told = json.loads(run_wayvid("why", "--json", env=daemon.env).stdout)
    assert [output["does"] for output in told["outputs"]] == ["slow", "paused", "playing"]
    assert told["conditions"][1]["is_on"] is None


# A name that was misspelt was waited for in silence.
UNKNOWN = "output 'DP1' is not connected; connected outputs: DP-1, HDMI-A-1, eDP-1 (see 'wayvid outputs')"


def test_events_of_a_screen_that_is_not_there_are_waited_for_with_a_word(daemon: Daemon) -> None:
    words = [sys.executable, "-m", "wayvid", "events", "-o", "DP1", "-o", "DP-*"]
    with subprocess.Popen(words, env=daemon.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        line = client.stdout.readline()
        client.send_signal(signal.SIGINT)
        _out, said = client.communicate(timeout=20)
    assert (" DP-1: playing" in line, said) == (True, f"wayvid events: {UNKNOWN}; it is waited for\n")


def test_a_status_of_a_screen_that_is_not_there_is_not_watched(daemon: Daemon) -> None:
    done = run_wayvid("status", "--watch", "-o", "DP1", env=daemon.env)
    assert (done.returncode, done.stdout, done.stderr) == (5, "", f"wayvid status: {UNKNOWN}\n")


def test_what_the_daemon_cannot_do_is_told_with_its_exit_code(daemon: Daemon) -> None:
    done = run_wayvid("set", "/missing.mp4", env=daemon.env)
    assert (done.returncode, done.stdout) == (6, "")
    assert done.stderr == "wayvid set: cannot play '/missing.mp4': there is no such file; check the path\n"


@pytest.mark.parametrize("command", ASKING)
def test_without_a_daemon_it_is_said_that_there_is_none(tmp_path: Path, command: str) -> None:
    env = os.environ | {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-7"}
    done = run_wayvid(*command.split(), env=env)
    assert (done.returncode, done.stdout) == (10, "")
    name = command.partition(" ")[0]
    assert done.stderr == (
        f"wayvid {name}: no wayvid runs on this display (nothing listens at "
        f"{tmp_path}/wayvid-wayland-7.sock); start it with 'wayvid run'\n"
    )


def test_after_a_daemon_was_killed_it_is_said_that_there_is_none(daemon: Daemon) -> None:
    daemon.process.kill()
    daemon.process.wait()
    done = run_wayvid("pause", env=daemon.env)
    assert done.returncode == 10
    assert "no wayvid runs on this display" in done.stderr


def test_outside_a_session_it_is_said_what_is_missing() -> None:
    done = run_wayvid("pause")
    assert (done.returncode, done.stdout) == (10, "")
    assert "WAYLAND_DISPLAY is not set" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        "pause now",
        "set",
        "set a b",
        "set a -x",
        "set a --default",
        "set a --span --no-span",
        "set --span --transition wipe",
        "set --no-span --duration 0",
        "set --span --shuffle",
        "status --yaml",
        "top --interval 0",
        "toggle now",
        "pause -o",
        "seek",
        "seek soon",
        "seek 1:x",
        "seek x%",
        "seek 150%",
        "seek nan",
        "seek inf",
        "seek +-1",
        "seek +10%",
        "seek -50%",
        "speed fast",
        "layout filled",
        "next 2",
        "why now",
        "volume",
        "volume loud",
        "volume 300",
        "volume +-3",
        "mute maybe",
        "snapshot",
        "quit now",
        "events now",
    ],
)
def test_a_wrong_command_line_is_one_line_with_code_two(daemon: Daemon, command: str) -> None:
    done = run_wayvid(*command.split(), env=daemon.env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command",
    [
        *[
            "status",
            "why",
            "top",
            "set",
            "pause",
            "resume",
            "reload",
            "toggle",
            "seek",
            "speed",
            "layout",
            "next",
            "prev",
        ],
        *["volume", "mute", "snapshot", "quit", "events"],
    ],
)
def test_help_has_examples(command: str) -> None:
    done = run_wayvid(command, "--help")
    assert done.returncode == 0
    assert f"  wayvid {command}" in done.stdout.partition("examples:")[2]


@pytest.mark.parametrize(
    ("command", "request_sent"),
    [
        ("pause -o DP-1 -o HDMI-*", {"command": "pause", "outputs": ["DP-1", "HDMI-*"]}),
        ("resume", {"command": "resume", "outputs": []}),
        ("toggle", {"command": "toggle", "outputs": []}),
        (
            "set --default -o DP-1",
            {"command": "set", "source": "", "outputs": ["DP-1"], "transition": "", "duration_s": None, "span": None},
        ),
        (
            "set --default --span",
            {"command": "set", "source": "", "outputs": [], "transition": "", "duration_s": None, "span": True},
        ),
        ("set --no-span -o DP-*", {"command": "span", "span": False, "outputs": ["DP-*"]}),
        ("set --span", {"command": "span", "span": True, "outputs": []}),
        ("layout contain", {"command": "layout", "layout": "contain", "outputs": []}),
        ("speed 0.5", {"command": "speed", "speed": 0.5, "outputs": []}),
        ("seek 90", {"command": "seek", "to": 90.0, "unit": "s", "outputs": []}),
        ("seek 1:01:30.5", {"command": "seek", "to": 3690.5, "unit": "s", "outputs": []}),
        ("seek +1:30", {"command": "seek", "to": 90.0, "unit": "+s", "outputs": []}),
        ("seek -10", {"command": "seek", "to": -10.0, "unit": "+s", "outputs": []}),
        ("volume -10%", {"command": "volume", "to": -10, "unit": "+%", "outputs": []}),
        ("seek -1:30", {"command": "seek", "to": -90.0, "unit": "+s", "outputs": []}),
        ("seek 50%", {"command": "seek", "to": 50.0, "unit": "%", "outputs": []}),
        ("next -o DP-1", {"command": "next", "outputs": ["DP-1"]}),
        ("prev", {"command": "prev", "outputs": []}),
        ("mute", {"command": "mute", "mute": "on", "outputs": []}),
        ("mute toggle -o DP-1", {"command": "mute", "mute": "toggle", "outputs": ["DP-1"]}),
        ("quit", {"command": "quit"}),
    ],
)
def test_a_command_line_becomes_the_request_that_it_means(
    monkeypatch: pytest.MonkeyPatch, command: str, request_sent: dict[str, object]
) -> None:
    name, *words = command.split()
    sent: list[Request] = []
    module = import_module(f"wayvid.cli.{name}")
    answer = msgspec.Raw(b'{"muted": false, "outputs": [], "conditions": []}')
    monkeypatch.setattr(module, "ask", lambda request, *_more: sent.append(request) or answer)
    assert module.run(words) == 0
    assert json.loads(write_request(sent[0])) == {"v": 1, **request_sent}


@pytest.mark.parametrize(
    ("word", "to", "unit"), [("30", 30, "%"), ("70%", 70, "%"), ("+10", 10, "+%"), ("-10", -10, "+%")]
)
def test_a_volume_is_read_as_it_is_written(word: str, to: int, unit: str) -> None:
    assert volume(word) == (to, unit)


# Where the output goes.


@pytest.mark.parametrize("command", ["status", "status --json", "top --interval 0.05", "pause", "--help"])
@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        (">&-", 0, ""),
        ("| true", 0, ""),
        (">/dev/full", 1, "cannot write: No space left on device; make room there\n"),
    ],
)
def test_an_output_that_takes_nothing_is_no_traceback(
    daemon: Daemon, command: str, redirection: str, code: int, said: str
) -> None:
    script = f"set -o pipefail; {sys.executable} -m wayvid {command} {redirection}"
    done = subprocess.run(["bash", "-c", script], env=daemon.env, capture_output=True, text=True, check=False)
    if command == "pause":  # says nothing, so that nothing is in its way
        code, said = 0, ""
    assert done.returncode == code
    assert done.stderr.removeprefix(f"wayvid {command.split(maxsplit=1)[0]}: ") == said


# What the client sends.


@pytest.mark.parametrize("url", ["https://example.org/a b.mp4", "av://lavfi:testsrc", "file:///x"])
def test_a_url_stays_as_it_is(url: str) -> None:
    assert absolute_source(url) == url


def test_a_home_folder_is_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/kim")
    assert absolute_source("~/a.mp4") == "/home/kim/a.mp4"


def test_a_name_that_is_not_utf8_is_sent_as_a_url() -> None:
    name = b"/tmp/caf\xe9 100%.mp4"
    sent = absolute_source(os.fsdecode(name))
    assert sent.startswith("file:///tmp/")
    assert unquote_to_bytes(sent.removeprefix("file://")) == name


def test_a_url_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(UsageError, match="not UTF-8"):
        absolute_source("http://example.org/\udce9")


def test_a_relative_name_in_a_deleted_folder_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DELETED, str(tmp_path / "gone")], capture_output=True, text=True, check=True
    )
    assert "folder that was deleted" in done.stdout


DELETED = """
import os, sys
from wayvid.cli.main import main
from wayvid.cli.set import absolute_source
from wayvid.errors import UsageError
os.mkdir(sys.argv[1]); os.chdir(sys.argv[1]); os.rmdir(sys.argv[1])
try:
    absolute_source("x.mp4")
except UsageError as error:
    print(error)
"""


# Daemons that are no good.


@pytest.fixture
def silent_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Something that listens at the daemon's address and never says a word."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "wayvid-wayland-7.sock"))
        listener.listen(0)
        yield listener


@pytest.mark.usefixtures("silent_socket")
def test_a_daemon_that_hangs_is_not_waited_for_for_ever() -> None:
    with pytest.raises(IpcUnavailable, match=r"does not answer at .* within 0.1 s"):
        client.ask(PauseRequest(), deadline_s=0.1)
    # The first one waits to be accepted; a third finds no room to wait.
    waiting = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for sock in waiting:
        sock.setblocking(False)
        try:
            sock.connect(client.socket_address(os.environ))
        except BlockingIOError:
            break
    with pytest.raises(IpcUnavailable, match=r"does not answer at .* within 0.1 s"):
        client.ask(PauseRequest(), deadline_s=0.1)
    for sock in waiting:
        sock.close()


ODD_ANSWERS = [
    (b"", 10, "ended before it answered"),
    (b'{"v":1,"ok":tr', 10, "ended before it answered"),
    (b"hello\n", 10, "another version"),
    (b"\xff\n", 10, "another version"),
    (b"[" * 5000 + b"\n", 10, "another version"),
    (b'{"v":1,"ok":false,"error":"two\\nlines","code":7}\n', 7, "two lines"),
    (b'{"v":1,"ok":true,"data":{"state":"dancing"}}\n', 10, "another version"),
    (b'{"v":2,"ok":false,"error":"version 1","code":12}\n', 12, "version 1; the wayvid that runs is of another"),
]


@pytest.mark.parametrize(("answer", "code", "words"), ODD_ANSWERS, ids=range(len(ODD_ANSWERS)))
def test_an_odd_answer_is_one_line(
    silent_socket: socket.socket,
    start_status: Callable[[], subprocess.Popen[str]],
    answer: bytes,
    code: int,
    words: str,
) -> None:
    status = start_status()
    silent_socket.settimeout(DEADLINE_S)
    connection, _address = silent_socket.accept()
    with connection:
        connection.recv(1000)
        connection.sendall(answer)
    out, said = status.communicate(timeout=DEADLINE_S)
    assert (status.returncode, out) == (code, "")
    assert words in said
    assert said.count("\n") == 1


@pytest.fixture
def start_status() -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts `wayvid status`."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "wayvid", "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("command", ["pause", "status", "quit"])
def test_a_command_loads_neither_libwayland_nor_libmpv(daemon: Daemon, command: str) -> None:
    script = f"import sys; from wayvid.cli.main import main; main([{command!r}]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", script], env=daemon.env, capture_output=True, text=True, check=True)
    assert not {"pywayland", "mpv", "rich", "psutil", "asyncio", "wayvid.daemon"} & set(done.stderr.split())
