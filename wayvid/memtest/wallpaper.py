"""The wallpaper that is measured: started on a desk of our own, or one that runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

from wayvid.desk import Desk
from wayvid.desk.processes import wait_condition
from wayvid.errors import IpcError, MeasurementFailed
from wayvid.ipc.client import ask_status
from wayvid.ipc.status import Status
from wayvid.system.psi import PATH_VARIABLE

__all__ = ["DIES_WITHIN_S", "Wallpaper", "attached", "started"]

START_WITHIN_S = 30.0
DIES_WITHIN_S = 1.0  # its connections are closed some moments before it has an exit code
SHOWN = ("playing", "still")
# What other programs do to memory is no part of the measurement, and the ladder would answer it.
NO_PRESSURE = {PATH_VARIABLE: os.environ.get(PATH_VARIABLE) or "/proc/no-pressure"}


class Wallpaper:
    """A running wallpaper.

    Attributes:
        environ: of its display.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        process: subprocess.Popen[bytes] | None = None,
        stderr: IO[bytes] | None = None,
    ) -> None:
        self.environ = environ
        self._process = process
        self._stderr = stderr

    def check_alive(self, within_s: float = 0.0) -> None:
        """Do nothing while it runs.

        Args:
            within_s: wait so long for its end; DIES_WITHIN_S where it has stopped answering.

        Raises:
            MeasurementFailed: we started it and it has ended; with its last line on stderr.
        """
        code = self.wait_code(within_s) if self._process is not None else None
        if code is not None:
            how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
            raise MeasurementFailed(f"wayvid run ended by itself {how}; it last said: {self.last_words()}", code)

    def wait_code(self, deadline_s: float) -> int | None:
        """Its exit code when it ends by itself within a deadline, else None; below 0 a signal's number."""
        assert self._process is not None
        try:
            return self._process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return None

    def wait_shown(self) -> None:
        """Wait for a picture on every screen.

        Raises:
            MeasurementFailed: it has ended, cannot play its source, or needs too long.
        """
        status: Status | None = None

        def is_shown() -> bool:
            nonlocal status
            self.check_alive()
            try:
                status = ask_status(self.environ)
            except IpcError:
                return False  # it does not listen yet
            return status.state == "failed" or (
                bool(status.outputs) and all(output.state in SHOWN for output in status.outputs)
            )

        came = wait_condition(is_shown, START_WITHIN_S)
        if status is not None and status.state == "failed":
            raise MeasurementFailed(f"wayvid cannot play it: {status.reason}; it last said: {self.last_words()}")
        if not came:
            state = f"it is {status.state!r}" if status else "it does not answer"
            raise MeasurementFailed(
                f"no picture on every screen within {START_WITHIN_S:g} s, {state}; it last said: {self.last_words()}"
            )

    def last_words(self) -> str:
        """The last line it wrote on stderr, without control characters."""
        if self._stderr is None:
            return "nothing"
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").split("\n")
        words = ["".join(filter(str.isprintable, line)).strip() for line in lines]
        return next(filter(None, reversed(words)), "nothing")


@contextmanager
def started(desk: Desk, source: str, config: str) -> Iterator[Wallpaper]:
    """`wayvid run` on a desk, with a picture on every screen; it is over when the block is.

    Args:
        source: as for `wayvid run`; empty: the built-in wallpaper.
        config: a config file.

    Raises:
        MeasurementFailed: see Wallpaper.wait_shown.
    """
    words = ["--fresh", "-c", config, *(["--", source] if source else [])]
    with tempfile.TemporaryFile() as stderr:
        process = desk.start([sys.executable, "-m", "wayvid", "run", *words], stderr=stderr, env=NO_PRESSURE)
        try:
            wallpaper = Wallpaper(desk.env, process, stderr)
            wallpaper.wait_shown()
            yield wallpaper
        finally:
            desk.stop(process)


@contextmanager
def attached() -> Iterator[Wallpaper]:
    """The wallpaper of this display; nothing is started and nothing ended.

    Raises:
        IpcError: none runs here, or it does not answer.
    """
    ask_status()
    yield Wallpaper(os.environ)
