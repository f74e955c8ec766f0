"""The socket's file: one daemon a display, nobody else's, and nothing left of a dead one."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ipc.daemon import DEADLINE_S, Client, Daemon
from tests.support import wait_until
from wayvid.errors import AlreadyRunning, IpcError
from wayvid.ipc.address import MAX_PATH_BYTES, socket_address
from wayvid.ipc.listener import Listener

NOBODY = 65534
StartDaemon = Callable[..., Daemon]


# The address.


@pytest.mark.parametrize("display", ["wayland-1", "/somewhere/else/wayland-1"])
def test_the_address_is_that_of_the_display(display: str) -> None:
    environ = {"XDG_RUNTIME_DIR": "/run/user/1000", "WAYLAND_DISPLAY": display}
    assert socket_address(environ) == "/run/user/1000/wayvid-wayland-1.sock"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"XDG_RUNTIME_DIR": "/run"}, "WAYLAND_DISPLAY is not set"),
        ({"XDG_RUNTIME_DIR": "/run", "WAYLAND_DISPLAY": ""}, "WAYLAND_DISPLAY is not set"),
        ({"WAYLAND_DISPLAY": "wayland-1"}, "XDG_RUNTIME_DIR is not set"),
        ({"XDG_RUNTIME_DIR": "run", "WAYLAND_DISPLAY": "wayland-1"}, "XDG_RUNTIME_DIR is not set"),
        ({"XDG_RUNTIME_DIR": f"/{'r' * MAX_PATH_BYTES}", "WAYLAND_DISPLAY": "wayland-1"}, "too long for a socket"),
    ],
    ids=["no display", "empty display", "no runtime", "relative runtime", "long runtime"],
)
def test_an_address_that_cannot_be_is_one_line(environ: dict[str, str], words: str) -> None:
    with pytest.raises(IpcError, match=words) as caught:
        socket_address(environ)
    assert "\n" not in str(caught.value)


def test_the_longest_address_can_be_listened_at(tmp_path: Path) -> None:
    room = MAX_PATH_BYTES - len(str(tmp_path)) - len("/wayvid-.sock")
    path = socket_address({"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "w" * room})
    assert len(path) == MAX_PATH_BYTES
    Listener(path).close()


# Who may.


def test_the_socket_is_its_users_from_its_birth_and_there_only_when_it_listens(tmp_path: Path) -> None:
    # A command that came just when wayvid started was told now and then that no wayvid runs.
    path = tmp_path / "s"
    before = os.umask(0)
    try:
        # What bind() makes is looked at before anything could have changed it, and before it has its name.
        listener = Listener(str(path))
        calls = subprocess.run(
            [sys.executable, "-c", BIRTH, str(tmp_path / "other")], capture_output=True, text=True, check=True
        )
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(f"{path}.lock").stat().st_mode) == 0o600
    assert calls.stdout == "0o600, not there yet\n"
    listener.close()


BIRTH = """
import os, socket, sys
from wayvid.ipc.listener import Listener
os.umask(0)
path = sys.argv[1]
class Spy(socket.socket):
    def listen(self, backlog):
        print(oct(os.stat(self.getsockname()).st_mode & 0o777), end=", ")
        print("there" if os.path.exists(path) else "not there yet")
        super().listen(backlog)
socket.socket = Spy
Listener(path)
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; short, too."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user takes root")
def test_another_user_is_hung_up_on(open_folder: Path) -> None:
    daemon = Daemon(open_folder)
    try:
        daemon.path.chmod(0o666)
        os.seteuid(NOBODY)  # SO_PEERCRED has the effective user of connect()
        try:
            stranger = Client(daemon.path)
        finally:
            os.seteuid(0)
        assert stranger.rest() == b""
        stranger.close()
        assert daemon.is_well()
    finally:
        daemon.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user takes root")
def test_another_user_cannot_even_connect(open_folder: Path) -> None:
    listener = Listener(str(open_folder / "s"))
    os.seteuid(NOBODY)
    try:
        with socket.socket(socket.AF_UNIX) as sock, pytest.raises(PermissionError):
            sock.connect(str(open_folder / "s"))
    finally:
        os.seteuid(0)
    listener.close()


# One a display.


