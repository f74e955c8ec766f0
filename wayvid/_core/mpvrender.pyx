# cython: language_level=3
"""libmpv's render calls, software target: GIL released, return codes checked.

Nothing is linked: the entry points are addresses taken from the libmpv that
python-mpv has loaded, so a build needs no libmpv headers.
Source: libmpv render.h (mpv_render_context_create, _update, _render,
_report_swap, _get_info, _free; parameters by number).
"""

from libc.stdint cimport int64_t, uint64_t, uintptr_t

cimport cython

ENTRY_POINTS = (
    "mpv_render_context_create",
    "mpv_render_context_set_update_callback",
    "mpv_render_context_update",
    "mpv_render_context_get_info",
    "mpv_render_context_render",
    "mpv_render_context_report_swap",
    "mpv_render_context_free",
)

# render.h, mpv_render_update_flag and mpv_render_frame_info_flag
UPDATE_FRAME = 1
FRAME_PRESENT = 1
FRAME_REDRAW = 2
FRAME_REPEAT = 4

# Bytes of one row must be a multiple of this for libmpv's fast paths
# (render.h, MPV_RENDER_PARAM_SW_STRIDE).
STRIDE_ALIGN = 64

cdef enum:  # render.h, mpv_render_param_type
    PARAM_INVALID = 0
    PARAM_API_TYPE = 1
    PARAM_NEXT_FRAME_INFO = 11
    PARAM_BLOCK_FOR_TARGET_TIME = 12
    PARAM_SKIP_RENDERING = 13
    PARAM_SW_SIZE = 17
    PARAM_SW_FORMAT = 18
    PARAM_SW_STRIDE = 19
    PARAM_SW_POINTER = 20

cdef struct mpv_render_param:
    int type
    void *data

cdef struct mpv_render_frame_info:
    uint64_t flags
    int64_t target_time

ctypedef int (*create_t)(void **ctx, void *mpv, mpv_render_param *params) noexcept nogil
ctypedef void (*callback_t)(void *context) noexcept nogil
ctypedef void (*set_update_callback_t)(void *ctx, callback_t callback, void *context) noexcept nogil
ctypedef uint64_t (*update_t)(void *ctx) noexcept nogil
ctypedef int (*get_info_t)(void *ctx, mpv_render_param param) noexcept nogil
ctypedef int (*render_t)(void *ctx, mpv_render_param *params) noexcept nogil
ctypedef void (*void_t)(void *ctx) noexcept nogil


