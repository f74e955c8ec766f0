"""Has streams stand still and go on: by the user, by rules, and while no screen asks for them."""

from __future__ import annotations

from wayvid.daemon.cast import Cast
from wayvid.daemon.holding import Holding
from wayvid.daemon.phase import HoldReason, Phase
from wayvid.daemon.rest import Rest
from wayvid.daemon.stream import Stream
from wayvid.link.messages import Pause, Paused

__all__ = ["Stopping"]


class Stopping:
    """Stops streams at the picture that is shown; what stands still for long enough is held.

    Args:
        cast: the player.
        holding: takes streams out of it.
    """

    def __init__(self, cast: Cast, holding: Holding) -> None:
        self._cast = cast
        self._holding = holding

    def set_paused(self, stream: Stream, is_paused: bool) -> bool:
        """Stop at the picture that is shown, or go on, as the user wants it.

        Returns:
            Whether the player does it; it says Paused then.
        """
        is_sent = self._stop(stream, is_paused, stream.is_stopped)
        if not is_paused:
            stream.holds.end(HoldReason.PAUSED)
            self._holding.let_go(stream, HoldReason.PAUSED)
        elif stream.phase in (Phase.HELD, Phase.HOLDING):
            stream.holds.reasons.add(HoldReason.PAUSED)
        else:
            stream.holds.begin(HoldReason.PAUSED)
        return is_sent

    def set_rest(self, stream: Stream, rest: Rest, unseen: Rest) -> None:
        """Have a stream stand still, be held or go on, as far as the rules have a say.

        Args:
            stream: which.
            rest: what all of its outputs ask for.
            unseen: see Rules.
        """
        self._stop(stream, stream.is_paused, rest.stands_still)
        reasons = stream.holds.reasons
        if rest is Rest.HOLD and HoldReason.RULE not in reasons:
            self._holding.hold(stream, HoldReason.RULE)
        elif rest is not Rest.HOLD and HoldReason.RULE in reasons:
            if stream.is_paused and self._holding.after_s and stream.phase is Phase.HELD:
                reasons.add(HoldReason.PAUSED)  # a player only for a picture that stands still is not worth it
            self._holding.let_go(stream, HoldReason.RULE)
        before, stream.unseen = stream.unseen, unseen
        if unseen is not before and stream.is_resting:
            self._count_unseen(stream)

    def _stop(self, stream: Stream, is_paused: bool, is_stopped: bool) -> bool:
        """Stop the picture or let it go on; whether the player does it."""
        was_still = stream.stands_still
        stream.is_paused, stream.is_stopped = is_paused, is_stopped
        if stream.stands_still == was_still:
            return False
        self._cast.cancel_exchange()  # the new player would not be where the picture is
        stream.stopped = None
        is_sent = stream.is_loaded and self._cast.send(Pause(stream.stream_id, stream.stands_still))
        stream.is_told_to_stop = is_sent and stream.stands_still
        return is_sent

    def on_paused(self, stream: Stream, message: Paused) -> None:
        """The player has done it."""
        stream.stopped = message if message.is_paused and stream.stands_still else None
        if message.is_paused:
            stream.is_told_to_stop = False

    def on_rests(self, stream: Stream, is_resting: bool) -> None:
        """No screen asks the player for its frames, or one does again."""
        stream.is_resting = is_resting
        if is_resting:
            stream.tell_ready()  # nobody looks, so its first picture is not even made
        if is_resting and not stream.is_left:
            self._count_unseen(stream)
        else:
            stream.holds.end(HoldReason.UNSEEN)
            self._holding.let_go(stream, HoldReason.UNSEEN)

    def _count_unseen(self, stream: Stream) -> None:
        """Hold it after a while, at once or never."""
        stream.holds.end(HoldReason.UNSEEN)
        if stream.unseen is Rest.HOLD:
            self._holding.hold(stream, HoldReason.UNSEEN)
        elif stream.unseen is not Rest.KEEP:
            stream.holds.begin(HoldReason.UNSEEN)
