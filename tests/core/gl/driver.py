"""A driver that says it is another one, and pixels read back from it."""

from __future__ import annotations

import ctypes
from typing import Any

from OpenGL import GLES2

from bench.surfaceless import get_proc_address

GL_RENDERER, GL_VERSION, GL_EXTENSIONS = 0x1F01, 0x1F02, 0x1F03
GL_OUT_OF_MEMORY = 0x0505
GetString = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint)
ShaderSource = ctypes.CFUNCTYPE(None, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
Map = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.c_uint)
Blit = ctypes.CFUNCTYPE(None, *[ctypes.c_int] * 10)
TexImage = ctypes.CFUNCTYPE(None, *[ctypes.c_int] * 8, ctypes.c_void_p)
GetError = ctypes.CFUNCTYPE(ctypes.c_uint)
Unmap = ctypes.CFUNCTYPE(ctypes.c_ubyte, ctypes.c_uint)


class Driver:
    """get_proc_address of the real driver, with what it says of itself, or one function, replaced.

    Args:
        version: for GL_VERSION; "" for the real one.
        renderer: for GL_RENDERER, likewise.
        hidden: extensions that are not named.
        failing: "glMapBufferRange", "glUnmapBuffer" or "glTexImage2D" (of more than a pixel), which then fails as the
            specification lets it.
        shader: the text that is compiled in place of any other, but for the first `spared` ones.
        missing: functions that have no address.
        watched: count the calls of glBlitFramebuffer in `blits`.
    """

    def __init__(
        self,
        *,
        version: str = "",
        renderer: str = "",
        hidden: tuple[str, ...] = (),
        failing: str = "",
        shader: bytes = b"",
        spared: int = 0,
        missing: tuple[str, ...] = (),
        watched: bool = False,
    ) -> None:
        self.blits = 0
        self.missing = missing
        self._said = {GL_VERSION: version.encode(), GL_RENDERER: renderer.encode()}
        self._hidden = {name.encode() for name in hidden}
        self._shader, self._spared = shader, spared
        self._kept: list[bytes] = []
        self._replaced: dict[bytes, Any] = {b"glGetString": GetString(self._get_string)}
        if shader:
            self._replaced[b"glShaderSource"] = ShaderSource(self._shader_source)
        if watched:
            self._replaced[b"glBlitFramebuffer"] = Blit(self._blit)
        if failing == "glMapBufferRange":
            self._replaced[b"glMapBufferRange"] = Map(lambda *_: None)
        if failing == "glUnmapBuffer":
            self._replaced[b"glUnmapBuffer"] = Unmap(self._unmap)

        if failing == "glTexImage2D":
            self._is_full = False
            self._replaced[b"glTexImage2D"] = TexImage(self._tex_image)
            self._replaced[b"glGetError"] = GetError(self._get_error)

    def __call__(self, name: bytes) -> int:
        if name.decode() in self.missing:
            return 0
        if name in self._replaced:
            return ctypes.cast(self._replaced[name], ctypes.c_void_p).value or 0
        return get_proc_address(name)

    def _get_string(self, name: int) -> int | None:
        real = GetString(get_proc_address(b"glGetString"))(name)
        said = self._said.get(name) or (ctypes.string_at(real) if real else b"")
        if name == GL_EXTENSIONS:
            said = b" ".join(each for each in said.split() if each not in self._hidden)
        self._kept.append(said)
        return ctypes.cast(ctypes.c_char_p(said), ctypes.c_void_p).value

    def _shader_source(self, shader: int, count: int, texts: int, lengths: int) -> None:
        text = (ctypes.c_char_p * 1)(self._shader)
        self._spared -= 1
        if self._spared < 0:
            count, texts, lengths = 1, ctypes.addressof(text), 0
        ShaderSource(get_proc_address(b"glShaderSource"))(shader, count, texts, lengths)

    def _blit(self, *words: int) -> None:
        self.blits += 1
        Blit(get_proc_address(b"glBlitFramebuffer"))(*words)

    def _tex_image(self, *words: int) -> None:
        self._is_full = words[3] > 1
        if not self._is_full:
            TexImage(get_proc_address(b"glTexImage2D"))(*words)

    def _get_error(self) -> int:
        was_full, self._is_full = self._is_full, False
        return GL_OUT_OF_MEMORY if was_full else GetError(get_proc_address(b"glGetError"))()

    def _unmap(self, target: int) -> int:
        Unmap(get_proc_address(b"glUnmapBuffer"))(target)
        return 0


def read_rows(framebuffer_id: int, width_px: int, height_px: int) -> list[bytes]:
    """The rows of a framebuffer from its row 0 on, each pixel as its blue byte alone."""
    pixels = (ctypes.c_ubyte * (width_px * height_px * 4))()
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, framebuffer_id)
    GLES2.glReadPixels(0, 0, width_px, height_px, GLES2.GL_RGBA, GLES2.GL_UNSIGNED_BYTE, pixels)
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
    # red and green are the blue byte plus 1 and 2 in what picture() makes, so this finds swapped bytes, too
    rows = []
    for row in range(height_px):
        part = bytes(pixels)[row * width_px * 4 : (row + 1) * width_px * 4]
        blue, green, red = part[2::4], part[1::4], part[0::4]
        coloured = [(g, r) for b, g, r in zip(blue, green, red, strict=True) if b]
        assert coloured == [(b + 1, b + 2) for b in blue if b], "not the colours of picture()"
        rows.append(blue)
    return rows


def picture(rows: list[bytes], stride_bytes: int = 0) -> bytes:
    """BGRX bytes with these blue bytes, 1 more of green and 2 more of red, rubbish in X and between rows."""
    text = b""
    for row in rows:
        line = b"".join(bytes((blue, blue + 1, blue + 2, 0x55)) for blue in row)
        text += line.ljust(stride_bytes, b"\xee")
    return text
