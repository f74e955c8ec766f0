"""The server: answers in order, and clients that are many, slow, dead or mad."""

from __future__ import annotations

import json
import random
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.ipc.daemon import DEADLINE_S, Daemon
from tests.support import wait_until
from wayvid.ipc.messages import MAX_LINE_BYTES
from wayvid.ipc.server import MAX_CLIENTS

STATUS = {"v": 1, "command": "status"}
PAUSE = {"v": 1, "command": "pause"}
RESUME = {"v": 1, "command": "resume"}
RELOAD = {"v": 1, "command": "reload"}
MISSING = {"v": 1, "command": "set", "source": "/missing.mp4"}
DONE = {"v": 1, "ok": True, "data": {}}


# Answers.


def test_a_command_is_answered_with_its_data(daemon: Daemon) -> None:
    client = daemon.client()
    answer = client.ask(STATUS)
    assert (answer["v"], answer["ok"]) == (1, True)
    assert answer["data"]["state"] == "playing"
    assert client.ask(PAUSE) == DONE
    assert client.ask(STATUS)["data"]["state"] == "paused"


def test_an_error_is_one_line_with_the_exit_code(daemon: Daemon) -> None:
    answer = daemon.client().ask({"v": 1, "command": "set", "source": "/missing\n\x1b[2J.mp4"})
    assert answer["ok"] is False
    assert answer["code"] == 6
    assert "there is no such file" in answer["error"]
    assert answer["error"].isprintable()


def test_answers_come_in_the_order_of_the_requests_also_when_one_is_late(daemon: Daemon) -> None:
    client = daemon.client()
    client.send(RELOAD, MISSING, STATUS, b"nonsense\n", RELOAD, PAUSE, STATUS)
    answers = [client.answer() for _ in range(7)]
    assert [answer["ok"] for answer in answers] == [True, False, True, False, True, True, True]
    assert answers[2]["data"]["state"] == "playing"
    assert answers[6]["data"]["state"] == "paused"


def test_others_are_served_while_one_waits_for_a_late_answer(daemon: Daemon) -> None:
    late, quick = daemon.client(), daemon.client()
    daemon.keep_answers()
    late.send(RELOAD)
    assert quick.ask(PAUSE) == DONE
    late.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        late.sock.recv(1)
    late.sock.settimeout(DEADLINE_S)
    daemon.let_answers_go()
    assert late.answer() == DONE


def test_a_request_may_come_in_any_pieces(daemon: Daemon) -> None:
    client = daemon.client()
    for byte in json.dumps(MISSING).encode():
        client.send(bytes([byte]))
    client.send(b"\n" + json.dumps(PAUSE).encode() + b"\n" + json.dumps(STATUS).encode()[:5])
    assert client.answer()["code"] == 6
    assert client.answer() == DONE
    client.send(json.dumps(STATUS).encode()[5:] + b"\n")
    assert client.answer()["ok"]


def test_all_is_answered_also_when_the_client_sends_no_more(daemon: Daemon) -> None:
    client = daemon.client()
    client.send(RELOAD, PAUSE, json.dumps(STATUS).encode())  # the last one without its end of line
    client.sock.shutdown(socket.SHUT_WR)
    lines = client.rest().splitlines()
    assert [json.loads(line)["ok"] for line in lines] == [True, True, True]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", "not a line of JSON"),
        (b"{", "not a line of JSON"),
        (b"status", "not a line of JSON"),
        (b"[" * 60_000, "not understood"),
        (b'{"v":1,"command":"status","x":' + b"[" * 60_000, "not a line of JSON"),
        (b'{"v":1,"command":"status"}{}', "not a line of JSON"),
        (b'{"v":1,"command":"\xff"}', "not UTF-8"),
        (b'"status"', "not understood"),
        (b"{}", "required field `v`"),
        (b'{"v":1}', "required field `command`"),
        (b'{"v":2,"command":"status"}', "version 2 and this wayvid speaks version 1"),
        (b'{"v":true,"command":"status"}', "Expected `int`"),
        (b'{"v":' + b"9" * 4000 + b',"command":"status"}', "version 9999"),
        (b'{"v":' + b"9" * 60_000 + b',"command":"status"}', "out of range"),
        (b'{"v":1,"command":"launch"}', "no command 'launch'; commands: status, why, pause, resume, set, reload"),
        (b'{"v":1,"command":"' + b"x" * 60_000 + b'"}', "no command 'xxx"),
        (b'{"v":1,"command":"set"}', "required field `source`"),
        (b'{"v":1,"command":"set","source":7}', "Expected `str`, got `int` - at `$.source`"),
        (b'{"v":1,"command":"pause","until":"noon"}', "unknown field `until`"),
        (b"x" * (MAX_LINE_BYTES + 1), "longer than 65536 bytes"),
        (b"x" * 1_000_000, "longer than 65536 bytes"),
    ],
)  # fmt: skip
def test_what_is_no_request_is_answered_with_what_is_wrong(daemon: Daemon, line: bytes, words: str) -> None:
    client = daemon.client()
    answer = client.ask(line + b"\n")
    assert (answer["v"], answer["ok"], answer["code"]) == (1, False, 12)
    assert words in answer["error"]
    assert len(answer["error"]) < 200
    assert client.ask(PAUSE) == DONE


