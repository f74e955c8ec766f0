"""Starts processes that end with their desk, and stops them."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from wayvid.errors import DeskError

__all__ = ["Stream", "start_process", "stop_processes", "wait_condition"]

Stream = int | IO[bytes] | IO[str] | None

PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_S = 0.01


def start_process(
    argv: Sequence[str],
    env: Mapping[str, str],
    *,
    user: int | None = None,
    group: int | None = None,
    cwd: str | Path | None = None,
    stdin: Stream = subprocess.DEVNULL,
    stdout: Stream = None,
    stderr: Stream = None,
) -> subprocess.Popen[bytes]:
    """A process in a session of its own, killed by the kernel when the caller dies.

    Args:
        user: uid to run as, with `group` as its only group; None stays the caller.

    Raises:
        DeskError: the program cannot be started.

    Threads: the process ends with the *thread* that called (prctl(2), PR_SET_PDEATHSIG).
    """
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def die_with_parent() -> None:
        # Runs after the uid has changed, which would clear the setting.
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    try:
        return subprocess.Popen(
            argv,
            env=dict(env),
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - two system calls, nothing that takes a lock
        )
    except (OSError, subprocess.SubprocessError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DeskError(f"cannot start {argv[0]!r}: {reason}") from error


def stop_processes(processes: Sequence[subprocess.Popen[bytes]], deadline_s: float) -> list[subprocess.Popen[bytes]]:
    """End processes with their groups: SIGTERM, and SIGKILL after the deadline.

    Returns:
        Those that had to be killed.
    """
    living = [process for process in processes if process.poll() is None]
    for process in living:
        _signal_group(process, signal.SIGTERM)
    deadline = time.monotonic() + deadline_s
    stubborn = []
    for process in living:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            stubborn.append(process)
            _signal_group(process, signal.SIGKILL)
            process.wait()
    return stubborn


def wait_condition(condition: Callable[[], bool], deadline_s: float) -> bool:
    """Whether the condition came true before the deadline."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        select.select([], [], [], POLL_S)
    return True


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        process.send_signal(number)  # started, but not yet in its own group
