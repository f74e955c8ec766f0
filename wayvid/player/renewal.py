"""A stream that goes on in a decoder of another kind, where nobody sees it."""

from __future__ import annotations

import logging
from time import monotonic

from wayvid.player.decoder import Decoder
from wayvid.player.followers import LATE_S, MOST_OFF_S, Followers, Following
from wayvid.player.source import CoreStart
from wayvid.transition import CUT

__all__ = ["Renewals"]

log = logging.getLogger(__name__)

# By then a decoder has opened the file and decoded what is between the key frame and its first picture.
LEAD_S = 1.5
# One that is not there in time is waited for so often.
MOST_LATE = 40
# Nearer to its end a clip is not taken up in its middle.
LEAST_LEFT_S = 1.0


def _place(decoder: Decoder, at_s: float) -> float:
    """Where a stream is at a moment if nothing stops it; of a loop also behind its end."""
    return decoder.position_s + (at_s - decoder.position_at_s) * decoder.spec.speed


def _off(decoder: Decoder, following: Following) -> float:
    """How far a stream is from where it was expected to be when another decoder takes it over, in seconds."""
    off_s = _place(decoder, following.begin_at_s) - following.position_s
    round_s = decoder.duration_s or float("inf")  # as far apart is not apart
    return min(off_s % round_s, -off_s % round_s)


class Renewals(Followers):
    """Opens a second decoder of a stream, and turns the outputs over to it at the moment of its first picture."""

    def renew(self, decoder: Decoder, is_sparse: bool) -> None:
        """Have a stream go on where it is in another decoder; where that cannot be, it stays in this one.

        What is heard stays as well: it would break off for a moment.

        Args:
            decoder: plays it.
            is_sparse: see CoreStart.
        """
        self.drop(decoder)
        begin_at_s = monotonic() + LEAD_S
        speed, duration_s = decoder.spec.speed, decoder.duration_s
        position_s = _place(decoder, begin_at_s)
        if decoder.spec.loop and duration_s > 0 and not decoder.spec.start_s:
            position_s %= duration_s
            if position_s > duration_s - LEAST_LEFT_S:  # it takes over with the next round
                begin_at_s += (duration_s - position_s) / speed
                position_s = 0.0
        is_apt = decoder.state == "playing" and decoder.is_viewed and 0 <= position_s < duration_s - LEAST_LEFT_S
        if not is_apt or decoder.sound.volume or not self._has_room(decoder):
            log.debug("%s: is not decoded in another way now", decoder.spec.path)
            decoder.thrift.put_off()
            return
        handle = self._acquire(decoder, CoreStart(position_s, is_sparse=is_sparse), begin_at_s)
        timer = self._call_later(begin_at_s - monotonic(), lambda: self._turn(decoder, MOST_LATE))
        self._next[decoder] = Following(handle, timer, position_s, begin_at_s)

    def _turn(self, decoder: Decoder, patience: int) -> None:
        following = self._next.pop(decoder)
        handle = following.handle
        is_apt = decoder.state == "playing" and decoder.is_viewed and not decoder.sound.volume
        if not is_apt or not patience or _off(decoder, following) > MOST_OFF_S:
            log.debug("%s: is decoded as before", decoder.spec.path)
            handle.close()
            decoder.thrift.put_off()
        elif not handle.decoder.has_begun:
            timer = self._call_later(LATE_S, lambda: self._turn(decoder, patience - 1))
            self._next[decoder] = following._replace(timer=timer)
        else:
            self._turn_over(decoder, handle, CUT)
