"""A contender on the desk: started, looked at from outside, and ended with all that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic_ns

from wayvid.desk import Desk
from wayvid.desk.processes import wait_condition
from wayvid.errors import MeasurementFailed
from wayvid.memtest.contender import Contender
from wayvid.memtest.household import MARK, Held, held_by, members
from wayvid.memtest.proc import sharing
from wayvid.memtest.wiretap import Wiretap

__all__ = ["Showing", "showing"]

START_WITHIN_S = 30.0
MOVE_WITHIN_S = 5.0
END_WITHIN_S = 5.0
LAST_LINES = 3
DECODER_LIBRARY = "libavcodec"
MOST_TAIL_BYTES = 64 * 1024
NS_PER_MS = 1_000_000


class Showing:
    """A contender that runs; made by showing().

    Attributes:
        first_picture_ms: from exec until every screen had a commit with a picture; known after wait_shown().
    """

    def __init__(self, desk: Desk, contender: Contender, tap: Wiretap, folder: Path, mark: str) -> None:
        self.first_picture_ms = 0.0
        self._desk = desk
        self._tap = tap
        self._mark = mark
        self._name = contender.name
        self._said = (folder / "said").open("w+b")
        self._started_ns = monotonic_ns()
        env = {MARK: mark, "WAYLAND_DISPLAY": tap.path.name}
        self._roots: list[subprocess.Popen[bytes]] = []
        for argv in contender.commands(desk.outputs):
            self._roots.append(desk.start(argv, env=env, stdout=self._said, stderr=subprocess.STDOUT))

    @property
    def processes(self) -> dict[int, Held]:
        """What each of its processes holds now."""
        held = {pid: held_by(pid) for pid in self._members()}
        return {pid: one for pid, one in held.items() if one is not None}

    @property
    def pictures(self) -> dict[str, int]:
        """Commits with a picture so far, by surface: "NUMBER.NUMBER" of the connection and of the surface on it."""
        return {
            f"{number}.{surface}": count
            for number, client in enumerate(self._tap.clients(), 1)
            for surface, count in list(client.log.pictures.items())
        }

    def neighbours(self) -> list[int]:
        """Other processes that have the same libavcodec loaded, which is most of what players share."""
        own = self._members()
        found = {pid for one in own for pid in sharing(one, DECODER_LIBRARY)}
        return sorted(found.difference(own))

    def check_alive(self) -> None:
        """Do nothing while any of its processes lives.

        Raises:
            MeasurementFailed: all have ended; with the last lines that they wrote.
        """
        codes = [root.poll() for root in self._roots]
        if None in codes or self._members():
            return
        code = next(filter(None, codes), 0) or 0
        how = f"with exit code {code}" if code >= 0 else f"by signal {-code}"
        raise MeasurementFailed(f"{self._name} ended by itself {how}; it last said: {self.last_words()}")

    def wait_shown(self) -> None:
        """Wait until every screen has had a commit with a picture.

        Raises:
            MeasurementFailed: it has ended, or needs too long.
        """
        wanted = len(self._desk.outputs)
        firsts: list[int] = []

        def is_shown() -> bool:
            nonlocal firsts
            self.check_alive()
            firsts = sorted(at for client in self._tap.clients() for at in list(client.log.first_pictures_ns.values()))
            return len(firsts) >= wanted

        if not wait_condition(is_shown, START_WITHIN_S):
            raise MeasurementFailed(
                f"{self._name} gave {len(firsts)} of {wanted} screens a picture within {START_WITHIN_S:g} s; "
                f"it last said: {self.last_words()}"
            )
        self.first_picture_ms = (firsts[wanted - 1] - self._started_ns) / NS_PER_MS

    def take_pictures(self) -> dict[str, bytes]:
        """What each screen shows, as binary PPM."""
        return {name: self._picture(name) for name in self._desk.outputs}

    def why_resting(self) -> str:
        """Which screens show the same picture for MOVE_WITHIN_S; empty when there are none."""
        before = self.take_pictures()

        def is_moving() -> bool:
            for name, picture in list(before.items()):
                if self._picture(name) != picture:
                    del before[name]
            return not before

        wait_condition(is_moving, MOVE_WITHIN_S)
        return f"{', '.join(before)} showed the same picture for {MOVE_WITHIN_S:g} s" if before else ""

    def last_words(self) -> str:
        """The last lines that it wrote, on stdout or stderr, without control characters, as one."""
        self._said.flush()
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(size - MOST_TAIL_BYTES, 0))
        lines = self._said.read().decode(errors="replace").replace("\r", "\n").split("\n")
        words = list(filter(None, ("".join(filter(str.isprintable, line)).strip() for line in lines)))
        return " | ".join(words[-LAST_LINES:]) or "nothing"

    def end(self) -> None:
        """End all its processes, those that have left their parent too. Twice is fine."""
        for root in self._roots:
            self._desk.stop(root, END_WITHIN_S)

        def have_ended() -> bool:
            left = self._members()
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return not left

        wait_condition(have_ended, END_WITHIN_S)
        self._said.close()

    def _members(self) -> list[int]:
        return members(self._mark, [root.pid for root in self._roots if root.poll() is None])

    def _picture(self, output: str) -> bytes:
        return self._desk.sway.ppm(output, self._desk.env)


@contextmanager
def showing(desk: Desk, contender: Contender) -> Iterator[Showing]:
    """A contender, with a picture on every screen; it is over when the block is.

    Raises:
        MeasurementFailed: see Showing.wait_shown.
        DeskError: it cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="wayvid-contender-") as name:
        folder = Path(name)
        # In the desk's own folder, and short: programs name their own sockets after that of the display.
        with Wiretap(desk.display, desk.runtime_dir / f"wayland-{folder.name[-8:]}") as tap:
            running = Showing(desk, contender, tap, folder, folder.name)
            try:
                running.wait_shown()
                yield running
            finally:
                running.end()
