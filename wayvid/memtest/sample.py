"""One look at a running wallpaper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic, time

import msgspec

from wayvid.ipc.client import ask_status
from wayvid.ipc.status import Action, Status
from wayvid.memtest.proc import private_bytes, sleeps

__all__ = ["Sample", "take_sample"]


class Sample(msgspec.Struct, frozen=True):
    """What was seen at one moment.

    Attributes:
        t_s: since the run's first sample.
        at: Unix time in seconds.
        is_warm_up: taken before the start was over, so left out of every figure.
        status: what the daemon told; its actions are those since the last sample alone.
        private_bytes: USS of each process, by pid; None: not to be told.
        sleeps: since its start, likewise.
    """

    t_s: float
    at: float
    is_warm_up: bool
    status: Status
    private_bytes: dict[int, int | None]
    sleeps: dict[int, int | None]


def take_sample(environ: Mapping[str, str], began_s: float, is_warm_up: bool, known: Sequence[Action] | None) -> Sample:
    """Ask the daemon of a display, and read its processes in /proc.

    Args:
        environ: of the display, as for wayvid.ipc.client.ask.
        began_s: CLOCK_MONOTONIC of the run's first sample.
        is_warm_up: as in Sample.
        known: actions that earlier samples have told; None: this is the first, and what was done before is left out.

    Raises:
        IpcError: see wayvid.ipc.client.ask_status.
    """
    status = ask_status(environ)
    new = [] if known is None else [action for action in status.memory.actions if action not in known]
    memory = msgspec.structs.replace(status.memory, actions=new)
    pids = [process.pid for process in status.processes]
    return Sample(
        t_s=monotonic() - began_s,
        at=time(),
        is_warm_up=is_warm_up,
        status=msgspec.structs.replace(status, memory=memory),
        private_bytes={pid: private_bytes(pid) for pid in pids},
        sleeps={pid: sleeps(pid) for pid in pids},
    )
