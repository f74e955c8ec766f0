"""Who is told what becomes of the playback."""

from __future__ import annotations

from typing import Protocol

from wayvid.daemon.phase import HoldReason
from wayvid.errors import WayvidError
from wayvid.link.figures import Figures
from wayvid.link.messages import Eased

__all__ = ["PlaybackListener"]


class PlaybackListener(Protocol):
    """Who is told what becomes of the playback."""

    def on_playing(self) -> None:
        """A player shows its first picture."""

    def on_still(self) -> None:
        """The daemon shows a source that is an image."""

    def on_figures(self, figures: Figures) -> None:
        """The player says what it holds."""

    def on_eased(self, eased: Eased) -> None:
        """The player has taken steps of the ladder."""

    def on_holding(self, reason: HoldReason) -> None:
        """The player is about to go, and its last picture stays."""

    def on_held(self) -> None:
        """It has gone."""

    def on_replaced(self) -> None:
        """A player that was exchanged has ended."""

    def on_kept(self) -> None:
        """The hold or exchange that was under way is not to be: the player stays."""

    def on_fatal(self, error: WayvidError) -> None:
        """There is nothing to show and never will be."""
