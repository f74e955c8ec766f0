"""What the daemon begins with: what config file and command line say, and what commands said last time."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from time import time

from wayvid.daemon.listing import opened
from wayvid.daemon.remember import Opening, opening, restored
from wayvid.daemon.retelling import Bound
from wayvid.daemon.scene import DEFAULT, STREAM_ID, Timeline, first_scene, sounding
from wayvid.daemon.source import DEFAULT_SOURCE, DEFAULT_STREAM, absolute_source
from wayvid.daemon.statefile import read_state, state_path
from wayvid.daemon.told import Script, played
from wayvid.daemon.turns import Entry, Opened

__all__ = ["opening_of"]

log = logging.getLogger(__name__)


def opening_of(script: Script, environ: Mapping[str, str], is_fresh: bool) -> Opening:
    """What to begin with.

    Args:
        script: what config file and command line say.
        environ: tells where the state is.
        is_fresh: it does not count.

    Raises:
        SourceUnplayable: what they say cannot be shown.
    """
    told = script.on()
    play = told.play
    spec, turn = played(_opened(play.source), play)
    timeline = Timeline(STREAM_ID, play.source or DEFAULT_SOURCE, spec, turn=turn)
    sure = sounding(first_scene(timeline, told.layout), [DEFAULT], told.sound)
    path = state_path(environ)
    state = read_state(path) if path and not is_fresh else None
    if state is None:
        return opening(sure, sure, Bound({DEFAULT: told}), told)
    named = absolute_source(script.wish.source) if script.wish.source else ""
    scene, bound, lost = restored(state, sure, told, named, _opened, time())
    for error in lost:
        log.warning("state: %s; what it says of that is forgotten", error)
    return opening(scene, sure, bound, told, [name for name in state.connected if script.wish.uses(name)])


def _opened(source: str, at: Entry | None = None, since_s: float = 0.0) -> Opened:
    return opened(source, at, since_s) if source else Opened(DEFAULT_STREAM)
