"""Draws a clip on every output with OpenGL and counts, twice, what there is.

`python -m tests.render.census CLIP WARM N` prints a list of two counts as JSON: after WARM and after N more frames.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import sys
from typing import TYPE_CHECKING

from wayvid._core import BufferPool, memory_stats
from wayvid._core.glupload import gl_objects
from wayvid.geometry import Laid, Layout, Size
from wayvid.link.messages import Graphics, StreamSpec
from wayvid.player.decoder import Decoder
from wayvid.player.environment import Environment
from wayvid.player.mixing import MixingRoom
from wayvid.player.shared_decode import SharedDecodeManager
from wayvid.render.renderer import Frame
from wayvid.system.events import EventLoop
from wayvid.wayland.libwayland import use_one_libwayland

if TYPE_CHECKING:
    from wayvid.render.texture import TargetTexture

MOST_NAMES = 4096
BGRA = 0x80E1
LAYOUTS = (Laid(Layout.FILL), Laid(Layout.CONTAIN), Laid(Layout.CENTRE))


class Counter:
    """A DecodeListener that counts at two frames and then stops the loop."""

    def __init__(self, loop: EventLoop, at: list[int]) -> None:
        self.counts: list[dict[str, int]] = []
        self._loop = loop
        self._at = at

    def on_loaded(self, decoder: Decoder, is_image: bool, duration_s: float) -> None:
        pass

    def on_rest(self, decoder: Decoder, is_resting: bool) -> None:
        pass

    def on_thrift(self, _decoder: Decoder, is_sparse: bool) -> None:
        pass

    def on_position(self, _decoder: Decoder) -> None:
        pass

    def on_failed(self, decoder: Decoder, reason: str, code: int) -> None:  # noqa: ARG002
        raise AssertionError(reason)

    def on_frame(self, decoder: Decoder, frame: Frame) -> None:  # noqa: ARG002
        frame.in_memory(is_whole=frame.sequence % 500 == 0)
        if frame.sequence == self._at[len(self.counts)]:
            self.counts.append(count())
            if len(self.counts) == len(self._at):
                self._loop.stop()


def count() -> dict[str, int]:
    """OpenGL objects by kind, asked of the driver name by name, and what else could grow."""
    from OpenGL import GLES2

    gc.collect()
    kinds = {
        "textures": GLES2.glIsTexture,
        "framebuffers": GLES2.glIsFramebuffer,
        "buffers": GLES2.glIsBuffer,
        "programs": GLES2.glIsProgram,
        "shaders": GLES2.glIsShader,
    }
    found = {kind: sum(bool(is_one(name)) for name in range(1, MOST_NAMES)) for kind, is_one in kinds.items()}
    stats = memory_stats()
    return found | {
        "ours": gl_objects(),
        "fds": len(os.listdir("/proc/self/fd")),
        "allocations": stats.active_allocations,
        "bytes": stats.current_bytes,
        "objects": len(gc.get_objects()),
    }


def is_as_windows(texture: TargetTexture) -> bool:
    """Whether its pixels have a window's order of bytes, as the driver says."""
    from OpenGL import GLES2, GLES3

    found = (ctypes.c_int * 1)()
    GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, texture.texture)
    GLES3.glGetTexLevelParameteriv(GLES2.GL_TEXTURE_2D, 0, GLES3.GL_TEXTURE_INTERNAL_FORMAT, found)
    texture.close()
    return found[0] == BGRA


def main(clip: str, warm: int, more: int) -> None:
    """Play until enough frames were drawn."""
    use_one_libwayland()
    from wayvid.player.drawn_output import DrawnOutputView
    from wayvid.player.graphics import choose_renderer
    from wayvid.render.gl import GlRenderer
    from wayvid.wayland.connection import Connection
    from wayvid.wayland.presentation import PresentationClock

    loop, connection = EventLoop(), Connection()
    pool = BufferPool(8, 0)
    choice = choose_renderer(Graphics("gl"), pool, lambda: connection)
    assert choice.draws.renderer == "gl", choice.draws.reason
    counter = Counter(loop, [warm, warm + more])
    environment = Environment(
        choice.renderer, choice.core_options(), "", counter, loop.watch, loop.unwatch, loop.call_later
    )
    manager = SharedDecodeManager(environment)
    connection.start()
    handle = manager.acquire(StreamSpec(path=clip))
    clock = PresentationClock(connection)
    room = MixingRoom(choice.renderer, lambda: [handle.decoder], loop.call_later)
    views = [
        DrawnOutputView(
            connection, clock, output, handle.another(), layout, lambda _frame: None, loop.call_later, bool, room
        )
        for output, layout in zip(connection.named_outputs(), LAYOUTS, strict=False)
    ]
    connection.watch_in(loop, is_shared=True)
    loop.run()
    for view in views:
        view.close()
    handle.close()
    manager.wait_closed()
    copies = isinstance(choice.renderer, GlRenderer) and is_as_windows(choice.renderer.new_texture(Size(8, 8)))
    choice.renderer.close()
    left_bytes = memory_stats().current_bytes
    counter.counts.append({"copies": copies, "ours": gl_objects(), "bytes left to the pool": left_bytes})
    pool.close()
    connection.close()
    loop.close()
    print(json.dumps(counter.counts))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
