"""One source on its outputs: what there is to see of it, and where it goes on."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from wayvid.daemon.phase import Holds, Phase
from wayvid.daemon.policy import resume_position
from wayvid.daemon.rest import Rest
from wayvid.daemon.turns import Turn
from wayvid.errors import WayvidError
from wayvid.link.ledger import Note
from wayvid.link.messages import Frozen, Paused, StreamSpec
from wayvid.system.events import Timer

if TYPE_CHECKING:
    from wayvid.daemon.pipe import Pipe
    from wayvid.daemon.still import Still

__all__ = ["OnReady", "Place", "Spot", "Stream"]

# Called once: None when a stream has its first picture, else why it has none.
OnReady = Callable[[WayvidError | None], None]


class Place(NamedTuple):
    """Where a stream goes on.

    Attributes:
        spec: what is played.
        position_s: in it.
        duration_s: of it; 0 when unknown.
    """

    spec: StreamSpec
    position_s: float
    duration_s: float


class Spot(NamedTuple):
    """Where something is, and whether it goes on by itself."""

    place: Place
    is_moving: bool


class Stream:
    """One source and the outputs that show it, whatever becomes of its players.

    Args:
        stream_id: its number in the player and the ledger.
        source: in the user's words, for messages.
        spec: what the source means.
        holds: the reasons to hold it.
        position_s: where it begins.

    Attributes:
        outputs: the names of those that show it, or will with its first picture.
        is_paused: by the user.
        is_stopped: by a rule.
        is_told_to_stop: for either, and the player has not said yet that it has.
        unseen: what becomes of it while no screen asks for it.
        volume: percent; 0: it has no sound.
        error: why it is not played any more.
        is_left: its outputs were given to a stream that may yet fail; till then it only waits.
        is_wanted: it is to be in a player.
        is_loaded: it is in the player that is there.
        has_picture: that player has noted a picture of it.
        has_shown: any player ever had.
        is_resting: no screen asks the player for its frames.
        position_s: where it goes on when it is loaded.
        turn: where it is in its list; None: it is of none.
        left_file: that its outputs show until it has a picture; empty: none of a list.
        begin_at_s: not to be shown before, CLOCK_MONOTONIC.
        duration_s: of what it plays; 0 when unknown.
        stopped: what the player said when it was paused: it knows where better than the ledger.
        frozen: what the player said last on the way to a hold.
        freeze_timer: ends the wait for that, or for the screens.
        is_covered: the screens were given its last picture on the way to a hold.
        still: the daemon's picture of it.
        still_is_full: a larger one cannot be had.
        on_ready: who waits for its first picture; None: nobody any more.
        goes_on: until then its outputs play the same source at another place, or in another way.
        is_first: the daemon began with it: it is waited for rather than given up.
        pipe: what it comes through; None: no pipe.
        tries: how often it was tried since it last played well.
        played_from_s: since when it plays, CLOCK_MONOTONIC; 0: it does not.
        retry_timer: tries it again.
        retry_at_s: when that is, CLOCK_MONOTONIC.
        why_retried: in words.
    """

    def __init__(self, stream_id: int, source: str, spec: StreamSpec, holds: Holds, position_s: float = 0.0) -> None:
        self.stream_id = stream_id
        self.source = source
        self.spec = spec
        self.holds = holds
        self.position_s = position_s
        self.turn: Turn | None = None
        self.left_file = ""
        self.begin_at_s = 0.0
        self.duration_s = 0.0
        self.outputs: set[str] = set()
        self.phase = Phase.STARTING
        self.is_paused = False
        self.is_stopped = False
        self.is_told_to_stop = False
        self.unseen = Rest.PAUSE
        self.volume = 0
        self.error = ""
        self.is_left = False
        self.is_wanted = False
        self.is_loaded = False
        self.has_picture = False
        self.has_shown = False
        self.is_resting = False
        self.stopped: Paused | None = None
        self.frozen: Frozen | None = None
        self.freeze_timer: Timer | None = None
        self.is_covered = False
        self.still: Still | None = None
        self.still_is_full = True
        self.on_ready: OnReady | None = None
        self.goes_on = False
        self.is_first = False
        self.pipe: Pipe | None = None
        self.tries = 0
        self.played_from_s = 0.0
        self.retry_timer: Timer | None = None
        self.retry_at_s = 0.0
        self.why_retried = ""

    @property
    def stands_still(self) -> bool:
        """Whether its picture stays, by the user or by a rule."""
        return self.is_paused or self.is_stopped

    @property
    def is_stopping(self) -> bool:
        """Whether it still moves, on its way to a pause or a hold."""
        is_freezing = self.phase is Phase.HOLDING and self.frozen is None and not self.is_covered
        return self.is_told_to_stop or (is_freezing and not self.stands_still and not self.is_resting)

    @property
    def file(self) -> str:
        """The file of its list that is seen; empty when it is of none."""
        if self.turn is None:
            return ""
        return self.left_file if self.left_file and not self.has_shown else self.spec.path

    @property
    def state(self) -> str:
        """The phase as users know it; "paused" is one for them, too."""
        phase = Phase.PLAYING if self.phase is Phase.HOLDING else self.seen_phase
        return "paused" if self.stands_still and not self.is_stopping and phase is Phase.PLAYING else phase.value

    @property
    def seen_phase(self) -> Phase:
        """The phase as screens show it."""
        is_seen = self.goes_on and self.phase is Phase.STARTING and not self.stands_still
        return Phase.PLAYING if is_seen else self.phase

    @property
    def reason(self) -> str:
        """Why it is in that state; empty when nothing is to be said."""
        if self.phase is Phase.RECONNECTING:
            left_s = ceil(self.retry_at_s - monotonic())
            when = f"in {left_s} s" if left_s > 0 else "now"
            if self.retry_timer is None and not self.is_wanted and self.pipe is not None:
                when = "as soon as somebody writes to it"
            return f"{when}: {self.why_retried}"
        if self.awaits_writer:
            return "nobody writes to it yet"
        return self.error or (str(self.holds) if self.phase in (Phase.HOLDING, Phase.HELD) else "")

    @property
    def awaits_writer(self) -> bool:
        """Whether it has no picture before somebody writes to its pipe."""
        return self.phase is Phase.STARTING and self.pipe is not None and not self.is_wanted

    @property
    def is_moving(self) -> bool:
        """Whether it plays, or is about to."""
        return (
            self.phase in (Phase.STARTING, Phase.PLAYING, Phase.RECONNECTING)
            and not self.is_paused
            and not self.is_resting
        )

    def tell_ready(self, error: WayvidError | None = None) -> None:
        """Tell who waits for the first picture, once."""
        self.goes_on = False
        on_ready, self.on_ready = self.on_ready, None
        if on_ready is not None:
            on_ready(error)

    def place_at(self, note: Note | None, now_s: float) -> Place:
        """Where it would be by then.

        Args:
            note: the player's last; None when it has shown nothing.
            now_s: CLOCK_MONOTONIC.
        """
        if note is None or self.spec.is_pipe:
            return Place(self.spec, self.position_s, self.duration_s)
        stopped = self.stopped
        if stopped is not None and note.duration_s > 0:
            return Place(self.spec, stopped.position_s, note.duration_s)
        spec = self.spec
        elapsed_s = 0.0 if self.stands_still or self.is_resting else now_s - note.at_s
        position_s = resume_position(note.position_s, elapsed_s, note.duration_s, spec.speed, spec.loop, spec.start_s)
        return Place(spec, position_s, note.duration_s)

    def go_on_at(self, position_s: float, duration_s: float) -> None:
        """Where the next player, or another core, begins, and how long it all is."""
        self.position_s, self.duration_s = position_s, duration_s

    def settle_held(self, note: Note | None) -> None:
        """It has stopped: keep where, to go on there."""
        if note is not None:
            # What froze said it half a second later.
            position_s = self.frozen.position_s if self.frozen is not None else note.position_s
            has_length = note.duration_s > 0 and not self.spec.is_pipe
            self.go_on_at(position_s if has_length else 0.0, note.duration_s)
        self.phase = Phase.HELD

    def unload(self) -> None:
        """It is in no player any more."""
        self.is_loaded = self.has_picture = self.is_resting = self.goes_on = self.is_told_to_stop = False
        self.stopped = None
        self.stop_freeze_timer()

    def stop_freeze_timer(self) -> None:
        """Wait no longer on the way to a hold."""
        if self.freeze_timer is not None:
            self.freeze_timer.cancel()
            self.freeze_timer = None

    def keep_still(self, still: Still | None) -> None:
        """Have a picture of the daemon's, or none any more."""
        before, self.still = self.still, still
        if before is not None:
            before.let_go()

    def close(self) -> None:
        """Wait for nothing and keep nothing."""
        self.unload()
        self.holds.close()
        if self.retry_timer is not None:
            self.retry_timer.cancel()
            self.retry_timer = None
        if self.pipe is not None:
            self.pipe.close()
        self.keep_still(None)
