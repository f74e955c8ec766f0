"""Every error a user can cause, each with its exit code.

A message is one line: what failed, on what, why, what to do. The facts are
attributes as well. First lines and Advice of the classes that have an exit code are
written for users: `python -m tools.docs` makes docs/exit-codes.md of them.
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
    "GraphicsError",
    "PlayerError",
    "SourceUnplayable",
    "DeskError",
    "ConfigFault",
    "ConfigError",
    "IpcError",
    "IpcUnavailable",
    "AlreadyRunning",
    "BadRequest",
    "NotPossible",
    "ServiceError",
    "RequestFailed",
    "MeasurementFailed",
    "BoundBroken",
    "InternalError",
]


_NAMED_FAULTS = 5  # more keys would be no line any more


class WayvidError(Exception):
    """An error that has no code of its own, such as a full disk behind `wayvid status >> log`.

    Base of all errors that wayvid reports in one line.

    Advice: Read the line.
    """

    exit_code: ClassVar[int] = 1


class UsageError(WayvidError):
    """The command line is wrong: an unknown option, layout or value.

    Advice: `wayvid COMMAND --help` lists what there is.
    """

    exit_code = 2


class CompositorError(WayvidError):
    """There is no compositor, it does not answer, or the connection to it broke.

    Advice: Start wayvid inside a Wayland session; in a service, after the session's `WAYLAND_DISPLAY` is known.
    """

    exit_code = 3


class CompositorUnavailable(CompositorError, ConnectionError):
    """There is no compositor to connect to."""


class MissingProtocol(CompositorError):
    """The compositor lacks a protocol that wayvid cannot do without.

    Advice: Use one that has it (the line names some), or try `wayvid desk --shots shots -- wayvid run`.
    """

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
    """A screen named with `-o` is not connected, or not one that this wallpaper was started on.

    Advice: `wayvid outputs` lists the names.
    """

    exit_code = 5

    def __init__(self, name: str, known: Sequence[str], is_limited: bool = False) -> None:
        """Say it of a name; `is_limited`: `wayvid run -o` named the screens of the wallpaper, and `known` are these."""
        self.name = name
        self.known = tuple(known)
        listed = ", ".join(known) if known else "none"
        if is_limited:
            super().__init__(
                f"output {name!r} has no wallpaper of this wayvid, which was started with -o; its outputs: {listed};"
                " to have one there, name it whole: 'wayvid set SOURCE -o OUTPUT'"
            )
            return
        near = [each for each in known if each.lower() == name.lower()]
        hint = ""
        if "," in name:
            hint = "; name each with an -o of its own"
        elif "=" in name:
            hint = "; a layout is told with 'wayvid layout'"
        elif name.lower() == "all":
            hint = "; without -o all are meant"
        elif near:
            hint = f"; did you mean {near[0]!r}?"
        super().__init__(f"output {name!r} is not connected{hint}; connected outputs: {listed} (see 'wayvid outputs')")


class GraphicsError(WayvidError):
    """Of the player alone: OpenGL stopped to work; the daemon starts another player.

    Advice: Nothing; see [gpu.md](gpu.md).

    Attributes:
        call: what failed, such as "eglInitialize".
        code: EGL's or OpenGL's error; 0 when there is none.
    """

    exit_code = 14
    LOST = 0x300E  # EGL_CONTEXT_LOST

    @property
    def is_context_lost(self) -> bool:
        """Whether nothing can be drawn any more by this process, whatever window is meant."""
        return self.code == self.LOST

    def __init__(self, call: str, reason: str, code: int = 0) -> None:
        self.call = call
        self.reason = reason
        self.code = code
        super().__init__(f"OpenGL: {call}: {reason}" + (f" (0x{code:04x})" if code else ""))


class PlayerError(WayvidError):
    """The player process or libmpv failed.

    Advice: `wayvid check`, and `wayvid run --log-level info` for details.
    """

    exit_code = 7

    def __init__(self, message: str, code: int = 0) -> None:
        self.code = code
        super().__init__(message)


class SourceUnplayable(PlayerError):
    """The source cannot be played: it is not there, damaged, or has no video.

    Advice: Try another file; `mpv FILE` says more.
    """

    exit_code = 6

    def __init__(self, source: str, reason: str, advice: str = "", code: int = 0) -> None:
        self.source = source
        self.reason = reason
        super().__init__(f"cannot play {source!r}: {reason}" + (f"; {advice}" if advice else ""), code)


class DeskError(WayvidError):
    """The virtual desk cannot start, or a picture cannot be taken.

    Advice: Install what the line names; see [desk.md](desk.md).
    """

    exit_code = 8


class ConfigFault(NamedTuple):
    """One thing that is wrong in a config file.

    Attributes:
        key: as in "power.max_memory_mb"; empty when the file as a whole is meant.
        reason: what is wrong with it, and what is allowed.
        line: of the file; 0 when unknown.
    """

    key: str
    reason: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}" if self.key else self.reason


class ConfigError(WayvidError, ValueError):
    """The config file is missing, cannot be read, or has a value that is not allowed.

    Advice: Correct the key that the line names; [config.md](config.md) lists them all.

    Attributes:
        file: its path.
        key: that of the first fault.
        reason: likewise.
        line: likewise.
        faults: all of them, in the file's order.
    """

    exit_code = 9

    def __init__(self, file: str, faults: Sequence[ConfigFault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        self.key, self.reason, self.line = self.faults[0]
        where = f", line {self.line}" if self.line else ""
        message = f"config file {file if file.isprintable() else repr(file)}{where}: {self.faults[0]}"
        if others := [fault.key for fault in self.faults[1:]]:
            named = ", ".join(others[:_NAMED_FAULTS]) + (", ..." if len(others) > _NAMED_FAULTS else "")
            message += f" (and {len(others)} more: {named})"
        super().__init__(message)


class IpcError(WayvidError):
    """No wallpaper runs on this display, it does not answer, or its socket cannot be used.

    Advice: `wayvid run`; in a service or over ssh, set `WAYLAND_DISPLAY` and `XDG_RUNTIME_DIR` as in the session.
    """

    exit_code = 10


class IpcUnavailable(IpcError, ConnectionError):
    """No daemon answers."""


class AlreadyRunning(IpcError):
    """Another wayvid shows the wallpaper of this display.

    Advice: Tell that one, `wayvid set FILE`, or end it; the line names its process.
    """

    exit_code = 11

    def __init__(self, path: str, pid: int) -> None:
        self.path = path
        self.pid = pid
        who = f"wayvid (process {pid})" if pid else "another wayvid"
        super().__init__(
            f"{who} shows the wallpaper of this display already (it has {path}); "
            "tell it what to show with 'wayvid set SOURCE', or end it first with 'wayvid quit'"
        )


class BadRequest(IpcError):
    """The daemon does not understand a request: client and daemon are of different versions.

    Advice: End wayvid and start it again.
    """

    exit_code = 12


class NotPossible(WayvidError):
    """What is shown does not allow what it was told, such as a position in something without a length.

    Advice: The line says what can be had.
    """

    exit_code = 15


class ServiceError(WayvidError):
    """`wayvid service`: the unit file is not there, is not wayvid's own, or cannot be written.

    Advice: The line names the file and what to do.
    """

    exit_code = 16


class RequestFailed(WayvidError):
    """The daemon could not do what it was asked for; message and exit code are those of its answer."""

    def __init__(self, message: str, code: int) -> None:
        self.exit_code = code  # type: ignore[misc]
        super().__init__(message)


class MeasurementFailed(WayvidError):
    """`wayvid memtest`: a run failed, since a screen got no frames, or what was measured ended.

    Advice: The line says which and when; see [memory-testing.md](memory-testing.md).

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
    """A bug in wayvid.

    Advice: Please report it, with what was printed and `wayvid check --json`.
    """

    exit_code = 70
