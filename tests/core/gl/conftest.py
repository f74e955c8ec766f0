"""A real context of Mesa's llvmpipe, and drivers that are made to look like others."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

import bench.gltwin
import wayvid._core.glupload
from bench.surfaceless import Surfaceless, get_proc_address
from tests.core.gl.driver import Driver

GPU = "Mesa Some GPU"
WITHOUT_GAPS = ("GL_EXT_unpack_subimage",)
WITHOUT_BGRA = ("GL_EXT_texture_format_BGRA8888",)
DRIVERS = {
    "llvmpipe": Driver(),
    "a GPU": Driver(renderer=GPU),
    "a GPU without BGRA": Driver(renderer=GPU, hidden=WITHOUT_BGRA),
    "GLES 2": Driver(version="OpenGL ES 2.0"),
    "GLES 2 without gaps": Driver(version="OpenGL ES 2.0", hidden=WITHOUT_GAPS),
    "GLES 2 without BGRA": Driver(version="OpenGL ES 2.0", hidden=WITHOUT_GAPS + WITHOUT_BGRA),
    "a GPU whose pixel buffers fail": Driver(renderer=GPU, failing="glMapBufferRange"),
    "a GPU that loses pixel buffers": Driver(renderer=GPU, failing="glUnmapBuffer"),
}


@pytest.fixture(scope="session")
def context() -> Iterator[Surfaceless]:
    """The context all tests share, current on their thread."""
    context = Surfaceless()
    assert "llvmpipe" in context.renderer
    yield context
    context.close()


@pytest.fixture(params=[wayvid._core.glupload, bench.gltwin], ids=["compiled", "twin"])
def gl(request: pytest.FixtureRequest, context: Surfaceless) -> ModuleType:
    """One of the two modules with the names of wayvid._core.glupload; a context is current."""
    context.make_current()
    return request.param


@pytest.fixture(params=DRIVERS)
def driver(request: pytest.FixtureRequest, context: Surfaceless) -> Callable[[bytes], int]:
    """get_proc_address of each of DRIVERS; a context is current."""
    context.make_current()
    return DRIVERS[request.param]


@pytest.fixture
def address(context: Surfaceless) -> Callable[[bytes], int]:
    """get_proc_address of the driver as it is; a context is current."""
    context.make_current()
    return get_proc_address


@pytest.fixture(autouse=True)
def nothing_left(context: Surfaceless) -> Iterator[None]:
    """Every test deletes what it makes, and leaves GL as libmpv wants to find it."""
    before = wayvid._core.glupload.gl_objects(), bench.gltwin.gl_objects()
    yield
    context.make_current()
    assert (wayvid._core.glupload.gl_objects(), bench.gltwin.gl_objects()) == before
    assert state() == DEFAULTS


# Names as in gl2.h and gl3.h.
DEFAULTS = {
    "GL_CURRENT_PROGRAM": 0,
    "GL_ARRAY_BUFFER_BINDING": 0,
    "GL_TEXTURE_BINDING_2D": 0,
    "GL_PIXEL_UNPACK_BUFFER_BINDING": 0,
    "GL_UNPACK_ROW_LENGTH": 0,
    "GL_UNPACK_ALIGNMENT": 4,
    "GL_SCISSOR_TEST": 0,
    "GL_BLEND": 0,
    "attribute 0": 0,
    "error": 0,
}


def state() -> dict[str, int]:
    """What is not excluded from render_gl.h's "OpenGL state"."""
    from OpenGL import GLES3

    def value(name: str) -> int:
        found = (ctypes.c_int * 4)()
        GLES3.glGetIntegerv(getattr(GLES3, name), found)
        return found[0]

    found = {name: value(name) for name in DEFAULTS if name.startswith("GL_")}
    enabled = (ctypes.c_int * 4)()
    GLES3.glGetVertexAttribiv(0, GLES3.GL_VERTEX_ATTRIB_ARRAY_ENABLED, enabled)
    return {**found, "attribute 0": enabled[0], "error": GLES3.glGetError()}
