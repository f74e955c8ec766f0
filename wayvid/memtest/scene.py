"""A wallpaper on a desk whose screens can be unplugged, watched while things are done to it."""

from __future__ import annotations

import select
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic

from wayvid.desk import NestedDesk
from wayvid.desk.keeper import marked_processes
from wayvid.desk.processes import wait_condition
from wayvid.errors import DeskError, IpcError, MeasurementFailed
from wayvid.ipc.client import ask_status
from wayvid.ipc.status import Status
from wayvid.memtest.held import Handles, handles_of
from wayvid.memtest.result import Result, Run
from wayvid.memtest.sample import Sampler
from wayvid.memtest.wallpaper import DIES_WITHIN_S, Wallpaper, started

__all__ = ["Scene", "is_empty"]

RECOVER_WITHIN_S = 30.0
LOOK_EVERY_S = 0.1
WATCH_S = 1.0  # a new player needs some tenths of it to its first picture
NEW_FRAMES = 2  # on a screen: one may have been on its way
# Of a picture, every so many-th byte is looked at; the number shares no divisor with a row of pixels.
PIXEL_STEP = 101
BLACK_BELOW = 16
GREY_WITHIN = 4
# More than at the end of the warm-up: a clip that goes on in its middle is read in another way than one from its
# beginning, and a still that has just gone takes a moment.
SPARE_FDS, SPARE_THREADS = 6, 4
PLAYER_WORDS = b"wayvid.player"


def is_empty(pixels: bytes) -> bool:
    """Whether there is no picture: black, or one grey all over, as a compositor shows where no wallpaper is."""
    seen = pixels[::PIXEL_STEP]
    return max(seen, default=0) < BLACK_BELOW or max(seen) - min(seen) < GREY_WITHIN


