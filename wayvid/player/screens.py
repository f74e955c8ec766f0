"""The outputs that the player shows streams on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING

from wayvid.link.figures import OutputFigures
from wayvid.link.messages import Pace, Show, Shown
from wayvid.player.fading import Stills
from wayvid.player.mixing import MixingRoom
from wayvid.transition import Change, Transition

# Loaded while libmpv's threads open the first file.
if TYPE_CHECKING:
    from wayvid.player.decoder import Decoder
    from wayvid.player.graphics import Choice
    from wayvid.player.output import OutputView
    from wayvid.player.shared_decode import DecoderHandle
    from wayvid.render.frame import FrameBuffer
    from wayvid.system.events import Timer
    from wayvid.wayland.connection import Connection
    from wayvid.wayland.outputs import Output
    from wayvid.wayland.presentation import PresentationClock
    from wayvid.wayland.shm import SharedMemory

__all__ = ["Screens"]


class Screens:
    """Shows streams on the outputs that are there, and on those that come.

    Args:
        prepared: the streams, by number.
        memory_of: gives the memory of a frame as the compositor knows it.
        call_later: the event loop's timer.
        send: tells the daemon.
        on_changed: called when an output shows another stream, or none any more.

    Attributes:
        views: what is shown, by output.
    """

    def __init__(
        self,
        prepared: Mapping[int, DecoderHandle],
        memory_of: Callable[[FrameBuffer], SharedMemory],
        call_later: Callable[[float, Callable[[], None]], Timer],
        send: Callable[[Shown], None],
        on_changed: Callable[[], None],
    ) -> None:
        self.views: dict[str, OutputView] = {}
        self._prepared = prepared
        self._memory_of = memory_of
        self._call_later = call_later
        self._send = send
        self._on_changed = on_changed
        self._wanted: dict[str, Show] = {}
        self._paces: dict[str, Pace] = {}
        self._stills = Stills()
        self._drawing: tuple[Choice, MixingRoom] | None = None
        self._connection: Connection | None = None
        self._presentation: PresentationClock | None = None

    def draw_with(self, choice: Choice, room: MixingRoom) -> None:
        """What streams are drawn with; before the first is prepared."""
        self._drawing = choice, room

    def open(self, connection: Connection) -> None:
        """Learn from a connection, which is not started yet, which outputs there are."""
        self._connection = connection
        connection.on_output_added = self._on_added
        connection.on_output_removed = self._on_removed

    def showing(self, decoder: Decoder) -> list[OutputView]:
        """The outputs that show a stream."""
        return [view for view in self.views.values() if view.shows(decoder)]

    def figures(self) -> Iterator[OutputFigures]:
        """What each of them does."""
        now_s = monotonic()
        for name, view in self.views.items():
            yield OutputFigures(name, view.presented, view.is_hidden(now_s), view.pacer.figures())

    def show(self, show: Show, still_fd: int) -> None:
        """Show a stream on an output, now or as soon as that is there.

        Args:
            show: what, and how.
            still_fd: what the daemon shows there; owned, -1: nothing.
        """
        self._stills.take(show, still_fd, self._drawing[0].renderer if self._drawing is not None else None)
        self._wanted[show.output] = show
        self._show(show)

    def _output(self, name: str) -> Output | None:
        outputs = self._connection.named_outputs() if self._connection is not None else []
        return next((output for output in outputs if output.name == name), None)

    def _show(self, show: Show) -> None:
        output = self._output(show.output)
        prepared = self._prepared.get(show.stream_id)
        if output is None or prepared is None:
            return  # shown as soon as the output is there
        from wayvid.player.output import OutputView
        from wayvid.wayland.presentation import PresentationClock

        self._wanted[show.output] = Show(show.output, show.stream_id, show.laid)  # when its output comes again
        handle = prepared.another()

        change = Change(Transition(show.transition), show.transition_s)

        def on_shown(is_mixed: bool) -> None:
            self._send(Shown(show.output, show.stream_id, is_mixed))

        view = self.views.get(show.output)
        if view is not None:  # its picture stays until the new stream has one
            view.switch(handle, show.laid, on_shown, change)
            self._stills.drop(show.output)
            self._on_changed()
            return
        assert self._connection is not None
        assert self._drawing is not None
        choice, room = self._drawing
        if self._presentation is None:
            self._presentation = PresentationClock(self._connection)
        self.views[show.output] = (choice.view or OutputView)(
            self._connection,
            self._presentation,
            output,
            handle,
            show.laid,
            self._memory_of,
            self._call_later,
            on_shown,
            room,
            change,
            self._stills.pop(show.output),
        )
        self._apply_pace(show.output)
        self._on_changed()

    def set_pace(self, pace: Pace) -> None:
        """Give an output fewer frames, or all again; also when it comes."""
        self._paces[pace.output] = pace
        self._apply_pace(pace.output)

    def _apply_pace(self, name: str) -> None:
        view, pace = self.views.get(name), self._paces.get(name)
        if view is not None and pace is not None:
            view.set_pace(pace.max_fps, pace.is_resting)

    def hide(self, name: str) -> None:
        """Show nothing on an output, also when it comes again."""
        self._wanted.pop(name, None)
        self._take_off(name)

    def _take_off(self, name: str) -> None:
        self._stills.drop(name)
        view = self.views.pop(name, None)
        if view is not None:
            view.close()
            self._on_changed()

    def _on_added(self, output: Output) -> None:
        show = self._wanted.get(output.name)
        if show is not None:
            self._show(show)

    def _on_removed(self, output: Output) -> None:
        self._take_off(output.name)

    def close(self) -> None:
        """Show nothing any more; an output that comes now is too late."""
        self._wanted.clear()
        for name in list(self.views):
            self._take_off(name)
