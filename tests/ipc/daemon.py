"""A stand-in daemon as a process, and connections to it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support import wait_until

DEADLINE_S = 60.0


class Client:
    """A connection that reads and writes whole lines."""

    def __init__(self, path: Path) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE_S)
        self.sock.connect(str(path))
        self._reader = self.sock.makefile("rb")

    def send(self, *requests: dict[str, Any] | bytes) -> None:
        """Send requests, each as a line; bytes as they are."""
        self.sock.sendall(
            b"".join(word if isinstance(word, bytes) else json.dumps(word).encode() + b"\n" for word in requests)
        )

    def answer(self) -> dict[str, Any]:
        """The next answer."""
        line = self._reader.readline()
        assert line.endswith(b"\n"), f"hung up after {line!r}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, request: dict[str, Any] | bytes) -> dict[str, Any]:
        """The answer to a request."""
        self.send(request)
        return self.answer()

    def rest(self) -> bytes:
        """All that comes until the daemon hangs up."""
        data = b""
        try:
            while more := self.sock.recv(65536):
                data += more
        except ConnectionResetError:
            pass
        return data

    def close(self) -> None:
        """Hang up."""
        self._reader.close()
        self.sock.close()


class Daemon:
    """The stand-in, serving."""

    def __init__(self, runtime: Path, *words: str) -> None:
        self.env = os.environ | {"XDG_RUNTIME_DIR": str(runtime), "WAYLAND_DISPLAY": "wayland-7"}
        self.path = runtime / "wayvid-wayland-7.sock"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ipc.standin", *words],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.is_serving = self.process.stdout.readline() == "ready\n"
        self._clients: list[Client] = []

    def client(self) -> Client:
        """A new connection."""
        self._clients.append(Client(self.path))
        return self._clients[-1]

    def keep_answers(self) -> None:
        """Have it keep late answers back from now on."""
        self.process.send_signal(signal.SIGUSR1)
        for _ in range(2):  # what comes at the same time as a signal may be before it
            assert self.is_well()

    def let_answers_go(self) -> None:
        """Have it give what it keeps back."""
        self.process.send_signal(signal.SIGUSR2)

    def sleeping_switches(self) -> int:
        """How often it has gone to sleep, once it sleeps."""
        seen = [-1, -2]

        def is_asleep() -> bool:
            lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
            seen.append(next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches")))
            return seen[-1] == seen[-2] == seen[-3]

        wait_until(is_asleep, DEADLINE_S, "it to sleep")
        return seen[-1]

    def is_well(self) -> bool:
        """Whether it answers a new client."""
        client = self.client()
        answer = client.ask({"v": 1, "command": "status"})
        client.close()
        return answer["ok"] is True

    def fds(self) -> int:
        """How many files it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def end(self) -> tuple[int, str]:
        """End it; exit code and stderr."""
        if self.is_serving:
            self.process.terminate()
        _out, said = self.process.communicate(timeout=DEADLINE_S)
        return self.process.returncode, said

    def close(self) -> None:
        """End it whatever its state, and hang up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        for client in self._clients:
            client.close()
