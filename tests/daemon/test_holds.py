"""Reasons to hold: what is left of them when a stream is closed."""

from __future__ import annotations

import gc
import weakref

from wayvid.daemon.phase import HoldReason, Holds
from wayvid.daemon.stream import Stream
from wayvid.link.messages import StreamSpec
from wayvid.system.events import EventLoop


def made(loop: EventLoop) -> Stream:
    told: list[Stream] = []
    stream = Stream(0, "x.mp4", StreamSpec("x.mp4"), Holds(loop, 60, lambda _reason: told.append(stream)))
    stream.holds.begin(HoldReason.PAUSED)
    return stream


def test_a_closed_stream_does_not_wait_for_the_collector() -> None:
    loop = EventLoop()
    stream = made(loop)
    left = weakref.ref(stream)
    gc.disable()
    try:
        stream.close()
        del stream
        assert left() is None
    finally:
        gc.enable()
    loop.close()
