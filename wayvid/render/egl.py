"""One OpenGL ES context on the compositor's display, and the windows that it draws into.

Importing this loads libEGL and the driver: only a player that draws with OpenGL does.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

os.environ["PYOPENGL_PLATFORM"] = "egl"  # read when OpenGL is first imported

from OpenGL import EGL, GLES2, error, platform

from wayvid.errors import GraphicsError
from wayvid.geometry import Size

__all__ = ["GlContext", "Window"]

PLATFORM_WAYLAND = 0x31D8  # EGL_EXT_platform_wayland
SOFTWARE_DRIVERS = ("llvmpipe", "softpipe", "swrast", "swiftshader")
# EGL_EXT_create_context_robustness: a reset of the card is told, and not drawn over.
RESET_STRATEGY = 0x3138
LOSE_CONTEXT_ON_RESET = 0x31BF
# eglChooseConfig gives the deepest colour first, which a compositor without a card converts
# at half a core; and a depth buffer is 14 MB at 1440p.
EXACTLY = {
    8: ((EGL.EGL_RED_SIZE, 8), (EGL.EGL_GREEN_SIZE, 8), (EGL.EGL_BLUE_SIZE, 8)),
    10: ((EGL.EGL_RED_SIZE, 10), (EGL.EGL_GREEN_SIZE, 10), (EGL.EGL_BLUE_SIZE, 10)),
}
WITHOUT = ((EGL.EGL_DEPTH_SIZE, 0), (EGL.EGL_STENCIL_SIZE, 0), (EGL.EGL_SAMPLES, 0))
MOST_CONFIGS = 256


def _attributes(*pairs: tuple[int, int]) -> Any:
    flat = [number for pair in pairs for number in pair]
    return (EGL.EGLint * (len(flat) + 1))(*flat, EGL.EGL_NONE)


def _call(name: str, *args: Any) -> Any:
    """An EGL call; what fails is a GraphicsError."""
    try:
        result = getattr(EGL, name)(*args)
    except error.Error as exc:
        code = getattr(exc, "err", 0) or 0
        raise GraphicsError(name, _words(code), int(code)) from exc
    if not result:
        raise _failure(name)
    return result


def _failure(name: str) -> GraphicsError:
    code = int(EGL.eglGetError())
    return GraphicsError(name, _words(code), code)


def _raw(name: str, arguments: int) -> Callable[..., int]:
    """An EGL function that takes addresses and returns whether it worked."""
    address = ctypes.cast(getattr(platform.PLATFORM.EGL, name), ctypes.c_void_p).value
    return ctypes.CFUNCTYPE(ctypes.c_uint, *(ctypes.c_void_p,) * arguments)(address or 0)


def _address(handle: Any) -> int:
    return ctypes.cast(handle, ctypes.c_void_p).value or 0


def _words(code: int) -> str:
    return "the graphics card was reset" if code == GraphicsError.LOST else "it failed"


class GlContext:
    """An OpenGL ES context, current from the beginning to close().

    Args:
        wl_display: address of the wl_display.
        depth_bits: of each colour: 8 or 10.

    Attributes:
        driver: the driver's name for itself.
        vendor: who made it.
        es_version: of OpenGL ES, such as (3, 2).
        get_proc_address: address of eglGetProcAddress.
        reads_bgra: whether pixels can be read back in the order of bytes that wl_shm has.
        copies_bgra: whether textures should have that order, for the driver to copy them to windows.

    Raises:
        GraphicsError: there is none to be had.

    Threads: one, that of the event loop.
    """

    def __init__(self, wl_display: int, depth_bits: int = 8) -> None:
        self._display: Any = None
        self._context: Any = None
        self._home: Any = EGL.EGL_NO_SURFACE
        self._current: Window | None = None
        try:
            self._open(wl_display, depth_bits)
        except BaseException:
            self.close()
            raise

    def _open(self, wl_display: int, depth_bits: int) -> None:
        pointer = ctypes.c_void_p(wl_display)
        self._display = _call("eglGetPlatformDisplay", PLATFORM_WAYLAND, pointer, None)
        major, minor = EGL.EGLint(), EGL.EGLint()
        _call("eglInitialize", self._display, major, minor)
        _call("eglBindAPI", EGL.EGL_OPENGL_ES_API)
        self._extensions = set((EGL.eglQueryString(self._display, EGL.EGL_EXTENSIONS) or b"").decode().split())
        # llvmpipe copies a texture to a window of the texture's own format in a twentieth of the time.
        self._config = self._choose(depth_bits, 8 if depth_bits == 8 and self._is_swrast() else 0)
        self._is_robust = "EGL_EXT_create_context_robustness" in self._extensions
        self._context = self._create_context()
        self._display_address, self._context_address = _address(self._display), _address(self._context)
        if "EGL_KHR_surfaceless_context" not in self._extensions:
            tiny = _attributes((EGL.EGL_WIDTH, 1), (EGL.EGL_HEIGHT, 1))
            self._home = _call("eglCreatePbufferSurface", self._display, self._config, tiny)
        self._go_home()
        # Called for each window and picture, where PyOpenGL takes 30 us to convert the arguments.
        self._make_current = _raw("eglMakeCurrent", 4)
        self._swap = _raw("eglSwapBuffers", 2)
        self.get_proc_address = ctypes.cast(platform.PLATFORM.EGL.eglGetProcAddress, ctypes.c_void_p).value or 0
        self._look_up = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(self.get_proc_address)
        self._reset_status: Callable[[], int] | None = None
        address = self.look_up(b"glGetGraphicsResetStatusEXT")
        if self._is_robust and address:
            self._reset_status = ctypes.CFUNCTYPE(ctypes.c_uint)(address)
        extensions = _string(GLES2.GL_EXTENSIONS).split()
        self.reads_bgra = "GL_EXT_read_format_bgra" in extensions
        self.driver = _string(GLES2.GL_RENDERER)
        self.copies_bgra = self.is_software and "GL_EXT_texture_format_BGRA8888" in extensions
        self.vendor = _string(GLES2.GL_VENDOR)
        # "OpenGL ES 3.2 Mesa 22.3.6"
        words = _string(GLES2.GL_VERSION).removeprefix("OpenGL ES ").split(" ")[0].split(".")
        self.es_version = (int(words[0]), int(words[1]))

    def look_up(self, name: bytes) -> int:
        """Address of an OpenGL function; 0 when there is none."""
        return self._look_up(name) or 0

    @property
    def is_software(self) -> bool:
        """Whether the CPU does the drawing."""
        return any(name in self.driver.lower() for name in SOFTWARE_DRIVERS)

    def check(self) -> None:
        """Raise where the context is lost.

        Raises:
            GraphicsError: it is.

        Source: GL_EXT_robustness.
        """
        if self._reset_status is not None and self._reset_status():
            raise GraphicsError("glGetGraphicsResetStatus", _words(GraphicsError.LOST), GraphicsError.LOST)

    def _is_swrast(self) -> bool:
        """Whether Mesa draws with the processor: known before there is a context."""
        if "EGL_MESA_query_driver" not in self._extensions:
            return False
        address = ctypes.cast(EGL.eglGetProcAddress(b"eglGetDisplayDriverName"), ctypes.c_void_p).value
        if not address:
            return False
        name = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)(address)(_address(self._display))
        return name in (b"swrast", b"kms_swrast")

    def _choose(self, depth_bits: int, alpha_bits: int) -> Any:
        alpha = ((EGL.EGL_ALPHA_SIZE, alpha_bits),) if depth_bits == 8 else ()
        exactly = EXACTLY[depth_bits] + alpha + WITHOUT
        wanted = _attributes(
            (EGL.EGL_RENDERABLE_TYPE, EGL.EGL_OPENGL_ES2_BIT), (EGL.EGL_SURFACE_TYPE, EGL.EGL_WINDOW_BIT), *exactly
        )
        configs = (EGL.EGLConfig * MOST_CONFIGS)()
        count = EGL.EGLint()
        _call("eglChooseConfig", self._display, wanted, configs, MOST_CONFIGS, count)
        value = EGL.EGLint()
        for index in range(count.value):
            for name, number in exactly:
                EGL.eglGetConfigAttrib(self._display, configs[index], name, value)
                if value.value != number:
                    break
            else:
                return configs[index]
        raise GraphicsError("eglChooseConfig", f"the driver draws no windows of {depth_bits} bits a colour")

    def _create_context(self) -> Any:
        robust: tuple[tuple[int, int], ...] = ()
        if self._is_robust:
            robust = ((RESET_STRATEGY, LOSE_CONTEXT_ON_RESET),)
        # From the best to what every driver has.
        attempts = [(version, extra) for version in (3, 2) for extra in ((robust, ()) if robust else ((),))]
        for number, (version, extra) in enumerate(attempts):
            wanted = _attributes((EGL.EGL_CONTEXT_CLIENT_VERSION, version), *extra)
            try:
                return _call("eglCreateContext", self._display, self._config, EGL.EGL_NO_CONTEXT, wanted)
            except GraphicsError:
                if number == len(attempts) - 1:
                    raise
        raise AssertionError("there is always a last attempt")

    def _go_home(self) -> None:
        """Make the context current without a window."""
        self._current = None
        _call("eglMakeCurrent", self._display, self._home, self._home, self._context)

    def open_window(self, wl_surface: int, size: Size) -> Window:
        """A window on a Wayland surface.

        Args:
            wl_surface: address of the wl_surface, which must outlive the window.
            size: in pixels.
        """
        return Window(self, wl_surface, size)

    # For Window.

    def make_current(self, window: Window) -> None:
        """Have OpenGL draw into a window."""
        if self._current is not window:
            address = window.address
            if not self._make_current(self._display_address, address, address, self._context_address):
                raise _failure("eglMakeCurrent")
            self._current = window
            if not window.is_unpaced:
                # Or eglSwapBuffers would wait for the compositor; frame callbacks do that without blocking.
                _call("eglSwapInterval", self._display, 0)
                window.is_unpaced = True

    def create_surface(self, native: Any) -> Any:
        """An EGL surface over a wl_egl_window."""
        return _call("eglCreateWindowSurface", self._display, self._config, native, None)

    def destroy_surface(self, window: Window) -> None:
        """The window goes; if it is the current one, the context stays current without it."""
        if self._current is window:
            self._go_home()
        EGL.eglDestroySurface(self._display, window.surface)

    def swap(self, window: Window) -> None:
        """Give the compositor what was drawn into the window."""
        if not self._swap(self._display_address, window.address):
            raise _failure("eglSwapBuffers")

    def close(self) -> None:
        """Give everything back; windows and what was made with the context are gone before. Twice does nothing."""
        display, self._display = self._display, None
        if display is None:
            return
        try:
            EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
            if self._home is not EGL.EGL_NO_SURFACE:
                EGL.eglDestroySurface(display, self._home)
            if self._context is not None:
                EGL.eglDestroyContext(display, self._context)
            EGL.eglTerminate(display)
            EGL.eglReleaseThread()
        except error.Error:
            pass  # the display went first, and took them along
        self._context = None


def _string(name: int) -> str:
    found = ctypes.cast(GLES2.glGetString(name), ctypes.c_char_p).value
    return found.decode(errors="replace") if found else ""


class Window:
    """What OpenGL draws into for one Wayland surface.

    Attributes:
        size: in pixels.
        surface: the EGL surface.
        address: of that.
        is_unpaced: whether eglSwapInterval(0) was said for it.
    """

    def __init__(self, context: GlContext, wl_surface: int, size: Size) -> None:
        self.size = size
        self.is_unpaced = False
        self._context = context
        self._library = _wayland_egl()
        self._native = self._library.wl_egl_window_create(wl_surface, *size)
        if not self._native:
            raise GraphicsError("wl_egl_window_create", f"no window of {size}")
        try:
            self.surface = context.create_surface(ctypes.c_void_p(self._native))
        except BaseException:
            self._library.wl_egl_window_destroy(self._native)
            raise
        self.address = _address(self.surface)

    def make_current(self) -> None:
        """Have OpenGL draw into it."""
        self._context.make_current(self)

    def resize(self, size: Size) -> None:
        """Another size, from the next drawing on."""
        if size != self.size:
            self.size = size
            self._library.wl_egl_window_resize(self._native, *size, 0, 0)

    def swap(self) -> None:
        """Attach, damage and commit what was drawn."""
        self._context.swap(self)

    def close(self) -> None:
        """Before the Wayland surface goes. Twice does nothing."""
        native, self._native = self._native, None
        if native:
            self._context.destroy_surface(self)
            self._library.wl_egl_window_destroy(native)


def _wayland_egl() -> Any:
    library = ctypes.CDLL("libwayland-egl.so.1")
    library.wl_egl_window_create.restype = ctypes.c_void_p
    library.wl_egl_window_create.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
    library.wl_egl_window_destroy.argtypes = (ctypes.c_void_p,)
    library.wl_egl_window_destroy.restype = None
    library.wl_egl_window_resize.argtypes = (ctypes.c_void_p, *(ctypes.c_int,) * 4)
    library.wl_egl_window_resize.restype = None
    return library
