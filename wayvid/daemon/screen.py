"""One output as the daemon sees it: a still of its own for when no player shows anything there."""

from __future__ import annotations

from collections.abc import Callable

from wayvid.geometry import Laid, Size, picture_size
from wayvid.link.messages import Picture
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.shm import SharedMemory
from wayvid.wayland.surface import COVERED_AFTER_S, WallpaperSurface, seen_size

__all__ = ["Screen"]


def _nothing() -> None:
    """A still's buffer is never written again, so its release needs no answer."""


class Screen:
    """A wanted output and the daemon's surface on it.

    The surface is configured ahead and unmapped, so that a still needs a single
    commit when the player dies.

    Args:
        connection: to the compositor.
        output: the screen.
        laid: how to lay a still out.
        call_later: the event loop's timer.
        on_reshaped: called when the output's size or scale became known or changed.
        on_seen: called, once for each still, when the compositor asks for a frame after it: somebody looks.
    """

    def __init__(
        self,
        connection: Connection,
        output: Output,
        laid: Laid,
        call_later: Callable[[float, Callable[[], None]], object],
        on_reshaped: Callable[[], None],
        on_seen: Callable[[], None],
    ) -> None:
        self.output = output
        self.laid = self.still_laid = laid
        self._connection = connection
        self._call_later = call_later
        self._on_reshaped = on_reshaped
        self._on_seen = on_seen
        self._on_shown: Callable[[], None] | None = None
        self._asked: Callable[[], None] | None = None
        self._still: tuple[SharedMemory, Picture] | None = None
        self._surface = self._open_surface()

    def _open_surface(self) -> WallpaperSurface:
        return WallpaperSurface(self._connection, self.output, self._on_ready, self._on_closed)

    @property
    def has_still(self) -> bool:
        """Whether the daemon's picture is wanted on the output."""
        return self._still is not None

    def show_still(self, memory: SharedMemory, picture: Picture, on_shown: Callable[[], None] | None = None) -> None:
        """Show a picture until drop_still(); as soon as the surface has a size.

        Args:
            memory: where it is.
            picture: its shape.
            on_shown: called once when it is on screen, or would be if nothing covered it.
        """
        previous, self._still = self._still, (memory, picture)
        self.still_laid = self.laid
        self._on_shown = on_shown
        self._asked = None
        self._present()
        if previous is not None and previous[0] is not memory:
            self._surface.forget_memory(previous[0])

    def when_seen(self, on_seen: Callable[[], None]) -> None:
        """Call once when somebody looks at the still that is shown: at the next refresh, or when it is uncovered."""
        self._asked = on_seen
        self._present()

    def set_laid(self, laid: Laid, keeps_still: bool) -> None:
        """Lay stills out in another way, also the one that is shown unless that is to stay as it is."""
        self.laid = laid
        if not keeps_still:
            self.still_laid = laid
            self._present()

    def drop_still(self) -> None:
        """Take the daemon's picture away; the player's is there."""
        self._on_shown = self._asked = None
        if self._still is not None:
            self._still = None
            self._surface.close()
            self._surface = self._open_surface()

    def wants_more_than(self, picture: Picture) -> bool:
        """Whether the output could show more of the source's pixels than a picture of it has."""
        placement = self._surface.placement(seen_size(picture), self.still_laid)
        if placement is None:
            return False
        wanted = picture_size(seen_size(picture), [(placement, self._surface.steps)])
        made = Size(picture.width_px, picture.height_px)
        if picture.rotation in (90, 270):
            made = made.turned()
        return wanted.width > made.width or wanted.height > made.height

    def _present(self) -> None:
        if self._still is None:
            return
        memory, picture = self._still
        was_presented = self._surface.present(memory, picture, self.still_laid, _nothing, self._on_frame)
        if was_presented and self._on_shown is not None:
            # A covered surface is asked for no frame, so time has to do.
            self._connection.sync(self._expect_shown)

    def _expect_shown(self) -> None:
        self._call_later(COVERED_AFTER_S, self._tell_shown)

    def _on_frame(self) -> None:
        self._tell_shown()
        self._on_seen()
        asked, self._asked = self._asked, None
        if asked is not None:
            asked()

    def _tell_shown(self) -> None:
        on_shown, self._on_shown = self._on_shown, None
        if on_shown is not None:
            on_shown()

    def _on_ready(self) -> None:
        self._present()
        self._on_reshaped()

    def _on_closed(self) -> None:
        """The compositor took the surface: make another, unless it wants none there."""
        was_wanted = self._surface.size is not None
        self._surface.close()
        if was_wanted:
            self._surface = self._open_surface()

    def close(self) -> None:
        """Leave the output."""
        self._still = None
        self._on_shown = self._asked = None
        self._surface.close()
