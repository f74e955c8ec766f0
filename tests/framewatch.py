"""Every frame that an output shows, looked at: `python -m tests.framewatch OUTPUT FILE` until SIGTERM.

The compositor hands over each frame whose content has changed (wlr-screencopy-unstable-v1,
copy_with_damage), so nothing that is on screen for a sixtieth of a second is missed, as it
would be between two screenshots. FILE gets a line for each: when it was shown, in ms of
CLOCK_MONOTONIC, and its COLUMNS x ROWS blocks as hexadecimal RRGGBB.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple

from PIL import Image

from tests.support import Colour, wait_until
from wayvid.desk import Desk

__all__ = ["FrameWatch", "Look"]

COLUMNS, ROWS = 16, 9
START_S, END_S = 60.0, 60.0


class Look(NamedTuple):
    """One frame.

    Attributes:
        at_ms: when it was shown, CLOCK_MONOTONIC.
        blocks: the mean colours of its blocks, row by row.
    """

    at_ms: float
    blocks: tuple[Colour, ...]

    @property
    def colour(self) -> Colour:
        """Its mean colour."""
        return tuple(round(sum(block[part] for block in self.blocks) / len(self.blocks)) for part in range(3))

    @property
    def darkest(self) -> int:
        """The brightest channel of its darkest block, 0 to 255: a black corner has none."""
        return min(max(block) for block in self.blocks)


class FrameWatch:
    """A client of a desk that looks at an output from now on.

    Args:
        desk: where.
        output: which.
        path: where it writes.
    """

    def __init__(self, desk: Desk, output: str, path: Path) -> None:
        self._path = path
        self._looks: list[Look] = []
        self._read_bytes = 0
        path.touch()
        self._process = desk.start([sys.executable, "-m", "tests.framewatch", output, str(path)], cwd=os.getcwd())

    def looks(self) -> list[Look]:
        """What it has seen so far."""
        with self._path.open("rb") as file:
            file.seek(self._read_bytes)
            whole = file.read().rpartition(b"\n")[0]
        if whole:
            self._read_bytes += len(whole) + 1
            self._looks += [_parsed(line) for line in whole.decode().split("\n")]
        return list(self._looks)

    def wait_seen(self, count: int = 1) -> None:
        """Wait until it has seen so many frames."""
        wait_until(lambda: len(self.looks()) >= count, START_S, f"{count} frames")

    def end(self) -> list[Look]:
        """All that it has seen."""
        self._process.terminate()
        assert self._process.wait(END_S) == 0
        return self.looks()


def _parsed(line: str) -> Look:
    at_ms, *words = line.split()
    return Look(float(at_ms), tuple((int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)) for word in words))


class _Watcher:
    """Asks for frames, one after the other; looks at one while the next is on its way."""

    def __init__(self, connection: Any, manager: Any, output: Any, file: IO[str]) -> None:
        self._connection = connection
        self._manager = manager
        self._output = output
        self._file = file
        self._spare: list[_Picture] = []
        self._frame: Any = None

    def ask(self) -> None:
        """Ask for the next frame that differs."""
        frame = self._frame = self._manager.capture_output(0, self._output)
        picture: list[_Picture] = []

        def on_buffer(_proxy: Any, form: int, width: int, height: int, stride: int) -> None:
            shape = (form, width, height, stride)
            fitting = [each for each in self._spare if each.shape == shape]
            picture.append(fitting[0] if fitting else _Picture(self._connection, shape))
            self._spare = [each for each in self._spare if each is not picture[0]]
            frame.copy_with_damage(picture[0].buffer)

        def on_ready(_proxy: Any, seconds_high: int, seconds_low: int, nanoseconds: int) -> None:
            frame.destroy()
            self.ask()
            self._connection.display.flush()
            at_ms = ((seconds_high << 32) + seconds_low) * 1000 + nanoseconds / 1e6
            self._file.write(f"{at_ms:.3f} {picture[0].blocks()}\n")
            self._file.flush()
            self._spare.append(picture[0])

        def on_failed(_proxy: Any) -> None:
            frame.destroy()
            self.ask()

        guard: Callable[..., Any] = self._connection.guard
        frame.dispatcher["buffer"] = guard(on_buffer)
        frame.dispatcher["ready"] = guard(on_ready)
        frame.dispatcher["failed"] = guard(on_failed)


class _Picture:
    """Memory that the compositor copies a frame into."""

    def __init__(self, connection: Any, shape: tuple[int, int, int, int]) -> None:
        from pywayland.protocol.wayland import WlShm

        form, width, height, stride = self.shape = shape
        fd = os.memfd_create("framewatch", os.MFD_CLOEXEC)
        os.ftruncate(fd, stride * height)
        self._memory = mmap.mmap(fd, stride * height)
        pool = connection.bound(WlShm).create_pool(fd, stride * height)
        self.buffer = pool.create_buffer(0, width, height, stride, form)
        pool.destroy()
        os.close(fd)

    def blocks(self) -> str:
        """Its blocks as words."""
        form, width, height, stride = self.shape
        # wl_shm.format: 0 and 1 are B G R X in memory, the FourCC XB24 and AB24 R G B X.
        layout = "BGRX" if form in (0, 1) else "RGBX"
        picture = Image.frombuffer("RGB", (width, height), self._memory, "raw", layout, stride, 1)
        data = picture.resize((COLUMNS, ROWS), Image.Resampling.BOX).tobytes().hex()
        return " ".join(data[at : at + 6] for at in range(0, len(data), 6))


def main(output_name: str, path: str) -> int:
    """Watch until SIGTERM."""
    from tests.screencopy import ZwlrScreencopyManagerV1
    from wayvid.system.events import EventLoop
    from wayvid.wayland.connection import Connection

    loop = EventLoop()
    loop.on_signals((signal.SIGTERM,), loop.stop)
    connection = Connection()
    connection.start()
    manager = connection.bind_optional(ZwlrScreencopyManagerV1, 2)
    output = next(each for each in connection.named_outputs() if each.name == output_name)
    with open(path, "w", encoding="ascii") as file:
        watcher = _Watcher(connection, manager, output.proxy, file)  # held: Python 3.14 collects its ring of references
        watcher.ask()
        connection.watch_in(loop)
        loop.run()
    connection.close()
    loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