def test_a_second_daemon_is_told_who_is_first_and_what_to_do(daemon: Daemon, start_daemon: StartDaemon) -> None:
    second = start_daemon()
    assert not second.is_serving
    code, said = second.end()
    assert code == AlreadyRunning.exit_code
    assert said.count("\n") == 1
    assert f"process {daemon.process.pid}" in said
    assert "wayvid quit" in said
    assert "wayvid set" in said
    assert daemon.is_well()


def test_a_daemon_whose_lock_file_was_removed_is_still_found(daemon: Daemon, tmp_path: Path) -> None:
    Path(f"{daemon.path}.lock").unlink()
    with pytest.raises(AlreadyRunning) as caught:
        Listener(str(daemon.path))
    assert caught.value.pid == daemon.process.pid
    assert daemon.is_well()
    assert os.listdir(tmp_path) == [daemon.path.name]


def test_a_daemon_that_is_not_listening_yet_is_found(tmp_path: Path) -> None:
    path = tmp_path / "s"
    listener = Listener(str(path))
    path.unlink()
    with pytest.raises(AlreadyRunning) as caught:
        Listener(str(path))
    assert caught.value.pid == os.getpid()
    listener.close()


def test_the_socket_of_a_killed_daemon_is_replaced(daemon: Daemon, start_daemon: StartDaemon) -> None:
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait(DEADLINE_S)
    assert daemon.path.is_socket()
    second = start_daemon()
    assert second.is_serving, second.end()
    assert second.is_well()


def test_of_many_that_start_at_once_over_a_dead_socket_one_serves(daemon: Daemon) -> None:
    daemon.process.send_signal(signal.SIGKILL)
    daemon.process.wait(DEADLINE_S)
    script = "import sys; from wayvid.ipc.listener import Listener; sys.stdin.readline(); " \
             "kept = Listener(sys.argv[1]); print('serves', flush=True); sys.stdin.readline()"  # fmt: skip
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(daemon.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for _ in range(8)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    try:
        # Those that lost end by themselves; the one that serves waits.
        wait_until(lambda: sum(racer.poll() is None for racer in racers) <= 1, DEADLINE_S, "seven to give up")
        said = [racer.communicate("end\n", timeout=DEADLINE_S)[0] for racer in racers]
    finally:
        for racer in racers:
            with racer:
                racer.kill()
    assert sorted(said) == [""] * 7 + ["serves\n"]


RESTARTS = """
import os, sys
from wayvid.errors import AlreadyRunning
from wayvid.ipc.listener import Listener
path, served = sys.argv[1], 0
while served < 300:
    try:
        listener = Listener(path)
    except AlreadyRunning:
        continue
    os.close(os.open(path + ".alone", os.O_CREAT | os.O_EXCL))  # fails where another serves, too
    os.unlink(path + ".alone")
    listener.close()
    served += 1
"""


def test_never_do_two_serve_however_often_they_come_and_go(tmp_path: Path) -> None:
    racers = [subprocess.Popen([sys.executable, "-c", RESTARTS, str(tmp_path / "s")]) for _ in range(4)]
    try:
        assert [racer.wait(DEADLINE_S) for racer in racers] == [0, 0, 0, 0]
    finally:
        for racer in racers:
            with racer:
                racer.kill()
    assert os.listdir(tmp_path) == []


def test_something_else_at_the_address_stays(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("mine")
    with pytest.raises(IpcError, match="in the way") as caught:
        Listener(str(path))
    assert not isinstance(caught.value, AlreadyRunning)
    assert path.read_text() == "mine"
    assert os.listdir(tmp_path) == ["s"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(IpcError, match="No such file or directory; check XDG_RUNTIME_DIR"):
        Listener(str(tmp_path / "missing" / "s"))


# Its end.


def test_nothing_is_left_in_the_folder_after_the_end(daemon: Daemon, tmp_path: Path) -> None:
    assert daemon.is_well()
    assert daemon.end() == (0, "")
    assert os.listdir(tmp_path) == []


def test_the_end_of_one_leaves_the_socket_of_a_later_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = Listener(str(path))
    for file in tmp_path.iterdir():
        file.unlink()
    second = Listener(str(path))
    first.close()
    assert sorted(os.listdir(tmp_path)) == ["s", "s.lock"]
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
    with pytest.raises(AlreadyRunning):
        Listener(str(path))
    second.close()
    second.close()
    assert os.listdir(tmp_path) == []
