"""A sample as a row of figures: what the CSV has in its columns, and what is summed up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from wayvid.ipc.status import OutputStatus, ProcessStatus
from wayvid.memtest.sample import Sample

__all__ = [
    "BYTES",
    "COLUMNS",
    "FIGURES",
    "PER_OUTPUT",
    "PER_PROCESS",
    "PROCESSES",
    "Cell",
    "Row",
    "output_columns",
    "rows_of",
]

Cell = float | int | str | None
Row = dict[str, Cell]

BYTES = "bytes"
PROCESSES = ("daemon", "player")


class Column(NamedTuple):
    """One figure. unit: BYTES, "%", "/s", or "" for a count or a word."""

    unit: str
    title: str


# Of both processes together, and again of each.
PER_PROCESS: dict[str, Column] = {
    "pss_bytes": Column(BYTES, "PSS"),
    "pss_anon_bytes": Column(BYTES, "PSS, own memory"),
    "pss_file_bytes": Column(BYTES, "PSS, libraries and files"),
    "pss_shmem_bytes": Column(BYTES, "PSS, pictures (shared memory)"),
    "uss_bytes": Column(BYTES, "USS, private"),
    "rss_bytes": Column(BYTES, "RSS"),
    "swap_bytes": Column(BYTES, "swap"),
    "gpu_bytes": Column(BYTES, "graphics memory"),
    "cpu_percent": Column("%", "processor, of one core"),
    "wakeups_per_s": Column("/s", "wake-ups"),
    "threads": Column("", "threads"),
    "fds": Column("", "open files"),
}
# Of each screen, with its name behind.
PER_OUTPUT = ("presented", "late", "dropped", "jitter_p95_ms")
# In the order of the CSV; docs/memory-testing.md explains each.
COLUMNS: dict[str, Column] = {
    "run": Column("", "run"),
    "t_s": Column("", "seconds of the run"),
    "at": Column("", "Unix time"),
    "warm_up": Column("", "1: left out of the figures"),
    "failed": Column("", "1: the run does not count"),
    "state": Column("", "state"),
    "level": Column("", "level"),
    "fault": Column("", "what a soak does meanwhile"),
    "actions": Column("", "done for memory's sake"),
    **PER_PROCESS,
    "pool_in_use_bytes": Column(BYTES, "pool, in use"),
    "pool_idle_bytes": Column(BYTES, "pool, idle"),
    "pool_buffers": Column("", "pool, pictures"),
    "counters_current_bytes": Column(BYTES, "counted now"),
    "counters_peak_bytes": Column(BYTES, "counted at most"),
    "counters_allocations": Column("", "counted pieces"),
    "demuxer_cache_bytes": Column(BYTES, "demuxer cache"),
    "decoded_bytes": Column(BYTES, "decoded pictures (estimate)"),
    "stills_bytes": Column(BYTES, "stills"),
    "outputs": Column("", "screens"),
    "frames_per_s": Column("/s", "frames, slowest screen that plays"),
    **{f"{name}_{key}": Column(column.unit, f"{name}: {column.title}")
       for name in PROCESSES for key, column in PER_PROCESS.items()},
}  # fmt: skip

# The columns that are numbers to be summed up.
FIGURES = tuple(COLUMNS)[tuple(COLUMNS).index("actions") + 1 :]


def output_columns(sample: Sample) -> list[str]:
    """Further columns for the screens that are there at the start: frames shown so far, and how steadily."""
    return [f"{figure}_{output.name}" for output in sample.status.outputs for figure in PER_OUTPUT]


def rows_of(number: int, samples: Sequence[Sample]) -> Iterator[Row]:
    """A row for each sample of a run; rates are from the sample before, so the first has none.

    A screen that has shown frames of two players since the sample before has no rate either.
    """
    before: Sample | None = None
    for sample in samples:
        yield _row(number, sample, before)
        before = sample


def _row(number: int, sample: Sample, before: Sample | None) -> Row:
    status, memory = sample.status, sample.status.memory
    of_each = {process.name: _of_process(process, sample, before) for process in status.processes}
    row: Row = {
        "run": number,
        "t_s": round(sample.t_s, 3),
        "at": round(sample.at, 3),
        "warm_up": int(sample.is_warm_up),
        "failed": 0,
        "state": status.state,
        "level": memory.level,
        "fault": sample.fault,
        "actions": "; ".join(action.action for action in memory.actions),
    }
    row |= {key: _sum([figures[key] for figures in of_each.values()], key == "gpu_bytes") for key in PER_PROCESS}
    row |= {
        "pool_in_use_bytes": memory.pool.in_use_bytes,
        "pool_idle_bytes": memory.pool.idle_bytes,
        "pool_buffers": memory.pool.buffers_in_use + memory.pool.buffers_idle,
        "counters_current_bytes": memory.counters.current_bytes,
        "counters_peak_bytes": memory.counters.peak_bytes,
        "counters_allocations": memory.counters.active_allocations,
        "demuxer_cache_bytes": memory.demuxer_cache_bytes,
        "decoded_bytes": memory.decoded_bytes,
        "stills_bytes": memory.stills_bytes,
        "outputs": len(status.outputs),
        "frames_per_s": _slowest(status.outputs, sample, before),
    }
    for name in PROCESSES:
        row |= {f"{name}_{key}": of_each.get(name, {}).get(key) for key in PER_PROCESS}
    for output in status.outputs:
        figures = (output.presented, output.pace.late, output.pace.dropped, output.pace.jitter_p95_ms)
        row |= {f"{figure}_{output.name}": value for figure, value in zip(PER_OUTPUT, figures, strict=True)}
    return row


def _of_process(process: ProcessStatus, sample: Sample, before: Sample | None) -> Mapping[str, float | None]:
    pid = process.pid
    cpu_percent = wakeups_per_s = None
    elapsed_s = _elapsed_s(sample, before)
    if before is not None and elapsed_s:
        cpu_s = next((earlier.cpu_s for earlier in before.status.processes if earlier.pid == pid), None)
        if cpu_s is not None:
            cpu_percent = round(100 * (process.cpu_s - cpu_s) / elapsed_s, 2)
        slept, slept_before = sample.sleeps.get(pid), before.sleeps.get(pid)
        if slept is not None and slept_before is not None:
            # A thread that ended has taken its count with it.
            wakeups_per_s = round(max(slept - slept_before, 0) / elapsed_s, 2)
    return {
        "pss_bytes": process.pss_bytes,
        "pss_anon_bytes": process.pss_anon_bytes,
        "pss_file_bytes": process.pss_file_bytes,
        "pss_shmem_bytes": process.pss_shmem_bytes,
        "uss_bytes": sample.private_bytes.get(pid),
        "rss_bytes": process.rss_bytes,
        "swap_bytes": process.swap_bytes,
        "gpu_bytes": process.gpu_bytes,
        "cpu_percent": cpu_percent,
        "wakeups_per_s": wakeups_per_s,
        "threads": process.threads,
        "fds": process.fds,
    }


def _sum(values: Sequence[float | None], leaves_out_unknown: bool) -> float | None:
    """None where one is not known, or, if they are left out, where all are."""
    known = [value for value in values if value is not None]
    if not known or (len(known) < len(values) and not leaves_out_unknown):
        return None
    return round(sum(known), 2)


def _slowest(outputs: Sequence[OutputStatus], sample: Sample, before: Sample | None) -> float | None:
    """Frames a second of the slowest screen that plays."""
    elapsed_s = _elapsed_s(sample, before)
    if before is None or not elapsed_s:
        return None
    earlier = {output.name: output.presented for output in before.status.outputs}
    playing = [output for output in outputs if output.state == "playing" and output.name in earlier]
    counts = [output.presented - earlier[output.name] for output in playing]
    counts = [count for count in counts if count >= 0]  # below: another player counts from the beginning
    return round(min(counts) / elapsed_s, 2) if counts else None


def _elapsed_s(sample: Sample, before: Sample | None) -> float:
    """By the daemon's clock, which read the counts."""
    return sample.status.at_s - before.status.at_s if before is not None else 0.0
