"""The ladder's steps in the player: each is taken, and what it freed is measured."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable

from wayvid._core import BufferPool
from wayvid.memory.ladder import Action
from wayvid.memory.usage import process_memory
from wayvid.system.pages import free_pages

__all__ = ["Easing"]

# Steps that libmpv's threads take: their effect is measured so long after.
TAKES_S = {Action.CUT_CACHES: 0.3, Action.ONE_THREAD: 0.5, Action.HALF_RATE: 0.3}
SLOW_STEP = 2  # of so many pictures one is shown while the rate is halved


class Easing:
    """What pressure has cut, and the means to cut and restore it.

    Args:
        pool: the frame pool.
        call_later: the event loop's timer.
        on_memory: called when `is_cut` or `has_one_thread` changed.
        on_rate: called when `frame_step` changed.
        on_done: gets the steps and the bytes that each freed (by PSS, never below 0).
    """

    def __init__(
        self,
        pool: BufferPool,
        call_later: Callable[[float, Callable[[], None]], object],
        on_memory: Callable[[], None],
        on_rate: Callable[[], None],
        on_done: Callable[[tuple[tuple[str, int], ...]], None],
    ) -> None:
        self.is_cut = False
        self.has_one_thread = False
        self.frame_step = 1
        self._pool = pool
        self._call_later = call_later
        self._on_memory = on_memory
        self._on_rate = on_rate
        self._on_done = on_done
        self._waiting: deque[Action] = deque()
        self._freed: list[tuple[str, int]] = []

    def take(self, actions: Iterable[str]) -> None:
        """Take steps one after the other; on_done follows when all were measured.

        Raises:
            ValueError: an unknown action.
        """
        is_busy = bool(self._waiting)
        self._waiting.extend(map(Action, actions))
        if self._waiting and not is_busy:
            self._next()

    def _next(self) -> None:
        action = self._waiting[0]
        before_bytes = _held_bytes()
        self._do(action)

        def measure() -> None:
            self._freed.append((action.value, max(0, before_bytes - _held_bytes())))
            self._waiting.popleft()
            if self._waiting:
                self._next()
            else:
                freed, self._freed = self._freed, []
                self._on_done(tuple(freed))

        takes_s = TAKES_S.get(action, 0.0)
        if takes_s:
            self._call_later(takes_s, measure)
        else:
            measure()

    def _do(self, action: Action) -> None:
        match action:
            case Action.TRIM_HALF:
                self._pool.trim(self._pool.stats().buffers_idle // 2)
            case Action.DROP_IDLE:
                self._pool.trim(0)
            case Action.TRIM_HEAP:
                free_pages()
            case Action.CUT_CACHES | Action.RESTORE_CACHES:
                self.is_cut = action is Action.CUT_CACHES
                self._on_memory()
            case Action.ONE_THREAD | Action.ALL_THREADS:
                self.has_one_thread = action is Action.ONE_THREAD
                self._on_memory()
            case Action.HALF_RATE | Action.FULL_RATE:
                self.frame_step = SLOW_STEP if action is Action.HALF_RATE else 1
                self._on_rate()
            case Action.HOLD | Action.RESUME:
                raise ValueError(f"{action.value!r} is the daemon's to do")


def _held_bytes() -> int:
    memory = process_memory(os.getpid())
    return memory.pss_bytes if memory is not None else 0
