"""What daemon and player hold over many rounds, and whether it grew."""

from __future__ import annotations

import os
from collections import defaultdict, deque
from contextlib import suppress
from statistics import median

from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.ipc.status import Status
from wayvid.memtest.held import Handles, held_bytes

# Fewer rounds than the full number, to try something out: WAYVID_ENDURANCE_ROUNDS=20.
ROUNDS_VARIABLE = "WAYVID_ENDURANCE_ROUNDS"
# Of the rounds: what is warm-up, and what the figures before and after are medians of.
WARM_UP_SHARE, WINDOW_SHARE = 0.2, 0.1
LEAST_WINDOW = 5
GROWTH_PERCENT = 1.0
POOLED = "memfd:wayvid-buffer"  # a picture
AT_REST = 8  # readings in a row that are the same
FEWEST_ROUNDS = 100  # for growth to be told from chance


def rounds_of(full: int) -> int:
    """How many rounds to go."""
    return int(os.environ.get(ROUNDS_VARIABLE) or full)


def _handles(pid: int) -> Handles:
    """Of one process, without the pictures of the pool."""
    files = 0
    for name in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):  # closed meanwhile
            files += POOLED not in os.readlink(f"/proc/{pid}/fd/{name}")
    return Handles(files, len(os.listdir(f"/proc/{pid}/task")))


class Growth:
    """Readings of a run, round by round."""

    def __init__(self, run: Run, rounds: int) -> None:
        self.rounds = rounds
        self._run = run
        self._held: dict[str, list[tuple[int, int]]] = defaultdict(list)  # by process: (round, bytes)
        self._handles: dict[str, Handles] = {}

    def read(self, number: int) -> Status:
        """Note what both hold after so many rounds."""
        status = self._run.status()
        for process in status.processes:
            self._held[process.name].append((number, held_bytes(process)))
        return status

    def remember_handles(self) -> None:
        """From now on there should be no more of them.

        As they are at rest: for a moment the pool has pictures that the daemon has not been handed,
        or that it has not closed yet.
        """
        last = deque([self._now()], maxlen=AT_REST)

        def are_at_rest() -> bool:
            last.append(self._now())
            return len(last) == AT_REST and all(one == last[0] for one in last)

        wait_until(are_at_rest, START_S, "file descriptors and threads to stay as they are")
        self._handles = last[-1]

    def expect_handles(self, *names: str) -> None:
        """Wait until there are as many file descriptors and threads as there were."""
        before = {name: self._handles[name] for name in names}
        now: dict[str, Handles] = {}

        def are_back() -> bool:
            now.update(self._now())
            return all(now.get(name) == before[name] for name in names)

        try:
            wait_until(are_back, START_S, "file descriptors and threads to be as they were")
        except AssertionError as error:
            raise AssertionError(f"{error}: before {before}, now {now}") from None
        print(f"{self.rounds} rounds: {before}")

    def _now(self) -> dict[str, Handles]:
        """As the kernel says: the status may tell of processes as they were half a second before."""
        return {process.name: _handles(process.pid) for process in self._run.status().processes}

    def percent(self, name: str) -> float:
        """By how much a process grew from the end of the warm-up to the end."""
        readings = self._held[name]
        start = self.rounds * WARM_UP_SHARE
        warm = [held for number, held in readings if number >= start]
        window = max(LEAST_WINDOW, int(len(warm) * WINDOW_SHARE))
        assert len(warm) >= 2 * window, f"only {len(warm)} readings of the {name} after the warm-up"
        before, after = median(warm[:window]), median(warm[-window:])
        grown = (after / before - 1) * 100
        course = " ".join(f"{held / 1e6:.2f}" for _, held in readings[:: max(1, len(readings) // 20)])
        print(f"{self.rounds} rounds, {name}: {grown:+.2f} %, {before / 1e6:.3f} to {after / 1e6:.3f} MB ({course})")
        return grown

    def expect_none(self, *names: str) -> None:
        """No process has grown by more than GROWTH_PERCENT; not judged after few rounds."""
        grown = {name: round(self.percent(name), 2) for name in names} if self.rounds >= FEWEST_ROUNDS else {}
        assert max(grown.values(), default=0) < GROWTH_PERCENT, (
            f"grown by so many percent in {self.rounds} rounds: {grown}"
        )
