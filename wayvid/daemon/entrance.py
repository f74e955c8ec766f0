"""What of the daemon is there first: the screens, each with the last picture of what it is to show.

The rest is loaded while that is seen; so this imports what the first commit needs, and no more.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from wayvid.config.resolve import OutputFacts
from wayvid.daemon.firstlook import FirstLook
from wayvid.daemon.listing import stream_of
from wayvid.daemon.remember import Opening
from wayvid.daemon.scene import AS_TOLD, want_on
from wayvid.daemon.source import DEFAULT_STREAM
from wayvid.daemon.span import Picture, Spans, facts_of
from wayvid.daemon.told import Script
from wayvid.daemon.wall import Wall
from wayvid.errors import AlreadyRunning, CompositorGone, IpcError, SourceUnplayable
from wayvid.geometry import Laid, Layout
from wayvid.ipc.address import socket_address
from wayvid.ipc.listener import Listener
from wayvid.system.events import EventLoop
from wayvid.wayland.connection import Connection

__all__ = ["Entrance", "told_on"]

log = logging.getLogger(__name__)


class Entrance:
    """The daemon's loop, socket, connection and screens; with the last pictures on them.

    Args:
        opening: what to begin with.
        script: what config file and command line say.
        environ: where socket, display and cache are.

    Raises:
        AlreadyRunning: another wayvid serves this display.
        CompositorError: no compositor, or it cannot do what is needed.
        UnknownOutput: a wished output is not connected.

    Attributes:
        listener: where clients come; None where that cannot be, which was logged.
    """

    def __init__(self, opening: Opening, script: Script, environ: Mapping[str, str]) -> None:
        self.loop = EventLoop()
        self.listener: Listener | None = None
        self._connection: Connection | None = None
        self._wall: Wall | None = None
        try:
            self._listen(environ)
            self._connection = self.connection = Connection()
            self._wall = self.wall = Wall(self.connection, self.loop.call_later)
            self.first_look = FirstLook(self.wall, environ)
            self.connection.start()
            script.wish.check_known(output.name for output in self.connection.named_outputs())
            self._look(opening, script)
        except BaseException:
            self.close()
            raise

    def _listen(self, environ: Mapping[str, str]) -> None:
        # Before anything is seen: the screens may be another wayvid's.
        try:
            self.listener = Listener(socket_address(environ))
        except AlreadyRunning:
            raise
        except IpcError as exc:  # the wallpaper does not need it
            log.warning("commands cannot reach this wayvid: %s", exc)

    def _look(self, opening: Opening, script: Script) -> None:
        outputs = [output for output in self.connection.named_outputs() if script.wish.uses(output.name)]
        told = {output.name: told_on(opening, script, facts_of(output)) for output in outputs}
        spans = Spans(lambda: script.spans, lambda: outputs)
        parts = spans.parts({name: picture for name, (_layout, picture) in told.items()})
        for output in outputs:
            layout, (source, _span) = told[output.name]
            self.wall.add(output, Laid(layout, parts.get(output.name)))
            self.first_look.show_on(output.name, source)
        if self.first_look.is_there:
            self.connection.roundtrip()  # the surfaces get their sizes, and with these their pictures
            self.connection.flush()

    def leave_screens(self) -> None:
        """Take what is ours off the screens; twice does nothing."""
        if self._wall is not None:
            self._wall.close()
        if self._connection is not None:
            try:
                self._connection.flush()
            except CompositorGone:
                log.debug("the compositor went first")

    def leave_compositor(self) -> None:
        """Close the connection; twice does nothing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Leave all there is; twice does nothing."""
        self.leave_screens()
        self.leave_compositor()
        if self.listener is not None:
            self.listener.close()
        self.loop.close()


def told_on(opening: Opening, script: Script, facts: OutputFacts) -> tuple[Layout, Picture]:
    """How an output lays out what it is to begin with, and that: a file, "" where it cannot be told."""
    told, want = script.on(facts), want_on(opening.wanted, facts.name)
    before = opening.bound.before(facts.name, told)
    layout = want.layout if told.layout is before.layout else told.layout
    span = AS_TOLD if told.ends_span(before) else want.span
    if told.play == before.play:
        return layout, Picture(want.timeline.spec.path, span)
    if not told.play.goes_on_from(before.play):
        span = AS_TOLD
    try:
        spec = stream_of(told.play.source) if told.play.source else DEFAULT_STREAM
    except SourceUnplayable:  # who plays it says so
        return layout, Picture("", span)
    return layout, Picture(spec.path, span)
