"""All wanted outputs, and the picture that the daemon shows on them while no player does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wayvid.daemon.scene import Wish
from wayvid.daemon.screen import Screen
from wayvid.link.messages import Picture
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.shm import SharedMemory

__all__ = ["Wall"]


class Wall:
    """The screens by output name, and their still.

    Args:
        connection: to the compositor.
        wish: which outputs are wanted, in which layouts.
        call_later: the event loop's timer.

    Attributes:
        on_reshaped: called when an output's size or scale became known or changed.
        on_seen: called when the compositor asks for a frame after a still.
    """

    def __init__(
        self, connection: Connection, wish: Wish, call_later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._connection = connection
        self._wish = wish
        self._call_later = call_later
        self._screens: dict[str, Screen] = {}
        self._still: tuple[SharedMemory, Picture] | None = None
        self._unshown: set[str] = set()
        self._on_everywhere: Callable[[], None] | None = None
        self.on_reshaped: Callable[[], None] = lambda: None
        self.on_seen: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[tuple[str, Screen]]:
        """Names and screens, in the order they came."""
        return iter(tuple(self._screens.items()))

    @property
    def picture(self) -> Picture | None:
        """What the daemon shows, where no player does."""
        return self._still[1] if self._still is not None else None

    @property
    def still_bytes(self) -> int:
        """Memory that the still keeps; no process of ours maps it."""
        return self._still[0].size_bytes if self._still is not None else 0

    def add(self, output: Output) -> Screen | None:
        """A screen for an output that came; None when none is wanted there."""
        layout = self._wish.layout_on(output.name)
        if layout is None:
            return None
        screen = Screen(self._connection, output, layout, self._call_later, self.on_reshaped, self.on_seen)
        self._screens[output.name] = screen
        if self._still is not None:
            screen.show_still(*self._still)
        return screen

    def remove(self, name: str) -> bool:
        """Leave an output that went; False when there was no screen on it."""
        screen = self._screens.pop(name, None)
        if screen is None:
            return False
        screen.close()
        self._now_shown(name)
        return True

    def show_still(
        self, fd: int, size_bytes: int, picture: Picture, on_everywhere: Callable[[], None] | None = None
    ) -> None:
        """Show a picture on every screen, also on those that come later.

        Args:
            fd: the memory that it is in; stays the caller's.
            size_bytes: its length.
            picture: its shape.
            on_everywhere: called once when every screen shows it.
        """
        memory = SharedMemory(self._connection, fd, size_bytes)
        previous, self._still = self._still, (memory, picture)
        self._on_everywhere = on_everywhere
        self._unshown = set(self._screens)
        for name, screen in self._screens.items():
            screen.show_still(memory, picture, self._shown_on(name) if on_everywhere else None)
        if previous is not None:
            previous[0].close()
        if not self._screens:
            self._tell_everywhere()

    def _shown_on(self, name: str) -> Callable[[], None]:
        return lambda: self._now_shown(name)

    def _now_shown(self, name: str) -> None:
        self._unshown.discard(name)
        if not self._unshown:
            self._tell_everywhere()

    def _tell_everywhere(self) -> None:
        on_everywhere, self._on_everywhere = self._on_everywhere, None
        if on_everywhere is not None:
            on_everywhere()

    def drop_still(self, name: str) -> None:
        """The player's picture is on that output now; the still goes for good when it is on none any more."""
        screen = self._screens.get(name)
        if screen is not None:
            screen.drop_still()
        if not any(screen.has_still for screen in self._screens.values()):
            self.forget_still()

    def forget_still(self) -> None:
        """Show nothing of the daemon's own any more."""
        self._on_everywhere = None
        for screen in self._screens.values():
            screen.drop_still()
        if self._still is not None:
            self._still[0].close()
            self._still = None

    def wants_more_pixels(self) -> bool:
        """Whether some output could show more of the source's pixels than the still has."""
        picture = self.picture
        return picture is not None and any(screen.wants_more_than(picture) for screen in self._screens.values())

    def close(self) -> None:
        """Leave all outputs."""
        for screen in self._screens.values():
            screen.close()
        self._screens.clear()
