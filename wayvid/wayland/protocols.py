"""The wlr-layer-shell protocol, which pywayland does not ship, as far as wayvid uses it.

Source: wlr-layer-shell-unstable-v1, version 4. Requests stand in the order of
their opcodes, so those that are never called are declared too.
"""

from __future__ import annotations

from pywayland.protocol.wayland import WlOutput, WlOutputProxy, WlSurface, WlSurfaceProxy
from pywayland.protocol_core import Argument, ArgumentType, Interface, Proxy

__all__ = [
    "ZwlrLayerShellV1",
    "ZwlrLayerSurfaceV1",
    "ZwlrLayerSurfaceV1Proxy",
    "LAYER_BACKGROUND",
    "LAYER_BOTTOM",
    "ANCHOR_ALL",
]

LAYER_BACKGROUND, LAYER_BOTTOM = 0, 1  # zwlr_layer_shell_v1.layer
ANCHOR_ALL = 1 | 2 | 4 | 8  # zwlr_layer_surface_v1.anchor: top, bottom, left, right


class ZwlrLayerSurfaceV1(Interface):
    """A surface arranged by the compositor relative to an output's edges."""

    name = "zwlr_layer_surface_v1"
    version = 4


class ZwlrLayerSurfaceV1Proxy(Proxy[ZwlrLayerSurfaceV1]):
    """Requests of zwlr_layer_surface_v1; events: configure(serial, width, height), closed()."""

    interface = ZwlrLayerSurfaceV1

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Uint), Argument(ArgumentType.Uint))
    def set_size(self, width: int, height: int) -> None:
        """Wanted size in logical pixels; 0: as the anchors give it."""
        self._marshal(0, width, height)

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Uint))
    def set_anchor(self, anchor: int) -> None:
        """Edges to stick to."""
        self._marshal(1, anchor)

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Int))
    def set_exclusive_zone(self, zone: int) -> None:
        """-1: keep the whole output, also under panels."""
        self._marshal(2, zone)

    @ZwlrLayerSurfaceV1.request(
        Argument(ArgumentType.Int), Argument(ArgumentType.Int), Argument(ArgumentType.Int), Argument(ArgumentType.Int)
    )
    def set_margin(self, top: int, right: int, bottom: int, left: int) -> None:
        """Distance from the anchors."""
        self._marshal(3, top, right, bottom, left)

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Uint))
    def set_keyboard_interactivity(self, mode: int) -> None:
        """0: never takes the keyboard."""
        self._marshal(4, mode)

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Object))
    def get_popup(self, popup: Proxy[Interface]) -> None:
        """Parent an xdg_popup."""
        self._marshal(5, popup)

    @ZwlrLayerSurfaceV1.request(Argument(ArgumentType.Uint))
    def ack_configure(self, serial: int) -> None:
        """The next commit answers that configure."""
        self._marshal(6, serial)

    @ZwlrLayerSurfaceV1.request()
    def destroy(self) -> None:
        """Take the surface away."""
        self._marshal(7)
        self._destroy()


class _LayerSurfaceEvents:
    """Signatures of the events, in order."""

    @ZwlrLayerSurfaceV1.event(Argument(ArgumentType.Uint), Argument(ArgumentType.Uint), Argument(ArgumentType.Uint))
    def configure(self, serial: int, width: int, height: int) -> None:
        """The compositor gives the surface a size."""

    @ZwlrLayerSurfaceV1.event()
    def closed(self) -> None:
        """The surface will not be shown any more."""


class ZwlrLayerShellV1(Interface):
    """Makes layer surfaces."""

    name = "zwlr_layer_shell_v1"
    version = 4


class ZwlrLayerShellV1Proxy(Proxy[ZwlrLayerShellV1]):
    """Requests of zwlr_layer_shell_v1."""

    interface = ZwlrLayerShellV1

    @ZwlrLayerShellV1.request(
        Argument(ArgumentType.NewId, interface=ZwlrLayerSurfaceV1),
        Argument(ArgumentType.Object, interface=WlSurface),
        Argument(ArgumentType.Object, interface=WlOutput, nullable=True),
        Argument(ArgumentType.Uint),
        Argument(ArgumentType.String),
    )
    def get_layer_surface(
        self, surface: WlSurfaceProxy, output: WlOutputProxy, layer: int, namespace: str
    ) -> ZwlrLayerSurfaceV1Proxy:
        """Give a surface a place on an output's layer."""
        layer_surface: ZwlrLayerSurfaceV1Proxy = self._marshal_constructor(
            0, ZwlrLayerSurfaceV1, surface, output, layer, namespace
        )
        return layer_surface

    @ZwlrLayerShellV1.request(version=3)
    def destroy(self) -> None:
        """Done with making surfaces."""
        self._marshal(1)
        self._destroy()


ZwlrLayerSurfaceV1._gen_c()
ZwlrLayerSurfaceV1.proxy_class = ZwlrLayerSurfaceV1Proxy
ZwlrLayerShellV1._gen_c()
ZwlrLayerShellV1.proxy_class = ZwlrLayerShellV1Proxy
