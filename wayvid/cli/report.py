"""A status as a report for people; pure."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Iterable, Sequence

from wayvid.cli.text import UNKNOWN, aligned, clean, duration, length_behind
from wayvid.ipc.status import (
    Action,
    MemoryStatus,
    OutputStatus,
    OutputWhy,
    ProcessStatus,
    RendererStatus,
    SpanStatus,
    Status,
    StreamStatus,
)
from wayvid.link.figures import PaceFigures
from wayvid.units import format_bytes

__all__ = [
    "NO_SCREEN",
    "report",
    "memory_of_budget",
    "pool_words",
    "clock_time",
    "doing_words",
    "seen_state",
    "span_words",
    "SHOWN_ACTIONS",
]

NO_SCREEN = "no screen of this wallpaper is there; see 'wayvid outputs'"
SHOWN_ACTIONS = 5
LABEL_WIDTH = 10
WHAT = "WHAT AND WHY"
MEASURES = {"presentation": "by presentation feedback", "callbacks": "by frame callbacks"}
SIZE = re.compile(r"(\d) ([KMG]?B\b|%)")


def report(status: Status, width: int = 80) -> str:
    """All of a status in lines of at most `width` characters, as far as words can be broken."""
    sections = [
        _head(status),
        _outputs(status, width),
        _reasons(status.outputs),
        _paces(status.outputs),
        _sounds(status.outputs),
        _memory(status.memory),
        _processes(status.processes),
        *(_stream(stream) for stream in status.streams),
    ]
    actions = _actions(status.memory.actions)
    texts = [_wrapped(section, width, LABEL_WIDTH + 2) for section in sections if section]
    if actions:
        texts.append(_wrapped(actions, width, actions[0].index(WHAT)))
    return "\n\n".join(texts)


def _wrapped(lines: Iterable[str], width: int, indent: int) -> str:
    """Lines that are too long go on below, indented; a size stays on one line with its unit."""
    return "\n".join(
        line
        if len(line) <= width
        else textwrap.fill(
            SIZE.sub("\\1\N{NO-BREAK SPACE}\\2", line), width,
            subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False,
        ).replace("\N{NO-BREAK SPACE}", " ")
        for line in lines
    )  # fmt: skip


def _labelled(*rows: tuple[str, str]) -> list[str]:
    return [f"{label:<{LABEL_WIDTH}}  {text}" for label, text in rows if text]


def _head(status: Status) -> list[str]:
    colon = " " if status.state == "reconnecting" else ": "
    state = f"{status.state}{colon}{clean(status.reason)}" if status.reason else status.state
    config = clean(status.config_path)
    if status.config_error:
        error = clean(status.config_error).removeprefix(f"config file {config}").removeprefix(", ").removeprefix(": ")
        config = f"{config} is not in force: {error}".strip()
    return _labelled(
        ("wayvid", f"{clean(status.version)}, {state}"),
        ("source", clean(status.source)),
        ("file", "; ".join(dict.fromkeys(clean(output.file) for output in status.outputs if output.file))),
        ("refused", clean(status.refused)),
        ("config", config or "none"),
        ("renderer", _renderer(status.renderer)),
    )


def _outputs(status: Status, width: int) -> list[str]:
    if not status.outputs:
        return [NO_SCREEN]
    rows = [("SCREEN", "LAYOUT", "STATE", "FRAMES", "LATE", "DROPPED", "SHOWS")]
    for output in status.outputs:
        counts = (output.presented, output.pace.late, output.pace.dropped)
        presented, late, dropped = map(str, counts) if output.presented else (UNKNOWN,) * len(counts)
        layout = f"{output.layout}, {span_words(output.span)}" if output.span is not None else output.layout
        rows.append((clean(output.name), layout, seen_state(output), presented, late, dropped, _shown(output)))
    table = aligned([row[:-1] for row in rows], right={3, 4, 5})
    if len({row[-1] for row in rows[1:]}) == 1:
        return table  # the head says what they show
    wide = aligned(rows, right={3, 4, 5})
    if all(len(line) <= width for line in wide):
        return wide
    return [*table, "", *_labelled(*(("shows", f"{row[0]}: {row[-1]}") for row in rows[1:]))]


def seen_state(output: OutputStatus) -> str:
    """How a screen is, for a column: also whether the player's picture stands still, by a command or by a rule."""
    stands_still = output.state == "playing" and (output.is_paused or output.does == "paused")
    return "paused" if stands_still else clean(output.state)


