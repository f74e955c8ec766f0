"""What the desktop is told, and can tell: service manager, media keys and a hook, each where it is on."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING

from wayvid.config.model import Config
from wayvid.daemon.changes import Changes
from wayvid.daemon.director import Director
from wayvid.daemon.playback import Playback, Seen
from wayvid.daemon.showing import Showing
from wayvid.daemon.wall import Wall
from wayvid.ipc.server import Handler
from wayvid.system.events import EventLoop
from wayvid.system.notify import open_notifier

if TYPE_CHECKING:
    from wayvid.daemon.hook import Hook
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
        changes: tells when it is not as it was.
    """

    def __init__(
        self,
        loop: EventLoop,
        environ: MutableMapping[str, str],
        wall: Wall,
        director: Director,
        playback: Playback,
        changes: Changes,
    ) -> None:
        self._loop = loop
        self._wall = wall
        self._director = director
        self._playback = playback
        self._changes = changes
        self._environ = environ
        self._mpris: Mpris | None = None
        self._hook: Hook | None = None
        self._command = ""
        self._listens = False
        notifier = open_notifier(environ)
        if notifier is None:
            self._service = None
            return
        from wayvid.daemon.service import Service

        self._service = Service(loop, notifier, self._look)
        self._hear_of_pictures(playback)
        self._listen()

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
        elif not config.mpris and self._mpris is not None:
            self._mpris.close()
            self._mpris = None
        if config.hook != self._command:
            self._set_hook(config.hook)
        self._listen()

    def _set_hook(self, command: str) -> None:
        self._command = command
        if self._hook is not None:
            self._hook.close()
            self._hook = None
        if command:
            import shlex

            from wayvid.daemon.hook import Hook

            self._hook = Hook(self._loop, shlex.split(command), self._look)
            self._hook.on_change()

    def _listen(self) -> None:
        is_wanted = any(each is not None for each in (self._service, self._mpris, self._hook))
        if is_wanted is not self._listens:
            self._listens = is_wanted
            (self._changes.listen if is_wanted else self._changes.leave)(self._on_change)

    def _hear_of_pictures(self, playback: Playback) -> None:
        tell_director = playback.on_seen

        def on_seen(what: Seen) -> None:
            tell_director(what)
            if self._service is not None and isinstance(what, str):
                self._service.on_picture()

        playback.on_seen = on_seen

    def _look(self) -> list[Showing]:
        streams = [(name, self._director.stream_on(name)) for name in self._director.connected]
        return [
            Showing(name, stream.state, stream.file or stream.source) for name, stream in streams if stream is not None
        ]

    def _on_change(self, _events: object) -> None:
        if self._service is not None:
            if self._wall.has_still(self._director.connected):
                self._service.on_picture()
            self._service.on_change()
        if self._mpris is not None:
            self._mpris.on_change()
        if self._hook is not None:
            self._hook.on_change()

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
        if self._hook is not None:
            self._hook.close()
