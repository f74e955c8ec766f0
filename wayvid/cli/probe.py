"""Looks at libraries from child processes, which may crash or hang without harm.

`python -m wayvid.cli.probe PARENT_PID NAME` is such a child: it prints what it
found as JSON. Started by `wayvid check` only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from time import monotonic
from typing import NamedTuple, TypeVar

import msgspec

__all__ = ["Failure", "Child", "start_probe", "PROBES"]

# Each module has `look()`, which returns a msgspec.Struct.
PROBES = {
    "conditions": "wayvid.daemon.sensorprobe",
    "egl": "wayvid.render.eglprobe",
    "libmpv": "wayvid.player.probe",
    "wayland": "wayvid.wayland.probe",
}
# For reading what a child said in time, when another has used up the deadline.
GRACE_S = 0.5
Facts = TypeVar("Facts")


class Failure(NamedTuple):
    """Why a child has nothing to tell, in words; is_hang: it did not end in time."""

    reason: str
    is_hang: bool = False


class Child:
    """A process that is asked something and never waited for beyond a deadline."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: Failure | None = None
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
        except OSError as exc:
            self._failure = Failure(f"cannot start {argv[0]}: {exc.strerror}")

    def output(self, deadline_s: float) -> bytes | Failure:
        """What it printed.

        Args:
            deadline_s: CLOCK_MONOTONIC after which it is ended.
        """
        if self._process is None:
            return self._failure or Failure("not started")
        try:
            printed, said = self._process.communicate(timeout=max(GRACE_S, deadline_s - monotonic()))
        except subprocess.TimeoutExpired:
            self.close()
            return Failure("no answer in time", is_hang=True)
        code = self._process.returncode
        if code == 0:
            return printed
        if code < 0:
            return Failure(f"crashed with signal {-code} ({signal.strsignal(-code)})")
        lines = said.decode(errors="replace").strip().splitlines()
        return Failure(lines[-1] if lines else f"exit code {code}")

    def facts(self, kind: type[Facts], deadline_s: float) -> Facts | Failure:
        """What it printed as JSON, of the given type."""
        printed = self.output(deadline_s)
        if isinstance(printed, Failure):
            return printed
        try:
            return msgspec.json.decode(printed, type=kind)
        except msgspec.MsgspecError as exc:
            return Failure(f"its answer makes no sense: {exc}")

    def close(self) -> None:
        """End it; twice does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def start_probe(name: str) -> Child:
    """A child that looks at one of PROBES; -P: what lies in the working directory is not imported."""
    return Child([sys.executable, "-P", "-m", __name__, str(os.getpid()), name])


def _answer(parent_pid: int, name: str) -> None:
    from wayvid.system.process import die_with_parent
    from wayvid.wayland.libwayland import use_one_libwayland

    with suppress(ImportError):  # what is not compiled is found by another look
        die_with_parent(parent_pid)
    answer_fd = os.dup(1)
    os.dup2(2, 1)  # what libraries print is not the answer
    use_one_libwayland()
    facts = import_module(PROBES[name]).look()
    with open(answer_fd, "wb") as answer:
        answer.write(msgspec.json.encode(facts))
    # All is said; some drivers crash when a process ends in order.
    os._exit(0)


if __name__ == "__main__":
    _answer(int(sys.argv[1]), sys.argv[2])
