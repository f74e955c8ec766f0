"""Clients that are mad, many or dead, and a wallpaper that plays on as it did."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import msgspec

from tests.ipc.daemon import Client
from tests.ipc.test_server import random_line
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk
from wayvid.memory.usage import process_memory

REFUSED = "wayvid.daemon.requests: cannot play "
REQUESTS, OF_EACH = 10_000, 100
# Beside those that are mad.
SANE = [
    *({"command": word} for word in ("status", "pause", "resume", "toggle", "next", "snapshot", "subscribe")),
    {"command": "layout", "layout": "contain"},
    {"command": "layout", "layout": "fill", "outputs": ["HEADLESS-2"]},
    {"command": "pause", "outputs": ["HEADLESS-*"]},
    {"command": "seek", "to": 1e9},
    {"command": "speed", "speed": 0},
    {"command": "volume", "to": 30},
    {"command": "mute"},
    {"command": "set", "source": "/no/such/file.mp4"},
]
SANE_PART = 0.02
# What a heap that has settled may still move by.
MOST_GROWTH_BYTES = 256 * 1024


def socket_of(run: Run) -> Path:
    return run.desk.runtime_dir / f"wayvid-{run.desk.display.name}.sock"


def sockets(pid: int) -> int:
    """How many it has open: memory of the player's comes and goes."""
    folder, count = Path(f"/proc/{pid}/fd"), 0
    for path in folder.iterdir():
        with suppress(OSError):
            count += os.readlink(path).startswith("socket:")
    return count


def wait_sensing(run: Run) -> None:
    """It plays, and has the sockets of its sensors, which are opened a little later."""
    run.wait_playing()
    wait_until(lambda: run.status().conditions, START_S, "the sensors")


def anonymous_bytes(pid: int) -> int:
    memory = process_memory(pid)
    assert memory is not None
    return memory.pss_anon_bytes


def storm(run: Run, random_: random.Random, count: int) -> None:
    """So many requests, each of which is answered."""
    for _ in range(count // OF_EACH):
        client = Client(socket_of(run))
        lines = [
            msgspec.json.encode({"v": 1, **random_.choice(SANE)})
            if random_.random() < SANE_PART
            else random_line(random_)
            for _ in range(OF_EACH)
        ]
        data = b"\n".join(lines) + b"\n"
        while data:
            size = random_.randrange(1, 5000)
            client.send(data[:size])
            data = data[size:]
        answered = 0
        while answered < len(lines):
            answered += "ok" in client.answer()  # the others are events, for those who subscribed
        client.close()


def test_ten_thousand_random_requests_leave_it_playing_with_the_same_memory(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    wait_sensing(run)
    daemon, player = run.process.pid, run.wait_player()
    random_ = random.Random(20261126)
    storm(run, random_, REQUESTS // 5)
    run.status()
    before, held = sockets(daemon), anonymous_bytes(daemon)
    storm(run, random_, REQUESTS - REQUESTS // 5)
    wait_until(lambda: sockets(daemon) <= before, START_S, "the clients' sockets to be closed")
    assert anonymous_bytes(daemon) - held < MOST_GROWTH_BYTES
    assert run.ask("resume")["ok"]
    shown = run.wait_playing().outputs[0].presented
    wait_until(lambda: run.status().outputs[0].presented > shown + 10, START_S, "it to play on")
    assert run.player_pid() == player
    # What cannot be played is in the log as well as in the answer.
    assert [line for line in run.stderr.splitlines() if not line.startswith(REFUSED)] == []


def test_two_hundred_clients_at_once_are_served_and_a_dead_one_stalls_no_frame(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    wait_sensing(run)
    before = sockets(run.process.pid)
    with ExitStack() as stack:
        # One sends and never reads; one stops within a request; one subscribes and never reads.
        deaf, half, silent = (Client(socket_of(run)) for _ in range(3))
        for client in (deaf, half, silent):
            stack.callback(client.close)
        half.send(b'{"v":1,"comm')
        silent.send({"v": 1, "command": "subscribe"})
        deaf.sock.setblocking(False)
        request = b'{"v":1,"command":"status"}\n' * 40
        sent = 0
        try:
            while sent < 4_000_000:
                sent += deaf.sock.send(request)
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
        clients = [Client(socket_of(run)) for _ in range(200)]
        for client in clients:
            stack.callback(client.close)
            client.send({"v": 1, "command": "status"}, {"v": 1, "command": "layout", "layout": "fill"})
        for client in clients:
            status, layout = client.answer(), client.answer()
            assert status["data"]["state"] == "playing"
            assert layout["ok"]
        shown = run.status().outputs[0].presented
        wait_until(lambda: run.status().outputs[0].presented > shown + 30, START_S, "frames beside all that")
        assert half.sock.fileno() >= 0
        half.send(b'and":"status"}\n')
        assert half.answer()["ok"]
    wait_until(lambda: sockets(run.process.pid) <= before, START_S, "the clients' sockets to be closed")
    assert run.stderr == ""


def test_a_second_wallpaper_on_a_display_names_the_first_and_leaves_it_alone(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    second = run_wayvid(sway_desk, str(numbered_clip))
    assert second.process.wait(START_S) == 11
    assert second.stderr.count("\n") == 1
    assert f"wayvid (process {run.process.pid}) shows the wallpaper of this display already" in second.stderr
    assert "wayvid set" in second.stderr
    assert run.status().state == "playing"
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(socket_of(run)))
    assert (socket_of(run).stat().st_mode & 0o777) == 0o600
