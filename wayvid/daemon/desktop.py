"""What the desktop is told of the wallpaper, and who is told: each only where it is on."""

from __future__ import annotations

from collections.abc import MutableMapping

from wayvid.daemon.director import Director
from wayvid.daemon.playback import Playback
from wayvid.daemon.showing import Showing
from wayvid.daemon.wall import Wall
from wayvid.system.events import EventLoop
from wayvid.system.notify import open_notifier

__all__ = ["Desktop"]


class Desktop:
    """Tells the service manager, where one has started this. What is not asked for is not loaded.

    Args:
        loop: the daemon's event loop.
        environ: says whose service this is.
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
        self._before: list[Showing] = []
        notifier = open_notifier(environ)
        if notifier is None:
            self._service = None
            return
        from wayvid.daemon.service import Service

        self._service = Service(loop, notifier, self._look)
        self._hear_of_pictures(playback)
        loop.before_sleep(self._compare)

    def _hear_of_pictures(self, playback: Playback) -> None:
        tell_director = playback.on_seen

        def on_seen(what: str | int) -> None:
            tell_director(what)
            if self._service is not None and isinstance(what, str):
                self._service.on_picture()

        playback.on_seen = on_seen

    def _look(self) -> list[Showing]:
        streams = [(name, self._director.stream_on(name)) for name in self._director.connected]
        return [Showing(name, stream.state, stream.source) for name, stream in streams if stream is not None]

    def _compare(self) -> None:
        """The loop is about to sleep: see whether something else is shown."""
        now = self._look()
        if now != self._before:
            self._before = now
            self._loop.call_soon(self._on_change)

    def _on_change(self) -> None:
        if self._service is not None:
            if self._wall.has_still(self._director.connected):
                self._service.on_picture()
            self._service.on_change()

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
