"""Who is told what happens in a libmpv core."""

from __future__ import annotations

from typing import Protocol

__all__ = ["CoreOwner"]


class CoreOwner(Protocol):
    """Who is told what happens in a core; called in the event loop."""

    def on_frame_waiting(self) -> None:
        """A picture waits."""

    def on_started(self) -> None:
        """A file begins: the stream's own, or one that it names."""

    def on_loaded(self, is_image: bool, duration_s: float) -> None:
        """The source was opened."""

    def on_reshaped(self) -> None:
        """The video's shape may have changed."""

    def on_failed(self, reason: str, code: int) -> None:
        """The source cannot be played."""

    def on_ended(self) -> None:
        """What does not begin again has come to its end, and its last picture was there for its time."""

    def on_starved(self, is_starved: bool) -> None:
        """What comes from a server comes too slowly to be played, or comes again."""

    def is_at_end(self) -> bool:
        """Whether play is where the file ends, as far as is known."""