def _shown(output: OutputStatus) -> str:
    """What is on a screen, shortly, and what parts it from others of the same source."""
    name = clean(output.file or output.source).rstrip("/").rpartition("/")[2]
    return f"{name} (stream {output.stream_id}{f', speed {output.speed:g}' if output.speed != 1 else ''})"


def _reasons(outputs: Sequence[OutputStatus]) -> list[str]:
    told = [each for each in outputs if each.because or each.max_fps]
    return _labelled(*(("why", f"{clean(each.name)}: {doing_words(each)}") for each in told))


def span_words(span: SpanStatus) -> str:
    """Which part of a picture over several screens one of them shows: "from 1920,0 of 5760x1080"."""
    return f"from {span.x_px},{span.y_px} of {span.wall_width_px}x{span.wall_height_px}"


def doing_words(output: OutputStatus | OutputWhy) -> str:
    """What a screen does, and because of what: "slow, at most 10 fps: battery", "playing, at most 24 fps (max_fps)"."""
    rate = f", at most {output.max_fps:g} fps" if output.max_fps else ""
    if rate and output.does == "playing":  # no rule's limit
        rate += " (max_fps)"
    return f"{clean(output.does)}{rate}{f': {clean(output.because)}' if output.because else ''}"


def _paces(outputs: Sequence[OutputStatus]) -> list[str]:
    return _labelled(
        *(("pace", f"{clean(output.name)}: {_pace(output.pace)}") for output in outputs if output.presented)
    )


def _sounds(outputs: Sequence[OutputStatus]) -> list[str]:
    heard = [f"{clean(output.name)} {output.volume} %" for output in outputs if not output.is_muted]
    return _labelled(("sound", ", ".join(heard)))


def _pace(pace: PaceFigures) -> str:
    words = [f"{pace.refresh_hz:.2f} Hz"] if pace.refresh_hz else []
    if pace.jitter_median_ms is not None and pace.jitter_p95_ms is not None:
        words.append(f"jitter {pace.jitter_median_ms:.1f} ms, p95 {pace.jitter_p95_ms:.1f} ms")
        words.append(MEASURES.get(pace.measured_by, clean(pace.measured_by)))
    return ", ".join(words) or "not known yet"


def _memory(memory: MemoryStatus) -> list[str]:
    counters = memory.counters
    growth = memory.growth_mb_per_hour
    return _labelled(
        ("memory", f"{memory_of_budget(memory)}; RSS {format_bytes(memory.rss_bytes)}"),
        ("level", f"{memory.level}: {clean(memory.reason)}" if memory.reason else memory.level),
        ("growth", "" if growth is None else f"{growth:+.1f} MB an hour"),
        ("graphics", "" if memory.gpu_bytes is None else format_bytes(memory.gpu_bytes)),
        ("stills", format_bytes(memory.stills_bytes) if memory.stills_bytes else ""),
        ("decoding", f"{format_bytes(memory.demuxer_cache_bytes)} demuxer cache, "
                     f"{format_bytes(memory.decoded_bytes)} decoded pictures"),
        ("pool", pool_words(memory)),
        ("frames", f"{format_bytes(counters.current_bytes)} in {counters.active_allocations} allocations, "
                   f"peak {format_bytes(counters.peak_bytes)}; in all {format_bytes(counters.total_allocated_bytes)} "
                   f"taken, {format_bytes(counters.total_freed_bytes)} given back"),
    )  # fmt: skip


def memory_of_budget(memory: MemoryStatus) -> str:
    """How much of how much: "142.00 MB of 300.00 MB (47 %)"."""
    used = format_bytes(memory.pss_bytes)
    if not memory.budget_bytes:
        return f"{used}, without a budget"
    return f"{used} of {format_bytes(memory.budget_bytes)} ({100 * memory.pss_bytes / memory.budget_bytes:.0f} %)"


