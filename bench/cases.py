"""One operation of every compiled part, for the contender that is given: compiled, or its twin.

Nothing here looks at a clock. A case is made by a function that takes the contender
and gives the operation, as the daemon and the player call it.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

FULL_HD = (1920, 1080)
FULL_HD_STRIDE = FULL_HD[0] * 4
FULL_HD_BYTES = FULL_HD_STRIDE * FULL_HD[1]
# Small, since the twin takes microseconds a pixel.
MIXED = (12, 8)
DRAIN_BYTES = 64 * 1024
# Where each contender has its classes; the last four are modules of their own, as in wayvid._core.
PACKAGES = {"compiled": "wayvid._core", "twin": "bench.twins"}


class Contender(NamedTuple):
    """The modules of one side."""

    core: Any
    wakeup: Any
    mpvrender: Any
    blend: Any
    wlframe: Any


class Case(NamedTuple):
    """One thing to measure."""

    operation: Callable[[], object]
    batch: int  # operations per sample: enough to dwarf the clock's own 50 ns
    undo: Callable[[], object] | None = None  # after each sample, not timed


def contender(name: str) -> Contender:
    """The modules of "compiled" or "twin"."""
    package = PACKAGES[name]
    names = (package, *(f"{package}.{name}" for name in ("wakeup", "mpvrender", "blend", "wlframe")))
    return Contender(*map(importlib.import_module, names))


def empty_loop(_side: Contender) -> Case:
    return Case(lambda: None, 2000)


def frame_tick(side: Contender) -> Case:
    return Case(side.core.FrameTicker().tick, 2000)


def counter_update(side: Contender) -> Case:
    allocated, freed, kind = side.core.allocated, side.core.freed, side.core.OTHER

    def operation() -> None:
        allocated(kind, 4096)
        freed(kind, 4096)

    return Case(operation, 1000)


def stats_snapshot(side: Contender) -> Case:
    return Case(side.core.memory_stats, 500)


def acquire_release_hit(side: Contender) -> Case:
    pool = side.core.BufferPool()
    for buffer in [pool.acquire(FULL_HD_BYTES) for _ in range(3)]:
        pool.release(buffer)
    acquire, release = pool.acquire, pool.release
    return Case(lambda: release(acquire(FULL_HD_BYTES)), 500)


def acquire_miss(side: Contender) -> Case:
    pool = side.core.BufferPool()
    lent: list[Any] = []

    def undo() -> None:
        while lent:
            pool.release(lent.pop())
        pool.trim()

    return Case(lambda: lent.append(pool.acquire(FULL_HD_BYTES)), 8, undo)


def pool_stats(side: Contender) -> Case:
    return Case(side.core.BufferPool().stats, 500)


def buffer_view(side: Contender) -> Case:
    """A view of a buffer's memory, made and given back."""
    buffer = side.core.ManagedBuffer(FULL_HD_BYTES)
    view = getattr(buffer, "view", None)  # a Python class can export its memory only since Python 3.12
    if view is not None:
        return Case(lambda: view().release(), 1000)
    return Case(lambda: memoryview(buffer).release(), 1000)


def buffer_fields(side: Contender) -> Case:
    """What the player asks of a buffer per picture."""
    buffer = side.core.ManagedBuffer(FULL_HD_BYTES)
    return Case(lambda: (buffer.id, buffer.fd, buffer.capacity_bytes), 1000)


def wake_up(side: Contender) -> Case:
    """Rung by C as libmpv does, and drained; the way into C and back is ctypes' and the same for both."""
    wakeup = side.wakeup.Wakeup()
    ring = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(wakeup.callback_address)
    context, drain = ctypes.c_void_p(wakeup.context_address), wakeup.drain

    def operation() -> None:
        ring(context)
        drain()

    return Case(operation, 500)


def render_call(side: Contender) -> Case:
    """A picture's worth of parameters for libmpv, which draws nothing here."""
    render, buffer = render_context(side).render, side.core.ManagedBuffer(FULL_HD_BYTES)
    view = getattr(buffer, "view", None)
    if view is None:
        return Case(lambda: render(buffer, *FULL_HD, FULL_HD_STRIDE), 500)

    def operation() -> None:
        with view() as pixels:
            render(pixels, *FULL_HD, FULL_HD_STRIDE)

    return Case(operation, 500)