def test_the_longest_request_is_understood(daemon: Daemon) -> None:
    head = b'{"v":1,"command":"set","source":"/missing'
    line = head + b"x" * (MAX_LINE_BYTES - len(head) - 2) + b'"}'
    assert len(line) == MAX_LINE_BYTES
    assert daemon.client().ask(line + b"\n")["code"] == 6


# Many clients.


def test_two_hundred_clients_at_once_are_all_answered(daemon: Daemon) -> None:
    before = daemon.fds()
    clients = [daemon.client() for _ in range(200)]
    for client in clients:
        client.send(STATUS, PAUSE)
    for client in clients:
        assert client.answer()["data"]["version"] == "0.1.0"
        assert client.answer() == DONE
    for client in clients:
        client.close()
    wait_until(lambda: daemon.fds() == before, DEADLINE_S, "the clients' fds to be closed")


def test_a_client_too_many_is_told_so_and_the_others_stay(daemon: Daemon) -> None:
    clients = [daemon.client() for _ in range(MAX_CLIENTS)]
    assert clients[-1].ask(PAUSE) == DONE
    one_more = daemon.client()
    answer = one_more.answer()
    assert (answer["ok"], answer["code"]) == (False, 10)
    assert "256 clients" in answer["error"]
    assert one_more.rest() == b""
    assert clients[0].ask(PAUSE) == DONE
    clients[1].close()
    wait_until(lambda: daemon.client().ask(PAUSE) == DONE, DEADLINE_S, "the room to be free again")


def test_half_sent_requests_make_room_for_new_clients(start_daemon: Callable[..., Daemon]) -> None:
    daemon = start_daemon("0")  # idle at once
    daemon.keep_answers()
    busy = daemon.client()
    busy.send(RELOAD)
    half = [daemon.client() for _ in range(MAX_CLIENTS - 1)]
    for client in half:
        client.send(b'{"v":1,')
    newest = daemon.client()
    assert newest.ask(PAUSE) == DONE
    daemon.let_answers_go()
    assert busy.answer() == DONE


def test_a_daemon_out_of_files_serves_again_when_there_are_some(daemon: Daemon) -> None:
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (daemon.fds() + 2, 4096))
    kept = [daemon.client() for _ in range(2)]
    assert kept[1].ask(PAUSE) == DONE
    waiting = daemon.client()
    waiting.send(PAUSE)
    assert kept[0].ask(PAUSE) == DONE
    waiting.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        waiting.sock.recv(1)
    waiting.sock.settimeout(DEADLINE_S)
    kept[1].close()
    assert waiting.answer() == DONE


# Slow and dead clients.


def test_a_client_that_never_reads_is_dropped_and_holds_up_nobody(daemon: Daemon) -> None:
    before = daemon.fds()
    slow = daemon.client()
    other = daemon.client()
    slow.sock.setblocking(False)
    line = json.dumps(STATUS).encode() + b"\n"

    def is_dropped() -> bool:
        assert other.ask(PAUSE) == DONE
        try:
            for _ in range(50):
                slow.sock.send(line)
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            return True
        return False

    wait_until(is_dropped, DEADLINE_S, "the client that does not read to be dropped")
    wait_until(lambda: daemon.fds() == before + 1, DEADLINE_S, "its fd to be closed")


def test_what_a_client_asks_without_reading_is_not_answered_beyond_the_limit(daemon: Daemon) -> None:
    before = daemon.fds()
    client = daemon.client()
    lines = MAX_LINE_BYTES // len(json.dumps(STATUS) + "\n")
    client.send(*[STATUS] * lines)
    other = daemon.client()
    wait_until(lambda: other.ask(PAUSE) == DONE and daemon.fds() == before + 1, DEADLINE_S, "it to be dropped")
    assert other.ask(STATUS)["data"]["at_s"] < 5000 + lines / 2


