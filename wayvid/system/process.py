"""What a child process does at its start so that it never outlives its parent."""

from __future__ import annotations

import os
import signal

__all__ = ["die_with_parent", "describe_exit", "set_process_name"]

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_NAME = 15


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when its parent ends, however it ends.

    Args:
        parent_pid: who started this process; if it is gone already, this
            process ends at once, since the kernel's signal would never come.

    Source: prctl(2), PR_SET_PDEATHSIG: the signal follows the parent's thread.
    """
    from wayvid._core.libc import prctl_number  # `wayvid check` says so where it is not compiled

    prctl_number(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def set_process_name(name: str) -> None:
    """What `top` and `ps` show instead of "python3"; at most 15 bytes."""
    from wayvid._core.libc import prctl_text

    prctl_text(PR_SET_NAME, name.encode())


def describe_exit(status: int) -> str:
    """A wait status in words: "signal 9 (Killed)" or "exit code 3"."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        return f"signal {-code} ({signal.strsignal(-code)})"
    return f"exit code {code}"
