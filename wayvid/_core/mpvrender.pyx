# cython: language_level=3
"""libmpv's render calls, into memory or with OpenGL: GIL released, return codes checked.

Nothing is linked: the entry points are addresses taken from the libmpv that
python-mpv has loaded, so a build needs no libmpv headers.
Source: libmpv render.h (mpv_render_context_create, _update, _render,
_report_swap, _get_info, _free; parameters by number).
"""

from libc.stdint cimport int64_t, uint8_t, uint64_t, uintptr_t
from libc.string cimport strcmp
from libcpp.atomic cimport atomic

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
    PARAM_OPENGL_INIT_PARAMS = 2
    PARAM_OPENGL_FBO = 3
    PARAM_FLIP_Y = 4
    PARAM_WL_DISPLAY = 9
    PARAM_ADVANCED_CONTROL = 10
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

cdef struct mpv_opengl_fbo:  # render_gl.h
    int fbo
    int w
    int h
    int internal_format

ctypedef void *(*egl_get_proc_address_t)(const char *name) noexcept nogil
ctypedef void *(*mpv_get_proc_address_t)(void *ctx, const char *name) noexcept nogil

cdef struct mpv_opengl_init_params:  # render_gl.h
    mpv_get_proc_address_t get_proc_address
    void *get_proc_address_ctx
    const char *extra_exts  # client API 1 only

cdef struct ProcSource:
    egl_get_proc_address_t look_up
    bint hides_fence

ctypedef int (*create_t)(void **ctx, void *mpv, mpv_render_param *params) noexcept nogil
ctypedef void (*callback_t)(void *context) noexcept nogil
ctypedef void (*set_update_callback_t)(void *ctx, callback_t callback, void *context) noexcept nogil
ctypedef uint64_t (*update_t)(void *ctx) noexcept nogil
ctypedef int (*get_info_t)(void *ctx, mpv_render_param param) noexcept nogil
ctypedef int (*render_t)(void *ctx, mpv_render_param *params) noexcept nogil
ctypedef void (*void_t)(void *ctx) noexcept nogil


cdef void *no_fence(unsigned int condition, unsigned int flags) noexcept nogil:
    """glFenceSync that makes no fence: libmpv 0.40 and 0.41 would leak one per frame (fixed in f74adc4)."""
    return NULL


# Memory of the driver's that a decoder writes its pictures into: mapped for good (GL_EXT_buffer_storage).
cdef enum:
    MAP_PERSISTENT = 0x40
ctypedef void (*buffer_storage_t)(
    unsigned int target, ssize_t size, const void *data, unsigned int flags
) noexcept nogil
cdef buffer_storage_t driver_buffer_storage = NULL
cdef atomic[long long] direct_made
cdef atomic[long long] direct_bytes


cdef void counted_buffer_storage(
    unsigned int target, ssize_t size, const void *data, unsigned int flags
) noexcept nogil:
    if flags & MAP_PERSISTENT:
        direct_made.fetch_add(1)
        direct_bytes.fetch_add(size)
    driver_buffer_storage(target, size, data, flags)


def direct_buffers():
    """How many buffers of the driver's libmpv has had decoders write into so far, in this process, and their bytes.

    0 where there is no direct rendering: no advanced control, decoding by hardware, or a driver that maps none.
    """
    return direct_made.load(), direct_bytes.load()


cdef void *get_proc_cb(void *context, const char *name) noexcept nogil:
    global driver_buffer_storage
    cdef ProcSource *source = <ProcSource *>context
    cdef void *found
    if source.hides_fence and strcmp(name, b"glFenceSync") == 0:
        return <void *>no_fence
    found = source.look_up(name)
    if found != NULL and (strcmp(name, b"glBufferStorageEXT") == 0 or strcmp(name, b"glBufferStorage") == 0):
        driver_buffer_storage = <buffer_storage_t>found
        return <void *>counted_buffer_storage
    return found


