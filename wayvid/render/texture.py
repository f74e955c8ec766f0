"""A texture that can be drawn into, and read back."""

from __future__ import annotations

import ctypes

from OpenGL import GLES2

from wayvid._core import TEXTURE, ManagedBuffer, allocated, freed
from wayvid.errors import GraphicsError
from wayvid.geometry import Size

__all__ = ["TargetTexture"]

# OpenGL ES 3.2 specification, table 8.3 (names that OpenGL.GLES2 does not have).
RGBA8 = 0x8058
RGB10_A2 = 0x8059
UNSIGNED_INT_2_10_10_10_REV = 0x8368
BGRA = 0x80E1  # GL_EXT_read_format_bgra, GL_EXT_texture_format_BGRA8888
FORMATS = {8: (RGBA8, GLES2.GL_UNSIGNED_BYTE), 10: (RGB10_A2, UNSIGNED_INT_2_10_10_10_REV)}
BYTES_PER_PIXEL = 4


class TargetTexture:
    """A texture with a framebuffer; its first row is the picture's top.

    Args:
        size: in pixels.
        depth_bits: of each colour, 8 or 10.
        has_sized_formats: whether the context is of OpenGL ES 3.
        is_bgra: whether 8-bit pixels have a window's order of bytes (GL_EXT_texture_format_BGRA8888): Mesa's software
            driver then copies them to one, in half the time that it takes to draw them.

    Attributes:
        texture, framebuffer: their OpenGL names.
        internal_format: the texture's.
    """

    def __init__(self, size: Size, depth_bits: int = 8, has_sized_formats: bool = True, is_bgra: bool = False) -> None:
        self.size = size
        self.internal_format, kind = FORMATS[depth_bits]
        names = (ctypes.c_uint * 1)()
        GLES2.glGenTextures(1, names)
        self.texture = names[0]
        GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, self.texture)
        internal = self.internal_format if has_sized_formats else GLES2.GL_RGBA
        layout = GLES2.GL_RGBA
        if is_bgra and depth_bits == 8:  # it has no sized format
            internal = layout = BGRA
        GLES2.glTexImage2D(GLES2.GL_TEXTURE_2D, 0, internal, *size, 0, layout, kind, None)
        for name in (GLES2.GL_TEXTURE_MIN_FILTER, GLES2.GL_TEXTURE_MAG_FILTER):
            GLES2.glTexParameteri(GLES2.GL_TEXTURE_2D, name, GLES2.GL_LINEAR)
        for name in (GLES2.GL_TEXTURE_WRAP_S, GLES2.GL_TEXTURE_WRAP_T):
            GLES2.glTexParameteri(GLES2.GL_TEXTURE_2D, name, GLES2.GL_CLAMP_TO_EDGE)
        GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, 0)
        GLES2.glGenFramebuffers(1, names)
        self.framebuffer = names[0]
        GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, self.framebuffer)
        GLES2.glFramebufferTexture2D(
            GLES2.GL_FRAMEBUFFER, GLES2.GL_COLOR_ATTACHMENT0, GLES2.GL_TEXTURE_2D, self.texture, 0
        )
        status = GLES2.glCheckFramebufferStatus(GLES2.GL_FRAMEBUFFER)
        GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
        self._bytes = size.width * size.height * BYTES_PER_PIXEL
        allocated(TEXTURE, self._bytes)
        if status != GLES2.GL_FRAMEBUFFER_COMPLETE:
            self.close()
            raise GraphicsError("glCheckFramebufferStatus", f"cannot draw into a texture of {size}", int(status))

    def bind(self) -> None:
        """Have OpenGL draw into it."""
        GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, self.framebuffer)

    def read(self, buffer: ManagedBuffer, has_bgra: bool) -> None:
        """Copy it to memory as B, G, R and a byte more a pixel, without gaps, top row first; waits until it is drawn.

        Args:
            buffer: where to.
            has_bgra: whether the driver can write them in this order.

        Raises:
            ValueError: the memory is too small.
        """
        with memoryview(buffer) as view:
            if view.nbytes < self._bytes:
                raise ValueError(f"{view.nbytes} bytes are too few for a picture of {self.size}")
            address = ctypes.addressof(ctypes.c_ubyte.from_buffer(view))
            self.bind()
            order = BGRA if has_bgra else GLES2.GL_RGBA
            GLES2.glReadPixels(0, 0, *self.size, order, GLES2.GL_UNSIGNED_BYTE, ctypes.c_void_p(address))
            GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
            if not has_bgra:
                pixels = bytearray(view)
                pixels[0::4], pixels[2::4] = pixels[2::4], pixels[0::4]
                view[:] = pixels

    def close(self) -> None:
        """Give it back; twice does nothing."""
        if self.texture:
            GLES2.glDeleteFramebuffers(1, (ctypes.c_uint * 1)(self.framebuffer))
            GLES2.glDeleteTextures(1, (ctypes.c_uint * 1)(self.texture))
            self.texture = self.framebuffer = 0
            freed(TEXTURE, self._bytes)
