"""The OpenGL renderer: libmpv draws each new picture once, and every output draws its part of that.

Importing this loads the graphics driver: only a player that draws with OpenGL does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING

from wayvid._core import BufferPool, PoolExhausted
from wayvid._core.glupload import QuadDrawer
from wayvid._core.mpvrender import RenderContext
from wayvid.geometry import Crop, Size
from wayvid.link.messages import Picture
from wayvid.render.egl import GlContext, Window
from wayvid.render.fence import leaks_fences
from wayvid.render.frame import FrameBuffer
from wayvid.render.texture import BYTES_PER_PIXEL, TargetTexture

if TYPE_CHECKING:
    from wayvid.render.glmix import GlMixture, GlStill, MixDrawer
    from wayvid.render.renderer import Layered
    from wayvid.transition import Step

__all__ = ["GlFrame", "GlRenderer"]

# If the player dies, a copy of at most so many pixels a side is seen for a frame or two; 0.9 MB.
COPY_SIDE_PX = 640
COPY_EVERY_S = 1.0
NOWHERE = 0  # no memory has this id
EIGHT_BITS = 8  # what wl_shm's XRGB8888 has of each colour
SURFACE = 0  # OpenGL's name for the current surface
# By degrees clockwise: the wl_output.transform that turns a picture so.
TRANSFORMS = {0: 0, 90: 3, 180: 2, 270: 1}
UPSIDE_DOWN = 6  # mirrored and turned by half: the first row of what is drawn into is the lowest


class GlRenderer:
    """Makes frames in textures, or straight on the only screen that shows them.

    Args:
        context: what to draw with; owned.
        wl_display: address of the wl_display, for libmpv's hardware decoding.
        pool: of the pictures in memory.
        depth_bits: of each colour.
        is_native: see Renderer.
        is_direct: whether the processor's decoders write straight into memory of the driver's.
    """

    name = "gl"
    mixes_once = False

    def __init__(
        self,
        context: GlContext,
        wl_display: int,
        pool: BufferPool,
        depth_bits: int = EIGHT_BITS,
        is_native: bool = False,
        is_direct: bool = True,
    ) -> None:
        self.context = context
        self.pool = pool
        self.is_native = is_native
        self.drawer = QuadDrawer(context.look_up)
        self._wl_display = wl_display
        self._depth_bits = depth_bits
        self._is_direct = is_direct
        self.is_deep = depth_bits != EIGHT_BITS
        self._streams: dict[RenderContext, _Stream] = {}
        self._mix_drawer: MixDrawer | None = None

    def set_limits(self, max_buffers: int, max_bytes: int) -> None:
        """See Renderer."""
        self.pool.set_limits(max_buffers, max_bytes)

    def set_streams(self, count: int) -> bool:  # noqa: ARG002 - its pictures are not the pool's
        """See Renderer."""
        return False

    def core_options(self) -> dict[str, str]:
        """See Renderer."""
        options = {
            "scale": "bilinear",
            "cscale": "bilinear",
            "dscale": "bilinear",
            "dither-depth": "auto" if self.is_deep else "no",
            "correct-downscaling": "no",
            "linear-downscaling": "no",
            "sigmoid-upscaling": "no",
            "hdr-compute-peak": "no",
            "vd-lavc-dr": "yes" if self._is_direct else "no",
            # What is transparent is black, no chequered board: by the first up to libmpv 0.37, then by the others.
            "alpha": "blend",
            "background": "color",
            "background-color": "#000000",
        }
        if self.is_native:
            options["scale"] = options["cscale"] = "spline36"
        elif self.context.is_software:  # one pass from the planes to the picture, and no tone mapping
            options["gpu-dumb-mode"] = "yes"
        return options

    def open_context(self, mpv_handle: int, addresses: Mapping[str, int], version: str) -> RenderContext:
        """See Renderer."""
        context = RenderContext(
            mpv_handle,
            dict(addresses),
            self.context.get_proc_address,
            leaks_fences(version),
            self._wl_display,
            self._is_direct,
        )
        self._streams[context] = _Stream(self, context)
        return context

    def close_context(self, context: RenderContext) -> None:
        """See Renderer."""
        context.close()
        stream = self._streams.pop(context, None)
        if stream is not None:
            stream.close()

    def close_file(self, context: RenderContext) -> None:
        """See Renderer."""
        self._streams[context].is_over = True

    def affordable(self, size: Size) -> Size:
        """See Renderer."""
        return size

    def render(
        self, context: RenderContext, size: Size, video: Size, rotation: int, sequence: int, is_kept: bool = True
    ) -> GlFrame:
        """See Renderer."""
        picture = Picture(
            NOWHERE, size.width, size.height, size.width * BYTES_PER_PIXEL, video.width, video.height, rotation
        )
        stream = self._streams[context]
        stream.is_over = False
        return GlFrame(stream, picture, sequence, is_kept)

    def new_texture(self, size: Size) -> TargetTexture:
        """A texture for pictures of a size."""
        context = self.context
        return TargetTexture(size, self._depth_bits, context.es_version >= (3, 0), context.copies_bgra)

    # Mixtures.

    def has_room(self, streams: Iterable[Size], mixtures: Iterable[Size]) -> bool:  # noqa: ARG002
        """See Renderer: textures are not the pool's."""
        return True

    def set_mixing(self, streams: int, mixtures: int) -> None:
        """See Renderer."""

    def mix(self, size: Size, before: Layered, after: Layered, step: Step) -> GlMixture:
        """See Renderer."""
        from wayvid.render.glmix import GlMixture, MixDrawer  # only a change of sources needs it

        if self._mix_drawer is None:
            self._mix_drawer = MixDrawer()
        return GlMixture(self._mix_drawer, self.context, size, before, after, step)

    def still(self, fd: int, picture: Picture) -> GlStill:
        """See Renderer."""
        from wayvid.render.glmix import read_still

        return read_still(fd, picture, self.context.look_up, self.pool)

    def close(self) -> None:
        """See Renderer."""
        if self._mix_drawer is not None:
            self._mix_drawer.close()
            self._mix_drawer = None
        for context in list(self._streams):
            self.close_context(context)
        self.drawer.close()
        self.context.close()


