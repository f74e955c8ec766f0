"""What happened between two statuses, per second."""

from __future__ import annotations

from typing import NamedTuple

from wayvid.ipc.status import Status

__all__ = ["Rates", "rates_between"]


class Rates(NamedTuple):
    """None or absent: not to be told, such as in the first second of a new player.

    Attributes:
        output_fps: frames shown a second, by output.
        stream_fps: frames made a second, in the order of the streams.
        cpu_ratio: processor time per time, 1.0 is one core; by process.
    """

    output_fps: dict[str, float]
    stream_fps: list[float | None]
    cpu_ratio: dict[str, float]


def rates_between(before: Status, now: Status) -> Rates:
    """The rates from one status of a daemon to a later one."""
    elapsed_s = now.at_s - before.at_s
    if elapsed_s <= 0:
        return Rates({}, [None] * len(now.streams), {})
    presented = {output.name: output.presented for output in before.outputs}
    frames = {(number, stream.source): stream.frames for number, stream in enumerate(before.streams)}
    cpu_s = {(process.name, process.pid): process.cpu_s for process in before.processes}
    outputs = {output.name: output.presented - presented.get(output.name, output.presented) for output in now.outputs}
    streams = [
        stream.frames - frames.get((number, stream.source), stream.frames + 1)
        for number, stream in enumerate(now.streams)
    ]
    processes = {
        process.name: process.cpu_s - cpu_s[process.name, process.pid]
        for process in now.processes
        if (process.name, process.pid) in cpu_s
    }
    # Less than before: another player counts from the beginning.
    return Rates(
        {name: count / elapsed_s for name, count in outputs.items() if count >= 0 and name in presented},
        [count / elapsed_s if count >= 0 else None for count in streams],
        {name: used_s / elapsed_s for name, used_s in processes.items()},
    )
