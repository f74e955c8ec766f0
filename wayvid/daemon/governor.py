"""Keeps daemon and player inside the budget: measures, judges, climbs the ladder, and keeps a record of it."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Mapping
from time import monotonic, time
from typing import NamedTuple, Protocol

from wayvid.config.model import PowerConfig
from wayvid.daemon.phase import HoldReason
from wayvid.ipc.status import Action as ActionRecord
from wayvid.link.figures import Figures
from wayvid.link.messages import Ease, Eased
from wayvid.memory.ladder import UP, Action, LadderState, Rung, climb
from wayvid.memory.levels import MemoryPressureLevel
from wayvid.memory.pressure import CRITICAL_RATIO, Pressure, Reading, judge, system_level
from wayvid.memory.usage import ProcessMemory, process_memory
from wayvid.memory.watchdog import GrowthWatch, Sample
from wayvid.system.cgroup import memory_high
from wayvid.system.events import EventLoop, Timer
from wayvid.system.meminfo import available_share
from wayvid.system.pages import free_pages, release_startup_pages
from wayvid.units import MIB, format_bytes

__all__ = ["Governor", "Governed", "pss_of"]

log = logging.getLogger(__name__)

# The start is over, and its pages were given back (player/loop.py, RELEASE_PAGES_AFTER_S).
FIRST_CHECK_AFTER_S = 4.0
# A player that goes on to something else.
CHANGE_CHECK_AFTER_S = 1.0
# While there is pressure, or something of it is to be undone.
RECHECK_S = 2.0
ACTIONS_KEPT = 50


class Governed(Protocol):
    """What the governor may do to the playback."""

    def player_pid(self) -> int | None:
        """The player's process; None while there is none."""

    def ease(self, message: Ease) -> bool:
        """Have the player take steps; False when there is none."""

    def on_pressure(self) -> None:
        """The pressure is another."""

    def hold_for_memory(self) -> None:
        """Give back all that playing takes."""

    def resume_for_memory(self) -> None:
        """Undo that."""

    def exchange_player(self) -> bool:
        """Have a new player take over; False when that cannot be done now."""

    def hold_and_resume(self) -> None:
        """Exchange the player where there is no room for two."""


class _Pending(NamedTuple):
    """Something under way whose effect is measured when it is done."""

    action: str
    before_bytes: int
    reason: str


class Held(NamedTuple):
    """What processes held at one moment.

    Attributes:
        at_s: when, on CLOCK_MONOTONIC.
        processes: by name.
    """

    at_s: float
    processes: Mapping[str, ProcessMemory]


EXCHANGE = "exchange the player"
# The kernel walks all page tables for it: 1.4 ms for a player. Whoever asks again so soon is told the same.
SAME_FOR_S = 0.5
# Whoever asks now and then, such as once a second, is told what was read after the answer before.
OLDEST_S = 2.5


def pss_of(processes: Mapping[str, ProcessMemory]) -> int:
    """PSS of all of them together, the sum that counts each page once."""
    return sum(memory.pss_bytes for memory in processes.values())


