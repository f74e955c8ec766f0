"""Which renderer the player draws with, and what libmpv may decode with: chosen once, at the start."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from wayvid._core import BufferPool
from wayvid.errors import GraphicsError
from wayvid.link.messages import Draws, Graphics
from wayvid.render.shm import ShmRenderer

if TYPE_CHECKING:
    from wayvid.player.output import OutputView
    from wayvid.render.egl import GlContext
    from wayvid.render.renderer import Renderer
    from wayvid.wayland.connection import Connection

__all__ = ["Choice", "choose_renderer", "decoding_of", "has_render_node"]

CARDS = "/dev/dri"
RENDER_NODE = "renderD"
# libmpv's interop with decoding hardware, by the vendor of the driver; "all", its default, loads CUDA everywhere.
INTEROPS = {"nvidia": "cuda"}
INTEROP_ELSE = "vaapi"
SAFE = "auto-safe"


class Choice(NamedTuple):
    """What the player draws with.

    Attributes:
        renderer: makes the frames.
        view: shows them on an output; None: the plain OutputView.
        hwdec: libmpv's hwdec value.
        interop: libmpv's gpu-hwdec-interop value.
        hwdec_reason: why hardware does not decode; empty when libmpv is to find out.
        draws: for the daemon.
        opening: libmpv's options for opening what comes from a server.
    """

    renderer: Renderer
    view: type[OutputView] | None
    hwdec: str
    interop: str
    hwdec_reason: str
    draws: Draws
    opening: dict[str, str] = {}  # noqa: RUF012 - never changed

    def core_options(self) -> dict[str, str]:
        """What libmpv must be told."""
        decoding = {"hwdec": self.hwdec, "gpu-hwdec-interop": self.interop}
        return self.renderer.core_options() | decoding | self.opening


def decoding_of(wanted: str, vendor: str, software_driver: str) -> tuple[str, str, str]:
    """What decodes where OpenGL draws.

    Args:
        wanted: "auto", "no" or a name that libmpv knows.
        vendor: of the OpenGL driver, in its own words.
        software_driver: its name where the processor draws, else "".

    Returns:
        libmpv's hwdec and gpu-hwdec-interop, and why hardware does not decode.
    """
    if wanted == "no":
        return "no", "no", "the config says no"
    if wanted == "auto" and software_driver:
        return "no", "no", f"the processor draws, too ({software_driver})"
    interop = next((name for word, name in INTEROPS.items() if word in vendor.lower()), INTEROP_ELSE)
    return SAFE if wanted == "auto" else wanted, interop, ""


def has_render_node() -> bool:
    """Whether there is a graphics card that this user may draw with."""
    try:
        names = os.listdir(CARDS)
    except OSError:
        return False
    nodes = (f"{CARDS}/{name}" for name in names if name.startswith(RENDER_NODE))
    return any(os.access(node, os.R_OK | os.W_OK) for node in nodes)


def _in_memory(pool: BufferPool, wanted: Graphics, reason: str) -> Choice:
    if wanted.hwdec in ("auto", "no"):
        why = "the config says no" if wanted.hwdec == "no" else "pictures in shared memory are decoded by the processor"
        return Choice(ShmRenderer(pool), None, "no", "no", why, Draws("shm", "", reason))
    return Choice(ShmRenderer(pool), None, wanted.hwdec, "no", "", Draws("shm", "", reason))


def opening_of(wanted: Graphics) -> dict[str, str]:
    """libmpv's options for opening what comes from a server."""
    options = {"network-timeout": f"{wanted.silent_s:g}"}
    return options | {"ytdl": "yes"} if wanted.has_ytdl else options


def choose_renderer(wanted: Graphics, pool: BufferPool, connect: Callable[[], Connection]) -> Choice:
    """The renderer that was asked for, or the one that works, and what goes with it.

    Args:
        wanted: as the config has it.
        pool: of the pictures in memory.
        connect: gives the connection to the compositor; only OpenGL needs it now.
    """
    return _choose(wanted, pool, connect)._replace(opening=opening_of(wanted))


def _choose(wanted: Graphics, pool: BufferPool, connect: Callable[[], Connection]) -> Choice:
    if wanted.renderer == "shm":
        return _in_memory(pool, wanted, "asked for")
    if wanted.refusal:
        return _in_memory(pool, wanted, wanted.refusal)
    is_auto = wanted.renderer == "auto"
    if is_auto and not has_render_node():  # without loading a driver to find out
        return _in_memory(pool, wanted, "there is no graphics card that may be drawn with (/dev/dri/renderD*)")
    try:
        context = _open_context(wanted, connect())
    except (GraphicsError, ImportError, AttributeError, OSError) as exc:
        return _in_memory(pool, wanted, f"OpenGL cannot start: {exc}")
    if is_auto and context.is_software:
        reason = f"OpenGL would be drawn by the processor ({context.driver})"
        context.close()
        return _in_memory(pool, wanted, reason)
    return _with_gl(context, wanted, pool, connect(), "a graphics card draws" if is_auto else "asked for")


def _open_context(wanted: Graphics, connection: Connection) -> GlContext:
    if wanted.device:
        os.environ["DRI_PRIME"] = _prime(wanted.device)
    from wayvid.render.egl import GlContext
    from wayvid.wayland.drawn import display_address
    from wayvid.wayland.libwayland import hush_libwayland

    hush_libwayland()
    return GlContext(display_address(connection), wanted.depth_bits)


def _prime(device: str) -> str:
    """A card as Mesa's DRI_PRIME names it: "pci-0000_01_00_0" for the PCI device of a node in /dev/dri.

    Source: docs.mesa3d.org, "Environment Variables", DRI_PRIME.
    """
    bus = os.path.basename(os.path.realpath(f"/sys/class/drm/{os.path.basename(device)}/device"))
    return "pci-" + bus.replace(":", "_").replace(".", "_")


def _with_gl(context: GlContext, wanted: Graphics, pool: BufferPool, connection: Connection, reason: str) -> Choice:
    from wayvid.player.drawn_output import DrawnOutputView
    from wayvid.render.gl import GlRenderer
    from wayvid.wayland.drawn import display_address

    renderer = GlRenderer(
        context, display_address(connection), pool, wanted.depth_bits, wanted.is_native, wanted.is_direct
    )
    decoding = decoding_of(wanted.hwdec, context.vendor, context.driver if context.is_software else "")
    return Choice(renderer, DrawnOutputView, *decoding, Draws("gl", context.driver, reason))
