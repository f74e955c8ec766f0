"""Every error a user can cause, each with its exit code.

A message is one line: what failed, on what, why, what to do. The facts are
attributes as well. docs/exit-codes.md lists the codes for users.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

__all__ = [
    "WayvidError",
    "UsageError",
    "CompositorError",
    "CompositorUnavailable",
    "MissingProtocol",
    "CompositorGone",
    "UnknownOutput",
    "PlayerError",
    "SourceUnplayable",
    "DeskError",
    "ConfigFault",
    "ConfigError",
    "IpcError",
    "IpcUnavailable",
    "AlreadyRunning",
    "BadRequest",
    "RequestFailed",
    "MeasurementFailed",
    "BoundBroken",
    "InternalError",
]


_NAMED_FAULTS = 5  # more keys would be no line any more


class WayvidError(Exception):
    """Base of all errors that wayvid reports in one line."""

    exit_code: ClassVar[int] = 1


class UsageError(WayvidError):
    """The command line asks for something that does not exist."""

    exit_code = 2


class CompositorError(WayvidError):
    """The Wayland compositor cannot be used."""

    exit_code = 3


class CompositorUnavailable(CompositorError, ConnectionError):
    """There is no compositor to connect to."""


class MissingProtocol(CompositorError):
    """The compositor lacks a protocol that wayvid cannot do without."""

    exit_code = 4

    def __init__(self, interface: str, needed: int, offered: int, advice: str) -> None:
        self.interface = interface
        self.needed = needed
        self.offered = offered
        has = f"has only version {offered}" if offered else "does not have it"
        super().__init__(
            f"wayvid needs the Wayland protocol {interface} (version {needed}) and this compositor {has}; {advice}"
        )


class CompositorGone(CompositorError):
    """The connection to the compositor broke."""


class UnknownOutput(WayvidError):
    """A named output is not connected."""

    exit_code = 5

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        self.known = tuple(known)
        listed = ", ".join(known) if known else "none"
        super().__init__(f"output {name!r} is not connected; connected outputs: {listed} (see 'wayvid outputs')")


class PlayerError(WayvidError):
    """The player process or libmpv failed."""

    exit_code = 7

    def __init__(self, message: str, code: int = 0) -> None:
        self.code = code
        super().__init__(message)


class SourceUnplayable(PlayerError):
    """A source cannot be shown."""

    exit_code = 6

    def __init__(self, source: str, reason: str, advice: str = "", code: int = 0) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"cannot play {source!r}: {reason}" + (f"; {advice}" if advice else ""), code)


class DeskError(WayvidError):
    """The virtual desk cannot start."""

    exit_code = 8


class ConfigFault(NamedTuple):
    """One thing that is wrong in a config file.

    Attributes:
        key: as in "power.max_memory_mb"; empty when the file as a whole is meant.
        reason: what is wrong with it, and what is allowed.
    """

    key: str
    reason: str


class ConfigError(WayvidError, ValueError):
    """A config file cannot be taken as it is.

    Attributes:
        file: its path.
        key: that of the first fault.
        reason: likewise.
        faults: all of them, in the file's order.
    """

    exit_code = 9

    def __init__(self, file: str, faults: Sequence[ConfigFault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        self.key, self.reason = self.faults[0]
        message = f"config file {file if file.isprintable() else repr(file)}: "
        message += f"{self.key}: {self.reason}" if self.key else self.reason
        if others := [fault.key for fault in self.faults[1:]]:
            named = ", ".join(others[:_NAMED_FAULTS]) + (", ..." if len(others) > _NAMED_FAULTS else "")
            message += f" (and {len(others)} more: {named})"
        super().__init__(message)


class IpcError(WayvidError):
    """The daemon's socket cannot be used."""

    exit_code = 10


class IpcUnavailable(IpcError, ConnectionError):
    """No daemon answers."""


class AlreadyRunning(IpcError):
    """Another daemon has this display."""

    exit_code = 11

    def __init__(self, path: str, pid: int) -> None:
        self.path = path
        self.pid = pid
        who = f"wayvid (process {pid})" if pid else "another wayvid"
        end = f"end it first with 'kill {pid}'" if pid else "end it first"
        super().__init__(
            f"{who} shows the wallpaper of this display already (it has {path}); "
            f"tell it what to show with 'wayvid set SOURCE', or {end}"
        )


class BadRequest(IpcError):
    """A request at the daemon's socket that it does not understand."""

    exit_code = 12


class RequestFailed(WayvidError):
    """The daemon could not do what it was asked for; message and exit code are those of its answer."""

    def __init__(self, message: str, code: int) -> None:
        self.exit_code = code  # type: ignore[misc]
        super().__init__(message)


class MeasurementFailed(WayvidError):
    """What was to be measured did not run, or stood still.

    Attributes:
        exit_code: that of the program which ended, where it had one of its own.
    """

    exit_code = 13

    def __init__(self, message: str, code: int = 0) -> None:
        if code > 0:
            self.exit_code = code  # type: ignore[misc]
        super().__init__(message)


class BoundBroken(WayvidError):
    """A measurement is beyond a bound that was set for it."""


class InternalError(WayvidError):
    """A bug of wayvid's own."""

    exit_code = 70