class Governor:
    """The daemon's memory keeper.

    It wakes by the player's frame ticks, by time while there is a player or pressure
    to watch, and at once when the kernel reports stalls; otherwise never.

    Args:
        loop: the daemon's event loop.
        governed: what it acts upon.
        power: budget and cadence.
    """

    def __init__(self, loop: EventLoop, governed: Governed, power: PowerConfig) -> None:
        self.power = power
        self.pressure = Pressure()
        self.actions: deque[ActionRecord] = deque(maxlen=ACTIONS_KEPT)
        self.figures: Figures | None = None
        self._loop = loop
        self._governed = governed
        self._ladder = LadderState()
        self._held = Held(float("-inf"), {})
        self._held_by: set[int] = set()  # their pids
        self._is_about_to_look = False
        self._watch: GrowthWatch | None = None
        self._timer: Timer | None = None
        self._check_at_s = float("inf")  # by the timer
        self._playing_pid: int | None = None
        self._start_over_at_s = 0.0  # of that player
        self._log_timer: Timer | None = None
        self._some_at_s = self._full_at_s = float("-inf")
        self._need_bytes = 0  # what was held when it was held for memory's sake
        self._pending: _Pending | None = None  # a hold or an exchange
        self._why_eased = ""  # the player's steps that are under way

    @property
    def budget_bytes(self) -> int:
        """What daemon and player may hold together; 0: unlimited."""
        return self.power.max_memory_mb * MIB

    @property
    def growth_mb_per_hour(self) -> float | None:
        """The player's slope; None while there is not enough to tell."""
        return self._watch.growth_mb_per_hour() if self._watch is not None else None

    def configure(self, power: PowerConfig) -> None:
        """Take a changed config into force, at once."""
        self.power = power
        self._ladder = self._ladder._replace(changed_at_s=float("-inf"))
        self.pressure = self.pressure._replace(changed_at_s=float("-inf"))
        if self._watch is not None:
            self._watch = GrowthWatch(monotonic(), power.growth_warmup_s, power.growth_window_s)
        self.check()

    # What happens.

    def on_playing(self) -> None:
        """A player shows the first picture of a stream."""
        now_s, pid = monotonic(), self._governed.player_pid()
        self._watch = GrowthWatch(now_s, self.power.growth_warmup_s, self.power.growth_window_s)
        is_other = pid != self._playing_pid
        if is_other:
            self._playing_pid, self._start_over_at_s = pid, now_s + FIRST_CHECK_AFTER_S
        due_at_s = max(now_s + CHANGE_CHECK_AFTER_S, self._start_over_at_s)
        if is_other or due_at_s < self._check_at_s:  # many changes in a row do not put it off
            self._schedule(due_at_s - now_s)
        self._schedule_log()
        cut = [action.value for rung in Rung if Rung.GROUND < rung <= self._ladder.rung for action in UP[rung]]
        cut = [word for word in cut if word != Action.HOLD.value]
        if cut:  # pressure has cut the player before; this one is to be as lean from the beginning
            is_calm = self.pressure.level == MemoryPressureLevel.NORMAL
            self._why_eased = "the player before was cut so, too" if is_calm else self.pressure.reason
            self._governed.ease(Ease(tuple(cut)))

    def on_figures(self, figures: Figures) -> None:
        """The player says what it holds, because of its frame count or because it was asked."""
        self.figures = figures
        if "stats" in figures.due:
            self._log()
        if "check" in figures.due:
            self.check()

    def on_stall(self, kind: str) -> None:
        """The kernel reports tasks that wait for memory: "some" or "full"."""
        if kind == "full":
            self._full_at_s = monotonic()
        else:
            self._some_at_s = monotonic()
        self.check()

    def on_eased(self, eased: Eased) -> None:
        """The player has taken steps."""
        for action, freed_bytes in eased.freed:
            self._record(action, freed_bytes, self._why_eased)

    def on_holding(self, reason: HoldReason) -> None:
        """The player is about to go, and its last picture stays."""
        if self._pending is None or self._pending.action != EXCHANGE:
            why = self.pressure.reason if reason is HoldReason.MEMORY else reason.value
            self._pending = _Pending(Action.HOLD.value, pss_of(self.look()), why)

    def on_held(self) -> None:
        """The player has gone, and its last picture stays."""
        self.figures = None
        self._watch = None
        release_startup_pages()  # what the player mapped as well could not be given back before
        self._settle()
        self._schedule(RECHECK_S if self._is_watching() else 0.0)

    def on_replaced(self) -> None:
        """A player that was exchanged has ended."""
        self._settle()

    def on_kept(self) -> None:
        """The hold or exchange that was under way is not to be: its growth is watched again."""
        self._pending = None
        if self._watch is None:
            self._watch = GrowthWatch(monotonic(), self.power.growth_warmup_s, self.power.growth_window_s)

    def _settle(self) -> None:
        """Record the hold or exchange that was under way, with what it freed."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self._record(pending.action, max(0, pending.before_bytes - pss_of(self.look())), pending.reason)

    # Measuring and acting.

    def held(self) -> Held:
        """What daemon and player hold, or held OLDEST_S ago at most; for those who ask. It is read again after that."""
        self.look_if_old()
        if monotonic() - self._held.at_s > SAME_FOR_S and not self._is_about_to_look:
            self._is_about_to_look = True
            self._loop.call_later(0.0, self._look_again)
        return self._held

    def _look_again(self) -> None:
        self._is_about_to_look = False
        self.look_if_old(SAME_FOR_S)

    def look_if_old(self, oldest_s: float = OLDEST_S) -> None:
        """Read what takes longest, so that held() need not, unless that was done within so long."""
        if monotonic() - self._held.at_s > oldest_s or self._held_by != set(self._pids().values()):
            self.look()

    def outdate(self) -> None:
        """What is held is about to be other than it was: who asks is told how it is then."""
        self._held_by = set()

    def _pids(self) -> dict[str, int]:
        player = self._governed.player_pid()
        return {"daemon": os.getpid()} | ({"player": player} if player is not None else {})

    def look(self) -> Mapping[str, ProcessMemory]:
        """What daemon and player hold now, by name; the pressure is judged anew by it."""
        pids = self._pids()
        found = {name: process_memory(pid) for name, pid in pids.items()}
        processes = {name: memory for name, memory in found.items() if memory is not None}
        now_s = monotonic()
        self._held, self._held_by = Held(now_s, processes), set(pids.values())
        cgroup = memory_high()
        reading = Reading(
            pss_of(processes),
            self.budget_bytes,
            cgroup.used_bytes if cgroup is not None else 0,
            cgroup.limit_bytes if cgroup is not None else 0,
            system_level(now_s, self._some_at_s, self._full_at_s, available_share()),
        )
        before, self.pressure = self.pressure, judge(self.pressure, reading, now_s)
        if self.pressure.level != before.level:
            # What is done about a high one nobody sees; about a critical one pictures stop.
            is_critical = self.pressure.level is MemoryPressureLevel.CRITICAL
            level = logging.WARNING if is_critical else logging.INFO
            log.log(level, "memory: pressure is %s: %s", self.pressure.level.word, self.pressure.reason)
            self._governed.on_pressure()
        return processes

    def check(self) -> None:
        """Measure, judge, and do what the ladder says."""
        processes = self.look()
        now_s, used_bytes = monotonic(), pss_of(processes)
        self._ladder, actions = climb(self.pressure.level, self._ladder, now_s, self._may_resume())
        if actions:
            self._act(actions, used_bytes)
        player = processes.get("player")
        if player is not None and not actions:
            self._watch_growth(now_s, player, used_bytes)
        self._schedule(self._next_check_s())

    def _may_resume(self) -> bool:
        return not self.budget_bytes or self._need_bytes < CRITICAL_RATIO * self.budget_bytes

    def _act(self, actions: tuple[Action, ...], used_bytes: int) -> None:
        steps = [action for action in actions if action not in (Action.HOLD, Action.RESUME)]
        if Action.TRIM_HEAP in steps:
            free_pages()
        if steps:
            self._why_eased = self.pressure.reason
            self._governed.ease(Ease(tuple(step.value for step in steps)))
        if Action.HOLD in actions:
            self._need_bytes = used_bytes
            self._governed.hold_for_memory()
        if Action.RESUME in actions:
            self._need_bytes = 0
            self._record(Action.RESUME.value, 0, self.pressure.reason)
            self._governed.resume_for_memory()

    def _watch_growth(self, now_s: float, player: ProcessMemory, used_bytes: int) -> None:
        """Exchange a player that grows. File pages are left out: neighbours that map the same files move them."""
        watch = self._watch
        if watch is None or self._pending is not None:
            return
        held_bytes = player.pss_anon_bytes + player.pss_shmem_bytes + player.swap_bytes + (player.gpu_bytes or 0)
        watch.add(Sample(now_s, held_bytes))
        if not watch.is_excessive(self.power.max_growth_mb_per_hour):
            return
        growth = watch.growth_mb_per_hour() or 0.0
        self._watch = None
        why = f"it grew by {growth:.0f} MB an hour (limit {self.power.max_growth_mb_per_hour:g})"
        self._pending = _Pending(EXCHANGE, used_bytes, why)
        log.warning("player: %s; a new one takes over", why)
        has_room = not self.budget_bytes or used_bytes + player.pss_bytes < CRITICAL_RATIO * self.budget_bytes
        if not (has_room and self._governed.exchange_player()):
            self._governed.hold_and_resume()

    def _record(self, action: str, freed_bytes: int, reason: str) -> None:
        level = self.pressure.level.word
        self.actions.append(ActionRecord(time(), level, action, freed_bytes, reason))
        log.info("memory: %s freed %s (pressure %s: %s)", action, format_bytes(freed_bytes), level, reason)

    # Time.

    def _is_watching(self) -> bool:
        """Whether there is something to look after by time."""
        if self._governed.player_pid() is not None:
            return True
        return self._ladder.rung > Rung.GROUND and self._may_resume()

    def _next_check_s(self) -> float:
        if not self._is_watching():
            return 0.0
        is_calm = self.pressure.level == MemoryPressureLevel.NORMAL and self._ladder.rung == Rung.GROUND
        return self.power.check_every_s if is_calm else RECHECK_S

    def _schedule(self, delay_s: float) -> None:
        """Check after so long if nothing makes it happen sooner; 0: not by time."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(delay_s, self.check) if delay_s else None
        self._check_at_s = monotonic() + delay_s if delay_s else float("inf")

    def _schedule_log(self) -> None:
        if self._log_timer is not None:
            self._log_timer.cancel()
            self._log_timer = None
        if self.power.stats_every_s and log.isEnabledFor(logging.INFO) and self._governed.player_pid() is not None:
            self._log_timer = self._loop.call_later(self.power.stats_every_s, self._log)

    def _log(self) -> None:
        """One line of statistics, every so many frames or seconds."""
        processes = self.look()
        pool = self.figures.pool if self.figures is not None else None
        log.info(
            "memory: PSS %s of %s, RSS %s, pressure %s; pool %s in use, %s idle, %d hits, %d misses; demuxer %s",
            format_bytes(pss_of(processes)),
            format_bytes(self.budget_bytes) if self.budget_bytes else "unlimited",
            format_bytes(sum(memory.rss_bytes for memory in processes.values())),
            self.pressure.level.word,
            format_bytes(pool.in_use_bytes) if pool else "-",
            format_bytes(pool.idle_bytes) if pool else "-",
            pool.hits if pool else 0,
            pool.misses if pool else 0,
            format_bytes(sum(stream.demuxer_cache_bytes for stream in self.figures.streams)) if self.figures else "-",
        )
        self._schedule_log()

    def close(self) -> None:
        """Wake no more."""
        for timer in (self._timer, self._log_timer):
            if timer is not None:
                timer.cancel()
