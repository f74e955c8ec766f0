"""All wanted outputs, and the pictures that the daemon shows on them while no player does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from wayvid.daemon.screen import Screen
from wayvid.daemon.still import Still
from wayvid.geometry import Laid
from wayvid.link.messages import Picture
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.shm import SharedMemory

__all__ = ["Wall"]


class _Covering:
    """Screens that are to show a still, and who is told when all of them do."""

    def __init__(self, names: Iterable[str], on_everywhere: Callable[[], None]) -> None:
        self._unshown = set(names)
        self._on_everywhere: Callable[[], None] | None = on_everywhere
        self._tell_if_done()

    def shown_on(self, name: str) -> None:
        """It is on a screen, or that screen has gone."""
        self._unshown.discard(name)
        self._tell_if_done()

    def _tell_if_done(self) -> None:
        on_everywhere = self._on_everywhere
        if on_everywhere is not None and not self._unshown:
            self._on_everywhere = None
            on_everywhere()

    def cancel(self) -> None:
        """Nobody is told any more."""
        self._on_everywhere = None


class Wall:
    """The screens by output name, and their stills.

    Args:
        connection: to the compositor.
        call_later: the event loop's timer.

    Attributes:
        on_reshaped: called with the name of an output whose size or scale became known or changed.
        on_seen: called with the name of an output where the compositor asks for a frame after a still.
    """

    def __init__(self, connection: Connection, call_later: Callable[[float, Callable[[], None]], object]) -> None:
        self._connection = connection
        self._call_later = call_later
        self._screens: dict[str, Screen] = {}
        self._stills: dict[str, Still] = {}
        self._coverings: dict[str, _Covering] = {}
        self._unshown: set[str] = set()  # where a still is wanted and not yet to be seen
        self._when_shown: list[Callable[[], None]] = []
        self.on_reshaped: Callable[[str], None] = lambda _name: None
        self.on_seen: Callable[[str], None] = lambda _name: None

    def __iter__(self) -> Iterator[tuple[str, Screen]]:
        """Names and screens, in the order they came."""
        return iter(tuple(self._screens.items()))

    def __contains__(self, name: object) -> bool:
        """Whether there is a screen on an output of that name."""
        return name in self._screens

    def laid_on(self, name: str) -> tuple[Laid, Laid]:
        """How an output that is there lays its picture out, and the still that it shows."""
        screen = self._screens[name]
        return screen.laid, screen.still_laid

    @property
    def still_bytes(self) -> int:
        """Memory that the stills on the screens keep; no process of ours maps it."""
        return sum(still.memory.size_bytes for still in set(self._stills.values()))

    def add(self, output: Output, laid: Laid) -> None:
        """A screen for an output that came."""
        name = output.name
        self._screens[name] = Screen(
            self._connection,
            output,
            laid,
            self._call_later,
            lambda: self.on_reshaped(name),
            lambda: self.on_seen(name),
        )

    def remove(self, name: str) -> None:
        """Leave an output that went."""
        self._screens.pop(name).close()
        self._let_go(name)

    def set_laid(self, name: str, laid: Laid, keeps_still: bool) -> bool:
        """Lay the pictures of an output out in another way.

        Args:
            name: the output.
            laid: how.
            keeps_still: a still that is there stays as it is: another source is to come.

        Returns:
            Whether that is another way.
        """
        screen = self._screens[name]
        is_other = screen.laid != laid
        if is_other:
            screen.set_laid(laid, keeps_still)
        return is_other

    def make_still(self, fd: int, size_bytes: int, picture: Picture) -> Still:
        """A picture to be shown; the caller is its first holder.

        Args:
            fd: the memory that it is in; stays the caller's.
            size_bytes: its length.
            picture: its shape.
        """
        return Still(SharedMemory(self._connection, fd, size_bytes), picture, os.dup(fd))

    def flush(self) -> None:
        """Send what was asked of the compositor."""
        self._connection.flush()

    def show_still(self, still: Still, names: Iterable[str], on_everywhere: Callable[[], None] | None = None) -> None:
        """Show a picture on some screens, each until drop_still().

        Args:
            still: the picture; each screen becomes a holder.
            names: the outputs; those that are not there are left out.
            on_everywhere: called once when all of them show it, or have gone.
        """
        there = [name for name in names if name in self._screens]
        covering = _Covering(there, on_everywhere) if on_everywhere is not None else None
        for name in there:
            before = self._stills.get(name)
            self._stills[name] = still.hold()
            if covering is not None:
                self._coverings[name] = covering
            self._unshown.add(name)
            self._screens[name].show_still(still.memory, still.picture, partial(self._on_shown, name, covering))
            if before is not None:
                before.let_go()

    def _on_shown(self, name: str, covering: _Covering | None = None) -> None:
        if covering is not None:
            covering.shown_on(name)
        self._unshown.discard(name)
        if not self._unshown:
            waiting, self._when_shown = self._when_shown, []
            for on_shown in waiting:
                on_shown()

    def when_shown(self, on_shown: Callable[[], None]) -> bool:
        """Call once when no screen waits for a still to be seen there; whether that was so at once."""
        if self._unshown:
            self._when_shown.append(on_shown)
            return False
        on_shown()
        return True

    def still_on(self, name: str) -> Still | None:
        """The daemon's picture on an output."""
        return self._stills.get(name)

    def has_still(self, names: Iterable[str]) -> bool:
        """Whether one of these outputs shows a picture of the daemon's."""
        return any(name in self._stills for name in names)

    def when_seen(self, names: Iterable[str], on_seen: Callable[[], None]) -> None:
        """Call when somebody looks at a picture of the daemon's on one of these outputs, once for each of them."""
        for name in names:
            if name in self._screens and self._screens[name].has_still:
                self._screens[name].when_seen(on_seen)

    def drop_still(self, name: str) -> None:
        """Take the daemon's picture off an output: the player's is there, or never went."""
        covering = self._coverings.pop(name, None)
        if covering is not None:
            covering.cancel()
        if name in self._screens:
            self._screens[name].drop_still()
        self._let_go(name)

    def _let_go(self, name: str) -> None:
        covering = self._coverings.pop(name, None)
        still = self._stills.pop(name, None)
        if still is not None:
            still.let_go()
        self._on_shown(name, covering)

    def wants_more_than(self, picture: Picture, names: Iterable[str]) -> bool:
        """Whether one of these outputs could show more of the source's pixels than a picture of it has."""
        return any(self._screens[name].wants_more_than(picture) for name in names if name in self._screens)

    def close(self) -> None:
        """Leave all outputs."""
        for screen in self._screens.values():
            screen.close()
        self._screens.clear()
