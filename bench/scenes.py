"""What the play bench has the programs do, and what is read off them meanwhile. One call is one run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench import clips, presented, procs
from wayvid.desk import Desk
from wayvid.memtest.floor import floor_command
from wayvid.memtest.proc import sharing
from wayvid.memtest.wallpaper import Wallpaper
from wayvid.memtest.wire_log import NO_MEMORY, Commit
from wayvid.memtest.wiretap import Wiretap
from wayvid.system.psi import PATH_VARIABLE

MB = 1_000_000
NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
# Both processes give their start-up pages back 3 s after their start or first frame.
SETTLE_S = 6.0
FLOOR_SETTLE_S = 3.0
DEADLINE_S = 60.0
POLL_S = 0.002
# The player rests when nothing was asked of it for 1 s; libmpv's reader looks up once a second for five more.
HIDDEN_SETTLE_S = 8.0
RESTART_WATCHED_S = 2.5
DECODER_LIBRARY = "libavcodec"
NO_CONFIG = Path("/dev/null")
NO_PRESSURE = "/dev/null/none"
# Whoever has it installed has its bytecode, too; compiling all modules anew makes the start twice as long.
AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}


class Run:
    """`wayvid run` on a desk, its two processes known by pid.

    What other programs do to the machine's memory is not told to it.
    """

    def __init__(
        self,
        desk: Desk,
        words: Sequence[str],
        display: Path | None = None,
        config: Path = NO_CONFIG,
        env: Mapping[str, str] | None = None,
    ) -> None:
        tapped = {"WAYLAND_DISPLAY": str(display)} if display else {}
        env = {PATH_VARIABLE: NO_PRESSURE, **AS_INSTALLED, **tapped, **(env or {})}
        self.started_ns = time.monotonic_ns()
        self._desk = desk
        self._process = desk.start(
            [sys.executable, "-m", "wayvid", "run", "--fresh", "-c", str(config), *words], env=env
        )
        self.daemon = self._process.pid

    def command(self, *words: str) -> str:
        """What a `wayvid` command on the same desk prints."""
        argv = [sys.executable, "-m", "wayvid", *words]
        return subprocess.run(argv, env=self._desk.env, stdout=subprocess.PIPE, text=True, check=True).stdout

    @property
    def pids(self) -> list[int]:
        """Daemon first, then the player if there is one."""
        return [self.daemon, *procs.children(self.daemon)]

    def usage(self) -> procs.Usage:
        """Of both processes together."""
        return procs.total(procs.usage(pid) for pid in self.pids)

    def wait_shown(self) -> None:
        """Wait for a picture on every screen.

        Raises:
            MeasurementFailed: it has ended, cannot play its source, or needs too long.
        """
        Wallpaper(self._desk.env, self._process).wait_shown()

    def end(self) -> None:
        """As a user ends it."""
        self._desk.stop(self._process)


@contextmanager
def running(
    desk: Desk,
    *words: str,
    display: Path | None = None,
    config: Path = NO_CONFIG,
    env: Mapping[str, str] | None = None,
) -> Iterator[Run]:
    """A run that is over when the block is."""
    run = Run(desk, words, display, config, env)
    try:
        yield run
    finally:
        run.end()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait, at most DEADLINE_S."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"waited {DEADLINE_S:g} s in vain for {what}")
        time.sleep(POLL_S)


def floor(seconds: float, clip: Path | None = None) -> dict[str, float]:
    """The least that playing a clip, the busy one if no other is named, costs with this libmpv."""
    process = subprocess.Popen(floor_command(str(clip or clips.busy())), stdin=subprocess.DEVNULL)
    try:
        time.sleep(FLOOR_SETTLE_S)
        before, began_s = procs.usage(process.pid), time.monotonic()
        time.sleep(seconds)
        used, passed_s = procs.usage(process.pid).since(before), time.monotonic() - began_s
        memory = procs.memory(process.pid)
        if process.poll() is not None:
            raise RuntimeError(f"mpv ended with exit code {process.returncode}")
    finally:
        process.kill()
        process.wait()
    return {"floor_cpu": 100 * used.cpu_s / passed_s, "floor_rss": memory.rss / MB, "floor_pss": memory.pss / MB}


def steady(desk: Desk, seconds: float, prefix: str, *words: str) -> dict[str, float]:
    """Processor time and memory of both processes once the start is over."""
    with running(desk, *words) as run:
        time.sleep(SETTLE_S)
        figures = read_steady(run, seconds)
    return {f"{prefix}_{name}": value for name, value in figures.items()}


def read_steady(run: Run, seconds: float) -> dict[str, float]:
    """What both processes of a run use in so many seconds from now, and hold at their end."""
    daemon, player = run.pids
    is_shared = bool(sharing(player, DECODER_LIBRARY))
    others_before = procs.machine_busy_s()
    before, began_s = [procs.usage(pid) for pid in (daemon, player)], time.monotonic()
    time.sleep(seconds)
    after, passed_s = [procs.usage(pid) for pid in (daemon, player)], time.monotonic() - began_s
    machine_s = procs.machine_busy_s() - others_before
    used = [now.since(then) for now, then in zip(after, before, strict=True)]
    memory = [procs.memory(pid) for pid in (daemon, player)]
    both = procs.total(used)
    return {
        "cpu": 100 * both.cpu_s / passed_s,
        "main_cpu": 100 * used[1].main_cpu_s / passed_s,
        "daemon_wakes": used[0].sleeps / passed_s,
        "player_wakes": used[1].sleeps / passed_s,
        "daemon_rss": memory[0].rss / MB,
        "pss": (memory[0].pss + memory[1].pss) / MB,
        "peak_rss": memory[1].peak_rss / MB,
        "other_cpu": 100 * (machine_s - both.cpu_s) / passed_s,
        # Pages that another process maps cannot be paged out: such a figure is kept apart.
        "player_rss_shared" if is_shared else "player_rss": memory[1].rss / MB,
    }


def growth(desk: Desk, seconds: float) -> dict[str, float]:
    """Memory after a while of play against memory at its beginning."""
    with running(desk, str(clips.busy())) as run:
        time.sleep(SETTLE_S)
        before = [procs.memory(pid).rss for pid in run.pids]
        time.sleep(seconds)
        after = [procs.memory(pid).rss for pid in run.pids]
    return {"growth": 100 * (sum(after) / sum(before) - 1), "growth_mb": (sum(after) - sum(before)) / MB}


def still(desk: Desk, seconds: float) -> dict[str, float]:
    """A picture: the player has gone."""
    with running(desk, str(clips.still())) as run:
        wait_for(lambda: len(run.pids) == 2, "the player")
        wait_for(lambda: len(run.pids) == 1, "the end of the still's player")
        time.sleep(SETTLE_S)
        before = run.usage()
        time.sleep(seconds)
        used, memory = run.usage().since(before), procs.memory(run.daemon)
    return {
        "still_wakes": used.sleeps / seconds,
        "still_cpu": 100 * used.cpu_s / seconds,
        "still_rss": memory.rss / MB,
        "still_pss": memory.pss / MB,
    }


def hidden(desk: Desk, seconds: float) -> dict[str, float]:
    """A clip whose screens ask for no frame: the tap holds back what the compositor says."""
    with Wiretap(desk.display) as tap, running(desk, str(clips.busy()), display=tap.path) as run:
        time.sleep(SETTLE_S)
        tap.hold()
        time.sleep(HIDDEN_SETTLE_S)
        before = run.usage()
        time.sleep(seconds)
        used = run.usage().since(before)
        log = tap.clients(run.pids[1])[0].log
        shown_before = len(log.commits)
        resumed_ns = time.monotonic_ns()
        tap.resume()
        # The frame that was held back comes first; the second one is newly decoded.
        wait_for(lambda: len(log.commits) > shown_before + len(desk.outputs), "the next frame")
        again_ms = (log.commits[-1].at_ns - resumed_ns) / NS_PER_MS
    return {
        "hidden_wakes": used.sleeps / seconds,
        "hidden_cpu": 100 * used.cpu_s / seconds,
        "hidden_again": again_ms,
    }


def frames(desk: Desk, seconds: float) -> dict[str, float]:
    """What is shown, commit by commit, across at least one end of the clip; and how soon the first frame was."""
    with Wiretap(desk.display) as tap, running(desk, str(clips.busy()), display=tap.path) as run:
        player = _wait_first_frame(tap, run, len(desk.outputs))
        first_ns = _first(player)
        time.sleep(max(seconds, clips.BUSY_SECONDS + 2))
        commits = list(player)
    from_ns = first_ns + NS_PER_S  # the start is a figure of its own
    steady_commits = [commit for commit in commits if commit.at_ns >= from_ns]
    figures = presented.measure(steady_commits, (steady_commits[-1].at_ns - from_ns) / NS_PER_S)
    return {
        "fps_min": min(figures.fps),
        "fps_max": max(figures.fps),
        "repeats": figures.repeats,
        "same": 100 * figures.same_ratio,
        "gap_median": figures.gap_median_ms,
        "gap_max": figures.gap_max_ms,
        "skew": figures.skew_max_ms,
        "seam": max(presented.seam_gap_ms(commits, first_ns, clips.BUSY_SECONDS), default=0.0),
    }


def start(desk: Desk, *words: str, outputs: int = 0) -> dict[str, float]:
    """From exec of the daemon to the first video frame.

    Args:
        words: for `wayvid run`; none: the busy clip.
        outputs: how many get a picture; 0: all of the desk.
    """
    with Wiretap(desk.display) as tap, running(desk, *(words or [str(clips.busy())]), display=tap.path) as run:
        player = _wait_first_frame(tap, run, outputs or len(desk.outputs))
        firsts: dict[int, int] = {}
        for commit in presented.shown(player):
            firsts.setdefault(commit.surface, commit.at_ns)
    return {
        "start_first": (min(firsts.values()) - run.started_ns) / NS_PER_MS,
        "start_all": (max(firsts.values()) - run.started_ns) / NS_PER_MS,
    }


def killed(desk: Desk) -> dict[str, float]:
    """The player is killed: when is its last picture back, when does it play, and where."""
    outputs = desk.outputs
    with Wiretap(desk.display) as tap, running(desk, str(clips.numbered()), display=tap.path) as run:
        _wait_first_frame(tap, run, len(outputs))
        time.sleep(RESTART_WATCHED_S)
        player = run.pids[1]
        before = _number_on(desk, outputs[0])
        killed_ns = time.monotonic_ns()
        os.kill(player, signal.SIGKILL)
        wait_for(lambda: any(pid != player for pid in run.pids[1:]), "the next player")
        again = _wait_first_frame(tap, run, len(outputs))
        time.sleep(RESTART_WATCHED_S)
        after = _number_on(desk, outputs[0])
        held = [commit.at_ns for commit in presented.shown(tap.clients(run.daemon)[0].log.commits)]
        played_ns = _first(again)
    held = [at_ns for at_ns in held if killed_ns < at_ns]
    off_frames = after[1] - before[1] - (after[0] - before[0]) * clips.RATE_HZ
    off_frames = (off_frames + clips.NUMBERED_FRAMES / 2) % clips.NUMBERED_FRAMES - clips.NUMBERED_FRAMES / 2
    return {
        "killed_still": (held[len(outputs) - 1] - killed_ns) / NS_PER_MS,
        "killed_plays": (played_ns - killed_ns) / NS_PER_MS,
        "killed_off": abs(off_frames) / clips.RATE_HZ * 1000,
    }


def _wait_first_frame(tap: Wiretap, run: Run, outputs: int) -> list[Commit]:
    """The commits of the player that lives now, once every output has a picture of its."""

    def commits() -> list[Commit]:
        pids = run.pids[1:]
        clients = tap.clients(pids[0]) if pids else []
        return clients[0].log.commits if clients else []

    def is_everywhere() -> bool:
        return len({commit.surface for commit in list(commits()) if commit.memory != NO_MEMORY}) >= outputs

    wait_for(is_everywhere, "the first frame on every output")
    return commits()


def _first(commits: Sequence[Commit]) -> int:
    return presented.shown(list(commits))[0].at_ns


def _number_on(desk: Desk, output: str) -> tuple[float, int]:
    """When an output showed which frame of the numbered clip."""
    width, height = desk.sizes[0]
    x, y = 0, height // 2
    for entry in desk.sway.outputs():
        if entry["name"] == output:
            x += entry["rect"]["x"]
            y += entry["rect"]["y"]
    grim = ["grim", "-t", "ppm", "-g", f"{x},{y} {width}x1", "-"]
    for _attempt in range(10):  # a picture in the middle of a change shows no number
        began_s = time.monotonic()
        data = subprocess.run(grim, env=desk.env, stdout=subprocess.PIPE, check=True).stdout
        number = clips.read_number(clips.read_ppm_row(data))
        if number is not None:
            return (began_s + time.monotonic()) / 2, number
    raise RuntimeError(f"{output} shows no frame number")
