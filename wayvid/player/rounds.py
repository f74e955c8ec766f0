"""Clips whose ends differ: at the end of each round one fades into its own beginning, from a second decoder."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from wayvid.player.decoder import Decoder
from wayvid.player.followers import LATE_S, MOST_OFF_S, Followers, Following
from wayvid.player.shared_decode import DecoderHandle, SharedDecodeManager
from wayvid.player.source import FROM_START, OPENS_S, CoreMemory, loop_fade
from wayvid.transition import Change, Transition

if TYPE_CHECKING:
    from wayvid.link.messages import StreamSpec
    from wayvid.system.events import Timer

__all__ = ["Rounds"]

log = logging.getLogger(__name__)

# Shorter, nobody would see a fade.
LEAST_S = 0.1


class Rounds(Followers):
    """Opens a stream's next round before the present one ends, and turns the outputs over to it; see Followers."""

    def __init__(
        self,
        manager: SharedDecodeManager,
        memory: Callable[[StreamSpec], CoreMemory],
        call_later: Callable[[float, Callable[[], None]], Timer],
        has_room: Callable[[Decoder], bool],
        on_turn: Callable[[Decoder, DecoderHandle, Change], None],
    ) -> None:
        super().__init__(manager, memory, call_later, has_room, on_turn)
        self._timers: dict[Decoder, Timer] = {}  # until the next round is to be opened
        self._lacks_room = False

    def on_position(self, decoder: Decoder) -> None:
        """It is known anew where a stream is."""
        if decoder in self._next or not loop_fade(decoder.spec, decoder.duration_s):
            return
        before = self._timers.pop(decoder, None)
        if before is not None:
            before.cancel()
        self._timers[decoder] = self._call_later(
            max(0.0, self._begins_in_s(decoder) - OPENS_S), lambda: self._open(decoder)
        )

    @staticmethod
    def _left_s(decoder: Decoder) -> float:
        """How long the present round goes on."""
        return (decoder.duration_s - decoder.position_s) / decoder.spec.speed - (monotonic() - decoder.position_at_s)

    def _begins_in_s(self, decoder: Decoder) -> float:
        return self._left_s(decoder) - loop_fade(decoder.spec, decoder.duration_s)

    def _open(self, decoder: Decoder) -> None:
        del self._timers[decoder]
        begins_in_s = max(0.0, self._begins_in_s(decoder))
        is_near = begins_in_s < OPENS_S + MOST_OFF_S and self._left_s(decoder) > begins_in_s + LEAST_S
        if decoder.state != "playing" or not decoder.is_viewed or not is_near:
            return  # the next position tells when
        if not self._has_room(decoder):
            if not self._lacks_room:
                log.info("%s: begins anew without a fade: memory is short", decoder.spec.path)
            self._lacks_room = True
            return
        self._lacks_room = False
        begin_at_s = monotonic() + begins_in_s
        handle = self._acquire(decoder, FROM_START, begin_at_s)
        timer = self._call_later(begins_in_s, lambda: self._turn(decoder))
        self._next[decoder] = Following(handle, timer, 0.0, begin_at_s)

    def _turn(self, decoder: Decoder) -> None:
        following = self._next.pop(decoder)
        handle = following.handle
        fade_s = min(loop_fade(decoder.spec, decoder.duration_s), self._left_s(decoder))
        if decoder.state != "playing" or not decoder.is_viewed or fade_s < LEAST_S:
            handle.close()
        elif not handle.decoder.has_begun:
            timer = self._call_later(LATE_S, lambda: self._turn(decoder))
            self._next[decoder] = following._replace(timer=timer)
        else:
            self._turn_over(decoder, handle, Change(Transition.FADE, fade_s))

    def drop(self, decoder: Decoder) -> None:
        """A stream goes: no round follows."""
        timer = self._timers.pop(decoder, None)
        if timer is not None:
            timer.cancel()
        super().drop(decoder)

    def close(self) -> None:
        """No round follows anywhere. Twice does nothing."""
        for decoder in {*self._timers, *self._next}:
            self.drop(decoder)
