"""Subscribers: told of each change, in order, and no trouble to anybody else."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from tests.ipc.daemon import DEADLINE_S, Client, Daemon
from tests.ipc.test_server import DONE, PAUSE, RESUME, STATUS
from tests.support import wait_until
from wayvid.ipc.feed import MAX_BEHIND_BYTES, MAX_SUBSCRIBERS

SUBSCRIBE = {"v": 1, "command": "subscribe"}
QUIT = {"v": 1, "command": "quit"}


def subscriber(daemon: Daemon) -> Client:
    """One that has read how things are now."""
    client = daemon.client()
    assert client.ask(SUBSCRIBE) == DONE
    assert client.answer()["event"] == "now"
    return client


def state(event: dict[str, Any]) -> tuple[str, str]:
    return event["event"], event["state"]


def test_a_subscriber_is_told_of_now_and_of_each_change(daemon: Daemon) -> None:
    first, other, second = subscriber(daemon), daemon.client(), subscriber(daemon)
    for request in (PAUSE, RESUME, PAUSE):
        assert other.ask(request) == DONE
    for client in (first, second):
        told = [state(client.answer()) for _ in range(3)]
        assert told == [("changed", "paused"), ("changed", "playing"), ("changed", "paused")]
    third = daemon.client()
    assert third.ask(SUBSCRIBE) == DONE
    assert state(third.answer()) == ("now", "paused")


def test_requests_of_a_subscriber_are_answered_between_its_events(daemon: Daemon) -> None:
    client = subscriber(daemon)
    client.send(PAUSE, STATUS)
    lines = [client.answer() for _ in range(3)]
    assert [line.get("event", "answer") for line in lines] == ["changed", "answer", "answer"]
    client.send(SUBSCRIBE)  # again: once is enough
    assert [client.answer().get("event", "answer") for _ in range(2)] == ["answer", "now"]
    client.send(RESUME)
    assert [client.answer().get("event", "answer") for _ in range(2)] == ["changed", "answer"]
    client.sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.sock.recv(1)  # told once, although it asked twice


def test_who_reads_too_slowly_is_told_that_it_missed_some(daemon: Daemon) -> None:
    slow, other = subscriber(daemon), daemon.client()
    line_bytes = 200
    for _ in range((MAX_BEHIND_BYTES + 400_000) // line_bytes // 2):
        other.send(PAUSE, RESUME)
        assert other.answer() == DONE
        assert other.answer() == DONE
    assert other.ask(PAUSE) == DONE
    words = []
    while "missed" not in words:
        words.append(slow.answer()["event"])
    assert set(words[:-1]) == {"changed"}
    assert state(slow.answer()) == ("now", "paused")
    assert other.ask(RESUME) == DONE
    assert state(slow.answer()) == ("changed", "playing")


def test_a_subscriber_that_dies_or_sends_no_more_leaves_nothing(daemon: Daemon) -> None:
    before = daemon.fds()
    subscriber(daemon).close()
    half = subscriber(daemon)
    half.sock.shutdown(socket.SHUT_WR)
    assert half.rest() == b""
    unread = subscriber(daemon)
    other = daemon.client()
    for _ in range(300):
        assert other.ask(PAUSE) == DONE
    unread.close()
    assert other.ask(PAUSE) == DONE
    wait_until(lambda: daemon.fds() == before + 1, DEADLINE_S, "the fds to be closed")
    daemon.process.terminate()
    said, _errors = daemon.process.communicate(timeout=DEADLINE_S)
    assert said.split("\n")[-2:] == ["not heard", ""]  # nothing is looked at for nobody


def test_one_subscriber_too_many_is_told_so(daemon: Daemon) -> None:
    clients = [subscriber(daemon) for _ in range(MAX_SUBSCRIBERS)]
    one_more = daemon.client()
    answer = one_more.ask(SUBSCRIBE)
    assert (answer["ok"], answer["code"]) == (False, 10)
    assert "64 clients are told of changes already" in answer["error"]
    assert one_more.ask(PAUSE) == DONE
    assert state(clients[-1].answer()) == ("changed", "paused")
    clients[0].close()
    wait_until(lambda: one_more.ask(SUBSCRIBE) == DONE, DEADLINE_S, "the room to be free again")


def test_an_idle_subscriber_does_not_wake_the_daemon(daemon: Daemon) -> None:
    subscriber(daemon)
    assert daemon.is_well()
    before = daemon.sleeping_switches()
    until_s = time.monotonic() + 0.7
    wait_until(lambda: time.monotonic() > until_s, DEADLINE_S, "time to pass")
    assert daemon.sleeping_switches() == before


def test_quit_is_answered_and_ends_it(daemon: Daemon) -> None:
    client = subscriber(daemon)
    client.send(QUIT)
    assert json.loads(client.rest())["ok"] is True
    assert daemon.process.wait(DEADLINE_S) == 0
    assert not daemon.path.exists()
