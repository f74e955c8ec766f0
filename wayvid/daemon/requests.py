"""What clients ask of the daemon: answered when it has taken effect, or with the reason why not."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from time import monotonic

from wayvid import __version__
from wayvid.config.model import Config, PowerConfig
from wayvid.daemon.governor import Governor, pss_of
from wayvid.daemon.graphics import graphics_of
from wayvid.daemon.phase import Phase
from wayvid.daemon.playback import Playback
from wayvid.daemon.source import stream_of
from wayvid.daemon.wall import Wall
from wayvid.errors import WayvidError
from wayvid.ipc.messages import PauseRequest, ReloadRequest, Request, ResumeRequest, SetRequest, StatusRequest
from wayvid.ipc.server import Reply
from wayvid.ipc.status import MemoryStatus, OutputStatus, ProcessStatus, RendererStatus, Status, StreamStatus
from wayvid.link.messages import AskFigures, CounterFigures, Draws, Figures, Graphics, PoolFigures
from wayvid.memory.usage import ProcessMemory, process_load
from wayvid.system.events import EventLoop, Timer

__all__ = ["Requests", "Settings"]

log = logging.getLogger(__name__)

# A player that is busy starting, or hangs, is not waited for any longer.
FIGURES_WITHIN_S = 0.5


class Settings:
    """The config in force.

    Attributes:
        config: what is in force.
        path: the file it is from; empty when there is none.
        error: why the file as it is now is not in force; empty when it is.
        renderer: the command line's word; empty when the config's holds.
    """

    def __init__(self, config: Config, path: str, renderer: str = "") -> None:
        self.config = config
        self.path = path
        self.error = ""
        self.renderer = renderer

    def graphics(self) -> Graphics:
        """What a player is told to draw with."""
        return graphics_of(self.config, self.renderer)

    def reload(self) -> Config:
        """Read the file again, or for the first time when it has come since.

        Raises:
            ConfigError: it is wrong; what was in force stays.
        """
        from wayvid.config.load import config_path, load_config

        try:
            path = config_path(self.path or None) or ""
            config = load_config(path) if path else Config()
        except WayvidError as error:
            self.error = str(error)
            raise
        self.config, self.path, self.error = config, path, ""
        return config


class Requests:
    """Answers requests from what the daemon's parts know.

    Args:
        loop: the daemon's event loop.
        wall: the screens.
        playback: what is played.
        governor: what is held.
        settings: the config.
        apply: takes a changed config into force.
    """

    def __init__(
        self,
        loop: EventLoop,
        wall: Wall,
        playback: Playback,
        governor: Governor,
        settings: Settings,
        apply: Callable[[PowerConfig], None],
    ) -> None:
        self._loop = loop
        self._wall = wall
        self._playback = playback
        self._governor = governor
        self._settings = settings
        self._apply = apply
        self._waiting: list[Reply] = []  # for the player's figures
        self._deadline: Timer | None = None

    def handle(self, request: Request, reply: Reply) -> None:
        """See wayvid.ipc.server.Handler."""
        match request:
            case StatusRequest():
                self._ask_figures(reply)
            case PauseRequest() | ResumeRequest():
                self._playback.set_paused(isinstance(request, PauseRequest))
                reply(None)
            case SetRequest():
                self._playback.set_source(request.source, stream_of(request.source), reply)
            case ReloadRequest():
                self.reload()
                reply(None)

    def reload(self) -> None:
        """Read the config again and take it into force.

        Raises:
            ConfigError: it is wrong; what was in force stays.
        """
        self._apply(self._settings.reload().power)
        log.info("config: %s is in force", self._settings.path or "the default")

    # Status.

    def _ask_figures(self, reply: Reply) -> None:
        if not self._playback.cast.send(AskFigures()):
            reply(self._status())
            return
        self._waiting.append(reply)
        if self._deadline is None:
            self._deadline = self._loop.call_later(FIGURES_WITHIN_S, self.on_figures)

    def on_figures(self) -> None:
        """The player has said what it holds, or is not waited for any longer."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        waiting, self._waiting = self._waiting, []
        if waiting:
            status = self._status()
            for reply in waiting:
                reply(status)

    def _status(self) -> Status:
        playback = self._playback
        figures = self._governor.figures if playback.cast.player is not None else None
        held = self._governor.look()
        return Status(
            __version__,
            monotonic(),
            _state(playback),
            playback.error or (str(playback.holds) if playback.phase in (Phase.HOLDING, Phase.HELD) else ""),
            playback.source,
            self._settings.path,
            self._settings.error,
            self._outputs(figures),
            self._processes(held),
            _streams(figures),
            self._memory(held, figures),
            playback.crashes,
            _renderer(playback.cast.draws),
        )

    def _outputs(self, figures: Figures | None) -> list[OutputStatus]:
        told = {output.name: output for output in figures.outputs} if figures is not None else {}
        outputs = []
        for name, screen in self._wall:
            output = told.get(name)
            if screen.has_still:
                state = "still"
            elif output is not None and output.presented:
                state = "hidden" if output.is_hidden else "playing"
            else:
                state = "nothing"
            shown = (output.presented, output.pace) if output is not None else ()
            outputs.append(OutputStatus(name, screen.layout.value, state, *shown))
        return outputs

    def _processes(self, held: Mapping[str, ProcessMemory]) -> list[ProcessStatus]:
        player = self._playback.cast.player
        pids = {"daemon": os.getpid()} | ({"player": player.pid} if player is not None else {})
        processes = []
        for name, memory in held.items():
            load = process_load(pids[name])
            if load is not None:
                processes.append(ProcessStatus(name, pids[name], *memory, *load))
        return processes

    def _memory(self, held: Mapping[str, ProcessMemory], figures: Figures | None) -> MemoryStatus:
        governor = self._governor
        gpu = [memory.gpu_bytes for memory in held.values() if memory.gpu_bytes is not None]
        streams = figures.streams if figures is not None else ()
        return MemoryStatus(
            governor.budget_bytes,
            pss_of(held),
            sum(memory.rss_bytes for memory in held.values()),
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
        )


def _renderer(draws: Draws | None) -> RendererStatus:
    return RendererStatus(draws.renderer, draws.driver, draws.reason) if draws is not None else RendererStatus()


def _state(playback: Playback) -> str:
    phase = Phase.PLAYING if playback.phase is Phase.HOLDING else playback.phase
    return "paused" if playback.is_paused and phase is Phase.PLAYING else phase.value


def _streams(figures: Figures | None) -> list[StreamStatus]:
    if figures is None:
        return []
    names = StreamStatus.__struct_fields__
    return [StreamStatus(**{name: getattr(stream, name) for name in names}) for stream in figures.streams]
