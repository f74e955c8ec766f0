"""A connection to the compositor: its globals, its outputs, its events."""

from __future__ import annotations

import errno
import os
import select
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple, Protocol

from pywayland import ffi, lib
from pywayland.client import Display
from pywayland.protocol.fractional_scale_v1 import WpFractionalScaleManagerV1
from pywayland.protocol.single_pixel_buffer_v1 import WpSinglePixelBufferManagerV1
from pywayland.protocol.viewporter import WpViewporter
from pywayland.protocol.wayland import WlCompositor, WlOutput, WlSeat, WlShm, WlSubcompositor
from pywayland.protocol.xdg_output_unstable_v1 import ZxdgOutputManagerV1

from wayvid.errors import CompositorGone, CompositorUnavailable, MissingProtocol
from wayvid.wayland.display import socket_path
from wayvid.wayland.outputs import Output
from wayvid.wayland.protocols import ZwlrLayerShellV1

__all__ = ["Connection", "Requirement", "REQUIREMENTS"]

NAMES_SINCE = 4  # wl_output.name and .description
# A compositor that is merely busy answers in milliseconds; one that hangs never does.
ANSWER_WITHIN_S = 10.0


class Watcher(Protocol):
    """What of an event loop a connection needs (wayvid.system.events)."""

    def watch(self, fd: int, on_readable: Callable[[], None], on_writable: Callable[[], None] | None = None) -> None:
        """Call back when fd is readable, or writable."""

    def before_sleep(self, callback: Callable[[], None]) -> None:
        """Call each time the loop is about to wait."""

    def call_soon(self, callback: Callable[[], None]) -> None:
        """Call once, before the loop waits."""


class Requirement(NamedTuple):
    """A protocol that wayvid uses.

    Attributes:
        interface: pywayland's class of the global.
        needed: lowest version that will do; 0: wayvid can do without.
        use_up_to: highest version that wayvid knows.
        purpose: what it is for, in words for the user.
        advice: what to do when it is missing; of one that is not needed: what wayvid does without it.
    """

    interface: Any
    needed: int
    use_up_to: int
    purpose: str
    advice: str


_LAYER_SHELL_ADVICE = (
    "compositors that have it: Hyprland, niri, sway, river, Wayfire, labwc, KDE Plasma (GNOME has not); "
    "to try wayvid anyway run 'wayvid desk --shots shots -- wayvid run'"
)
_OLD_ADVICE = "update the compositor, or try 'wayvid desk --shots shots -- wayvid run'"
_NO_XDG_OUTPUT = "'wayvid outputs' rounds scales up to whole numbers"
_NO_FRACTIONS = "wayvid computes the scale from sizes"
_NO_SINGLE_PIXEL = "a small buffer does the same"

REQUIREMENTS = (
    Requirement(WlCompositor, 4, 6, "surfaces", _OLD_ADVICE),
    Requirement(WlSubcompositor, 1, 1, "bars beside the picture", _OLD_ADVICE),
    Requirement(WlShm, 1, 1, "pictures in shared memory", _OLD_ADVICE),
    Requirement(ZwlrLayerShellV1, 1, 4, "a place behind the desktop", _LAYER_SHELL_ADVICE),
    Requirement(WpViewporter, 1, 1, "crop and scale by the compositor", _OLD_ADVICE),
    Requirement(ZxdgOutputManagerV1, 0, 3, "logical sizes, and names of outputs on old compositors", _NO_XDG_OUTPUT),
    Requirement(WpFractionalScaleManagerV1, 0, 1, "exact fractional scales", _NO_FRACTIONS),
    Requirement(WpSinglePixelBufferManagerV1, 0, 1, "bars without a buffer", _NO_SINGLE_PIXEL),
)


def _by_name(output: Output) -> tuple[str, int]:
    """Sorts DP-2 before DP-10."""
    stem = output.name.rstrip("0123456789")
    return stem, int(output.name[len(stem) :] or 0)


