"""What the service manager is told: a real datagram socket stands in for its."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from wayvid.system.notify import Notifier, open_notifier

DEADLINE_S = 60.0


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """An address as in NOTIFY_SOCKET, and the socket there."""
    is_path = request.param == "path"
    address = str(tmp_path / "notify") if is_path else f"@wayvid-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(address if is_path else f"\0{address[1:]}")
        sock.settimeout(DEADLINE_S)
        yield address, sock


def test_lines_are_one_datagram(manager: tuple[str, socket.socket]) -> None:
    address, sock = manager
    notifier = Notifier(address)
    notifier.tell("READY=1", "STATUS=playing")
    assert sock.recv(4096) == b"READY=1\nSTATUS=playing"
    notifier.tell_reloading()
    reloading, moment = sock.recv(4096).decode().split("\n")
    assert reloading == "RELOADING=1"
    assert moment.removeprefix("MONOTONIC_USEC=").isdecimal()
    notifier.close()
    notifier.close()
    notifier.tell("STOPPING=1")


def test_a_manager_that_is_gone_is_told_of_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(str(tmp_path / "nobody"))
    with caplog.at_level(logging.WARNING):
        notifier.tell("READY=1")
        notifier.tell("STATUS=playing")
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    ("environ", "watchdog_s"),
    [
        pytest.param({"NOTIFY_SOCKET": "/x"}, 0.0, id="no watchdog"),
        pytest.param({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "120000000"}, 120.0, id="for all"),
        pytest.param(
            {"NOTIFY_SOCKET": "@x", "WATCHDOG_USEC": "1000000", "WATCHDOG_PID": str(os.getpid())}, 1.0, id="for us"
        ),
        pytest.param({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "9", "WATCHDOG_PID": "1"}, 0.0, id="for another"),
        pytest.param({"NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "soon"}, 0.0, id="no number"),
        pytest.param({"WATCHDOG_USEC": "1000000"}, None, id="no socket"),
        pytest.param({"NOTIFY_SOCKET": ""}, None, id="empty"),
        pytest.param({"NOTIFY_SOCKET": "vsock:2:1234"}, None, id="another kind of socket"),
    ],
)
def test_environment_says_who_is_to_be_told_and_children_do_not_see_it(
    environ: dict[str, str], watchdog_s: float | None
) -> None:
    rest = environ | {"HOME": "/root"}
    notifier = open_notifier(rest)
    assert (notifier.watchdog_s if notifier is not None else None) == watchdog_s
    assert rest == {"HOME": "/root"}
    if notifier is not None:
        notifier.close()
