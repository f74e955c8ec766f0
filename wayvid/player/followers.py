"""Second decoders of streams: each is opened while the first still plays, and takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from wayvid.player.decoder import Decoder
from wayvid.player.shared_decode import DecoderHandle, SharedDecodeManager
from wayvid.player.source import CoreMemory, CoreStart
from wayvid.transition import Change

if TYPE_CHECKING:
    from wayvid.link.messages import StreamSpec
    from wayvid.system.events import Timer

__all__ = ["LATE_S", "MOST_OFF_S", "Followers", "Following"]

# One that is not there in time is waited for so long at a time.
LATE_S = 0.05
# A place that is so much off is one of before a pause or a seek.
MOST_OFF_S = 0.25


class Following(NamedTuple):
    """The decoder that is about to follow, and where and when it begins.

    Attributes:
        handle: of it; closed if it is not to follow.
        timer: until it is to.
        position_s: in the file.
        begin_at_s: CLOCK_MONOTONIC.
    """

    handle: DecoderHandle
    timer: Timer
    position_s: float
    begin_at_s: float


class Followers:
    """Opens decoders that are to follow, and forgets those that are not.

    Args:
        manager: of the decoders.
        memory: what a stream's core may take.
        call_later: the event loop's timer.
        has_room: whether there is memory for one more decoder of a stream that is shown.
        on_turn: called with a decoder, what follows it and how to go over to that; owns the handle from then on.
    """

    def __init__(
        self,
        manager: SharedDecodeManager,
        memory: Callable[[StreamSpec], CoreMemory],
        call_later: Callable[[float, Callable[[], None]], Timer],
        has_room: Callable[[Decoder], bool],
        on_turn: Callable[[Decoder, DecoderHandle, Change], None],
    ) -> None:
        self._manager = manager
        self._memory = memory
        self._call_later = call_later
        self._has_room = has_room
        self._on_turn = on_turn
        self._next: dict[Decoder, Following] = {}

    def _acquire(self, decoder: Decoder, start: CoreStart, begin_at_s: float) -> DecoderHandle:
        """One more decoder of what a decoder plays, which waits with its first picture for a moment."""
        spec = decoder.spec
        self._manager.retire(spec)
        return self._manager.acquire(spec, self._memory(spec), start, begin_at_s)

    def _turn_over(self, decoder: Decoder, handle: DecoderHandle, change: Change) -> None:
        handle.decoder.follow(decoder)
        self._on_turn(decoder, handle, change)

    def drop(self, decoder: Decoder) -> None:
        """Nothing is to follow a decoder."""
        following = self._next.pop(decoder, None)
        if following is not None:
            following.timer.cancel()
            following.handle.close()

    def close(self) -> None:
        """Nothing follows anywhere. Twice does nothing."""
        for decoder in tuple(self._next):
            self.drop(decoder)