def test_a_slow_reader_that_sends_no_more_gets_all_its_answers(daemon: Daemon) -> None:
    client = daemon.client()
    client.send(*[STATUS] * 250)
    client.sock.shutdown(socket.SHUT_WR)
    # Others are answered meanwhile; so that all of the 250 were asked before the first is read.
    wait_until(lambda: daemon.client().ask(STATUS)["data"]["at_s"] >= 5250, DEADLINE_S, "all to be asked")
    assert [json.loads(line)["ok"] for line in client.rest().splitlines()] == [True] * 250


def test_clients_that_die_at_any_moment_leave_nothing(daemon: Daemon) -> None:
    before = daemon.fds()
    for data in (
        b"",
        b"{",
        json.dumps(RELOAD).encode() + b"\n",
        b"x" * 100_000,
        (json.dumps(STATUS) + "\n").encode() * 99,
    ):
        client = daemon.client()
        client.sock.setblocking(False)
        client.sock.send(data)
        client.close()
    assert daemon.is_well()
    wait_until(lambda: daemon.fds() == before, DEADLINE_S, "the fds to be closed")


def test_idle_and_half_sent_clients_do_not_wake_the_daemon(daemon: Daemon) -> None:
    assert daemon.client().ask(PAUSE) == DONE
    daemon.client().send(b'{"v":1,')
    assert daemon.is_well()
    before = daemon.sleeping_switches()
    until_s = time.monotonic() + 0.7
    wait_until(lambda: time.monotonic() > until_s, DEADLINE_S, "time to pass")
    assert daemon.sleeping_switches() == before


# Madness.


def random_line(random_: random.Random) -> bytes:
    """Bytes without an end of line: noise, or a request with some bytes changed."""
    kind = random_.randrange(4)
    if kind == 0:
        data = random_.randbytes(random_.randrange(200))
    elif kind == 1:
        text = json.dumps(random_.choice([STATUS, PAUSE, RESUME, MISSING]))
        data = bytearray(text.encode())
        for _ in range(random_.randrange(1, 6)):
            data[random_.randrange(len(data))] = random_.randrange(256)
    elif kind == 2:
        keys = ["v", "command", "source", "x"]
        values = [1, 2, -1, 1.5, True, None, "status", "set", "", "/missing", [], {}, [[1]], 10**30]
        data = json.dumps({random_.choice(keys): random_.choice(values) for _ in range(4)}).encode()
    else:
        data = bytes(random_.choice(b'[]{}",:1e\\') for _ in range(random_.randrange(60)))
    return bytes(data).replace(b"\n", b"")


def test_thousands_of_random_requests_are_answered_each_and_leave_it_as_it_was(daemon: Daemon) -> None:
    before = daemon.fds()
    random_ = random.Random(20260101)
    for _ in range(40):
        client = daemon.client()
        lines = [random_line(random_) for _ in range(100)]
        data = b"\n".join(lines) + b"\n"
        while data:
            size = random_.randrange(1, 3000)
            client.send(data[:size])
            data = data[size:]
        for _ in lines:
            answer = client.answer()
            assert answer["ok"] is True or (answer["code"] in (6, 12) and answer["error"].isprintable())
        if random_.random() < 0.5:
            client.send(random_line(random_))  # and no end of line
        client.close()
    assert daemon.is_well()
    wait_until(lambda: daemon.fds() == before, DEADLINE_S, "the fds to be closed")


def test_random_bytes_of_any_length_leave_it_serving(daemon: Daemon) -> None:
    before = daemon.fds()
    random_ = random.Random(7)
    for _ in range(60):
        client = daemon.client()
        with suppress(BrokenPipeError, ConnectionResetError):  # as many errors to read as it wrote lines
            client.send(random_.randbytes(random_.choice([1, 1000, 65536, 65537, 65538, 200_000])))
        client.close()
    assert daemon.is_well()
    wait_until(lambda: daemon.fds() == before, DEADLINE_S, "the fds to be closed")


def test_a_daemon_that_ends_hangs_up_on_all(daemon: Daemon) -> None:
    client = daemon.client()
    daemon.keep_answers()
    client.send(RELOAD, b"{")
    assert daemon.is_well()
    daemon.process.send_signal(signal.SIGTERM)
    assert client.rest() == b""
    assert daemon.process.wait(DEADLINE_S) == 0
    assert daemon.end() == (0, "")
