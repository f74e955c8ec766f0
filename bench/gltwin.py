"""What wayvid._core.glupload would be in plain Python over PyOpenGL: same names, same contract tests.

Written as one would write it, with PyOpenGL as it comes: it asks for GL's error after each call. Only
glVertexAttribPointer is the raw one, since the full one keeps what it is given for each context. It draws where
the compiled one may copy, uploads straight from memory, and knows BGRA textures and GL_UNPACK_ROW_LENGTH only.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

os.environ["PYOPENGL_PLATFORM"] = "egl"  # read when OpenGL is imported

from OpenGL import GLES2 as GL
from OpenGL.GLES3 import GL_UNPACK_ROW_LENGTH
from OpenGL.raw.GLES2.VERSION.GLES2_2_0 import glVertexAttribPointer

from bench import twins

GL_BGRA = 0x80E1
MAX_SIDE = 65535
TRANSFORMS = (
    (1, 0, 0, 0, 1, 0),
    (0, -1, 1, 1, 0, 0),
    (-1, 0, 1, 0, -1, 1),
    (0, 1, 0, -1, 0, 1),
    (-1, 0, 1, 0, 1, 0),
    (0, 1, 0, 1, 0, 0),
    (1, 0, 0, 0, -1, 1),
    (0, -1, 1, -1, 0, 1),
)
VERTEX_SHADER = """
attribute vec2 corner;
uniform vec3 across;
uniform vec3 down;
varying vec2 place;
void main() {
    gl_Position = vec4(2.0 * corner.x - 1.0, 1.0 - 2.0 * corner.y, 0.0, 1.0);
    place = vec2(dot(across, vec3(corner, 1.0)), dot(down, vec3(corner, 1.0)));
}
"""
FRAGMENT_SHADER = """
precision highp float;
uniform sampler2D picture;
varying vec2 place;
void main() {
    gl_FragColor = vec4(texture2D(picture, place).rgb, 1.0);
}
"""

_alive = 0


def gl_objects() -> int:
    return _alive


def _count(objects: int) -> None:
    global _alive  # noqa: PLW0603 - the census is the process's
    _alive += objects


class Texture:
    """Twin of wayvid._core.glupload.Texture."""

    def __init__(self, _get_proc_address: Callable[[bytes], int], width_px: int, height_px: int) -> None:
        most = GL.glGetIntegerv(GL.GL_MAX_TEXTURE_SIZE)
        if not (1 <= width_px <= most and 1 <= height_px <= most):
            raise ValueError(f"a texture is 1..{most} pixels wide and high here, not {width_px}x{height_px}")
        self.width_px, self.height_px = width_px, height_px
        self.size_bytes = width_px * height_px * 4
        names = (ctypes.c_uint * 2)()
        GL.glGenTextures(1, names)
        self.texture_id = names[0]
        GL.glBindTexture(GL.GL_TEXTURE_2D, self.texture_id)
        for name, value in (
            (GL.GL_TEXTURE_MIN_FILTER, GL.GL_LINEAR),
            (GL.GL_TEXTURE_MAG_FILTER, GL.GL_LINEAR),
            (GL.GL_TEXTURE_WRAP_S, GL.GL_CLAMP_TO_EDGE),
            (GL.GL_TEXTURE_WRAP_T, GL.GL_CLAMP_TO_EDGE),
        ):
            GL.glTexParameteri(GL.GL_TEXTURE_2D, name, value)
        GL.glTexImage2D(GL.GL_TEXTURE_2D, 0, GL_BGRA, width_px, height_px, 0, GL_BGRA, GL.GL_UNSIGNED_BYTE, None)
        GL.glGenFramebuffers(1, names)
        self.framebuffer_id = names[0]
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self.framebuffer_id)
        GL.glFramebufferTexture2D(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_TEXTURE_2D, self.texture_id, 0)
        GL.glClearColor(0, 0, 0, 1)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, 0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        _count(2)
        twins.allocated(twins.TEXTURE, self.size_bytes)

    @property
    def closed(self) -> bool:
        return not self.texture_id

    def close(self) -> None:
        if self.texture_id:
            GL.glDeleteFramebuffers(1, (ctypes.c_uint * 1)(self.framebuffer_id))
            GL.glDeleteTextures(1, (ctypes.c_uint * 1)(self.texture_id))
            self.texture_id = self.framebuffer_id = 0
            _count(-2)
            twins.freed(twins.TEXTURE, self.size_bytes)


class Uploader:
    """Twin of wayvid._core.glupload.Uploader."""

    def __init__(self, _get_proc_address: Callable[[bytes], int], ring: int = 2) -> None:
        if not 0 <= ring <= 4:
            raise ValueError(f"a ring has 0..4 buffers, not {ring}")
        self.closed = False

    def upload(
        self,
        texture_id: int,
        pixels: Any,
        width_px: int,
        height_px: int,
        stride_bytes: int,
        x_px: int = 0,
        y_px: int = 0,
    ) -> None:
        if self.closed:
            raise ValueError("the uploader is closed")
        if texture_id == 0:
            raise ValueError("texture 0 is none")
        if not (1 <= width_px <= MAX_SIDE and 1 <= height_px <= MAX_SIDE):
            raise ValueError(f"size {width_px}x{height_px} is not between 1 and {MAX_SIDE}")
        if not (0 <= x_px <= MAX_SIDE and 0 <= y_px <= MAX_SIDE):
            raise ValueError(f"place {x_px},{y_px} is not between 0 and {MAX_SIDE}")
        if stride_bytes % 4 or not width_px * 4 <= stride_bytes <= MAX_SIDE * 8:
            raise ValueError(f"stride {stride_bytes} does not fit a width of {width_px}")
        if len(pixels) < stride_bytes * (height_px - 1) + width_px * 4:
            raise ValueError(f"{len(pixels)} bytes are too few for {height_px} rows of {stride_bytes}")
        data = bytes(pixels) if memoryview(pixels).readonly else (ctypes.c_char * len(pixels)).from_buffer(pixels)
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture_id)
        GL.glPixelStorei(GL_UNPACK_ROW_LENGTH, stride_bytes // 4)
        try:
            GL.glTexSubImage2D(GL.GL_TEXTURE_2D, 0, x_px, y_px, width_px, height_px, GL_BGRA, GL.GL_UNSIGNED_BYTE, data)
        except GL.GLError as exc:
            raise OSError(exc.err, str(exc.description)) from exc
        finally:
            GL.glPixelStorei(GL_UNPACK_ROW_LENGTH, 0)
            GL.glBindTexture(GL.GL_TEXTURE_2D, 0)

    def close(self) -> None:
        self.closed = True


class QuadDrawer:
    """Twin of wayvid._core.glupload.QuadDrawer."""

    def __init__(self, _get_proc_address: Callable[[bytes], int]) -> None:
        self._program = GL.glCreateProgram()
        for kind, text in ((GL.GL_VERTEX_SHADER, VERTEX_SHADER), (GL.GL_FRAGMENT_SHADER, FRAGMENT_SHADER)):
            shader = GL.glCreateShader(kind)
            GL.glShaderSource(shader, text)
            GL.glCompileShader(shader)
            GL.glAttachShader(self._program, shader)
            GL.glDeleteShader(shader)
        GL.glBindAttribLocation(self._program, 0, "corner")
        GL.glLinkProgram(self._program)
        self._across = GL.glGetUniformLocation(self._program, "across")
        self._down = GL.glGetUniformLocation(self._program, "down")
        names = (ctypes.c_uint * 1)()
        GL.glGenBuffers(1, names)
        self._corners = names[0]
        corners = (ctypes.c_float * 8)(0, 0, 1, 0, 0, 1, 1, 1)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._corners)
        GL.glBufferData(GL.GL_ARRAY_BUFFER, ctypes.sizeof(corners), corners, GL.GL_STATIC_DRAW)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
        most = GL.glGetIntegerv(GL.GL_MAX_VIEWPORT_DIMS)
        self._max_width_px, self._max_height_px = int(most[0]), int(most[1])
        _count(2)

    @property
    def closed(self) -> bool:
        return not self._program

    def draw(
        self,
        texture_id: int,
        x_px: int,
        y_px: int,
        width_px: int,
        height_px: int,
        source_left: float,
        source_top: float,
        source_right: float,
        source_bottom: float,
        transform: int,
    ) -> None:
        if not self._program:
            raise ValueError("the drawer is closed")
        if texture_id == 0:
            raise ValueError("texture 0 is none")
        if not (1 <= width_px <= self._max_width_px and 1 <= height_px <= self._max_height_px):
            raise ValueError(f"size {width_px}x{height_px} is out of range")
        if not (-MAX_SIDE <= x_px <= MAX_SIDE and -MAX_SIDE <= y_px <= MAX_SIDE):
            raise ValueError(f"place {x_px},{y_px} is out of range")
        if not (0 <= source_left < source_right <= 1 and 0 <= source_top < source_bottom <= 1):
            raise ValueError(f"source {source_left},{source_top} to {source_right},{source_bottom} is out of range")
        if not 0 <= transform <= 7:
            raise ValueError(f"transform must be 0..7, not {transform}")
        a, b, c, d, e, f = TRANSFORMS[transform]
        wide, high = source_right - source_left, source_bottom - source_top
        GL.glClearColor(0, 0, 0, 1)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT)
        GL.glViewport(x_px, y_px, width_px, height_px)
        GL.glUseProgram(self._program)
        GL.glUniform3f(self._across, wide * a, wide * b, wide * c + source_left)
        GL.glUniform3f(self._down, high * d, high * e, high * f + source_top)
        GL.glBindTexture(GL.GL_TEXTURE_2D, texture_id)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, self._corners)
        glVertexAttribPointer(0, 2, GL.GL_FLOAT, False, 0, None)
        GL.glEnableVertexAttribArray(0)
        GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)
        GL.glDisableVertexAttribArray(0)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
        GL.glBindTexture(GL.GL_TEXTURE_2D, 0)
        GL.glUseProgram(0)

    def close(self) -> None:
        if self._program:
            GL.glDeleteProgram(self._program)
            GL.glDeleteBuffers(1, (ctypes.c_uint * 1)(self._corners))
            self._program = 0
            _count(-2)
