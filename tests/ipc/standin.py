"""`python -m tests.ipc.standin [IDLE_S]`: the real server in the real loop, with a status out of a can.

Each status is a second later than the one before. `pause` and `resume` change the
state, of which subscribers are told, `set` refuses what has "missing" in its name,
`reload` is answered late, after a SIGUSR1 not before a SIGUSR2; `quit` ends it.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Literal

import msgspec

from tests.ipc.canned import some_status, some_why
from wayvid.daemon.scene import meant
from wayvid.errors import SourceUnplayable, WayvidError
from wayvid.ipc import server
from wayvid.ipc.address import socket_address
from wayvid.ipc.events import Event, OutputEvent
from wayvid.ipc.feed import Feed
from wayvid.ipc.listener import Listener
from wayvid.ipc.messages import (
    Changed,
    Command,
    PauseRequest,
    QuitRequest,
    ReloadRequest,
    ResumeRequest,
    SetRequest,
    StatusRequest,
    WhyRequest,
)
from wayvid.system.events import EventLoop

LATE_S = 0.2


class StandIn:
    """What a daemon does with requests."""

    def __init__(self, loop: EventLoop) -> None:
        self._loop = loop
        self._asked = 0
        self._state = "playing"
        self._source = "waves.mp4"
        self._kept: list[server.Reply] | None = None  # answers, while they are kept back
        self.feed = Feed(lambda: [self._event("now")], lambda is_heard: print("heard" if is_heard else "not heard"))

    def _event(self, event: Literal["now", "changed"]) -> Event:
        return OutputEvent(event, "DP-1", ("state",), self._state, source=self._source)

    def _turn(self, state: str) -> None:
        self._state = state
        self.feed.publish([self._event("changed")])

    def keep(self) -> None:
        """Keep late answers back from now on."""
        self._kept = []

    def let_go(self) -> None:
        """Give the answers that were kept back; those to come are late, and no more."""
        kept, self._kept = self._kept or [], None
        for reply in kept:
            reply(None)

    def handle(self, request: Command, reply: server.Reply) -> None:
        """Answer at once, late, or with an error."""
        match request:
            case StatusRequest():
                self._asked += 1
                status = some_status(self._asked, state=self._state, source=self._source)
                meant(request.outputs, [each.name for each in status.outputs])
                outputs = [each for each in status.outputs if each.name in request.outputs]
                reply(msgspec.structs.replace(status, outputs=outputs) if request.outputs else status)
            case WhyRequest():
                why = some_why()
                meant(request.outputs, [output.name for output in why.outputs])
                reply(why)
            case PauseRequest():
                self._turn("paused")
                reply(None)
            case ResumeRequest():
                self._turn("playing")
                reply(None)
            case QuitRequest():
                reply(None)
                self._loop.stop()
            case SetRequest():
                if "missing" in request.source:
                    raise SourceUnplayable(request.source, "there is no such file", "check the path")
                self._source = request.source
                reply(None)
            case ReloadRequest() if self._kept is not None:
                self._kept.append(reply)
            case ReloadRequest():
                self._loop.call_later(LATE_S, lambda: reply(None))
            case _:
                reply(Changed(list(request.outputs)) if request.outputs else None)


def main() -> int:
    """Serve until SIGTERM."""
    if len(sys.argv) > 1:
        server.IDLE_S = float(sys.argv[1])
    loop = EventLoop()
    try:
        stand_in = StandIn(loop)
        ipc = server.IpcServer(loop, Listener(socket_address(os.environ)), stand_in.handle, stand_in.feed)
    except WayvidError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    loop.on_signals((signal.SIGTERM,), loop.stop)
    loop.on_signals((signal.SIGUSR1,), stand_in.keep)
    loop.on_signals((signal.SIGUSR2,), stand_in.let_go)
    print("ready", flush=True)
    loop.run()
    ipc.close()
    ipc.close()
    loop.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
