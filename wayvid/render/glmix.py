"""Two pictures mixed with OpenGL; imported with the first change of sources."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from OpenGL import GLES2

from wayvid._core import BufferPool
from wayvid._core.glupload import Texture, Uploader
from wayvid.errors import GraphicsError
from wayvid.geometry import Crop, Size
from wayvid.link.messages import Picture
from wayvid.render.egl import GlContext, Window
from wayvid.render.frame import FrameBuffer
from wayvid.render.still import HeldStill
from wayvid.render.texture import BYTES_PER_PIXEL, TargetTexture
from wayvid.transition import Layer, Step, Transition

if TYPE_CHECKING:
    from wayvid.render.renderer import Layered

__all__ = ["GlMixture", "GlStill", "MixDrawer", "read_still"]

NOWHERE = 0  # no memory has this id
VERTEX_SHADER = b"""
attribute vec2 corner;
uniform float down;
varying vec2 point;
void main() {
    gl_Position = vec4(2.0 * corner.x - 1.0, down * (2.0 * corner.y - 1.0), 0.0, 1.0);
    point = corner;
}
"""
# The soft edge is as wide as that of wayvid._core.blend.
FRAGMENT_SHADER = b"""
#ifdef GL_FRAGMENT_PRECISION_HIGH
precision highp float;
#else
precision mediump float;
#endif
uniform sampler2D pictures[2];
uniform vec3 columns[2];
uniform vec3 rows[2];
uniform vec4 places[2];
uniform float kind;
uniform float gone;
uniform vec2 size;
uniform vec4 stage;
varying vec2 point;
vec3 seen(sampler2D picture, vec3 column, vec3 row, vec4 place) {
    if (point.x < place.x || point.y < place.y || point.x >= place.z || point.y >= place.w) return vec3(0.0);
    return texture2D(picture, vec2(dot(column, vec3(point, 1.0)), dot(row, vec3(point, 1.0)))).rgb;
}
void main() {
    vec3 before = seen(pictures[0], columns[0], rows[0], places[0]);
    vec3 after = seen(pictures[1], columns[1], rows[1], places[1]);
    float soft = stage.z / 16.0 + 1.0;
    vec2 at = point * size - stage.xy;
    float weight = gone;
    if (kind > 1.5) {
        weight = clamp(((0.5 * length(stage.zw) + soft) * gone - length(at - 0.5 * stage.zw)) / soft, 0.0, 1.0);
    } else if (kind > 0.5) {
        weight = clamp(((stage.z + soft) * gone - at.x) / soft, 0.0, 1.0);
    }
    gl_FragColor = vec4(mix(before, after, weight), 1.0);
}
"""
KINDS = {Transition.FADE: 0.0, Transition.WIPE: 1.0, Transition.GROW: 2.0}
CORNERS = (ctypes.c_float * 8)(0, 0, 1, 0, 0, 1, 1, 1)
UNIFORMS = ("down", "pictures", "columns", "rows", "places", "kind", "gone", "size", "stage")


class Textured(Protocol):
    """A frame that can be had as a texture."""

    @property
    def picture(self) -> Picture:
        """Its size and shape."""

    def texture_name(self) -> int:
        """OpenGL's name of the texture with the picture in it, its first row on top; drawn now if need be."""


def _shader(kind: int, source: bytes) -> int:
    shader = int(GLES2.glCreateShader(kind))
    GLES2.glShaderSource(shader, source)
    GLES2.glCompileShader(shader)
    if not GLES2.glGetShaderiv(shader, GLES2.GL_COMPILE_STATUS):
        words = " ".join(bytes(GLES2.glGetShaderInfoLog(shader)).decode(errors="replace").split())
        raise GraphicsError("glCompileShader", f"the driver does not compile a shader: {words}")
    return shader