class Scene:
    """The desk, the wallpaper on it, and the run that its samples go to; a context manager.

    Attributes:
        fault: what is done to it now, for the samples; empty: nothing.
        kills: players that were killed on purpose in this run.
    """

    def __init__(
        self, result: Result, desk: NestedDesk, source: str, config: str, on_sample: Callable[[Run], None]
    ) -> None:
        self.desk = desk
        self.fault = ""
        self.kills = 0
        self._result = result
        self._words = (source, config)
        self._on_sample = on_sample
        self._started = ExitStack()
        self._wallpaper: Wallpaper | None = None
        self._sampler: Sampler | None = None
        self._due_s = 0.0
        self._handles: dict[str, Handles] = {}

    def close(self) -> None:
        """End the wallpaper."""
        self._started.close()
        self._wallpaper = self._sampler = None

    # The wallpaper.

    @property
    def run(self) -> Run:
        """The present one."""
        return self._result.runs[-1]

    @property
    def elapsed_s(self) -> float:
        """On the run's time line."""
        return self._sampler.elapsed_s if self._sampler is not None else 0.0

    def start(self) -> None:
        """Start the wallpaper, and with it a run, and leave it alone for the warm-up.

        Raises:
            MeasurementFailed: it does not play.
        """
        self.close()
        self.fault = ""
        self.kills = 0
        self._wallpaper = self._started.enter_context(started(self.desk, *self._words))
        self._result.runs.append(Run(len(self._result.runs) + 1))
        self._sampler = Sampler(self.desk.env)
        self._due_s = 0.0
        self.wait_playing()
        self.rest(max(self._result.warm_up_s - self.elapsed_s, self._result.every_s))
        self._handles = handles_of(self.status())

    def wait_code(self, deadline_s: float) -> int:
        """The exit code of a wallpaper that has to end by itself now.

        Raises:
            MeasurementFailed: it goes on.
        """
        assert self._wallpaper is not None
        code = self._wallpaper.wait_code(deadline_s)
        if code is None:
            raise MeasurementFailed(f"wayvid still runs {deadline_s:g} s later")
        return code

    def last_words(self) -> str:
        """The last line of the wallpaper's stderr."""
        return self._wallpaper.last_words() if self._wallpaper is not None else "nothing"

    # Looking.

    def status(self) -> Status:
        """What the daemon tells.

        Raises:
            MeasurementFailed: it has ended.
            IpcError: it does not answer.
        """
        with self.naming_its_end():
            return ask_status(self.desk.env)

    @contextmanager
    def naming_its_end(self) -> Iterator[None]:
        """Within: what cannot be asked because wayvid has ended raises MeasurementFailed with its last words."""
        try:
            yield
        except IpcError:
            if self._wallpaper is not None:
                self._wallpaper.check_alive(DIES_WITHIN_S)  # its own last line says more
            raise

    def players(self) -> list[int]:
        """Living player processes on the desk, those that nobody knows any more, too."""
        return [pid for pid in marked_processes(str(self.desk.runtime_dir)) if PLAYER_WORDS in _command(pid)]

    def wait(self, is_well: Callable[[], str], deadline_s: float = RECOVER_WITHIN_S) -> None:
        """Wait until a check finds nothing wrong; samples are taken meanwhile.

        Args:
            is_well: what is not yet as it has to be, in words; empty: all is.

        Raises:
            MeasurementFailed: something still is wrong after the deadline, or wayvid ended.
        """
        due_s = monotonic() + deadline_s
        while wrong := is_well():
            if monotonic() > due_s:
                raise MeasurementFailed(f"{wrong}, still after {deadline_s:g} s")
            self._pass(LOOK_EVERY_S)

    def rest(self, seconds: float) -> None:
        """Let time pass, with samples."""
        due_s = monotonic() + seconds
        while (left_s := due_s - monotonic()) > 0:
            self._pass(min(left_s, LOOK_EVERY_S))

    def _pass(self, seconds: float) -> None:
        if self._sampler is not None and self._sampler.elapsed_s >= self._due_s:
            is_warm_up = self._sampler.elapsed_s < self._result.warm_up_s
            with self.naming_its_end():
                sample = self._sampler.take(is_warm_up, self.fault)
            self.run.samples.append(sample)
            self._on_sample(self.run)
            self._due_s = max(self._due_s + self._result.every_s, self._sampler.elapsed_s)
        select.select([], [], [], seconds)

    # What has to be.

    def wait_playing(self, watched: Collection[str] = ()) -> None:
        """Wait until every screen shows new frames of one player, and a picture.

        Args:
            watched: screens that show a picture now, and must show one at any time from now on.

        Raises:
            MeasurementFailed: one does not, or it takes too long.
        """
        began: dict[str, int] = {}
        pids: set[int] = set()

        def is_well() -> str:
            self.check_pictures(watched)
            status = self.status()
            playing = self.players()
            wrong = _why_not_playing(status, self.desk.outputs, playing)
            if wrong or pids != set(playing):
                began.clear()
            pids.clear()
            pids.update(playing)
            if wrong:
                return wrong
            for output in status.outputs:
                if output.presented < began.setdefault(output.name, output.presented) + NEW_FRAMES:
                    return f"{output.name} shows no new frames"
            return next(
                (f"{name} shows no picture" for name in self.desk.outputs if is_empty(self.desk.pixels(name))), ""
            )

        self.wait(is_well)

    def watch_pictures(self, names: Collection[str]) -> None:
        """Look at nothing but these screens for a moment, one picture after the other; errors as check_pictures()."""
        due_s = monotonic() + WATCH_S
        while monotonic() < due_s:
            self.check_pictures(names)

    def wait_pictures(self, names: Collection[str]) -> None:
        """Wait until each of these screens shows a picture, whosever it is."""

        def is_well() -> str:
            return next((f"{name} shows no picture" for name in names if is_empty(self.desk.pixels(name))), "")

        self.wait(is_well)

    def check_pictures(self, names: Collection[str]) -> None:
        """Raise MeasurementFailed where one of these screens shows no picture."""
        for name in names:
            try:
                pixels = self.desk.pixels(name)
            except DeskError:
                if name in self.desk.outputs:
                    raise
                continue
            if is_empty(pixels):
                self.status()  # raises where wayvid has ended
                raise MeasurementFailed(f"{name} lost its picture")

    def check_crashes(self) -> None:
        """Raise MeasurementFailed where more players ended than were killed; said once for each."""
        crashes = self.status().crashes
        if crashes > self.kills:
            more, self.kills = crashes - self.kills, crashes
            raise MeasurementFailed(f"the player ended by itself {more} times; wayvid last said: {self.last_words()}")

    def wait_no_player(self, deadline_s: float) -> None:
        """Wait until no player is left of a wallpaper that has ended; without samples."""
        if not wait_condition(lambda: not self.players(), deadline_s):
            raise MeasurementFailed(f"{len(self.players())} players still run {deadline_s:g} s after wayvid ended")

    def wait_handles(self) -> None:
        """Wait until no process has more open files or threads than after the warm-up.

        Raises:
            MeasurementFailed: one has; from now on that many are taken as what it has.
        """
        now: dict[str, Handles] = {}

        def is_well() -> str:
            now.update(handles_of(self.status()))
            return "; ".join(filter(None, (_too_many(name, now[name], self._handles.get(name)) for name in now)))

        try:
            self.wait(is_well)
        except MeasurementFailed:
            self._handles = now
            raise


def _why_not_playing(status: Status, names: Collection[str], players: Collection[int]) -> str:
    if status.state != "playing":
        return f"wayvid is {status.state!r}" + (f" ({status.reason})" if status.reason else "")
    if missing := set(names) ^ {output.name for output in status.outputs}:
        return f"wayvid has other screens than the desk: {', '.join(sorted(missing))}"
    if quiet := [output for output in status.outputs if output.state != "playing"]:
        return f"{quiet[0].name} is {quiet[0].state!r}"
    known = {process.pid for process in status.processes if process.name == "player"}
    if known != set(players):
        return f"{len(players)} players run, and wayvid knows of {len(known)}"
    return ""


def _too_many(name: str, now: Handles, before: Handles | None) -> str:
    if before is None:
        return ""
    if now.fds > before.fds + SPARE_FDS:
        return f"the {name} has {now.fds} open files without its pictures, after the warm-up it had {before.fds}"
    if now.threads > before.threads + SPARE_THREADS:
        return f"the {name} has {now.threads} threads, after the warm-up it had {before.threads}"
    return ""


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""  # it has ended meanwhile
