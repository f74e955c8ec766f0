"""Stops what belongs to a desk and removes its directory, also when the desk itself was killed.

Every process of a desk carries MARKER=<runtime dir> in its environment, so that it is
found whatever it did to its process group or parent. The desk starts this file as a
program of its own (`python -I -S keeper.py DIR`, standard library only) with a pipe as
stdin: the end of that pipe is the end of the desk.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

__all__ = ["MARKER", "marked_processes", "remove_directory", "sweep"]

MARKER = "WAYVID_DESK"
SWEEP_DEADLINE_S = 5.0
POLL_S = 0.01
EXEC_DEADLINE_S = 5.0
EMPTY_DEADLINE_S = 0.001
EXEC_POLL_S = 0.0005
# Of the fields of /proc/PID/stat behind the program's name, proc_pid_stat(5).
VSIZE, ENV_START, ENV_END = 20, 47, 48


def marked_processes(directory: str) -> list[int]:
    """The living processes of the desk that has this runtime directory."""
    wanted = f"{MARKER}={directory}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            environ = _environ_of(entry)
        except OSError:
            continue  # it ended meanwhile, or is another user's
        if wanted in environ.split(b"\0"):
            found.append(int(entry))
    return found


def _environ_of(pid: str) -> bytes:
    """The environment of a process; of one that is within execve(2), as soon as it is there."""
    began_s = time.monotonic()
    while not (environ := Path("/proc", pid, "environ").read_bytes()):
        if time.monotonic() - began_s > _patience_s(pid):
            break
        select.select([], [], [], EXEC_POLL_S)
    return environ


def _patience_s(pid: str) -> float:
    """How long to wait for an environment that reads as empty.

    Within execve a process has its new memory before the environment has a place in
    there, and a place some microseconds before a length. One that is empty for good (each
    desk's own keeper) has the place alone. Kernel threads and zombies have no memory.
    """
    fields = Path("/proc", pid, "stat").read_bytes().rpartition(b")")[2].split()
    size, start, end = (int(fields[number]) for number in (VSIZE, ENV_START, ENV_END))
    if size == 0:
        return 0.0
    return EMPTY_DEADLINE_S if start == end != 0 else EXEC_DEADLINE_S


def sweep(directory: str) -> None:
    """Kill every process of the desk; returns when none lives, or after a deadline."""
    deadline = time.monotonic() + SWEEP_DEADLINE_S
    while (pids := marked_processes(directory)) and time.monotonic() < deadline:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                continue  # it ended meanwhile
        select.select([], [], [], POLL_S)


def remove_directory(directory: str) -> None:
    """Remove the runtime directory; a file that cannot be removed stays behind."""
    shutil.rmtree(directory, ignore_errors=True)


def main(directory: str) -> None:
    """Wait for the end of stdin, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 64):
        pass
    sweep(directory)
    remove_directory(directory)


if __name__ == "__main__":
    main(sys.argv[1])
