"""libmpv's render calls as python-mpv makes them: by ctypes, with an array of parameters per call.

python-mpv itself knows no software target (its parameters end at 16), so it cannot stand here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from typing import Any

from wayvid._core.mpvrender import ENTRY_POINTS, STRIDE_ALIGN

API_TYPE, NEXT_FRAME_INFO, BLOCK_FOR_TARGET_TIME, SKIP_RENDERING = 1, 11, 12, 13
SW_SIZE, SW_FORMAT, SW_STRIDE, SW_POINTER = 17, 18, 19, 20
MOST_PX = 65535


class Param(ctypes.Structure):
    """render.h, mpv_render_param."""

    _fields_ = (("type", ctypes.c_int), ("data", ctypes.c_void_p))


class FrameInfo(ctypes.Structure):
    """render.h, mpv_render_frame_info."""

    _fields_ = (("flags", ctypes.c_uint64), ("target_time", ctypes.c_int64))


# (result, arguments) of each entry point, in the order of ENTRY_POINTS; the context comes first everywhere but once.
_SIGNATURES: tuple[tuple[Any, ...], ...] = (
    (ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p, ctypes.POINTER(Param)),
    (None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p),
    (ctypes.c_uint64, ctypes.c_void_p),
    (ctypes.c_int, ctypes.c_void_p, Param),
    (ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(Param)),
    (None, ctypes.c_void_p),
    (None, ctypes.c_void_p),
)


def _params(*pairs: tuple[int, Any]) -> ctypes.Array[Param]:
    """An array that ends with an empty parameter; the caller keeps what it points to."""
    filled = [Param(kind, ctypes.cast(value, ctypes.c_void_p)) for kind, value in pairs]
    return (Param * (len(pairs) + 1))(*filled)


class RenderContext:
    """Twin of wayvid._core.mpvrender.RenderContext."""

    def __init__(self, mpv_handle: int, addresses: Mapping[str, int]) -> None:
        self._context = ctypes.c_void_p()
        functions = []
        for name, signature in zip(ENTRY_POINTS, _SIGNATURES, strict=True):
            if not addresses.get(name):
                raise ValueError(f"no address for {name}")
            functions.append(ctypes.CFUNCTYPE(*signature)(addresses[name]))
        if not mpv_handle:
            raise ValueError("mpv_handle is 0")
        create, self._set_callback, self._update, self._get_info, self._render, self._swap, self._free = functions
        code = create(ctypes.byref(self._context), mpv_handle, _params((API_TYPE, ctypes.c_char_p(b"sw"))))
        if code < 0:
            self._context = ctypes.c_void_p()
            raise OSError(code, "mpv_render_context_create failed")

    @property
    def closed(self) -> bool:
        return not self._context

    def _check_open(self) -> None:
        if not self._context:
            raise ValueError("the render context is closed")

    def set_update_callback(self, callback_address: int, context_address: int) -> None:
        self._check_open()
        self._set_callback(self._context, callback_address, context_address)

    def update(self) -> int:
        self._check_open()
        flags: int = self._update(self._context)
        return flags

    def next_frame_flags(self) -> int:
        self._check_open()
        info = FrameInfo()
        code = self._get_info(self._context, Param(NEXT_FRAME_INFO, ctypes.addressof(info)))
        return info.flags if code >= 0 else 0

    def render(self, pixels: Any, width_px: int, height_px: int, stride_bytes: int) -> None:
        self._check_open()
        if not (1 <= width_px <= MOST_PX and 1 <= height_px <= MOST_PX):
            raise ValueError(f"size {width_px}x{height_px} is not between 1 and {MOST_PX}")
        if stride_bytes % STRIDE_ALIGN or not width_px * 4 <= stride_bytes <= (MOST_PX + 1) * 4:
            raise ValueError(f"stride {stride_bytes} does not fit a width of {width_px}")
        with memoryview(pixels) as view:
            if view.nbytes < stride_bytes * height_px:
                raise ValueError(f"{view.nbytes} bytes are too few for {height_px} rows of {stride_bytes}")
            if not view.c_contiguous:
                raise BufferError("the pixels are not contiguous")
            first = ctypes.c_char.from_buffer(view)
            size, stride, no_block = (
                (ctypes.c_int * 2)(width_px, height_px),
                ctypes.c_size_t(stride_bytes),
                ctypes.c_int(0),
            )
            params = _params(
                (SW_SIZE, size),
                (SW_FORMAT, ctypes.c_char_p(b"bgr0")),
                (SW_STRIDE, ctypes.byref(stride)),
                (SW_POINTER, ctypes.byref(first)),
                (BLOCK_FOR_TARGET_TIME, ctypes.byref(no_block)),
            )
            code = self._render(self._context, params)
            del first, params  # or the view could not be given back
        if code < 0:
            raise OSError(code, "mpv_render_context_render failed")

    def skip(self) -> None:
        self._check_open()
        yes, no_block = ctypes.c_int(1), ctypes.c_int(0)
        self._render(
            self._context, _params((SKIP_RENDERING, ctypes.byref(yes)), (BLOCK_FOR_TARGET_TIME, ctypes.byref(no_block)))
        )

    def report_swap(self) -> None:
        self._check_open()
        self._swap(self._context)

    def close(self) -> None:
        context, self._context = self._context, ctypes.c_void_p()
        if context:
            self._free(context)
