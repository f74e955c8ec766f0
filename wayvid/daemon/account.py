"""What `status` answers, gathered from the daemon's parts."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from typing import Any

import msgspec

from wayvid import __version__
from wayvid.daemon.desktop import Desktop
from wayvid.daemon.director import Director
from wayvid.daemon.governor import Governor, Held, pss_of
from wayvid.daemon.playback import Playback
from wayvid.daemon.resting import Resting
from wayvid.daemon.settings import Settings
from wayvid.daemon.stream import Stream
from wayvid.daemon.wall import Wall
from wayvid.ipc.status import (
    ConditionStatus,
    MemoryStatus,
    OutputStatus,
    OutputWhy,
    ProcessStatus,
    RendererStatus,
    SpanStatus,
    Status,
    StreamStatus,
    Why,
)
from wayvid.link.figures import CounterFigures, Figures, PoolFigures
from wayvid.link.messages import Draws
from wayvid.memory.usage import ProcessMemory, process_load

__all__ = ["Account", "overall_state"]

# What a status of several streams says of all: the first of these that one of them is.
STATES = ("playing", "starting", "reconnecting", "paused", "held", "still", "failed")
# The next screen begins anew.
NO_STREAM = "starting"
HIDDEN = "hidden"
BLANK = "blank"


class Account:
    """Says what the daemon shows and holds.

    Args:
        wall: the screens.
        playback: the streams and their player.
        director: which output shows which.
        governor: what is held.
        settings: the config.
        desktop: what is told of it.
        resting: what each output does, and why.

    Attributes:
        refused: why what was set last is not shown; empty when it is.
    """

    def __init__(
        self,
        wall: Wall,
        playback: Playback,
        director: Director,
        governor: Governor,
        settings: Settings,
        desktop: Desktop,
        resting: Resting,
    ) -> None:
        self._wall = wall
        self._playback = playback
        self._director = director
        self._governor = governor
        self._settings = settings
        self._desktop = desktop
        self._resting = resting
        self.refused = ""

    def look(self) -> None:
        """Read what takes longest; status() right after that need not."""
        self._governor.look_if_old()

    def outdate(self) -> None:
        """A command has changed something, perhaps what is held."""
        self._governor.outdate()

    def status(self, names: Collection[str] = ()) -> Status:
        """Everything at this moment, with what the player told last; with names: of these outputs."""
        streams = {stream.stream_id: stream for stream in self._playback.streams.values() if not stream.is_left}
        if names:
            streams = {number: stream for number, stream in streams.items() if not stream.outputs.isdisjoint(names)}
        figures = self._told()
        held = self._governor.held()
        outputs = self._outputs(figures, names)
        return Status(
            __version__,
            monotonic(),
            overall_state(streams.values(), outputs),
            _each_once(stream.reason for stream in streams.values()) or ("" if outputs else self._no_screen()),
            _each_once(stream.source for stream in streams.values()) or self._director.source,
            self._settings.path,
            self._settings.error,
            outputs,
            self._processes(held.processes),
            self._streams(figures, streams if names else self._playback.streams),
            self._memory(held, figures),
            self._playback.recovery.crashes,
            _renderer(self._playback.cast.draws, figures),
            self._desktop.mpris,
            self._conditions(names),
            self.refused,
        )

    def _no_screen(self) -> str:
        return "none of its screens is there" if self._director.unused() else "no screen is there"

    def why(self, names: Collection[str]) -> Why:
        """What these outputs do, and why, with what the player told last; without any: all."""
        outputs = self._outputs(self._told(), names)
        return Why(
            [OutputWhy(each.name, each.does, each.because, each.max_fps, each.span) for each in outputs],
            self._conditions(names),
        )

    def _told(self) -> Figures | None:
        return self._governor.figures if self._playback.cast.player is not None else None

    def _conditions(self, names: Collection[str]) -> list[ConditionStatus]:
        return [
            ConditionStatus(each.condition.value, each.output, each.is_on, each.detail)
            for each in self._resting.readings()
            if not names or not each.output or each.output in names
        ]

    def _outputs(self, figures: Figures | None, names: Collection[str]) -> list[OutputStatus]:
        told = {output.name: output for output in figures.outputs} if figures is not None else {}
        outputs = []
        for name, screen in self._wall:
            if names and name not in names:
                continue
            output = told.get(name)
            if screen.has_still:
                state = "still"
            elif output is not None and output.presented:
                state = "hidden" if output.is_hidden else "playing"
            else:
                state = BLANK
            shown = (output.presented, output.pace) if output is not None else ()
            is_blank = state == BLANK and figures is not None  # else the player is only late with its figures
            about = self._stream_on(name, is_blank, is_hidden=output is not None and output.is_hidden)
            layout, part = screen.laid
            if part is not None:
                about["span"] = SpanStatus(*part.wall, part.x, part.y)
            outputs.append(OutputStatus(name, layout.value, state, *shown, **about))
        return outputs

    def _streams(self, figures: Figures | None, here: Mapping[int, Stream]) -> list[StreamStatus]:
        told = figures.streams if figures is not None else ()
        return [
            StreamStatus(*msgspec.structs.astuple(each), outputs=sorted(here[each.stream_id].outputs))
            for each in told
            if each.stream_id in here
        ]

    def _stream_on(self, name: str, is_blank: bool, is_hidden: bool) -> dict[str, Any]:
        stream = self._director.stream_on(name)
        if stream is None:
            return {}
        is_unseen = is_hidden or stream.is_resting
        doing = self._resting.doing(name, stream, is_blank, is_unseen, self._governor.pressure.reason)
        place = self._playback.place_of(stream)
        is_muted, volume = self._director.sound_on(name)
        return {
            "source": stream.source,
            "file": stream.file,
            "stream_id": stream.stream_id,
            "is_paused": stream.is_paused,
            "position_s": place.position_s,
            "duration_s": place.duration_s,
            "speed": place.spec.speed,
            "error": stream.error,
            **doing._asdict(),
            "is_muted": is_muted,
            "volume": volume,
        }

    def _processes(self, held: Mapping[str, ProcessMemory]) -> list[ProcessStatus]:
        player = self._playback.cast.player
        pids = {"daemon": os.getpid()} | ({"player": player.pid} if player is not None else {})
        processes = []
        for name, memory in held.items():
            load = process_load(pids[name])
            if load is not None:
                processes.append(ProcessStatus(name, pids[name], *memory, *load))
        return processes

    def _memory(self, held: Held, figures: Figures | None) -> MemoryStatus:
        governor = self._governor
        processes = held.processes.values()
        gpu = [memory.gpu_bytes for memory in processes if memory.gpu_bytes is not None]
        streams = figures.streams if figures is not None else ()
        return MemoryStatus(
            governor.budget_bytes,
            pss_of(held.processes),
            sum(memory.rss_bytes for memory in processes),
            governor.pressure.level.word,
            governor.pressure.reason,
            sum(stream.demuxer_cache_bytes for stream in streams),
            sum(stream.decoded_bytes for stream in streams),
            self._wall.still_bytes,
            sum(gpu) if gpu else None,
            governor.growth_mb_per_hour,
            figures.counters if figures is not None else CounterFigures(),
            figures.pool if figures is not None else PoolFigures(),
            list(governor.actions),
            held.at_s,
        )


def _renderer(draws: Draws | None, figures: Figures | None) -> RendererStatus:
    if draws is None:
        return RendererStatus()
    direct = (figures.direct_buffers, figures.direct_bytes) if figures is not None else ()
    return RendererStatus(draws.renderer, draws.driver, draws.reason, *direct)


def overall_state(streams: Iterable[Stream], outputs: Iterable[OutputStatus]) -> str:
    """What all of them do; a stream that has a picture and is on no screen yet starts. Without any screen it is hidden.

    Args:
        streams: those that are not left.
        outputs: the screens that show them.
    """
    does = {output.stream_id: set[str]() for output in outputs}
    for output in outputs:
        does[output.stream_id].add(output.does)
    states = {NO_STREAM if does.get(stream.stream_id) == {NO_STREAM} else stream.state for stream in streams}
    state = next((state for state in STATES if state in states), NO_STREAM)
    return HIDDEN if not does and state in ("playing", "starting") else state


def _each_once(words: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(word for word in words if word))
