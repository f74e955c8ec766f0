"""Which OpenGL driver EGL gives here, as plain values for `wayvid check`.

Importing this loads no library; look() does.
"""

from __future__ import annotations

import ctypes
import os

import msgspec

__all__ = ["EglFacts", "look"]

PLATFORMS = {  # EGL_EXT_platform_wayland, EGL_MESA_platform_surfaceless
    "on the compositor": 0x31D8,
    "without a compositor": 0x31DD,
}
SOFTWARE_DRIVERS = ("llvmpipe", "softpipe", "swrast", "swiftshader")


class EglFacts(msgspec.Struct):
    """What was found; `error` is empty when there is a driver."""

    error: str = ""
    vendor: str = ""
    renderer: str = ""
    version: str = ""

    @property
    def is_software(self) -> bool:
        """Whether the CPU would do the drawing."""
        return any(name in self.renderer.lower() for name in SOFTWARE_DRIVERS)


def look() -> EglFacts:
    """Make an OpenGL ES context and ask it for its names. May hang or crash where the driver does."""
    os.environ["PYOPENGL_PLATFORM"] = "egl"
    try:
        from OpenGL import EGL, error
    except (ImportError, AttributeError, OSError) as exc:
        return EglFacts(error=f"libEGL cannot be loaded: {exc}")
    first = ""
    for where, platform in PLATFORMS.items():
        if where == "on the compositor" and not os.environ.get("WAYLAND_DISPLAY"):
            continue
        try:
            return _look_at(EGL.eglGetPlatformDisplay(platform, EGL.EGL_DEFAULT_DISPLAY, None))
        except (error.Error, LookupError, ValueError) as exc:
            first = first or str(exc).replace("\n", " ")
    return EglFacts(error=first or "no driver")


def _look_at(display: object) -> EglFacts:
    from OpenGL import EGL, GLES2

    if not display:
        raise LookupError("EGL has no such display")
    major, minor, count = EGL.EGLint(), EGL.EGLint(), EGL.EGLint()
    EGL.eglInitialize(display, major, minor)
    configs = (EGL.EGLConfig * 1)()
    wanted = (EGL.EGLint * 5)(
        EGL.EGL_RENDERABLE_TYPE, EGL.EGL_OPENGL_ES2_BIT, EGL.EGL_SURFACE_TYPE, EGL.EGL_DONT_CARE, EGL.EGL_NONE
    )
    EGL.eglChooseConfig(display, wanted, configs, 1, count)
    if not count.value:
        raise LookupError("the driver has no configuration for OpenGL ES 2")
    EGL.eglBindAPI(EGL.EGL_OPENGL_ES_API)
    version = (EGL.EGLint * 3)(EGL.EGL_CONTEXT_CLIENT_VERSION, 2, EGL.EGL_NONE)
    context = EGL.eglCreateContext(display, configs[0], EGL.EGL_NO_CONTEXT, version)
    EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, context)
    return EglFacts("", *map(_string, (GLES2.GL_VENDOR, GLES2.GL_RENDERER, GLES2.GL_VERSION)))


def _string(name: int) -> str:
    from OpenGL import GLES2

    found = ctypes.cast(GLES2.glGetString(name), ctypes.c_char_p).value
    return found.decode(errors="replace") if found else ""