def render_poll(side: Contender) -> Case:
    """Is there a picture, what kind of one, and: it is shown."""
    context = render_context(side)
    update, flags, swap = context.update, context.next_frame_flags, context.report_swap

    def operation() -> None:
        update()
        flags()
        swap()

    return Case(operation, 500)


def render_context(side: Contender) -> Any:
    """A RenderContext with a libmpv that does nothing: its calls go to Python's own cheapest C function.

    That is Py_IsInitialized, which takes nothing, returns 1 and touches nothing.
    """

    def create(context: Any, _handle: object, _params: object) -> int:
        context[0] = 1
        return 0

    made = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p, ctypes.c_void_p)(create)
    nothing = ctypes.cast(ctypes.pythonapi.Py_IsInitialized, ctypes.c_void_p).value or 0
    addresses = dict.fromkeys(importlib.import_module("wayvid._core.mpvrender").ENTRY_POINTS, nothing)
    addresses["mpv_render_context_create"] = ctypes.cast(made, ctypes.c_void_p).value or 0
    return side.mpvrender.RenderContext(1, addresses)


def _mixed(side: Contender, kind: int, part: tuple[float, float, float, float]) -> Case:
    width, height = MIXED
    shape = (width, height, width * 4)
    before, after, out = (bytearray(width * 4 * height) for _ in range(3))
    place = (0, 0, width, height)
    first = (before, shape, (0.0, 0.0, float(width), float(height)), place, 0)
    second = (after, shape, part, place, 0)
    blend = side.blend.blend
    return Case(lambda: blend(out, shape, first, second, kind, 100), 4)


def fade_plain(side: Contender) -> Case:
    """Both pictures pixel for pixel."""
    return _mixed(side, side.blend.FADE, (0.0, 0.0, float(MIXED[0]), float(MIXED[1])))


def grow_scaled(side: Contender) -> Case:
    """One of the pictures is scaled, and each pixel has a weight of its own."""
    return _mixed(side, side.blend.GROW, (8.5, 0.25, 3.0, 6.5))


def wayland_frame(side: Contender) -> Case:
    """A picture for one screen: attach, damage, a frame callback asked for, commit.

    The compositor is the other end of a socket, which answers nothing.
    """
    from pywayland.client import Display
    from pywayland.protocol.wayland import WlCallback, WlCompositor, WlShm

    from wayvid.wayland.calls import CALL_ADDRESSES, address_of

    here, there = (end.detach() for end in socket.socketpair())
    os.set_blocking(there, False)
    display = Display(here)
    display.connect()
    registry = display.get_registry()
    surface = registry.bind(1, WlCompositor, 4).create_surface()
    pool = registry.bind(2, WlShm, 1).create_pool(there, FULL_HD_BYTES)
    buffer = pool.create_buffer(0, *FULL_HD, FULL_HD_STRIDE, 1)
    atexit.register(display.disconnect)  # or pywayland crashes at the end
    if side.wlframe.__name__.startswith("bench"):
        frames, attached = side.wlframe.FrameSurface(surface, print), buffer
    else:
        frames = side.wlframe.FrameSurface(CALL_ADDRESSES, address_of(WlCallback), address_of(surface), print)
        attached = address_of(buffer)
    attach, ask_frame, commit = frames.attach, frames.ask_frame, frames.commit

    def operation() -> None:
        attach(attached, *FULL_HD)
        ask_frame()
        commit()

    def undo(_alive: object = (surface, pool, buffer)) -> None:  # pywayland forgets what nobody holds
        display.flush()
        with suppress(BlockingIOError):
            while True:
                os.read(there, DRAIN_BYTES)

    return Case(operation, 100, undo)


CASES: dict[str, Callable[[Contender], Case]] = {
    "empty loop": empty_loop,
    "frame tick": frame_tick,
    "counter update (allocated + freed)": counter_update,
    "memory_stats": stats_snapshot,
    "acquire + release, hit": acquire_release_hit,
    "acquire, miss": acquire_miss,
    "pool stats": pool_stats,
    "buffer: view, made and dropped": buffer_view,
    "buffer: id, fd and capacity": buffer_fields,
    "wake-up, rung and drained": wake_up,
    "render: one picture": render_call,
    "render: update, flags, swap": render_poll,
    "blend: a fade, 12x8": fade_plain,
    "blend: a circle, scaled, 12x8": grow_scaled,
    "Wayland: one picture on one screen": wayland_frame,
}
