"""An OpenGL ES context of Mesa's software driver, without a compositor: for benches and tests of the GL parts."""

from __future__ import annotations

import ctypes
import os

# Read when OpenGL is imported, and by Mesa at the first eglInitialize.
os.environ["PYOPENGL_PLATFORM"] = "egl"
os.environ["LIBGL_ALWAYS_SOFTWARE"] = "1"

from OpenGL import EGL, GLES2

__all__ = ["Surfaceless", "get_proc_address"]

EGL_PLATFORM_SURFACELESS_MESA = 0x31DD

_library = ctypes.CDLL("libEGL.so.1")
_library.eglGetProcAddress.restype = ctypes.c_void_p
_library.eglGetProcAddress.argtypes = [ctypes.c_char_p]


def get_proc_address(name: bytes) -> int:
    """The address of an EGL or GL function; 0 if there is none."""
    address: int | None = _library.eglGetProcAddress(name)
    return address or 0


class Surfaceless:
    """One context, current on the thread that made it until it is closed.

    Args:
        version: 2 or 3, of OpenGL ES. Mesa gives its newest for either.
        window_px: size of what stands for a window, framebuffer 0; (0, 0) for none.
        window_alpha_bits: 0 or 8.
    """

    def __init__(self, version: int = 3, window_px: tuple[int, int] = (0, 0), window_alpha_bits: int = 0) -> None:
        self._display = EGL.eglGetPlatformDisplay(EGL_PLATFORM_SURFACELESS_MESA, EGL.EGL_DEFAULT_DISPLAY, None)
        EGL.eglInitialize(self._display, EGL.EGLint(), EGL.EGLint())
        configs = (EGL.EGLConfig * 1)()
        wanted = [EGL.EGL_RENDERABLE_TYPE, EGL.EGL_OPENGL_ES2_BIT, EGL.EGL_SURFACE_TYPE, EGL.EGL_DONT_CARE]
        if any(window_px):
            wanted[-1] = EGL.EGL_PBUFFER_BIT
            wanted += [EGL.EGL_RED_SIZE, 8, EGL.EGL_BUFFER_SIZE, 24 + window_alpha_bits]
            wanted += [EGL.EGL_ALPHA_SIZE, window_alpha_bits]
        wanted.append(EGL.EGL_NONE)
        EGL.eglChooseConfig(self._display, (EGL.EGLint * len(wanted))(*wanted), configs, 1, EGL.EGLint())
        self._window = EGL.EGL_NO_SURFACE
        if any(window_px):
            size = (EGL.EGLint * 5)(EGL.EGL_WIDTH, window_px[0], EGL.EGL_HEIGHT, window_px[1], EGL.EGL_NONE)
            self._window = EGL.eglCreatePbufferSurface(self._display, configs[0], size)
        EGL.eglBindAPI(EGL.EGL_OPENGL_ES_API)
        attributes = (EGL.EGLint * 3)(EGL.EGL_CONTEXT_CLIENT_VERSION, version, EGL.EGL_NONE)
        self._context = EGL.eglCreateContext(self._display, configs[0], EGL.EGL_NO_CONTEXT, attributes)
        self.make_current()

    def make_current(self) -> None:
        """Have this thread's GL calls go to this context."""
        EGL.eglMakeCurrent(self._display, self._window, self._window, self._context)

    def release_current(self) -> None:
        """Have this thread's GL calls go nowhere."""
        EGL.eglMakeCurrent(self._display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)

    def close(self) -> None:
        """Destroy the context and all that was made in it; the display stays."""
        self.release_current()
        EGL.eglDestroyContext(self._display, self._context)

    @property
    def renderer(self) -> str:
        """What the driver calls itself."""
        found = ctypes.cast(GLES2.glGetString(GLES2.GL_RENDERER), ctypes.c_char_p).value
        return found.decode() if found else ""
