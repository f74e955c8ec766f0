"""The render calls: bounds, use after close, and a real libmpv behind them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Iterator

import mpv
import pytest

import bench.twins.mpvrender
import wayvid._core.mpvrender
from wayvid._core import ManagedBuffer
from wayvid._core.mpvrender import ENTRY_POINTS, STRIDE_ALIGN, RenderContext, proc_address

WITH_CORE = """
import ctypes, mpv
from wayvid._core.mpvrender import ENTRY_POINTS, RenderContext
api = mpv.backend
handle = api.mpv_create()
handle = mpv.MpvHandle(handle) if isinstance(handle, int) else handle
api.mpv_set_option_string(handle, b"vo", b"libmpv")
api.mpv_initialize(handle)
addresses = {name: ctypes.cast(getattr(api, name), ctypes.c_void_p).value for name in ENTRY_POINTS}
context = RenderContext(handle.value, addresses)
"""


def addresses() -> dict[str, int]:
    return {name: ctypes.cast(getattr(mpv.backend, name), ctypes.c_void_p).value or 0 for name in ENTRY_POINTS}


@pytest.fixture
def handle() -> Iterator[int]:
    """An initialised core."""
    api = mpv.backend
    raw = api.mpv_create()
    handle = mpv.MpvHandle(raw) if isinstance(raw, int) else raw
    api.mpv_set_option_string(handle, b"vo", b"libmpv")
    api.mpv_set_option_string(handle, b"config", b"no")
    api.mpv_initialize(handle)
    yield handle.value
    api.mpv_terminate_destroy(handle)


@pytest.fixture(params=[wayvid._core.mpvrender, bench.twins.mpvrender], ids=["compiled", "twin"])
def make(request: pytest.FixtureRequest) -> type[RenderContext]:
    """The class of one of the two modules."""
    return request.param.RenderContext


@pytest.fixture
def context(handle: int, make: type[RenderContext]) -> Iterator[RenderContext]:
    """A render context of that core."""
    context = make(handle, addresses())
    yield context
    context.close()


def test_nothing_waits_in_a_new_context(context: RenderContext) -> None:
    assert context.update() == 0
    assert context.next_frame_flags() == 0


def test_a_picture_without_a_clip_is_black(context: RenderContext) -> None:
    with ManagedBuffer(64 * 16) as buffer:
        with memoryview(buffer) as pixels:
            pixels[:] = b"\xff" * len(pixels)
        context.render(buffer, 16, 16, 64)
        with memoryview(buffer) as pixels:
            assert [pixels[at : at + 3].tobytes() for at in range(0, len(pixels), 4)] == [b"\0\0\0"] * 256


def test_nothing_is_written_beside_the_picture(context: RenderContext) -> None:
    stride, width, height, rows = 128, 20, 5, 9
    with ManagedBuffer(stride * rows) as buffer:
        with memoryview(buffer) as pixels:
            pixels[:] = b"\xaa" * len(pixels)
        context.render(buffer, width, height, stride)
        with memoryview(buffer) as pixels:
            assert pixels[height * stride :] == b"\xaa" * ((rows - height) * stride)
            for row in range(height):
                assert pixels[row * stride + width * 4 : (row + 1) * stride] == b"\xaa" * (stride - width * 4)


@pytest.mark.parametrize(
    ("size", "stride", "length"),
    [
        pytest.param((0, 1), 64, 64, id="no width"),
        pytest.param((1, 0), 64, 64, id="no height"),
        pytest.param((-1, 1), 64, 64, id="a negative width"),
        pytest.param((1, -1), 64, 64, id="a negative height"),
        pytest.param((65536, 1), 65536 * 4, 65536 * 4, id="too wide"),
        pytest.param((1, 65536), 64, 64 * 65536, id="too high"),
        pytest.param((16, 1), 65, 200, id="a stride that is no multiple"),
        pytest.param((17, 1), 64, 200, id="a stride shorter than a row"),
        pytest.param((1, 1), 0, 200, id="no stride"),
        pytest.param((1, 1), 65536 * 4 + 64, 65536 * 8, id="too long a stride"),
        pytest.param((16, 16), 64, 64 * 16 - 1, id="a byte too few"),
        pytest.param((16, 16), 64, 0, id="no bytes"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(
    context: RenderContext, size: tuple[int, int], stride: int, length: int
) -> None:
    with pytest.raises(ValueError, match=r"size|stride|too few"):
        context.render(bytearray(length), *size, stride)


@pytest.mark.parametrize(
    ("size", "stride"), [((2**31, 1), 64), ((1, 2**63), 64), ((1, 1), -64), ((1, 1), 2**64)], ids=str
)
def test_numbers_beyond_c_are_refused(context: RenderContext, size: tuple[int, int], stride: int) -> None:
    with pytest.raises((OverflowError, ValueError)):
        context.render(bytearray(64), *size, stride)


@pytest.mark.parametrize("pixels", [b"x" * 1024, None, 5, "text"], ids=["read-only", "none", "number", "text"])
def test_only_writable_bytes_are_drawn_to(context: RenderContext, pixels: object) -> None:
    with pytest.raises((TypeError, BufferError, ValueError)):
        context.render(pixels, 16, 16, 64)  # type: ignore[arg-type]


def test_a_strided_view_is_refused(context: RenderContext) -> None:
    with pytest.raises(BufferError, match="contiguous"):
        context.render(memoryview(bytearray(4096))[::2], 16, 16, 64)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param(lambda context: context.update(), id="update"),
        pytest.param(lambda context: context.next_frame_flags(), id="next_frame_flags"),
        pytest.param(lambda context: context.render(bytearray(64), 1, 1, 64), id="render"),
        pytest.param(lambda context: context.skip(), id="skip"),
        pytest.param(lambda context: context.report_swap(), id="report_swap"),
        pytest.param(lambda context: context.set_update_callback(1, 1), id="set_update_callback"),
    ],
)
def test_a_closed_context_refuses_work(context: RenderContext, use: object) -> None:
    context.close()
    context.close()
    assert context.closed
    with pytest.raises(ValueError, match="the render context is closed"):
        use(context)


def test_a_core_has_one_context_at_a_time(context: RenderContext, handle: int, make: type[RenderContext]) -> None:
    with pytest.raises(OSError, match="mpv_render_context_create failed") as caught:
        make(handle, addresses())
    assert caught.value.errno < 0
    context.close()
    make(handle, addresses()).close()


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_a_missing_entry_point_is_named(make: type[RenderContext], name: str) -> None:
    for broken in ({**addresses(), name: 0}, {key: value for key, value in addresses().items() if key != name}):
        with pytest.raises(ValueError, match=f"no address for {name}"):
            make(1, broken)


def test_a_handle_of_0_is_refused(make: type[RenderContext]) -> None:
    with pytest.raises(ValueError, match="mpv_handle is 0"):
        make(0, addresses())


def test_the_stride_of_a_fast_row_is_that_of_libmpv() -> None:
    assert STRIDE_ALIGN == 64  # render.h, MPV_RENDER_PARAM_SW_STRIDE


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("context.close(); api.mpv_terminate_destroy(handle)", id="in order"),
        pytest.param("del context; api.mpv_terminate_destroy(handle)", id="forgotten"),
        pytest.param("pass", id="left open"),
        pytest.param("RenderContext.__new__(RenderContext, 0, addresses)", id="half-built"),
    ],
)
def test_a_process_ends_silently_with_a_context(end: str) -> None:
    code = f"{WITH_CORE}\ntry:\n    {end}\nexcept ValueError:\n    pass\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


# OpenGL.


def egl_get_proc_address() -> int:
    address = ctypes.cast(ctypes.CDLL("libEGL.so.1").eglGetProcAddress, ctypes.c_void_p).value
    assert address
    return address


def test_a_hidden_fence_is_a_function_that_makes_none() -> None:
    # libmpv 0.40 and 0.41 made one fence a frame and freed none.
    address = proc_address(egl_get_proc_address(), True, b"glFenceSync")
    fence_sync = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)(address)
    assert fence_sync(0x9117, 0) is None
    assert address != proc_address(egl_get_proc_address(), False, b"glFenceSync")


@pytest.mark.parametrize("name", [b"glClear", b"glDeleteSync", b"glFenceSyncX"])
def test_no_other_function_is_hidden(name: bytes) -> None:
    assert proc_address(egl_get_proc_address(), True, name) == proc_address(egl_get_proc_address(), False, name)


def test_a_context_into_memory_does_not_draw_with_opengl(handle: int) -> None:
    context = RenderContext(handle, addresses())
    assert not context.uses_gl
    with pytest.raises(ValueError, match="into memory"):
        context.render_gl(0, 64, 64)
    context.close()


def test_libmpv_refuses_opengl_where_there_is_none(handle: int) -> None:
    nothing = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p)(lambda _name: None)
    with pytest.raises(OSError, match="mpv_render_context_create"):
        RenderContext(handle, addresses(), ctypes.cast(nothing, ctypes.c_void_p).value or 0)