class Connection:
    """The compositor's globals and outputs, kept up to date by its events.

    Set `on_output_added`, `on_output_changed` and `on_output_removed` before
    start(); they are called in the loop. An output is told of once its name is
    known, and again for each change.

    Raises:
        CompositorUnavailable: no compositor.
        MissingProtocol: the compositor cannot do what wayvid needs (start()).
    """

    def __init__(self) -> None:
        self._path = path = socket_path()
        self.display = Display(path)
        try:
            self.display.connect()
        except ValueError as exc:
            raise CompositorUnavailable(
                f"cannot connect to the compositor at {path}; check that it runs and that you may open the socket"
            ) from exc
        self.globals: dict[str, tuple[int, int]] = {}  # interface -> registry name, version
        self.outputs: dict[int, Output] = {}  # registry name -> output, also those not yet done
        self.on_output_added: Callable[[Output], None] = lambda _output: None
        self.on_output_changed: Callable[[Output], None] = lambda _output: None
        self.on_output_removed: Callable[[Output], None] = lambda _output: None
        self._bound: dict[str, Any] = {}
        self._seats: dict[int, int] = {}  # registry name -> version
        self._seat_followers: list[tuple[Callable[[int, int], None], Callable[[int], None]]] = []
        self._announced: dict[int, None] = {}  # registry names, in the order in which they were told of
        self._arriving: dict[int, Output] | None = None  # those that start() tells of when it knows all names
        self._early_outputs: dict[int, int] | None = {}  # registry name -> version, until start() has bound the rest
        self._failure: BaseException | None = None
        self._syncs: set[Any] = set()
        self._registry = self.display.get_registry()
        self._registry.dispatcher["global"] = self.guard(self._on_global)
        self._registry.dispatcher["global_remove"] = self.guard(self._on_global_remove)

    def start(self, requirements: Sequence[Requirement] = REQUIREMENTS) -> None:
        """Learn the globals and outputs; afterwards every known output has its name.

        Raises:
            MissingProtocol: a requirement is not met.
            CompositorGone: the connection broke.
        """
        self.roundtrip()
        for requirement in requirements:
            interface = requirement.interface
            _name, offered = self.globals.get(interface.name, (0, 0))
            if offered < requirement.needed:
                raise MissingProtocol(interface.name, requirement.needed, offered, requirement.advice)
            if offered:
                self._bind(interface, min(offered, requirement.use_up_to))
        # Only now: whoever is told of an output may use it at once, and that takes the other globals.
        early, self._early_outputs = self._early_outputs or {}, None
        self._arriving = {}
        for registry_name, version in early.items():
            self._bind_output(registry_name, version)
        self.roundtrip()
        # By name: sway 1.10 tells of the last one first.
        arriving, self._arriving = self._arriving, None
        for output in sorted(arriving.values(), key=_by_name):
            self._announce(output)

    def _bind(self, interface: Any, version: int) -> None:
        registry_name, _version = self.globals[interface.name]
        self._bound[interface.name] = self._registry.bind(registry_name, interface, version)

    def bound(self, interface: Any) -> Any:
        """The bound global of an interface, or None where the compositor has none."""
        return self._bound.get(interface.name)

    def bind_optional(self, interface: Any, use_up_to: int) -> Any:
        """Bind a global that only some parts of wayvid use, after start(); None where the compositor has none."""
        _name, offered = self.globals.get(interface.name, (0, 0))
        if offered and interface.name not in self._bound:
            self._bind(interface, min(offered, use_up_to))
        return self.bound(interface)

    def unbind(self, interface: Any) -> None:
        """Forget a bound global that was given back."""
        self._bound.pop(interface.name, None)

    # Seats.

    def follow_seats(self, on_added: Callable[[int, int], None], on_removed: Callable[[int], None]) -> None:
        """Call back for each seat that is there and each that comes, with registry name and version, or goes."""
        self._seat_followers.append((on_added, on_removed))
        for registry_name, version in tuple(self._seats.items()):
            on_added(registry_name, version)

    def unfollow_seats(self, on_added: Callable[[int, int], None]) -> None:
        """Call that follower back no more."""
        self._seat_followers = [follower for follower in self._seat_followers if follower[0] != on_added]

    def bind_seat(self, registry_name: int, version: int) -> Any:
        """A wl_seat of the caller's own."""
        return self._registry.bind(registry_name, WlSeat, version)

    # Events.

    def guard(self, handler: Callable[..., None]) -> Callable[..., None]:
        """Wrap an event handler: its exception is kept and raised by dispatch().

        pywayland prints a handler's exception and goes on, which would hide it.
        """

        def guarded(*args: Any) -> None:
            try:
                handler(*args)
            except BaseException as exc:  # noqa: BLE001 - stored and raised by the loop
                if self._failure is None:
                    self._failure = exc

        return guarded

    @property
    def fd(self) -> int:
        """To watch: readable when events arrive."""
        return int(self.display.get_fd())

    def dispatch(self) -> None:
        """Read what has arrived and call the handlers. Call when `fd` is readable.

        Raises:
            CompositorGone: the connection broke.
        """
        try:
            self.display.read()
            self.display.dispatch(block=False)
        except RuntimeError as exc:
            raise self._gone() from exc
        self._raise_failure()

    def dispatch_pending(self) -> bool:
        """Call the handlers of events that were read already; whether there were any."""
        try:
            count = int(self.display.dispatch(block=False))
        except RuntimeError as exc:
            raise self._gone() from exc
        self._raise_failure()
        return count > 0

    def flush(self) -> bool:
        """Send what is queued; False when the compositor must first read (watch for writing).

        Raises:
            CompositorGone: the connection broke.
        """
        if self.display.flush() >= 0:
            return True
        if ffi.errno == errno.EAGAIN:
            return False
        if ffi.errno == errno.EPIPE:
            return True  # the reason is still to be read: dispatch() raises it
        raise self._gone()

    def watch_in(self, loop: Watcher, is_shared: bool = False) -> None:
        """Have an event loop serve this connection: read, and send before it sleeps.

        Args:
            loop: the event loop.
            is_shared: whether others read from it, too, as EGL does: then our events may be
                there without the fd being readable.
        """

        def flush() -> None:
            if is_shared and self.dispatch_pending():
                loop.call_soon(lambda: None)  # what they have brought about comes first
            if not self.flush():
                loop.watch(self.fd, self.dispatch, stop_waiting)

        def stop_waiting() -> None:
            loop.watch(self.fd, self.dispatch)

        loop.watch(self.fd, self.dispatch)
        loop.before_sleep(flush)
        self.dispatch_pending()

    def roundtrip(self) -> None:
        """Wait until the compositor has handled everything sent so far. Start-up only.

        Raises:
            CompositorUnavailable: it does not answer.
            CompositorGone: the connection broke.
        """
        answers: list[bool] = []
        self.sync(lambda: answers.append(True))
        poller = select.poll()
        deadline_s = monotonic() + ANSWER_WITHIN_S
        while not answers:
            poller.register(self.fd, select.POLLIN if self.flush() else select.POLLIN | select.POLLOUT)
            if not poller.poll(max(0.0, deadline_s - monotonic()) * 1000):
                raise CompositorUnavailable(
                    f"the compositor at {self._path} has not answered for {ANSWER_WITHIN_S:g} s; "
                    "it hangs: look at it from another console, or end it and log in again"
                )
            self.dispatch()

    def sync(self, callback: Callable[[], None]) -> None:
        """Call back once the compositor has handled everything sent so far."""
        proxy = self.display.sync()
        self._syncs.add(proxy)  # pywayland forgets proxies that nobody holds

        def on_done(done_proxy: Any, _serial: int) -> None:
            self._syncs.discard(done_proxy)
            callback()

        proxy.dispatcher["done"] = self.guard(on_done)

    def _gone(self) -> CompositorGone:
        code = lib.wl_display_get_error(self.display._ptr)
        reason = os.strerror(code) if code else "end of connection"
        return CompositorGone(f"the connection to the compositor broke ({reason}); start wayvid again when it is back")

    def _raise_failure(self) -> None:
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure

    # Globals and outputs.

    def _on_global(self, _registry: Any, registry_name: int, interface: str, version: int) -> None:
        if interface == WlSeat.name:
            self._seats[registry_name] = version
            for on_added, _on_removed in tuple(self._seat_followers):
                on_added(registry_name, version)
        elif interface != WlOutput.name:
            self.globals[interface] = (registry_name, version)
        elif self._early_outputs is not None:
            self._early_outputs[registry_name] = version
        else:
            self._bind_output(registry_name, version)

    def _bind_output(self, registry_name: int, version: int) -> None:
        bound_version = min(version, NAMES_SINCE)
        proxy = self._registry.bind(registry_name, WlOutput, bound_version)
        output = Output(proxy, registry_name, bound_version, self.guard, self._on_output_done)
        self.outputs[registry_name] = output
        manager = self.bound(ZxdgOutputManagerV1)
        if manager is not None:
            output.attach_xdg_output(manager.get_xdg_output(proxy))

    def _on_output_done(self, output: Output) -> None:
        if not output.name:
            # Below wl_output 4 the name comes with xdg_output's own done.
            if self.bound(ZxdgOutputManagerV1) is not None:
                return
            output.name = f"output-{output.registry_name}"
            output.has_made_up_name = True
        if output.registry_name in self._announced:
            self.on_output_changed(output)
        elif self._arriving is not None:
            self._arriving[output.registry_name] = output
        else:
            self._announce(output)

    def _announce(self, output: Output) -> None:
        self._announced[output.registry_name] = None
        self.on_output_added(output)

    def _on_global_remove(self, _registry: Any, registry_name: int) -> None:
        if self._early_outputs is not None:
            self._early_outputs.pop(registry_name, None)
        if self._seats.pop(registry_name, None) is not None:
            for _on_added, on_removed in tuple(self._seat_followers):
                on_removed(registry_name)
            return
        output = self.outputs.pop(registry_name, None)
        if self._arriving is not None:
            self._arriving.pop(registry_name, None)
        if output is None:
            self.globals = {name: entry for name, entry in self.globals.items() if entry[0] != registry_name}
            return
        if registry_name in self._announced:
            del self._announced[registry_name]
            self.on_output_removed(output)
        output.close()

    def named_outputs(self) -> list[Output]:
        """The outputs that were told of: those of the start by name, then those that came later."""
        return [self.outputs[name] for name in self._announced]

    def close(self) -> None:
        """Disconnect; surfaces must be closed before. Twice does nothing."""
        if self.display._ptr is None:
            return
        for output in self.outputs.values():
            output.close()
        self.outputs.clear()
        self.display.flush()
        # Explicit, or pywayland crashes when the interpreter ends.
        self.display.disconnect()