class _Stream:
    """What the pictures of one core are in."""

    def __init__(self, renderer: GlRenderer, context: RenderContext) -> None:
        self.renderer = renderer
        self.is_over = False  # libmpv has no picture
        self._context = context
        self._texture: TargetTexture | None = None
        self._in_texture = 0  # number of the frame that is there
        self._drawn = 0  # number of the newest frame that libmpv was asked to draw
        self._small: TargetTexture | None = None
        self._copy: FrameBuffer | None = None  # in memory
        self._copied_at_s = 0.0

    def draw_texture(self, frame: GlFrame) -> TargetTexture:
        """The texture with the frame in it; libmpv draws that now, if it has not yet."""
        if self._texture is None or self._texture.size != frame.size:
            self._drop_texture()
            self._texture = self.renderer.new_texture(frame.size)
        if self._in_texture != frame.sequence and not self.is_over:
            texture = self._texture
            self._context.render_gl(texture.framebuffer, *frame.size, texture.internal_format)
            self._in_texture = self._drawn = frame.sequence
        return self._texture

    def give_away(self, frame: GlFrame) -> TargetTexture:
        """The texture with the frame in it, the caller's from now on."""
        texture = self.draw_texture(frame)
        self._texture = None
        self._in_texture = 0
        return texture

    def settle(self, frame: GlFrame) -> None:
        """libmpv has drawn the frame, if only for later.

        Raises:
            GraphicsError: the graphics card was reset.
        """
        self.renderer.context.check()
        if self._drawn != frame.sequence:
            self.draw_texture(frame)

    def draw(self, frame: GlFrame, window: Window, part: Crop) -> None:
        """Draw a part of the frame over a whole window, and commit that."""
        window.make_current()
        size = frame.size
        rotation = frame.picture.rotation
        is_whole = window.size == size and part == Crop(0.0, 0.0, *map(float, size)) and not rotation
        if is_whole and not frame.is_kept:  # libmpv draws it there itself
            self._drop_texture()
            self._context.render_gl(SURFACE, *size, flips_y=True)
            self._drawn = frame.sequence
        else:
            texture = self.draw_texture(frame)
            left, top = part.x / size.width, part.y / size.height
            right, bottom = left + part.width / size.width, top + part.height / size.height
            self.renderer.drawer.draw(
                texture.texture, 0, 0, *window.size, left, top, right, bottom, TRANSFORMS[rotation]
            )
        window.swap()

    def keep_copy(self, frame: GlFrame, is_whole: bool) -> FrameBuffer | None:
        """The picture in memory; a small one is made again each second only."""
        now_s = monotonic()
        if not is_whole and self._copy is not None and now_s - self._copied_at_s < COPY_EVERY_S:
            return self._copy
        is_here = self._texture is not None and self._in_texture == frame.sequence
        if self.is_over and not is_here:
            return self._copy
        self._copied_at_s = now_s
        size = frame.size
        if not is_whole:
            shrink = max(1, -(-max(size) // COPY_SIDE_PX))
            size = Size(max(1, size.width // shrink), max(1, size.height // shrink))
        stride_bytes = size.width * BYTES_PER_PIXEL
        try:
            # A row more: see ShmRenderer.
            buffer = self.renderer.pool.acquire(stride_bytes * (size.height + 1))
        except PoolExhausted:
            return self._copy
        if is_whole and is_here and not self.renderer.is_deep:
            assert self._texture is not None
            self._texture.read(buffer, self.renderer.context.reads_bgra)
        else:
            target = self._copy_target(size, is_whole)
            if is_here:
                assert self._texture is not None
                target.bind()
                self.renderer.drawer.draw(self._texture.texture, 0, 0, *size, 0, 0, 1, 1, UPSIDE_DOWN)
            else:
                self._context.render_gl(target.framebuffer, *size, target.internal_format)  # again, and in that size
            target.read(buffer, self.renderer.context.reads_bgra)
            if target is not self._small:
                target.close()
        before = self._copy
        shape = frame.picture
        picture = Picture(buffer.id, *size, stride_bytes, shape.video_width_px, shape.video_height_px, shape.rotation)
        self._copy = FrameBuffer(self.renderer.pool, buffer, picture, frame.sequence)
        if before is not None:
            before.let_go()
        return self._copy

    def _copy_target(self, size: Size, is_whole: bool) -> TargetTexture:
        if is_whole:  # rare, so not kept
            return TargetTexture(size)
        if self._small is None or self._small.size != size:
            if self._small is not None:
                self._small.close()
            self._small = TargetTexture(size)
        return self._small

    def _drop_texture(self) -> None:
        if self._texture is not None:
            self._texture.close()
            self._texture = None
            self._in_texture = 0

    def close(self) -> None:
        self._drop_texture()
        if self._small is not None:
            self._small.close()
            self._small = None
        if self._copy is not None:
            self._copy.let_go()
            self._copy = None


class GlFrame:
    """The picture that a stream's core draws now, until it has the next one.

    Only a stream's newest frame may be shown; there is nothing to give back.
    """

    __slots__ = ("_stream", "due_ns", "is_kept", "picture", "sequence", "size")

    def __init__(self, stream: _Stream, picture: Picture, sequence: int, is_kept: bool) -> None:
        self._stream = stream
        self.due_ns = 0
        self.picture = picture
        self.sequence = sequence
        self.is_kept = is_kept
        self.size = Size(picture.width_px, picture.height_px)

    def hold(self) -> None:
        """See Frame; the texture is the stream's."""

    def let_go(self) -> None:
        """See Frame."""

    def settle(self) -> None:
        """See Frame."""
        self._stream.settle(self)

    def texture_name(self) -> int:
        """See Textured."""
        return self._stream.draw_texture(self).texture

    def keep(self) -> GlStill:
        """See Frame."""
        from wayvid.render.glmix import GlStill

        texture = self._stream.give_away(self)
        return GlStill(texture.texture, self.picture, texture.close)

    def in_memory(self, is_whole: bool) -> FrameBuffer | None:
        """See Frame."""
        return self._stream.keep_copy(self, is_whole)

    @property
    def is_native(self) -> bool:
        """See Renderer."""
        return self._stream.renderer.is_native

    def open_window(self, wl_surface: int, size: Size) -> Window:
        """What it can be drawn into, on a Wayland surface."""
        return self._stream.renderer.context.open_window(wl_surface, size)

    def draw(self, window: Window, part: Crop) -> None:
        """Draw a part of the picture over a whole window, and commit that.

        Args:
            window: where.
            part: in the picture's pixels, before rotation.
        """
        self._stream.draw(self, window, part)
