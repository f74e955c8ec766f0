"""One picture of `wayvid top`, made for 80 columns."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from wayvid.cli.rates import Rates
from wayvid.cli.report import SHOWN_ACTIONS, clock_time, memory_of_budget, seen_state
from wayvid.cli.text import UNKNOWN, clean, duration, keep_end, length_behind
from wayvid.ipc.status import MemoryStatus, Status
from wayvid.units import format_bytes

__all__ = ["top_frame"]

STATE_STYLES = {
    "playing": "green", "still": "green", "starting": "yellow", "paused": "yellow", "held": "yellow", "failed": "red",
    "reconnecting": "red", "hidden": "dim", "resting": "dim", "blank": "dim", "frozen": "dim",
}  # fmt: skip
LEVEL_STYLES = {"normal": "green", "high": "yellow", "critical": "red"}
BAR_WIDTH = 28


def top_frame(status: Status, rates: Rates, width: int) -> RenderableType:
    """What to show of a status.

    Args:
        status: the newest.
        rates: from the one before to it.
        width: columns of the terminal.
    """
    parts: list[RenderableType] = [
        _head(status, width),
        _memory(status.memory),
        _outputs(status, rates),
        _processes(status, rates),
    ]
    if status.streams:
        parts.append(_streams(status, rates))
    if status.memory.actions:
        parts.append(_actions(status.memory))
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [part, Text()]
    return Group(*spaced[:-1])


def _head(status: Status, width: int) -> Group:
    head = Text(no_wrap=True, overflow="ellipsis")
    head.append(f"wayvid {clean(status.version)}", "bold").append("  ").append(*_state(status.state)).append("  ")
    head.append(keep_end(clean(status.source), max(width - len(head), 10)))
    notes = [Text(clean(note), "yellow") for note in (status.reason, status.config_error) if note]
    return Group(head, *notes)


def _state(state: str) -> tuple[str, str]:
    return clean(state), STATE_STYLES.get(state, "")


def _table(*headings: str, left: int) -> Table:
    """A table over the whole width, its first column as wide as there is room; `left` columns are not figures."""
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold cyan")
    for number, heading in enumerate(headings):
        table.add_column(
            heading, justify="left" if number < left else "right", no_wrap=True, ratio=None if number else 1
        )
    return table


def _outputs(status: Status, rates: Rates) -> Table:
    table = _table("SCREEN", "LAYOUT", "STATE", "FPS", "FRAMES", left=3)
    for output in status.outputs:
        fps = rates.output_fps.get(output.name)
        table.add_row(
            Text(clean(output.name)), clean(output.layout), Text(*_state(seen_state(output))), _rate(fps),
            str(output.presented) if output.presented else UNKNOWN,
        )  # fmt: skip
    return table


def _processes(status: Status, rates: Rates) -> Table:
    has_gpu = any(process.gpu_bytes is not None for process in status.processes)
    table = _table("PROCESS", "PID", "CPU %", "PSS", "RSS", "SWAP", *["GPU"] * has_gpu, "THREADS", left=1)
    for process in status.processes:
        cpu = rates.cpu_ratio.get(process.name)
        gpu = [UNKNOWN if process.gpu_bytes is None else format_bytes(process.gpu_bytes)] * has_gpu
        table.add_row(
            Text(clean(process.name)), str(process.pid), _rate(None if cpu is None else 100 * cpu),
            format_bytes(process.pss_bytes), format_bytes(process.rss_bytes), format_bytes(process.swap_bytes),
            *gpu, str(process.threads),
        )  # fmt: skip
    return table


def _streams(status: Status, rates: Rates) -> Table:
    table = _table("STREAM", "STATE", "AT", "FPS", "DROPPED", "DEMUXER", "DECODED", left=2)
    for stream, fps in zip(status.streams, rates.stream_fps, strict=True):
        length = length_behind("/", stream.duration_s, stream.position_s)
        table.add_row(
            Text(clean(stream.source).rpartition("/")[2]), Text(*_state(stream.state)),
            duration(stream.position_s) + length, _rate(fps), str(stream.dropped),
            format_bytes(stream.demuxer_cache_bytes), format_bytes(stream.decoded_bytes),
        )  # fmt: skip
    return table


def _memory(memory: MemoryStatus) -> Table:
    style = LEVEL_STYLES.get(memory.level, "")
    table = Table.grid(padding=(0, 2, 0, 0))
    used = Text(no_wrap=True)
    if memory.budget_bytes:
        filled = min(round(BAR_WIDTH * memory.pss_bytes / memory.budget_bytes), BAR_WIDTH)
        used.append("━" * filled, style).append("─" * (BAR_WIDTH - filled), "dim").append("  ")
    table.add_row(Text("MEMORY", "bold cyan"), used.append(memory_of_budget(memory)))
    level = Text(clean(memory.level), style)
    table.add_row(Text("LEVEL", "bold cyan"), level.append(f"  {clean(memory.reason)}", "not bold default"))
    pool = memory.pool
    lent = pool.hits + pool.misses
    hit = f", {100 * pool.hits / lent:.1f} % hits" if lent else ""
    table.add_row(
        Text("POOL", "bold cyan"),
        f"{pool.buffers_in_use} in use {format_bytes(pool.in_use_bytes)}, "
        f"{pool.buffers_idle} idle {format_bytes(pool.idle_bytes)}{hit}",
    )
    return table


def _actions(memory: MemoryStatus) -> Table:
    table = _table("DONE FOR MEMORY", "FREED", "LEVEL", "AT", left=1)
    for action in reversed(memory.actions[-SHOWN_ACTIONS:]):
        table.add_row(
            Text(clean(action.action)).append(f"  {clean(action.reason)}", "dim"), format_bytes(action.freed_bytes),
            Text(clean(action.level), LEVEL_STYLES.get(action.level, "")), clock_time(action.at),
        )  # fmt: skip
    return table


def _rate(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}"
