"""What clients ask of the daemon: answered when it has taken effect, or with the reason why not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from itertools import count
from time import monotonic

from wayvid.config.model import PowerConfig
from wayvid.daemon.account import Account
from wayvid.daemon.cast import Cast
from wayvid.daemon.desktop import Desktop
from wayvid.daemon.director import Director
from wayvid.daemon.effect import SUPERSEDED, OnDone, is_superseded
from wayvid.daemon.listing import in_words, opened
from wayvid.daemon.lists import Lists
from wayvid.daemon.scene import want_on
from wayvid.daemon.settings import Settings
from wayvid.daemon.snapshots import Snapshots
from wayvid.daemon.source import DEFAULT_SOURCE, DEFAULT_STREAM
from wayvid.daemon.travel import change_of, layout_of, louder, sought, sped
from wayvid.daemon.turns import Opened
from wayvid.errors import NotPossible, SourceUnplayable, WayvidError
from wayvid.ipc.messages import (
    Answer,
    Changed,
    Command,
    Handover,
    Heard,
    LayoutRequest,
    MuteRequest,
    NextRequest,
    OutputRequest,
    PauseRequest,
    Pictured,
    PrevRequest,
    QuitRequest,
    ReloadRequest,
    ResumeRequest,
    SeekRequest,
    SetRequest,
    SnapshotRequest,
    SpanRequest,
    SpeedRequest,
    StatusRequest,
    ToggleRequest,
    VolumeRequest,
    WhyRequest,
)
from wayvid.ipc.server import Reply
from wayvid.link.messages import AskFigures, Picture
from wayvid.system.errands import ANSWERED_WITHIN_S, Errands
from wayvid.system.events import EventLoop, Timer

__all__ = ["Requests"]

log = logging.getLogger(__name__)

# A player that is busy starting, or hangs, is not waited for any longer.
FIGURES_WITHIN_S = 0.5
# Of sources that clients set and that cannot be shown one is in the log each time: a script may try for ever.
REFUSALS_EVERY_S = 10.0
NOTE_PIPE = "nobody writes to it yet; it is shown as soon as somebody does, and until then what was there before"


class Requests:
    """Answers requests from what the daemon's parts know.

    Args:
        loop: the daemon's event loop.
        cast: the player.
        director: what is shown.
        lists: how folders and lists go on.
        account: makes the status.
        snapshots: pictures of it.
        settings: the config.
        apply: takes budget, limits and graphics of a changed config into force; called when its sources are shown,
            what it returns does what has to wait for that.
        desktop: is told when the config is read.
        quit_: ends the daemon, and calls back when all has ended.
        on_told: called when what was asked of outputs has taken effect, or will not.
    """

    def __init__(
        self,
        loop: EventLoop,
        cast: Cast,
        director: Director,
        lists: Lists,
        account: Account,
        snapshots: Snapshots,
        settings: Settings,
        apply: Callable[[PowerConfig], Callable[[], None]],
        desktop: Desktop,
        quit_: Callable[[Callable[[], None]], None],
        on_told: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._cast = cast
        self._director = director
        self._lists = lists
        self._account = account
        self._snapshots = snapshots
        self._settings = settings
        self._apply = apply
        self._desktop = desktop
        self._quit = quit_
        self._on_told = on_told
        self._errands = Errands(loop)
        director.on_refused = self._note_refusal
        self._numbers = count(1)  # of commands: a source may come from its disk after what was said later
        self._set_last: dict[str, int] = {}  # by output, the number of the command whose source it was told to show
        self._paused_last: dict[str, int] = {}  # ... and of the one that had it pause, or go on
        self._waiting: list[tuple[Reply, Callable[[], Answer]]] = []  # for the player's figures
        self._deadline: Timer | None = None
        self._quiet_until_s = 0.0
        self._take_up: Callable[[Collection[str]], None] = lambda _names: None
        self._give_back: Callable[[Collection[str]], None] = lambda _names: None

    def on_unused(
        self, take_up: Callable[[Collection[str]], None], give_back: Callable[[Collection[str]], None]
    ) -> None:
        """Have a source be set on screens that have no wallpaper of this daemon.

        Args:
            take_up: has these of the director's unused ones, too.
            give_back: has them no more: nothing could be shown there.
        """
        self._take_up, self._give_back = take_up, give_back

    def handle(self, request: Command, reply: Reply) -> None:
        """See wayvid.ipc.server.Handler."""
        match request:
            case StatusRequest(outputs=()):
                self._ask_figures(reply, self._account.status)
                if self._waiting:
                    self._account.look()  # while the player counts
            case StatusRequest() | WhyRequest():
                names = self._director.names(request.outputs) if request.outputs else []
                tell = self._account.why if isinstance(request, WhyRequest) else self._account.status
                self._ask_figures(reply, lambda: tell(names))
            case ReloadRequest():
                self.reload(reply)
            case QuitRequest():
                self._quit(lambda: reply(None))
            case _:
                self._direct(request, reply)

    def _direct(self, request: OutputRequest, reply: Reply) -> None:
        """Do what is asked of outputs; the answer names those that were meant, where the request named some."""
        director = self._director
        is_set = isinstance(request, SetRequest) and request.outputs
        unused = [name for name in director.unused() if name in request.outputs] if is_set else []
        known = [pattern for pattern in request.outputs if pattern not in unused]
        names = unused + (director.names(known) if known or not unused else [])

        def on_done(error: WayvidError | None) -> None:
            if unused and error is not None and not is_superseded(error):
                self._give_back(unused)
            self._account.outdate()
            self._on_told()
            streams = (director.stream_on(name) for name in director.connected if name in names or not request.outputs)
            waits = isinstance(request, SetRequest) and any(each is not None and each.awaits_writer for each in streams)
            reply(error or Changed(names if request.outputs else [], NOTE_PIPE if waits else ""))

        match request:
            case PauseRequest() | ResumeRequest() | ToggleRequest():
                is_toggle = isinstance(request, ToggleRequest)
                is_paused = not director.is_paused(names) if is_toggle else isinstance(request, PauseRequest)
                self._paused_last.update(dict.fromkeys(names, next(self._numbers)))
                director.set_paused(names, is_paused, on_done)
            case SetRequest():
                self._set_source(names, unused, request, on_done, reply)
            case SpanRequest():
                director.set_span(names, request.span, on_done)
            case VolumeRequest() | MuteRequest():
                self._set_sound(names, request, reply)
            case SnapshotRequest():
                self._take_snapshot(names, reply)
            case LayoutRequest():
                director.set_layout(names, layout_of(request.layout), on_done)
            case SeekRequest():
                director.change(names, sought(request.to, request.unit), on_done)
            case SpeedRequest():
                director.change(names, sped(request.speed), on_done)
            case NextRequest() | PrevRequest():
                self._lists.turn(names, 1 if isinstance(request, NextRequest) else -1, on_done)

    def _set_source(
        self, names: list[str], unused: list[str], request: SetRequest, on_done: OnDone, reply: Reply
    ) -> None:
        def on_set(error: WayvidError | None) -> None:
            if not is_superseded(error):
                self._note_refusal(error)
            on_done(error)

        number = next(self._numbers)

        def on_looked(begun: Opened | None, error: Exception | None) -> None:
            try:
                if error is not None or begun is None:
                    raise in_words(request.source, error or TimeoutError())
                left = [name for name in names if self._set_last.get(name, 0) < number]
                if names and not left:
                    raise SourceUnplayable(request.source, SUPERSEDED)
                change = change_of(request.transition, request.duration_s, self._settings.config)
                if unused:
                    self._take_up(unused)
                source = request.source or DEFAULT_SOURCE
                self._set_last.update(dict.fromkeys(left, number))
                director = self._director
                later = [name for name in left if self._paused_last.get(name, 0) > number]
                paused = [name for name in later if director.is_paused([name])]
                director.set_source(left, source, begun, on_set, change, request.span)
                if paused:
                    director.set_paused(paused, True, lambda _error: None)
            except WayvidError as exc:
                if not is_superseded(exc):
                    self._note_refusal(exc)
                reply(exc)

        look = partial(opened, request.source) if request.source else lambda: Opened(DEFAULT_STREAM)
        self._errands.run(request.source, look, on_looked, ANSWERED_WITHIN_S)

    def _note_refusal(self, error: WayvidError | None) -> None:
        """Whoever set a source may not have read the answer, such as a script's."""
        self._account.refused = str(error) if error is not None else ""
        if error is not None and monotonic() >= self._quiet_until_s:
            self._quiet_until_s = monotonic() + REFUSALS_EVERY_S
            log.error("%s", error)

    def _set_sound(self, names: list[str], request: VolumeRequest | MuteRequest, reply: Reply) -> None:
        director = self._director

        def on_done(error: WayvidError | None) -> None:
            there = [name for name in director.connected if name in names or not request.outputs]
            reply(error or Heard(there, director.is_muted(names)))

        if isinstance(request, VolumeRequest):
            director.set_sound(names, louder(request.to, request.unit), on_done)
            return
        is_muted = request.mute == "on" or (request.mute == "toggle" and not director.is_muted(names))
        director.set_sound(names, lambda want: want._replace(is_muted=is_muted), on_done)

    def _take_snapshot(self, names: list[str], reply: Reply) -> None:
        director = self._director
        meant = [name for name in director.connected if name in names] or director.connected
        streams = {name: stream for name in meant if (stream := director.stream_on(name)) is not None}
        if not streams:
            raise NotPossible("no screen has a wallpaper, so there is no picture; see 'wayvid outputs'")
        stream = next(iter(streams.values()))
        if any(other is not stream for other in streams.values()):
            raise NotPossible(f"the screens show different pictures; name one of them with -o: {', '.join(streams)}")

        def on_taken(taken: tuple[Picture, int] | NotPossible) -> None:
            if isinstance(taken, NotPossible):
                reply(taken)
                return
            picture, fd = taken
            shape = (picture.width_px, picture.height_px, picture.stride_bytes, picture.rotation)
            seen = (picture.video_width_px, picture.video_height_px)
            reply(Handover(Pictured(list(streams), stream.source, *shape, *seen), fd))

        self._snapshots.take(stream, on_taken)

    def reload(self, on_done: OnDone) -> None:
        """Read the config again and take it into force.

        Raises:
            ConfigError: it is wrong; what was in force stays.
            SourceUnplayable: likewise, of a source that it names.
        """
        self._desktop.on_reload()
        try:
            enact = self._settings.reload(self._director.plan)
            finish = self._apply(self._settings.config.power)
        finally:
            self._desktop.on_reloaded()

        def on_shown(error: WayvidError | None) -> None:
            finish()
            if error is not None and not is_superseded(error):  # the streams say what is shown instead
                self._settings.error = str(error)
            self._account.outdate()
            self._on_told()
            on_done(error)

        before, _bound = self._director.wanted
        enact(on_shown)
        after, _bound = self._director.wanted
        told = [name for name in after if want_on(before, name).timeline is not after[name].timeline]
        self._set_last.update(dict.fromkeys(told, next(self._numbers)))
        log.info("config: %s is in force", self._settings.path or "the default")

    # Status.

    def _ask_figures(self, reply: Reply, answer: Callable[[], Answer]) -> None:
        # Once for all that wait: each question takes a place in a queue of libmpv's, which may get full.
        if not self._waiting and not self._cast.send(AskFigures()):
            reply(answer())
            return
        self._waiting.append((reply, answer))
        if self._deadline is None:
            self._deadline = self._loop.call_later(FIGURES_WITHIN_S, self.on_figures)

    def on_figures(self) -> None:
        """The player has said what it holds, or is not waited for any longer."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        waiting, self._waiting = self._waiting, []
        answers: dict[Callable[[], Answer], Answer] = {}
        for reply, answer in waiting:
            if answer not in answers:  # the same for all who ask for a status
                answers[answer] = answer()
            reply(answers[answer])
