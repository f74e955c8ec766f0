"""Runs the user's command when a screen shows something else, with a picture of that."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence

from wayvid.daemon.showing import Change, Showing, changes_of
from wayvid.link.spawn import interpreter_flags
from wayvid.system.events import EventLoop, Timer

__all__ = ["Hook"]

log = logging.getLogger(__name__)

# Of changes that follow one another faster than this the last counts.
SETTLED_AFTER_S = 0.5
# A command that takes longer is ended, with all that it has started.
WITHIN_S = 30.0
# Makes the picture and then becomes the command, so that nothing of this is done in the daemon.
RUNNER = "wayvid.cli.hook"


class Hook:
    """Runs a command for each source that comes to outputs; one at a time, and nothing waits for it.

    Args:
        loop: the daemon's event loop.
        command: the program and its arguments.
        look: says what the outputs show.
    """

    def __init__(self, loop: EventLoop, command: Sequence[str], look: Callable[[], Iterable[Showing]]) -> None:
        self._loop = loop
        self._command = tuple(command)
        self._look = look
        self._told: dict[str, str] = {}
        self._due: list[Change] = []
        self._timer: Timer | None = None
        self._child: tuple[int, int] | None = None  # its pid, and the fd that is readable when it has ended
        self._limit: Timer | None = None

    def on_change(self) -> None:
        """Something else may be shown."""
        shown = list(self._look())
        there = {one.output for one in shown}
        self._told = {output: source for output, source in self._told.items() if output in there}
        due = changes_of(self._told, shown)
        if due == self._due:
            return
        self._due = due
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(SETTLED_AFTER_S, self._run_next) if due else None

    def _run_next(self) -> None:
        self._timer = None
        if self._child is not None or not self._due:
            return
        change = self._due.pop(0)
        self._told |= dict.fromkeys(change.outputs, change.source)
        try:
            self._start(change)
        except OSError as exc:
            log.warning("hook: %s cannot be started: %s", self._command[0], exc.strerror)

    def _start(self, change: Change) -> None:
        words = [sys.executable, *interpreter_flags(), "-m", RUNNER, *self._command]
        env = os.environ | {
            "WAYVID_OUTPUT": change.outputs[0],
            "WAYVID_OUTPUTS": " ".join(change.outputs),
            "WAYVID_SOURCE": change.source,
        }
        nothing = [(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_RDWR, 0) for fd in (0, 1)]
        pid = os.posix_spawn(sys.executable, words, env, file_actions=nothing, setpgroup=0, setsigmask=())
        fd = os.pidfd_open(pid)
        self._child = pid, fd
        self._loop.watch(fd, self._on_exit)
        self._limit = self._loop.call_later(WITHIN_S, self._on_limit)

    def _on_limit(self) -> None:
        if self._child is not None:
            log.warning("hook: %s took longer than %g s and was ended", self._command[0], WITHIN_S)
            os.killpg(self._child[0], signal.SIGKILL)

    def _on_exit(self) -> None:
        code = self._reap()
        if code > 0:  # what ended by a signal was ended by us, or somebody knows
            log.warning("hook: %s ended with %d", self._command[0], code)
        self._due = []
        self.on_change()

    def _reap(self) -> int:
        assert self._child is not None
        (pid, fd), self._child = self._child, None
        if self._limit is not None:
            self._limit.cancel()
        self._loop.unwatch(fd)
        os.close(fd)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def close(self) -> None:
        """Run nothing more, and end what runs; twice does nothing."""
        if self._timer is not None:
            self._timer.cancel()
        if self._child is not None:
            os.killpg(self._child[0], signal.SIGKILL)
            self._reap()