def proc_address(uintptr_t egl_get_proc_address, bint hides_fence, bytes name not None):
    """What libmpv is given for the name of an OpenGL function; 0 when there is none. For tests.

    Args:
        egl_get_proc_address: address of eglGetProcAddress.
        hides_fence: whether glFenceSync is to be one that makes no fence.
        name: of the function.
    """
    if egl_get_proc_address == 0:
        raise ValueError("egl_get_proc_address is 0")
    cdef ProcSource source
    source.look_up = <egl_get_proc_address_t>egl_get_proc_address
    source.hides_fence = hides_fence
    return <uintptr_t>get_proc_cb(&source, name)


cdef void blend_on_black(uint8_t *pixels, int width, int height, size_t stride) noexcept nogil:
    """Multiply each colour by its pixel's alpha, its fourth byte."""
    cdef uint8_t *pixel
    cdef unsigned int alpha
    cdef int _x, y
    for y in range(height):
        pixel = pixels + y * stride
        for _x in range(width):
            alpha = pixel[3]
            if alpha < 255:
                pixel[0] = <uint8_t>(pixel[0] * alpha // 255)
                pixel[1] = <uint8_t>(pixel[1] * alpha // 255)
                pixel[2] = <uint8_t>(pixel[2] * alpha // 255)
                pixel[3] = 255
            pixel += 4


@cython.final
cdef class RenderContext:
    """The render context of one libmpv core: into memory, or with OpenGL.

    Args:
        mpv_handle: address of the core's mpv_handle.
        addresses: name -> address of every entry point in ENTRY_POINTS.
        egl_get_proc_address: address of eglGetProcAddress, to draw with the OpenGL context
            that is current; it must be so in all calls, close() included. 0: into memory.
        hides_fence: whether libmpv is to find a glFenceSync that makes no fence.
        wl_display: address of the wl_display, for hardware decoding; 0: none.
        is_advanced: whether libmpv may ask this thread for things (MPV_RENDER_PARAM_ADVANCED_CONTROL), such as
            memory to decode into: it must then call update() after each callback, and never wait for the core.

    Raises:
        ValueError: an entry point is missing or an address is 0.
        OSError: libmpv refused; its code is in errno, negative.

    Threads: one thread for all methods. None waits for the core, but render()
    converts a picture, which takes a millisecond or two at 1080p.
    Source: libmpv render.h, "Threading". Create it before the first loadfile.
    """

    cdef void *ctx  # libmpv's, freed by close(); NULL when closed
    cdef ProcSource proc_source  # libmpv has its address
    cdef public bint blends  # whether pictures may be transparent, and are to be blended on black; not with OpenGL
    cdef readonly bint uses_gl  # whether render_gl() is the one to call
    cdef set_update_callback_t set_update_callback_fn  # libmpv's code, never freed
    cdef update_t update_fn  # as above
    cdef get_info_t get_info_fn  # as above
    cdef render_t render_fn  # as above
    cdef void_t report_swap_fn  # as above
    cdef void_t free_fn  # as above

    def __cinit__(
        self,
        uintptr_t mpv_handle,
        dict addresses,
        uintptr_t egl_get_proc_address=0,
        bint hides_fence=False,
        uintptr_t wl_display=0,
        bint is_advanced=False,
    ):
        self.ctx = NULL
        self.free_fn = NULL
        self.blends = False
        self.uses_gl = egl_get_proc_address != 0
        self.proc_source.look_up = <egl_get_proc_address_t>egl_get_proc_address
        self.proc_source.hides_fence = hides_fence
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
        cdef mpv_opengl_init_params gl_params
        gl_params.get_proc_address = get_proc_cb
        gl_params.get_proc_address_ctx = &self.proc_source
        gl_params.extra_exts = NULL
        cdef mpv_render_param params[5]
        cdef int used = 1, yes = 1
        params[0].type = PARAM_API_TYPE
        params[0].data = <void *><char *>b"sw"
        if self.uses_gl:
            params[0].data = <void *><char *>b"opengl"
            params[used].type = PARAM_OPENGL_INIT_PARAMS
            params[used].data = &gl_params
            used += 1
            if wl_display:
                params[used].type = PARAM_WL_DISPLAY
                params[used].data = <void *>wl_display
                used += 1
        if is_advanced:
            params[used].type = PARAM_ADVANCED_CONTROL
            params[used].data = &yes
            used += 1
        params[used].type = PARAM_INVALID
        params[used].data = NULL
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

    def next_frame_target(self):
        """When the waiting picture should be shown, on the clock of mpv_get_time_us; 0 when libmpv does not say.

        In microseconds as render.h has it, but in nanoseconds since libmpv 0.37 (vo_frame.pts).
        """
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
        return info.target_time if code >= 0 else 0

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
        if self.uses_gl:
            raise ValueError("the render context draws with OpenGL: call render_gl()")
        self._check_size(width_px, height_px)
        if stride_bytes % STRIDE_ALIGN or stride_bytes < <size_t>width_px * 4 or stride_bytes > 65536 * 4:
            raise ValueError(f"stride {stride_bytes} does not fit a width of {width_px}")
        if <size_t>pixels.shape[0] < stride_bytes * <size_t>height_px:
            raise ValueError(f"{pixels.shape[0]} bytes are too few for {height_px} rows of {stride_bytes}")
        cdef int size[2]
        size[0] = width_px
        size[1] = height_px
        cdef int no_block = 0
        cdef uint8_t *first = &pixels[0]
        cdef mpv_render_param params[6]
        params[0].type = PARAM_SW_SIZE
        params[0].data = size
        params[1].type = PARAM_SW_FORMAT
        params[1].data = <void *><char *>(b"bgra" if self.blends else b"bgr0")
        params[2].type = PARAM_SW_STRIDE
        params[2].data = &stride_bytes
        params[3].type = PARAM_SW_POINTER
        params[3].data = first
        params[4].type = PARAM_BLOCK_FOR_TARGET_TIME
        params[4].data = &no_block
        params[5].type = PARAM_INVALID
        params[5].data = NULL
        cdef int code
        with nogil:
            code = self.render_fn(self.ctx, params)
            if code >= 0 and self.blends:
                blend_on_black(first, width_px, height_px, stride_bytes)
        if code < 0:
            raise OSError(code, "mpv_render_context_render failed")

    def render_gl(self, int framebuffer, int width_px, int height_px, int internal_format=0, bint flips_y=False):
        """Draw the waiting picture, or the last one again, scaled to the given size, with the current OpenGL context.

        Args:
            framebuffer: name of an OpenGL framebuffer object; 0: the current surface.
            width_px: its width, at least 1.
            height_px: its height, at least 1.
            internal_format: of its texture, such as GL_RGBA8; 0: unknown.
            flips_y: whether the first row in memory is to be the lowest, as the current surface has it.

        Raises:
            ValueError: a size or name is out of range.
            OSError: libmpv refused; its code is in errno, negative.
        """
        self._check_open()
        if not self.uses_gl:
            raise ValueError("the render context draws into memory: call render()")
        self._check_size(width_px, height_px)
        if framebuffer < 0 or internal_format < 0:
            raise ValueError(f"framebuffer {framebuffer} with format {internal_format}: neither may be below 0")
        cdef mpv_opengl_fbo target
        target.fbo = framebuffer
        target.w = width_px
        target.h = height_px
        target.internal_format = internal_format
        cdef int flip = flips_y, no_block = 0
        cdef mpv_render_param params[4]
        params[0].type = PARAM_OPENGL_FBO
        params[0].data = &target
        params[1].type = PARAM_FLIP_Y
        params[1].data = &flip
        params[2].type = PARAM_BLOCK_FOR_TARGET_TIME
        params[2].data = &no_block
        params[3].type = PARAM_INVALID
        params[3].data = NULL
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

    cdef int _check_size(self, int width_px, int height_px) except -1:
        if width_px < 1 or height_px < 1 or width_px > 65535 or height_px > 65535:
            raise ValueError(f"size {width_px}x{height_px} is not between 1 and 65535")
        return 0

    cdef int _check_open(self) except -1:
        if self.ctx is NULL:
            raise ValueError("the render context is closed")
        return 0
