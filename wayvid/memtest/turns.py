"""Looks at a contender as rows of figures, and whether its pictures came all the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wayvid.memtest.columns import PER_PROCESS, Column, Row
from wayvid.memtest.comparison import Look, Turn
from wayvid.memtest.household import Held

__all__ = ["COLUMNS", "FIGURES", "STOPPED_AFTER_S", "rows_of_turn", "why_stopped"]

STOPPED_AFTER_S = 5.0
# In the order of the CSV; docs/memory-testing.md explains each.
COLUMNS: dict[str, Column] = {
    "round": Column("", "round"),
    "contender": Column("", "A or B"),
    "t_s": Column("", "seconds of the turn"),
    "at": Column("", "Unix time"),
    "warm_up": Column("", "1: left out of the figures"),
    "failed": Column("", "1: the turn does not count"),
    **PER_PROCESS,
    "processes": Column("", "processes"),
    "frames_per_s": Column("/s", "frames, slowest screen"),
    "first_picture_ms": Column("ms", "exec to a commit on every screen"),
}
FIGURES = tuple(COLUMNS)[tuple(COLUMNS).index("failed") + 1 :]
SUMMED = ("pss_bytes", "pss_anon_bytes", "pss_file_bytes", "pss_shmem_bytes", "rss_bytes", "swap_bytes",
          "threads", "fds")  # fmt: skip


def rows_of_turn(turn: Turn, outputs: int) -> Iterator[Row]:
    """A row for each look; rates are from the look before, so the first has none.

    Args:
        outputs: screens of the desk.
    """
    before: Look | None = None
    for look in turn.looks:
        yield _row(turn, look, before, outputs)
        before = look


def why_stopped(looks: Sequence[Look], outputs: int) -> str:
    """When a screen got no new picture for STOPPED_AFTER_S, or all the time; empty when that never was.

    Args:
        looks: of one turn; of the warm-up only the last counts, with which the rest begins.
        outputs: screens of the desk.
    """
    first = next((number for number, look in enumerate(looks) if not look.is_warm_up), len(looks))
    measured = looks[max(first - 1, 0) :]
    if first == len(looks) or len(measured) < 2:
        return ""
    limit_s = min(STOPPED_AFTER_S, measured[-1].t_s - measured[0].t_s)
    start = 0
    for number, look in enumerate(measured):
        while start < number and _new_pictures(measured[start], look, outputs):
            start += 1
        if look.t_s - measured[start].t_s >= limit_s:
            return f"a screen got no new picture from {measured[start].t_s:.0f} s to {look.t_s:.0f} s"
    return ""


def _new_pictures(before: Look, look: Look, outputs: int) -> int:
    """Of the slowest screen: of so many surfaces as there are screens, those that got most, the one that got least."""
    counts = sorted((count - before.pictures.get(key, 0) for key, count in look.pictures.items()), reverse=True)
    return counts[outputs - 1] if len(counts) >= outputs else 0


def _row(turn: Turn, look: Look, before: Look | None, outputs: int) -> Row:
    held = list(look.processes.values())
    elapsed_s = look.t_s - before.t_s if before is not None else 0.0
    row: Row = {
        "round": turn.round,
        "contender": turn.contender,
        "t_s": round(look.t_s, 3),
        "at": round(look.at, 3),
        "warm_up": int(look.is_warm_up),
        "failed": int(bool(turn.failed)),
        **dict.fromkeys(PER_PROCESS),
        **{key: sum(getattr(one, key) for one in held) for key in SUMMED},
        "uss_bytes": _known([one.uss_bytes for one in held], needs_all=True),
        "gpu_bytes": _known([one.gpu_bytes for one in held], needs_all=False),
        "processes": len(held),
        "frames_per_s": None,
        "first_picture_ms": turn.first_picture_ms and round(turn.first_picture_ms, 1),
    }
    if before is not None and elapsed_s > 0:
        used_s, slept = _used(before.processes, look.processes)
        row["cpu_percent"] = round(100 * used_s / elapsed_s, 2)
        row["wakeups_per_s"] = round(slept / elapsed_s, 2)
        row["frames_per_s"] = round(_new_pictures(before, look, outputs) / elapsed_s, 2)
    return row


def _used(before: Mapping[int, Held], now: Mapping[int, Held]) -> tuple[float, int]:
    """Processor seconds and sleeps since before; of a process that has come since, all it has used."""
    cpu_s, slept = 0.0, 0
    for pid, one in now.items():
        earlier = before.get(pid)
        cpu_s += one.cpu_s - (earlier.cpu_s if earlier else 0.0)
        # A thread that ended has taken its count with it.
        slept += max(one.sleeps - (earlier.sleeps if earlier else 0), 0)
    return cpu_s, slept


def _known(values: Sequence[int | None], needs_all: bool) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and (len(known) == len(values) or not needs_all) else None
