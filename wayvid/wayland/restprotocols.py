"""Protocols that only rules for resting need and pywayland does not ship, as far as wayvid uses them.

Sources: wlr-foreign-toplevel-management-unstable-v1, version 2; wlr-output-power-
management-unstable-v1, version 1; dpms (org_kde_kwin_dpms), version 1; idle
(org_kde_kwin_idle), version 1. Requests and events stand in the order of their opcodes,
so those that are never used are declared too.
"""

from __future__ import annotations

from typing import Any

from pywayland.protocol.wayland import WlOutput, WlOutputProxy, WlSeat, WlSeatProxy, WlSurface
from pywayland.protocol_core import Argument, ArgumentType, Interface, Proxy

__all__ = [
    "ZwlrForeignToplevelManagerV1",
    "ZwlrOutputPowerManagerV1",
    "OrgKdeKwinDpmsManager",
    "OrgKdeKwinIdle",
    "STATE_MINIMIZED",
    "STATE_ACTIVATED",
    "STATE_FULLSCREEN",
    "MODE_ON",
    "DPMS_ON",
]

# zwlr_foreign_toplevel_handle_v1.state
STATE_MINIMIZED, STATE_ACTIVATED, STATE_FULLSCREEN = 1, 2, 3
MODE_ON = 1  # zwlr_output_power_v1.mode
DPMS_ON = 0  # org_kde_kwin_dpms.mode

_INT, _UINT = Argument(ArgumentType.Int), Argument(ArgumentType.Uint)
_SEAT = Argument(ArgumentType.Object, interface=WlSeat)
# An output that is gone here is null in events that were on their way.
_OUTPUT = Argument(ArgumentType.Object, interface=WlOutput, nullable=True)


class ZwlrForeignToplevelHandleV1(Interface):
    """A window of any program."""

    name = "zwlr_foreign_toplevel_handle_v1"
    version = 2


class ZwlrForeignToplevelHandleV1Proxy(Proxy[ZwlrForeignToplevelHandleV1]):
    """Requests of zwlr_foreign_toplevel_handle_v1."""

    interface = ZwlrForeignToplevelHandleV1

    @ZwlrForeignToplevelHandleV1.request()
    def set_maximized(self) -> None:
        """Opcode 0."""

    @ZwlrForeignToplevelHandleV1.request()
    def unset_maximized(self) -> None:
        """Opcode 1."""

    @ZwlrForeignToplevelHandleV1.request()
    def set_minimized(self) -> None:
        """Opcode 2."""

    @ZwlrForeignToplevelHandleV1.request()
    def unset_minimized(self) -> None:
        """Opcode 3."""

    @ZwlrForeignToplevelHandleV1.request(_SEAT)
    def activate(self, seat: WlSeatProxy) -> None:
        """Opcode 4."""

    @ZwlrForeignToplevelHandleV1.request()
    def close(self) -> None:
        """Opcode 5."""

    @ZwlrForeignToplevelHandleV1.request(Argument(ArgumentType.Object, interface=WlSurface), _INT, _INT, _INT, _INT)
    def set_rectangle(self, surface: Any, x: int, y: int, width: int, height: int) -> None:
        """Opcode 6."""

    @ZwlrForeignToplevelHandleV1.request()
    def destroy(self) -> None:
        """Hear no more of the window; it stays."""
        self._marshal(7)
        self._destroy()


class _ForeignToplevelHandleEvents:
    """Signatures of the events, in order."""

    @ZwlrForeignToplevelHandleV1.event(Argument(ArgumentType.String))
    def title(self, title: str) -> None:
        """Another title."""

    @ZwlrForeignToplevelHandleV1.event(Argument(ArgumentType.String))
    def app_id(self, app_id: str) -> None:
        """Another program's name."""

    @ZwlrForeignToplevelHandleV1.event(_OUTPUT)
    def output_enter(self, output: WlOutputProxy) -> None:
        """It is on that output."""

    @ZwlrForeignToplevelHandleV1.event(_OUTPUT)
    def output_leave(self, output: WlOutputProxy) -> None:
        """It is not any more."""

    @ZwlrForeignToplevelHandleV1.event(Argument(ArgumentType.Array))
    def state(self, state: bytes) -> None:
        """Its states: an array of 32-bit numbers."""

    @ZwlrForeignToplevelHandleV1.event()
    def done(self) -> None:
        """The changes are complete."""

    @ZwlrForeignToplevelHandleV1.event()
    def closed(self) -> None:
        """The window is no more."""