class MixDrawer:
    """Draws mixtures into the current framebuffer.

    Threads: the thread on which the context is current, close() included.

    Raises:
        GraphicsError: the driver refuses the shaders.
    """

    def __init__(self) -> None:
        vertex = _shader(GLES2.GL_VERTEX_SHADER, VERTEX_SHADER)
        fragment = _shader(GLES2.GL_FRAGMENT_SHADER, FRAGMENT_SHADER)
        self._program = int(GLES2.glCreateProgram())
        GLES2.glAttachShader(self._program, vertex)
        GLES2.glAttachShader(self._program, fragment)
        GLES2.glBindAttribLocation(self._program, 0, b"corner")
        GLES2.glLinkProgram(self._program)
        GLES2.glDeleteShader(vertex)  # they live as long as the program
        GLES2.glDeleteShader(fragment)
        if not GLES2.glGetProgramiv(self._program, GLES2.GL_LINK_STATUS):
            raise GraphicsError("glLinkProgram", "the driver does not link the shaders of a transition")
        self._at = {name: int(GLES2.glGetUniformLocation(self._program, name.encode())) for name in UNIFORMS}
        names = (ctypes.c_uint * 1)()
        GLES2.glGenBuffers(1, names)
        self._corners = names[0]
        GLES2.glBindBuffer(GLES2.GL_ARRAY_BUFFER, self._corners)
        GLES2.glBufferData(GLES2.GL_ARRAY_BUFFER, ctypes.sizeof(CORNERS), CORNERS, GLES2.GL_STATIC_DRAW)
        GLES2.glBindBuffer(GLES2.GL_ARRAY_BUFFER, 0)

    def draw(self, mixture: GlMixture, size: Size, is_window: bool) -> None:
        """Draw over the whole framebuffer that is current.

        Args:
            mixture: what.
            size: of the framebuffer.
            is_window: whether its first row is the lowest.
        """
        both = [mixture.before, mixture.after]
        textures = [cast(Textured, layered.frame).texture_name() for layered in both]
        mixture.bind()  # libmpv has drawn elsewhere
        ways = [_way(layered.layer, layered.frame.picture, mixture.size) for layered in both]
        GLES2.glViewport(0, 0, *size)
        GLES2.glUseProgram(self._program)
        GLES2.glUniform1f(self._at["down"], -1.0 if is_window else 1.0)
        GLES2.glUniform1f(self._at["kind"], KINDS[mixture.step.transition])
        GLES2.glUniform1f(self._at["gone"], mixture.step.gone)
        GLES2.glUniform2f(self._at["size"], *map(float, mixture.size))
        GLES2.glUniform4f(self._at["stage"], *mixture.step.stage)
        GLES2.glUniform1iv(self._at["pictures"], 2, (ctypes.c_int * 2)(0, 1))
        for name, width, call in (
            ("columns", 3, GLES2.glUniform3fv),
            ("rows", 3, GLES2.glUniform3fv),
            ("places", 4, GLES2.glUniform4fv),
        ):
            index = ("columns", "rows", "places").index(name)
            flat = [number for way in ways for number in way[index]]
            call(self._at[name], 2, (ctypes.c_float * (2 * width))(*flat))
        for unit, texture in enumerate(textures):
            GLES2.glActiveTexture(GLES2.GL_TEXTURE0 + unit)
            GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, texture)
        GLES2.glBindBuffer(GLES2.GL_ARRAY_BUFFER, self._corners)
        GLES2.glVertexAttribPointer(0, 2, GLES2.GL_FLOAT, False, 0, None)
        GLES2.glEnableVertexAttribArray(0)
        GLES2.glDrawArrays(GLES2.GL_TRIANGLE_STRIP, 0, 4)
        GLES2.glDisableVertexAttribArray(0)
        GLES2.glBindBuffer(GLES2.GL_ARRAY_BUFFER, 0)
        for unit in (1, 0):
            GLES2.glActiveTexture(GLES2.GL_TEXTURE0 + unit)
            GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, 0)
        GLES2.glUseProgram(0)

    def close(self) -> None:
        """Delete the program and its vertices; twice does nothing."""
        if self._program:
            GLES2.glDeleteProgram(self._program)
            GLES2.glDeleteBuffers(1, (ctypes.c_uint * 1)(self._corners))
            self._program = 0


