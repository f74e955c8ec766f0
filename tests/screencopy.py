"""The wlr-screencopy protocol, which pywayland does not ship, as far as the tests use it.

Source: wlr-screencopy-unstable-v1, version 2. Requests and events stand in the order of
their opcodes.
"""

from __future__ import annotations

from typing import Any

from pywayland.protocol.wayland import WlBuffer, WlOutput
from pywayland.protocol_core import Argument, ArgumentType, Interface, Proxy

__all__ = ["ZwlrScreencopyManagerV1"]

_INT, _UINT = Argument(ArgumentType.Int), Argument(ArgumentType.Uint)
_BUFFER = Argument(ArgumentType.Object, interface=WlBuffer)
_OUTPUT = Argument(ArgumentType.Object, interface=WlOutput)


class ZwlrScreencopyFrameV1(Interface):
    """One frame of an output."""

    name = "zwlr_screencopy_frame_v1"
    version = 2


class ZwlrScreencopyFrameV1Proxy(Proxy[ZwlrScreencopyFrameV1]):
    """Requests of zwlr_screencopy_frame_v1."""

    interface = ZwlrScreencopyFrameV1

    @ZwlrScreencopyFrameV1.request(_BUFFER)
    def copy(self, buffer: Any) -> None:
        """Copy the next frame."""
        self._marshal(0, buffer)

    @ZwlrScreencopyFrameV1.request()
    def destroy(self) -> None:
        """Done with it."""
        self._marshal(1)
        self._destroy()

    @ZwlrScreencopyFrameV1.request(_BUFFER, version=2)
    def copy_with_damage(self, buffer: Any) -> None:
        """Copy the next frame that differs from the one that was copied before."""
        self._marshal(2, buffer)


class _FrameEvents:
    """Signatures of the events, in order."""

    @ZwlrScreencopyFrameV1.event(_UINT, _UINT, _UINT, _UINT)
    def buffer(self, form: int, width: int, height: int, stride: int) -> None:
        """The memory that it takes."""

    @ZwlrScreencopyFrameV1.event(_UINT)
    def flags(self, flags: int) -> None:
        """1: its rows stand bottom first."""

    @ZwlrScreencopyFrameV1.event(_UINT, _UINT, _UINT)
    def ready(self, seconds_high: int, seconds_low: int, nanoseconds: int) -> None:
        """It was copied, and shown then."""

    @ZwlrScreencopyFrameV1.event()
    def failed(self) -> None:
        """It was not."""

    @ZwlrScreencopyFrameV1.event(_UINT, _UINT, _UINT, _UINT, version=2)
    def damage(self, x: int, y: int, width: int, height: int) -> None:
        """What differs."""


class ZwlrScreencopyManagerV1(Interface):
    """Gives frames of outputs."""

    name = "zwlr_screencopy_manager_v1"
    version = 2


class ZwlrScreencopyManagerV1Proxy(Proxy[ZwlrScreencopyManagerV1]):
    """Requests of zwlr_screencopy_manager_v1."""

    interface = ZwlrScreencopyManagerV1

    @ZwlrScreencopyManagerV1.request(
        Argument(ArgumentType.NewId, interface=ZwlrScreencopyFrameV1),
        _INT,
        _OUTPUT,
    )
    def capture_output(self, overlay_cursor: int, output: Any) -> ZwlrScreencopyFrameV1Proxy:
        """The next frame of an output, with or without the pointer."""
        frame: ZwlrScreencopyFrameV1Proxy = self._marshal_constructor(0, ZwlrScreencopyFrameV1, overlay_cursor, output)
        return frame

    @ZwlrScreencopyManagerV1.request(
        Argument(ArgumentType.NewId, interface=ZwlrScreencopyFrameV1), _INT, _OUTPUT, _INT, _INT, _INT, _INT
    )
    def capture_output_region(self) -> None:
        """Opcode 1."""

    @ZwlrScreencopyManagerV1.request()
    def destroy(self) -> None:
        """Done with giving frames."""
        self._marshal(2)
        self._destroy()


for each in (ZwlrScreencopyFrameV1, ZwlrScreencopyManagerV1):
    each._gen_c()
ZwlrScreencopyFrameV1.proxy_class = ZwlrScreencopyFrameV1Proxy
ZwlrScreencopyManagerV1.proxy_class = ZwlrScreencopyManagerV1Proxy
