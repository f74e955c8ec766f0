"""What the desktop is told of the wallpaper, and can tell it: service manager and media keys, each where it is on."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import TYPE_CHECKING

from wayvid.config.model import Config
from wayvid.daemon.director import Director
from wayvid.daemon.playback import Playback, Seen
from wayvid.daemon.showing import Showing
from wayvid.daemon.wall import Wall
from wayvid.ipc.server import Handler
from wayvid.system.events import EventLoop
from wayvid.system.notify import open_notifier

if TYPE_CHECKING:
    from wayvid.daemon.mpris import Mpris

__all__ = ["Desktop"]

# Media keys, where nobody asked for them.
OFF = "off"


class Desktop:
    """Tells them, and does what media keys say. What is not asked for is not loaded.

    Args:
        loop: the daemon's event loop.
        environ: says whose service this is, and where the session's bus is.
        wall: the screens.
        director: what is shown.
        playback: where that is.
    """

    def __init__(
        self, loop: EventLoop, environ: MutableMapping[str, str], wall: Wall, director: Director, playback: Playback
    ) -> None:
        self._loop = loop
        self._wall = wall
        self._director = director
        self._playback = playback
        self._environ = environ
        self._mpris: Mpris | None = None
        self._compares = False
        self._before: Sequence[tuple[object, ...]] = []
        notifier = open_notifier(environ)
        if notifier is None:
            self._service = None
            return
        from wayvid.daemon.service import Service

        self._service = Service(loop, notifier, self._look)
        self._hear_of_pictures(playback)
        self._begin_comparing()

    @property
    def mpris(self) -> str:
        """Its name on the session bus, or why it has none."""
        return OFF if self._mpris is None else self._mpris.name or self._mpris.reason

    def configure(self, config: Config, handle: Handler) -> None:
        """Be as the config says from now on.

        Args:
            config: the one in force.
            handle: does what is asked; as of the daemon's socket.
        """
        if config.mpris and self._mpris is None:
            from wayvid.daemon.mpris import Mpris, look

            self._mpris = Mpris(self._loop, self._environ, lambda: look(self._director, self._playback), handle)
            self._begin_comparing()
        elif not config.mpris and self._mpris is not None:
            self._mpris.close()
            self._mpris = None

    def _begin_comparing(self) -> None:
        if not self._compares:
            self._compares = True
            self._loop.before_sleep(self._compare)

    def _hear_of_pictures(self, playback: Playback) -> None:
        tell_director = playback.on_seen

        def on_seen(what: Seen) -> None:
            tell_director(what)
            if self._service is not None and isinstance(what, str):
                self._service.on_picture()

        playback.on_seen = on_seen

    def _look(self) -> list[Showing]:
        streams = [(name, self._director.stream_on(name)) for name in self._director.connected]
        return [Showing(name, stream.state, stream.source) for name, stream in streams if stream is not None]

    def _compare(self) -> None:
        """The loop is about to sleep: see whether something else is shown."""
        streams = [self._director.stream_on(name) for name in self._director.connected]
        # Another number is another place in the same source.
        numbers = [(each.stream_id, each.spec.speed) for each in streams if each is not None]
        now = [*self._look(), *numbers]
        if now != self._before:
            self._before = now
            self._loop.call_soon(self._on_change)

    def _on_change(self) -> None:
        if self._service is not None:
            if self._wall.has_still(self._director.connected):
                self._service.on_picture()
            self._service.on_change()
        if self._mpris is not None:
            self._mpris.on_change()

    def on_reload(self) -> None:
        """The config is about to be read again."""
        if self._service is not None:
            self._service.on_reload()

    def on_reloaded(self) -> None:
        """It has been, whatever came of it."""
        if self._service is not None:
            self._service.on_reloaded()

    def close(self) -> None:
        """The daemon is about to end; twice does nothing."""
        if self._service is not None:
            self._service.close()
        if self._mpris is not None:
            self._mpris.close()
