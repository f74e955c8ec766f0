"""How far a measurement is: a bar on a terminal, else a line for each run, on stderr."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

__all__ = ["Bar", "counted", "progress", "say_names"]


class Bar:
    """What progress() gives."""

    def __init__(self, progress: Progress, task: TaskID, samples: int) -> None:
        self._progress = progress
        self._task = task
        self._samples = samples

    def begin(self, run: int, words: str) -> None:
        """A run begins; the first is 1."""
        self._progress.update(self._task, description=words, completed=self._samples * (run - 1))
        if self._progress.disable:
            print(f"wayvid memtest: {words}", file=sys.stderr, flush=True)

    def step(self, words: str) -> None:
        """A sample was taken."""
        self._progress.update(self._task, advance=1, description=words)


@contextmanager
def progress(runs: int, seconds: float, every_s: float) -> Iterator[Bar]:
    """A bar for so many runs, each of so many seconds with a sample each every_s."""
    console = Console(stderr=True, highlight=False)
    samples = math.ceil(seconds / every_s) + 1
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Bar(bar, bar.add_task("starting", total=samples * runs), samples)


@contextmanager
def counted(command: str, words: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar that is told how many of so many there are; on no terminal a line in its place."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    if not console.is_terminal:
        print(f"wayvid {command}: {words}", file=sys.stderr, flush=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(words, total=total or None)
        yield lambda count: bar.update(task, completed=count)


def say_names(names: Sequence[str], partial: str) -> None:
    """Where the results are."""
    for name in names:
        print(f"wayvid memtest: {'partial: ' * bool(partial)}{name}", file=sys.stderr)
