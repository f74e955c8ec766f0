"""What subscribers are told: typed, so that its keys are written down once.

Attributes are written for users: `python -m tools.docs` makes the tables of docs/ipc.md of them.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

__all__ = ["ConfigEvent", "Event", "EventWord", "MissedEvent", "OutputEvent"]

# Of the lines, as of requests and answers (wayvid.ipc.messages).
VERSION = 1


EventWord: TypeAlias = Literal["now", "added", "removed", "changed"]


class OutputEvent(msgspec.Struct, frozen=True):
    """A screen, as it is now.

    Attributes:
        event: `now` (a screen that is there, to begin with), `added`, `removed` or `changed`.
        output: Its name.
        changed: With `changed`: which keys are not as they were. `position_s` is among them only after a jump.
        state: `starting`, `playing`, `paused`, `held`, `still`, `reconnecting` or `failed`, as in `wayvid status`.
        reason: Why it is in that state; empty when nothing is to be said.
        source: What it shows, as you named it.
        layout: How that is laid out.
        is_paused: Whether it was paused by a command.
        position_s: Where it is; 0 when that is not known.
        duration_s: The length of its file; 0 when that is not known.
        speed: Of play; 1 is as recorded.
        error: Why it is not played any more; empty when it is.
        is_muted: Whether nothing of it is to be heard.
        volume: How loud it is to be when it is not muted, 0 to 100.
        rest: What rules ask of it: `keep`, `mute`, `slow`, `pause` or `hold`.
        because: The condition that made it so; empty when none did.
        file: Of a folder or a list the file that is shown; else empty.
        v: Version of the protocol.
    """

    event: EventWord
    output: str
    changed: tuple[str, ...] = ()
    state: str = ""
    reason: str = ""
    source: str = ""
    layout: str = ""
    is_paused: bool = False
    position_s: float = 0.0
    duration_s: float = 0.0
    speed: float = 1.0
    error: str = ""
    is_muted: bool = True
    volume: int = 100
    rest: str = "keep"
    because: str = ""
    file: str = ""
    v: int = VERSION


class ConfigEvent(msgspec.Struct, frozen=True):
    """The config file was read again.

    Attributes:
        event: `config`.
        path: The file; empty when there is none.
        error: Why it is not in force as it is now; empty when it is.
        v: Version of the protocol.
    """

    path: str
    error: str
    event: Literal["config"] = "config"
    v: int = VERSION


class MissedEvent(msgspec.Struct, frozen=True):
    """You did not read in time, and lines were left out. What is `now` on each screen follows.

    Attributes:
        event: `missed`.
        v: Version of the protocol.
    """

    event: Literal["missed"] = "missed"
    v: int = VERSION


Event: TypeAlias = OutputEvent | ConfigEvent | MissedEvent