def _way(layer: Layer, picture: Picture, size: Size) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """From a point of the mixture (0..1, y downwards) to one of the texture: column, row; and where that holds."""
    part, place, rotation = layer
    if not place.width:
        return (0.0,) * 3, (0.0,) * 3, (0.0,) * 4
    left, top = part.x / picture.width_px, part.y / picture.height_px
    wide, high = part.width / picture.width_px, part.height / picture.height_px
    # A point of the place, 0 .. 1 in both ways.
    across = (size.width / place.width, 0.0, -place.x / place.width)
    down = (0.0, size.height / place.height, -place.y / place.height)

    def turn(way: tuple[float, float, float]) -> tuple[float, float, float]:
        return -way[0], -way[1], 1 - way[2]

    column, row = {
        0: (across, down), 90: (down, turn(across)), 180: (turn(across), turn(down)), 270: (turn(down), across)
    }[rotation]  # fmt: skip
    return (
        (column[0] * wide, column[1] * wide, column[2] * wide + left),
        (row[0] * high, row[1] * high, row[2] * high + top),
        (
            place.x / size.width,
            place.y / size.height,
            (place.x + place.width) / size.width,
            (place.y + place.height) / size.height,
        ),
    )


class GlStill(HeldStill):
    """A picture in a texture of its own.

    Args:
        name: OpenGL's of the texture.
        picture: its shape.
        close: gives the texture back.
    """

    is_native = False

    def __init__(self, name: int, picture: Picture, close: Callable[[], None]) -> None:
        super().__init__(picture, close)
        self._name = name

    def texture_name(self) -> int:
        """See Textured."""
        return self._name


def read_still(fd: int, picture: Picture, look_up: Callable[[bytes], int], pool: BufferPool) -> GlStill:
    """A picture in memory as a texture; see Renderer.still().

    Args:
        fd: the memory.
        picture: what is in it.
        look_up: finds OpenGL's functions.
        pool: lends memory where rows must be repacked on the way.
    """
    texture = Texture(look_up, picture.width_px, picture.height_px)
    try:
        uploader = Uploader(look_up, 0, pool)
        with mmap.mmap(fd, picture.stride_bytes * picture.height_px, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
            uploader.upload(texture.texture_id, memory, picture.width_px, picture.height_px, picture.stride_bytes)
        uploader.close()
    except BaseException:
        texture.close()
        raise
    return GlStill(texture.texture_id, picture, texture.close)


class GlMixture:
    """A mixture that is drawn when it is shown.

    Args:
        drawer: draws it.
        context: of the windows.
        size: in pixels.
        before: the picture that goes.
        after: the one that comes.
        step: how, and how far.
    """

    is_native = False

    def __init__(
        self,
        drawer: MixDrawer,
        context: GlContext,
        size: Size,
        before: Layered,
        after: Layered,
        step: Step,
    ) -> None:
        self.size = size
        self.before, self.after = before, after
        self.step = step
        self.picture = Picture(NOWHERE, *size, size.width * BYTES_PER_PIXEL, *size)
        self.sequence = 0
        self.due_ns = 0
        self._drawer = drawer
        self._context = context
        self._target: TargetTexture | None = None

    def bind(self) -> None:
        """Have OpenGL draw where it is to be drawn."""
        if self._target is not None:
            self._target.bind()
        else:
            GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)

    def open_window(self, wl_surface: int, size: Size) -> Window:
        """See Drawing."""
        return self._context.open_window(wl_surface, size)

    def draw(self, window: Window, part: Crop) -> None:  # noqa: ARG002 - it is always shown whole
        """See Drawing."""
        window.make_current()
        self._drawer.draw(self, window.size, is_window=True)
        window.swap()

    def hold(self) -> None:
        """See Frame; there is nothing to give back."""

    def let_go(self) -> None:
        """See Frame."""

    def settle(self) -> None:
        """See Frame: it was drawn when it was shown."""

    def in_memory(self, is_whole: bool) -> FrameBuffer | None:  # noqa: ARG002 - see Frame
        """See Frame: nobody asks for it."""
        return None

    def keep(self) -> GlStill:
        """See Frame: drawn once more, of what its pictures are now."""
        self._target = target = TargetTexture(self.size)
        try:
            self._drawer.draw(self, self.size, is_window=False)
        finally:
            self._target = None
            GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
        return GlStill(target.texture, self.picture, target.close)