class ZwlrForeignToplevelManagerV1(Interface):
    """Tells of all windows."""

    name = "zwlr_foreign_toplevel_manager_v1"
    version = 2


class ZwlrForeignToplevelManagerV1Proxy(Proxy[ZwlrForeignToplevelManagerV1]):
    """Requests of zwlr_foreign_toplevel_manager_v1."""

    interface = ZwlrForeignToplevelManagerV1

    @ZwlrForeignToplevelManagerV1.request()
    def stop(self) -> None:
        """Want no more windows; `finished` follows."""
        self._marshal(0)


class _ForeignToplevelManagerEvents:
    """Signatures of the events, in order."""

    @ZwlrForeignToplevelManagerV1.event(Argument(ArgumentType.NewId, interface=ZwlrForeignToplevelHandleV1))
    def toplevel(self, toplevel: ZwlrForeignToplevelHandleV1Proxy) -> None:
        """There is another window."""

    @ZwlrForeignToplevelManagerV1.event()
    def finished(self) -> None:
        """No more events come."""


class ZwlrOutputPowerV1(Interface):
    """The power of an output."""

    name = "zwlr_output_power_v1"
    version = 1


class ZwlrOutputPowerV1Proxy(Proxy[ZwlrOutputPowerV1]):
    """Requests of zwlr_output_power_v1."""

    interface = ZwlrOutputPowerV1

    @ZwlrOutputPowerV1.request(_UINT)
    def set_mode(self, mode: int) -> None:
        """Opcode 0."""

    @ZwlrOutputPowerV1.request()
    def destroy(self) -> None:
        """Hear no more of it."""
        self._marshal(1)
        self._destroy()


class _OutputPowerEvents:
    """Signatures of the events, in order."""

    @ZwlrOutputPowerV1.event(_UINT)
    def mode(self, mode: int) -> None:
        """Whether it is on: at once, and at each change."""

    @ZwlrOutputPowerV1.event()
    def failed(self) -> None:
        """Nothing will be told of that output."""


class ZwlrOutputPowerManagerV1(Interface):
    """Tells of the power of outputs."""

    name = "zwlr_output_power_manager_v1"
    version = 1


class ZwlrOutputPowerManagerV1Proxy(Proxy[ZwlrOutputPowerManagerV1]):
    """Requests of zwlr_output_power_manager_v1."""

    interface = ZwlrOutputPowerManagerV1

    @ZwlrOutputPowerManagerV1.request(
        Argument(ArgumentType.NewId, interface=ZwlrOutputPowerV1), Argument(ArgumentType.Object, interface=WlOutput)
    )
    def get_output_power(self, output: WlOutputProxy) -> ZwlrOutputPowerV1Proxy:
        """The power of an output."""
        power: ZwlrOutputPowerV1Proxy = self._marshal_constructor(0, ZwlrOutputPowerV1, output)
        return power

    @ZwlrOutputPowerManagerV1.request()
    def destroy(self) -> None:
        """Done with it; the end of the connection calls it, too."""
        self._marshal(1)
        self._destroy()


class OrgKdeKwinDpms(Interface):
    """The power of an output, in KWin's words."""

    name = "org_kde_kwin_dpms"
    version = 1


class OrgKdeKwinDpmsProxy(Proxy[OrgKdeKwinDpms]):
    """Requests of org_kde_kwin_dpms."""

    interface = OrgKdeKwinDpms

    @OrgKdeKwinDpms.request(_UINT)
    def set(self, mode: int) -> None:
        """Opcode 0."""

    @OrgKdeKwinDpms.request()
    def release(self) -> None:
        """Hear no more of it."""
        self._marshal(1)
        self._destroy()


