"""One look at a running wallpaper."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, time

import msgspec

from wayvid.ipc.client import ask_status
from wayvid.ipc.status import Action, Status
from wayvid.memtest.proc import private_bytes, sleeps

__all__ = ["Sample", "Sampler"]


class Sample(msgspec.Struct, frozen=True):
    """What was seen at one moment.

    Attributes:
        t_s: since the run's first sample.
        at: Unix time in seconds.
        is_warm_up: taken before the start was over, so left out of every figure.
        status: what the daemon told; its actions are those since the last sample alone.
        private_bytes: USS of each process, by pid; None: not to be told.
        sleeps: since its start, likewise.
        fault: of a soak, that this is taken within; empty: none, so that it counts.
    """

    t_s: float
    at: float
    is_warm_up: bool
    status: Status
    private_bytes: dict[int, int | None]
    sleeps: dict[int, int | None]
    fault: str = ""


class Sampler:
    """Looks at one wallpaper again and again; time begins now.

    Args:
        environ: of its display, as for wayvid.ipc.client.ask.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._began_s = monotonic()
        self._told: list[Action] | None = None  # by the sample before; the daemon forgets the oldest

    @property
    def elapsed_s(self) -> float:
        """Since the beginning."""
        return monotonic() - self._began_s

    def take(self, is_warm_up: bool, fault: str = "") -> Sample:
        """Ask the daemon, and read its processes in /proc. What was done before the first sample is left out.

        Raises:
            IpcError: see wayvid.ipc.client.ask_status.
        """
        status = ask_status(self._environ)
        told = status.memory.actions
        new = [] if self._told is None else [action for action in told if action not in self._told]
        self._told = told
        memory = msgspec.structs.replace(status.memory, actions=new)
        pids = [process.pid for process in status.processes]
        return Sample(
            t_s=self.elapsed_s,
            at=time(),
            is_warm_up=is_warm_up,
            status=msgspec.structs.replace(status, memory=memory),
            private_bytes={pid: private_bytes(pid) for pid in pids},
            sleeps={pid: sleeps(pid) for pid in pids},
            fault=fault,
        )