def pool_words(memory: MemoryStatus) -> str:
    """What the frame pool lends and keeps, and how often it had one that fitted."""
    pool = memory.pool
    caps = [f"{pool.max_buffers} buffers"] if pool.max_buffers else []
    caps += [format_bytes(pool.max_bytes)] if pool.max_bytes else []
    limit = f"at most {' and '.join(caps)}" if caps else "without a limit"
    return (
        f"{pool.buffers_in_use} in use ({format_bytes(pool.in_use_bytes)}), "
        f"{pool.buffers_idle} idle ({format_bytes(pool.idle_bytes)}), "
        f"{limit}; "
        f"{pool.hits} hits, {pool.misses} misses, {pool.evictions} evictions"
    )


def _processes(processes: Sequence[ProcessStatus]) -> list[str]:
    """A column for each process: the rows are too many to be columns."""
    if not processes:
        return []
    columns = [
        ("PROCESS", "pid", "PSS", "  private", "  files", "  shared", "RSS", "swap", "graphics", "CPU time", "threads",
         "open files"),
        *(
            (
                process.name.upper(), str(process.pid), format_bytes(process.pss_bytes),
                format_bytes(process.pss_anon_bytes), format_bytes(process.pss_file_bytes),
                format_bytes(process.pss_shmem_bytes), format_bytes(process.rss_bytes),
                format_bytes(process.swap_bytes),
                UNKNOWN if process.gpu_bytes is None else format_bytes(process.gpu_bytes),
                f"{process.cpu_s:.1f} s", str(process.threads), str(process.fds),
            )
            for process in processes
        ),
    ]  # fmt: skip
    rows = list(zip(*columns, strict=True))
    return aligned([(f"{row[0]:<{LABEL_WIDTH}}", *row[1:]) for row in rows], right=range(1, len(columns)))


def _stream(stream: StreamStatus) -> list[str]:
    at = duration(stream.position_s) + length_behind(" of ", stream.duration_s, stream.position_s)
    return _labelled(
        ("stream", clean(stream.source)),
        ("", f"{stream.state} at {at}; {stream.frames} frames made, {stream.dropped} left out"),
        ("", f"{format_bytes(stream.demuxer_cache_bytes)} demuxer cache, {stream.decoded_frames} decoded pictures "
             f"({format_bytes(stream.decoded_bytes)}), decoded by {_decoder(stream)}"),
        ("sound", f"through {clean(stream.audio)}" if stream.audio else clean(stream.audio_reason)),
        ("limits", ", ".join(f"{clean(name)} {_limit(name, value)}" for name, value in stream.limits.items())),
    )  # fmt: skip


def _renderer(renderer: RendererStatus) -> str:
    named = clean(renderer.name) + (f", {clean(renderer.driver)}" if renderer.driver else "")
    words = named + (f" ({clean(renderer.reason)})" if renderer.reason else "")
    if renderer.direct_buffers:
        words += f"; decodes straight into {format_bytes(renderer.direct_bytes)} of the driver's"
    return words


def _decoder(stream: StreamStatus) -> str:
    if stream.hwdec:
        return clean(stream.hwdec)
    return "the processor" + (f" ({clean(stream.hwdec_reason)})" if stream.hwdec_reason else "")


def _limit(name: str, value: int) -> str:
    return format_bytes(value) if "bytes" in name else str(value)


def _actions(actions: Sequence[Action]) -> list[str]:
    if not actions:
        return []
    rows = [("DONE AT", "LEVEL", "FREED", WHAT)]
    rows += [
        (
            clock_time(action.at), action.level, format_bytes(action.freed_bytes),
            ": ".join(clean(word) for word in (action.action, action.reason) if word),
        )
        for action in reversed(actions[-SHOWN_ACTIONS:])
    ]  # fmt: skip
    return aligned(rows, right={2})


def clock_time(at: float) -> str:
    """Unix time as a clock here shows it."""
    return time.strftime("%H:%M:%S", time.localtime(at))