class _DpmsEvents:
    """Signatures of the events, in order."""

    @OrgKdeKwinDpms.event(_UINT)
    def supported(self, supported: int) -> None:
        """Whether the output can be switched at all."""

    @OrgKdeKwinDpms.event(_UINT)
    def mode(self, mode: int) -> None:
        """Whether it is on: at once, and at each change."""

    @OrgKdeKwinDpms.event()
    def done(self) -> None:
        """The changes are complete."""


class OrgKdeKwinDpmsManager(Interface):
    """Tells of the power of outputs."""

    name = "org_kde_kwin_dpms_manager"
    version = 1


class OrgKdeKwinDpmsManagerProxy(Proxy[OrgKdeKwinDpmsManager]):
    """Requests of org_kde_kwin_dpms_manager."""

    interface = OrgKdeKwinDpmsManager

    @OrgKdeKwinDpmsManager.request(
        Argument(ArgumentType.NewId, interface=OrgKdeKwinDpms), Argument(ArgumentType.Object, interface=WlOutput)
    )
    def get(self, output: WlOutputProxy) -> OrgKdeKwinDpmsProxy:
        """The power of an output."""
        power: OrgKdeKwinDpmsProxy = self._marshal_constructor(0, OrgKdeKwinDpms, output)
        return power


class OrgKdeKwinIdleTimeout(Interface):
    """Tells when nobody has touched anything for a time."""

    name = "org_kde_kwin_idle_timeout"
    version = 1


class OrgKdeKwinIdleTimeoutProxy(Proxy[OrgKdeKwinIdleTimeout]):
    """Requests of org_kde_kwin_idle_timeout."""

    interface = OrgKdeKwinIdleTimeout

    @OrgKdeKwinIdleTimeout.request()
    def release(self) -> None:
        """Want it no more."""
        self._marshal(0)
        self._destroy()

    @OrgKdeKwinIdleTimeout.request()
    def simulate_user_activity(self) -> None:
        """Opcode 1."""


class _IdleTimeoutEvents:
    """Signatures of the events, in order."""

    @OrgKdeKwinIdleTimeout.event()
    def idle(self) -> None:
        """The time has passed."""

    @OrgKdeKwinIdleTimeout.event()
    def resumed(self) -> None:
        """Somebody is there again."""


class OrgKdeKwinIdle(Interface):
    """Makes idle timeouts, on compositors from before ext_idle_notifier_v1."""

    name = "org_kde_kwin_idle"
    version = 1


class OrgKdeKwinIdleProxy(Proxy[OrgKdeKwinIdle]):
    """Requests of org_kde_kwin_idle."""

    interface = OrgKdeKwinIdle

    @OrgKdeKwinIdle.request(Argument(ArgumentType.NewId, interface=OrgKdeKwinIdleTimeout), _SEAT, _UINT)
    def get_idle_timeout(self, seat: WlSeatProxy, timeout_ms: int) -> OrgKdeKwinIdleTimeoutProxy:
        """A timeout of a seat."""
        timeout: OrgKdeKwinIdleTimeoutProxy = self._marshal_constructor(0, OrgKdeKwinIdleTimeout, seat, timeout_ms)
        return timeout


for _interface, _proxy in (
    (ZwlrForeignToplevelHandleV1, ZwlrForeignToplevelHandleV1Proxy),
    (ZwlrForeignToplevelManagerV1, ZwlrForeignToplevelManagerV1Proxy),
    (ZwlrOutputPowerV1, ZwlrOutputPowerV1Proxy),
    (ZwlrOutputPowerManagerV1, ZwlrOutputPowerManagerV1Proxy),
    (OrgKdeKwinDpms, OrgKdeKwinDpmsProxy),
    (OrgKdeKwinDpmsManager, OrgKdeKwinDpmsManagerProxy),
    (OrgKdeKwinIdleTimeout, OrgKdeKwinIdleTimeoutProxy),
    (OrgKdeKwinIdle, OrgKdeKwinIdleProxy),
):
    _interface._gen_c()
    _interface.proxy_class = _proxy
