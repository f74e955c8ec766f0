"""What `wayvid check` makes of what it found: pure values in, lines out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from wayvid.cli.probe import Failure
from wayvid.daemon.sensorprobe import ConditionsFacts
from wayvid.player.probe import MpvFacts
from wayvid.render.eglprobe import EglFacts
from wayvid.system.machine import RenderNode
from wayvid.system.peer import Peer, compositor_title
from wayvid.system.rivals import Rival
from wayvid.wayland.probe import ProtocolFacts, WaylandFacts

__all__ = ["Status", "Item", "Findings", "items", "exit_code", "summary"]


class Status(StrEnum):
    """In the order of the exit codes."""

    OK = "ok"
    DEGRADED = "degraded"  # wayvid runs, but something is lost
    MISSING = "missing"  # wayvid cannot run


class Item(NamedTuple):
    """One line. `advice` is what to do, empty where there is nothing to do."""

    name: str
    status: Status
    found: str
    advice: str = ""


NOT_LOOKED_AT = Failure("not looked at")


@dataclass
class Findings:
    """What was found on the machine."""

    environment_name: str = ""  # the compositor's, by the environment
    desktop: str = ""  # XDG_CURRENT_DESKTOP
    python: tuple[int, ...] = (3, 11, 0)
    core_error: str = ""
    kernel_release: str = ""
    kernel_missing: Sequence[str] = ()
    can_page_out: bool = True
    render_nodes: Sequence[RenderNode] = ()
    socket: Path | None = None
    peer: Peer | None = None
    compositor_error: str = ""
    version: str = ""  # what the compositor's --version printed
    rivals: Sequence[Rival] = ()
    namespaces: Sequence[str] = ()  # of surfaces behind the desktop
    wayland: WaylandFacts | Failure = field(default=NOT_LOOKED_AT)
    libmpv: MpvFacts | Failure = field(default=NOT_LOOKED_AT)
    egl: EglFacts | Failure = field(default=NOT_LOOKED_AT)
    conditions: ConditionsFacts | Failure = field(default=NOT_LOOKED_AT)


INSTALL_MPV = "install it: libmpv2 (Debian, Ubuntu), mpv-libs (Fedora), mpv (Arch)"
REINSTALL = "install wayvid again: 'make setup' in its source folder"
# libmpv leaks one GL fence a frame under its OpenGL renderer (mpv issue 17217).
FENCE_LEAK = re.compile(r"0\.4[01]\.")
# FFmpeg's kind of hardware: libmpv's hwdec value.
HWDEC = {"vaapi": "vaapi", "cuda": "nvdec", "vulkan": "vulkan"}
# Kernel driver: kinds that work with it.
DRIVER_HARDWARE = {
    "amdgpu": ("vaapi", "vulkan"),
    "i915": ("vaapi", "vulkan"),
    "nouveau": ("vaapi",),
    "nvidia": ("cuda", "vulkan"),
    "radeon": ("vaapi",),
    "xe": ("vaapi", "vulkan"),
}


def items(findings: Findings) -> list[Item]:
    """All lines, what a user can change first."""
    return [
        *_compositor(findings),
        *_rivals(findings),
        _libwayland(findings.wayland),
        _libmpv(findings.libmpv),
        _hwdec(findings),
        _egl(findings),
        _core(findings.core_error),
        _kernel(findings),
        _python(findings.python),
        *_conditions(findings.conditions),
    ]


def exit_code(found: Sequence[Item]) -> int:
    """0: all ok, 1: something is degraded, 2: wayvid cannot run."""
    ranks = list(Status)
    return max(ranks.index(item.status) for item in found)


def summary(found: Sequence[Item]) -> str:
    """The last line: may the user go on?"""
    names = {status: ", ".join(item.name for item in found if item.status is status) for status in Status}
    if names[Status.MISSING]:
        return f"wayvid cannot run here: {names[Status.MISSING]}"
    if names[Status.DEGRADED]:
        return f"wayvid can run here; worth a look: {names[Status.DEGRADED]}"
    return "wayvid can run here"


def _compositor(findings: Findings) -> Iterator[Item]:
    if findings.compositor_error or findings.peer is None:
        reason, _, advice = findings.compositor_error.partition("; ")
        advice = advice or "start wayvid inside a Wayland session, or try 'wayvid desk --shots shots -- wayvid run'"
        yield Item("compositor", Status.MISSING, reason or "none", advice)
        return
    name = _compositor_name(findings, findings.peer)
    wayland = findings.wayland
    if isinstance(wayland, Failure):
        hangs = wayland.is_hang
        reason = "does not answer" if hangs else f"cannot be asked: {wayland.reason}"
        advice = "it hangs: look at it from another console, or end it and log in again" if hangs else REINSTALL
        yield Item("compositor", Status.MISSING, f"{name} {reason}", advice)
        return
    if wayland.error:
        reason, _, advice = wayland.error.partition("; ")
        yield Item("compositor", Status.MISSING, f"{name}: {reason}", advice or "start it again")
        return
    yield Item("compositor", Status.OK, f"{name} at {findings.socket}")
    yield from (_protocol(protocol) for protocol in wayland.protocols)
    if not wayland.library_error:
        yield _outputs(wayland)


def _compositor_name(findings: Findings, peer: Peer) -> str:
    name = compositor_title(peer) or findings.environment_name or "an unknown compositor"
    version = re.search(r"\d+(\.\d+)+", findings.version)
    told = f"{name} {version[0]}" if version else name
    # A title that the environment knows better: a desktop is more than its compositor.
    desktop = findings.desktop.replace(":", ", ")
    return f"{told} ({desktop})" if desktop and desktop.lower() not in name.lower() else told


def _protocol(protocol: ProtocolFacts) -> Item:
    name, offered = protocol.interface, protocol.offered
    if offered >= max(1, protocol.needed):
        needed = f"needs {protocol.needed}" if protocol.needed else "optional"
        return Item(name, Status.OK, f"version {offered} ({needed}): {protocol.purpose}")
    if not protocol.needed:
        return Item(name, Status.OK, f"not offered, optional: {protocol.purpose}; without it {protocol.advice}")
    has = f"only version {offered}, wayvid needs {protocol.needed}" if offered else "not offered by this compositor"
    return Item(name, Status.MISSING, f"{has}: {protocol.purpose}", protocol.advice)


def _outputs(wayland: WaylandFacts) -> Item:
    listed = ", ".join(f"{output.name} {output.size}" for output in wayland.outputs)
    if not wayland.outputs:
        return Item(
            "outputs", Status.DEGRADED, "no screen is connected or switched on",
            "connect one: wayvid waits and shows its wallpaper as soon as there is one",
        )  # fmt: skip
    if not all(output.has_name for output in wayland.outputs):
        return Item(
            "outputs", Status.DEGRADED, f"{listed}: made-up names, since this compositor tells none",
            "use 'wayvid run' without -o (the names change when screens are plugged), or update the compositor",
        )  # fmt: skip
    return Item("outputs", Status.OK, listed)


def _rivals(findings: Findings) -> Iterator[Item]:
    if findings.compositor_error:
        return
    name = "other wallpapers"
    own = [rival for rival in findings.rivals if rival.program == "wayvid" and rival.is_certain]
    if len(own) == 1:  # one daemon has a display
        shows = f"wayvid (process {own[0].pid}) shows the wallpaper here"
        yield Item(name, Status.OK, shows if len(findings.rivals) > 1 else f"none found; {shows}")
    for rival in findings.rivals:
        if own == [rival]:
            continue
        seen = "draws behind the desktop too" if rival.is_certain else "runs, maybe on this compositor"
        yield Item(name, Status.DEGRADED, f"{rival.program} (process {rival.pid}) {seen}", rival.advice)
    if findings.rivals:
        return
    if findings.namespaces:
        yield Item(
            name, Status.DEGRADED, f"a surface called {', '.join(findings.namespaces)} is behind the desktop",
            "find out which program makes it and end it, or it may cover wayvid's picture",
        )  # fmt: skip
        return
    yield Item(name, Status.OK, "none found")


def _libwayland(wayland: WaylandFacts | Failure) -> Item:
    name = "libwayland"
    if isinstance(wayland, Failure):
        if wayland.is_hang:
            return Item(name, Status.OK, "not known, since the compositor does not answer")
        return Item(name, Status.MISSING, f"cannot be used: {wayland.reason}", REINSTALL)
    if wayland.library_error:
        return Item(name, Status.MISSING, f"pywayland cannot be loaded: {wayland.library_error}", REINSTALL)
    whose = "pywayland's own, shared with libmpv and EGL" if wayland.is_bundled else f"the system's, {wayland.library}"
    return Item(name, Status.OK, f"{wayland.library_version} ({whose})")


def _libmpv(libmpv: MpvFacts | Failure) -> Item:
    name = "libmpv"
    if isinstance(libmpv, Failure):
        return Item(name, Status.MISSING, f"cannot be used: {libmpv.reason}", INSTALL_MPV.replace("it:", "it again:"))
    if libmpv.is_missing:
        return Item(name, Status.MISSING, "not installed", INSTALL_MPV)
    if libmpv.error:
        return Item(name, Status.MISSING, libmpv.error, f"{INSTALL_MPV}, 0.33 or newer")
    found = f"{libmpv.version or 'of unknown version'} (client API {libmpv.api})"
    if FENCE_LEAK.match(libmpv.version):
        found += "; its OpenGL renderer leaks memory, which wayvid does not use"
    return Item(name, Status.OK, found)


def _hwdec(findings: Findings) -> Item:
    """Only information: where no card decodes, the CPU does."""
    name = "hwdec"
    if not findings.render_nodes:
        return Item(name, Status.OK, "no graphics card that decodes; the CPU does it")
    built_for = () if isinstance(findings.libmpv, Failure) else findings.libmpv.hardware
    nodes = ", ".join(
        f"{Path(node.path).name} ({node.driver}{'' if node.is_accessible else ', no access'})"
        for node in findings.render_nodes
    )
    kinds = {
        kind for node in findings.render_nodes if node.is_accessible for kind in DRIVER_HARDWARE.get(node.driver, ())
    }
    candidates = [hwdec for kind, hwdec in HWDEC.items() if kind in kinds and kind in built_for]
    could = f"libmpv could use {', '.join(candidates)}" if candidates else "nothing in it that libmpv can use"
    return Item(name, Status.OK, f"{nodes}: {could}; with the gl renderer, the card decodes what it can")


def _egl(findings: Findings) -> Item:
    """Only information: without a driver wayvid draws into shared memory."""
    name = "EGL"
    egl = findings.egl
    not_needed = "not needed: renderer auto takes shm"
    if isinstance(egl, Failure) and egl.is_hang:
        return Item(name, Status.OK, f"not known, since nothing answers; {not_needed}")
    if isinstance(egl, Failure):
        return Item(name, Status.OK, f"the driver fails ({egl.reason}); {not_needed}")
    if egl.error:
        return Item(name, Status.OK, f"no driver ({egl.error}); {not_needed}")
    if egl.is_software:
        return Item(name, Status.OK, f"{egl.renderer}: drawn by the CPU, slow; {not_needed}")
    if not any(node.is_accessible for node in findings.render_nodes):
        return Item(name, Status.OK, f"{egl.renderer}, and no card in /dev/dri that you may use; {not_needed}")
    return Item(name, Status.OK, f"{egl.renderer} by {egl.vendor}, {egl.version}: renderer auto takes gl")


def _core(error: str) -> Item:
    if error:
        return Item("compiled core", Status.MISSING, error, REINSTALL)
    return Item("compiled core", Status.OK, "built for this Python")


def _kernel(findings: Findings) -> Item:
    name, release = "kernel", f"Linux {findings.kernel_release}"
    if findings.kernel_missing:
        return Item(
            name, Status.MISSING, f"{release} refuses {', '.join(findings.kernel_missing)}",
            "use Linux 5.4 or newer; in a container or sandbox, allow these system calls",
        )  # fmt: skip
    if not findings.can_page_out:
        return Item(
            name, Status.DEGRADED, f"{release} cannot take pages back at once when memory is short",
            "use Linux 5.4 or newer; in a container or sandbox, allow madvise(MADV_PAGEOUT)",
        )  # fmt: skip
    return Item(name, Status.OK, f"{release}: memfd, pidfd, and pages go back when asked")


def _python(version: tuple[int, ...]) -> Item:
    words = ".".join(map(str, version))
    if version < (3, 11):
        return Item("Python", Status.MISSING, words, "use Python 3.11 or newer")
    return Item("Python", Status.OK, words)


def _conditions(conditions: ConditionsFacts | Failure) -> Iterator[Item]:
    """Only information: a rule for a condition that nobody tells never applies."""
    if isinstance(conditions, Failure):
        yield Item("conditions", Status.OK, f"not known: {conditions.reason}")
        return
    for facts in conditions.conditions:
        found = f"told: {facts.detail}" if facts.is_told else f"not told, so rules for it never apply: {facts.detail}"
        yield Item(f"condition {facts.name}", Status.OK, found)