@cython.final
cdef class RenderContext:
    """The software render context of one libmpv core.

    Args:
        mpv_handle: address of the core's mpv_handle.
        addresses: name -> address of every entry point in ENTRY_POINTS.

    Raises:
        ValueError: an entry point is missing or an address is 0.
        OSError: libmpv refused; its code is in errno, negative.

    Threads: one thread for all methods. None waits for the core, but render()
    converts a picture, which takes a millisecond or two at 1080p.
    Source: libmpv render.h, "Threading". Create it before the first loadfile.
    """

    cdef void *ctx  # libmpv's, freed by close(); NULL when closed
    cdef set_update_callback_t set_update_callback_fn  # libmpv's code, never freed
    cdef update_t update_fn  # as above
    cdef get_info_t get_info_fn  # as above
    cdef render_t render_fn  # as above
    cdef void_t report_swap_fn  # as above
    cdef void_t free_fn  # as above

    def __cinit__(self, uintptr_t mpv_handle, dict addresses):
        self.ctx = NULL
        self.free_fn = NULL
        cdef uintptr_t entry[7]
        for index, name in enumerate(ENTRY_POINTS):
            entry[index] = addresses.get(name, 0)
            if entry[index] == 0:
                raise ValueError(f"no address for {name}")
        if mpv_handle == 0:
            raise ValueError("mpv_handle is 0")
        self.set_update_callback_fn = <set_update_callback_t>entry[1]
        self.update_fn = <update_t>entry[2]
        self.get_info_fn = <get_info_t>entry[3]
        self.render_fn = <render_t>entry[4]
        self.report_swap_fn = <void_t>entry[5]
        self.free_fn = <void_t>entry[6]
        cdef create_t create_fn = <create_t>entry[0]
        cdef mpv_render_param params[2]
        params[0].type = PARAM_API_TYPE
        params[0].data = <void *><char *>b"sw"
        params[1].type = PARAM_INVALID
        params[1].data = NULL
        cdef int code
        with nogil:
            code = create_fn(&self.ctx, <void *>mpv_handle, params)
        if code < 0:
            self.ctx = NULL
            raise OSError(code, "mpv_render_context_create failed")

    def set_update_callback(self, uintptr_t callback_address, uintptr_t context_address):
        """Have libmpv call a C function when a picture may be waiting (see Wakeup)."""
        self._check_open()
        self.set_update_callback_fn(self.ctx, <callback_t>callback_address, <void *>context_address)

    def update(self):
        """Flags of what happened since the last call; UPDATE_FRAME: a picture is waiting."""
        self._check_open()
        cdef uint64_t flags
        with nogil:
            flags = self.update_fn(self.ctx)
        return flags

    def next_frame_flags(self):
        """Flags of the waiting picture: FRAME_PRESENT, FRAME_REDRAW, FRAME_REPEAT; 0 when none waits."""
        self._check_open()
        cdef mpv_render_frame_info info
        info.flags = 0
        info.target_time = 0
        cdef mpv_render_param param
        param.type = PARAM_NEXT_FRAME_INFO
        param.data = &info
        cdef int code
        with nogil:
            code = self.get_info_fn(self.ctx, param)
        return info.flags if code >= 0 else 0

    def render(self, unsigned char[::1] pixels not None, int width_px, int height_px, size_t stride_bytes):
        """Write the waiting picture, scaled to the given size, and take it from libmpv.

        Args:
            pixels: writable, stride_bytes x height_px bytes, rows top first; each
                pixel is B, G, R and an undefined byte (wl_shm's XRGB8888).
            width_px: width of the picture, at least 1.
            height_px: height of the picture, at least 1.
            stride_bytes: bytes from row to row, a multiple of STRIDE_ALIGN.

        Raises:
            ValueError: the sizes do not fit the buffer.
            OSError: libmpv refused; its code is in errno, negative.
        """
        self._check_open()
        if width_px < 1 or height_px < 1 or width_px > 65535 or height_px > 65535:
            raise ValueError(f"size {width_px}x{height_px} is not between 1 and 65535")
        if stride_bytes % STRIDE_ALIGN or stride_bytes < <size_t>width_px * 4 or stride_bytes > 65536 * 4:
            raise ValueError(f"stride {stride_bytes} does not fit a width of {width_px}")
        if <size_t>pixels.shape[0] < stride_bytes * <size_t>height_px:
            raise ValueError(f"{pixels.shape[0]} bytes are too few for {height_px} rows of {stride_bytes}")
        cdef int size[2]
        size[0] = width_px
        size[1] = height_px
        cdef int no_block = 0
        cdef mpv_render_param params[6]
        params[0].type = PARAM_SW_SIZE
        params[0].data = size
        params[1].type = PARAM_SW_FORMAT
        params[1].data = <void *><char *>b"bgr0"
        params[2].type = PARAM_SW_STRIDE
        params[2].data = &stride_bytes
        params[3].type = PARAM_SW_POINTER
        params[3].data = &pixels[0]
        params[4].type = PARAM_BLOCK_FOR_TARGET_TIME
        params[4].data = &no_block
        params[5].type = PARAM_INVALID
        params[5].data = NULL
        cdef int code
        with nogil:
            code = self.render_fn(self.ctx, params)
        if code < 0:
            raise OSError(code, "mpv_render_context_render failed")

    def skip(self):
        """Take the waiting picture from libmpv without drawing it."""
        self._check_open()
        cdef int yes = 1, no_block = 0
        cdef mpv_render_param params[3]
        params[0].type = PARAM_SKIP_RENDERING
        params[0].data = &yes
        params[1].type = PARAM_BLOCK_FOR_TARGET_TIME
        params[1].data = &no_block
        params[2].type = PARAM_INVALID
        params[2].data = NULL
        with nogil:
            self.render_fn(self.ctx, params)

    def report_swap(self):
        """Tell libmpv that the picture is on its way to the screen."""
        self._check_open()
        with nogil:
            self.report_swap_fn(self.ctx)

    def close(self):
        """Free the context; before the core is destroyed. Twice does nothing."""
        cdef void *ctx = self.ctx
        self.ctx = NULL
        if ctx is not NULL:
            with nogil:
                self.free_fn(ctx)

    @property
    def closed(self):
        """Whether close() was called."""
        return self.ctx is NULL

    def __dealloc__(self):
        if self.ctx is not NULL:
            self.free_fn(self.ctx)

    cdef int _check_open(self) except -1:
        if self.ctx is NULL:
            raise ValueError("the render context is closed")
        return 0
