"""The least that playing a source costs: mpv without an output, with the lean options of wayvid's player."""

from __future__ import annotations

import shutil
import subprocess
import time

from wayvid.daemon.listing import stream_of
from wayvid.daemon.source import DEFAULT_STREAM
from wayvid.errors import MeasurementFailed, UsageError
from wayvid.link.messages import StreamSpec
from wayvid.memory.usage import process_load, process_memory
from wayvid.memtest.proc import private_bytes, sleeps
from wayvid.memtest.result import Floor
from wayvid.player.source import LEAN_OPTIONS, CoreMemory, memory_options

__all__ = ["FLOOR_SETTLE_S", "floor_command", "lean_options", "measure_floor"]

FLOOR_SETTLE_S = 3.0


def floor_command(source: str) -> list[str]:
    """mpv with every lean option that the installed version knows.

    Args:
        source: as for `wayvid run`; empty: the built-in wallpaper.

    Raises:
        UsageError: mpv is not installed.
        SourceUnplayable: see wayvid.daemon.listing.stream_of.
    """
    mpv = shutil.which("mpv")
    if mpv is None:
        raise UsageError("mpv is not installed, and --ci measures against it; install it (package mpv)")
    stream = stream_of(source) if source else DEFAULT_STREAM
    options = lean_options(mpv, stream) | {"vo": "null", "idle": "no", "hwdec": "no", "loop-file": "inf"}
    return [mpv, *(f"--{name}={value}" for name, value in options.items()), "--", stream.path]


def lean_options(mpv: str | None, stream: StreamSpec) -> dict[str, str]:
    """The lean options of wayvid's player that another mpv or libmpv takes.

    Args:
        mpv: is asked which of them it knows; None: all are taken for known.
    """
    wanted = LEAN_OPTIONS | memory_options(CoreMemory()) | dict(stream.options)
    if mpv is None:
        return wanted
    listed = subprocess.run(
        [mpv, "--no-config", "--list-options"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    ).stdout
    known = {line.split()[0] for line in listed.splitlines() if line.startswith(" --")}
    return {name: value for name, value in wanted.items() if f"--{name}" in known}


def measure_floor(command: list[str], seconds: float) -> Floor:
    """What it holds and uses, after FLOOR_SETTLE_S; nothing else that maps libmpv should run meanwhile.

    Raises:
        MeasurementFailed: mpv ended by itself; its last line on stderr is in the message.
    """
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            time.sleep(FLOOR_SETTLE_S)
            before, began_s = _used(process), time.monotonic()
            time.sleep(seconds)
            after, passed_s = _used(process), time.monotonic() - began_s
            held, private = process_memory(process.pid), private_bytes(process.pid)
        finally:
            process.kill()
            said = process.stderr.read() if process.stderr else b""
    if before is None or after is None or held is None or private is None:
        words = said.decode(errors="replace").strip().rpartition("\n")[2]
        raise MeasurementFailed(f"mpv, the floor of the ratios, ended by itself; it last said: {words or 'nothing'}")
    return Floor(
        rss_bytes=held.rss_bytes,
        pss_bytes=held.pss_bytes,
        uss_bytes=private,
        cpu_percent=round(100 * (after[0] - before[0]) / passed_s, 2),
        wakeups_per_s=round((after[1] - before[1]) / passed_s, 2),
    )


def _used(process: subprocess.Popen[bytes]) -> tuple[float, int] | None:
    """Processor seconds and sleeps so far; None when it has ended."""
    load, slept = process_load(process.pid), sleeps(process.pid)
    if process.poll() is not None or load is None or slept is None:
        return None
    return load.cpu_s, slept
