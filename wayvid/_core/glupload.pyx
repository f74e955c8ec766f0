# cython: language_level=3
"""Pictures from memory into GL textures, and textures onto the screen: GIL released, objects counted.

Everything here belongs to the EGL context that was current when it was made. That context has to be current on
the calling thread in every call, close() included; a call that finds another raises ValueError. When the context
is gone (lost, destroyed), its objects went with it: abandon() takes them off the counts without touching GL.
Forgetting an object without closing it deletes nothing, since nobody knows which context is current then:
gl_objects() and the memory counters go on showing it.

GL state is left as libmpv wants to find it (render_gl.h, "OpenGL state"), at its defaults but for viewport and
clear colour, and is expected like that. Textures are BGRA where the driver has them, which is how wl_shm and
libmpv's software renderer put XRGB8888 into memory. Where it has not, they are RGBA and red and blue are swapped
while a picture is copied: a swizzle would be right for uploads and wrong for what libmpv draws into the same
texture. Longer than a module should be: each further one would cost the player its code pages.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint32_t, uintptr_t
from libc.string cimport memcpy, memset, strlen, strncmp, strstr
from libcpp.atomic cimport atomic

from wayvid._core.buffer cimport ManagedBuffer
from wayvid._core.counters cimport KIND_STAGING, KIND_TEXTURE, count_allocated, count_freed, count_resized
from wayvid._core.gles cimport *

from wayvid._core.bufpool import BufferPool

FUNCTIONS = (
    "glGetString", "glGetError", "glGetIntegerv", "glGenTextures", "glDeleteTextures", "glBindTexture",
    "glTexParameteri", "glTexImage2D", "glTexSubImage2D", "glPixelStorei", "glGenFramebuffers",
    "glDeleteFramebuffers", "glBindFramebuffer", "glFramebufferTexture2D", "glCheckFramebufferStatus",
    "glGenBuffers", "glDeleteBuffers", "glBindBuffer", "glBufferData", "glCreateShader", "glShaderSource",
    "glCompileShader", "glGetShaderiv", "glGetShaderInfoLog", "glDeleteShader", "glCreateProgram",
    "glAttachShader", "glBindAttribLocation", "glLinkProgram", "glGetProgramiv", "glGetProgramInfoLog",
    "glDeleteProgram", "glUseProgram", "glGetUniformLocation", "glUniform3f", "glVertexAttribPointer",
    "glEnableVertexAttribArray", "glDisableVertexAttribArray", "glEnable", "glDisable", "glScissor",
    "glViewport", "glClearColor", "glClear", "glDrawArrays", "glMapBufferRange", "glUnmapBuffer",
    "glBlitFramebuffer", "glGetTexLevelParameteriv", "eglGetCurrentContext",
)
OPTIONAL = (
    "glMapBufferRange", "glUnmapBuffer", "glBlitFramebuffer", "glGetTexLevelParameteriv", "eglGetCurrentContext",
)
cdef enum:
    FUNCTION_COUNT = 50         # of FUNCTIONS and of functions_t, checked below
    MAX_SIDE = 65535            # as in mpvrender; sums and products stay far inside 64 bits
    BAND_BYTES = 256 * 1024     # staging of one repacked band: holds any row, fits a second-level cache
    MAX_ERRORS = 16             # a lost context reports errors for ever

if len(FUNCTIONS) != FUNCTION_COUNT or sizeof(functions_t) != FUNCTION_COUNT * sizeof(void *):
    raise ImportError("glupload.FUNCTIONS does not match gles.functions_t")

ERRORS = {
    GL_INVALID_ENUM: "GL_INVALID_ENUM",
    GL_INVALID_VALUE: "GL_INVALID_VALUE",
    GL_INVALID_OPERATION: "GL_INVALID_OPERATION",
    GL_OUT_OF_MEMORY: "GL_OUT_OF_MEMORY",
    GL_INVALID_FRAMEBUFFER_OPERATION: "GL_INVALID_FRAMEBUFFER_OPERATION",
    GL_CONTEXT_LOST: "GL_CONTEXT_LOST",
}

VERTEX_SHADER = b"""
attribute vec2 corner;
uniform vec3 across;
uniform vec3 down;
varying vec2 place;
void main() {
    gl_Position = vec4(2.0 * corner.x - 1.0, 1.0 - 2.0 * corner.y, 0.0, 1.0);
    place = vec2(dot(across, vec3(corner, 1.0)), dot(down, vec3(corner, 1.0)));
}
"""
# Half floats would not tell the pixels of a wide picture apart.
FRAGMENT_SHADER = b"""
#ifdef GL_FRAGMENT_PRECISION_HIGH
precision highp float;
#else
precision mediump float;
#endif
uniform sampler2D picture;
varying vec2 place;
void main() {
    gl_FragColor = vec4(texture2D(picture, place).rgb, 1.0);
}
"""
cdef float[8] CORNERS = [0, 0, 1, 0, 0, 1, 1, 1]    # upper left, upper right, lower left, lower right

# Place in the picture from place in the quad, (x, y, 1) each, y downwards: wl_output.transform, which mirrors
# (4..7) before it turns counterclockwise.
cdef float[8][6] TRANSFORMS = [
    [1, 0, 0, 0, 1, 0],
    [0, -1, 1, 1, 0, 0],
    [-1, 0, 1, 0, -1, 1],
    [0, 1, 0, -1, 0, 1],
    [-1, 0, 1, 0, 1, 0],
    [0, 1, 0, 1, 0, 0],
    [1, 0, 0, 0, -1, 1],
    [0, -1, 1, -1, 0, 1],
]

cdef atomic[int64_t] objects_alive


cdef GLenum take_error(gl_t *gl) noexcept nogil:
    """The oldest error, and forget all; GL_NO_ERROR if none."""
    cdef GLenum first = gl.call.glGetError()
    cdef GLenum later = first
    cdef int count = 0
    while later != GL_NO_ERROR and count < MAX_ERRORS:
        later = gl.call.glGetError()
        count += 1
    return first


cdef bint has_extension(gl_t *gl, const char *name) noexcept nogil:
    cdef const char *found = gl.call.glGetString(GL_EXTENSIONS)
    cdef size_t length = strlen(name)
    while found != NULL:
        found = strstr(found, name)
        if found != NULL:
            found += length
            if found[0] == c' ' or found[0] == 0:
                return True
    return False


cdef GLenum make_target(gl_t *gl, GLenum format, int width, int height, GLuint *texture,
                        GLuint *framebuffer) noexcept nogil:
    """A black texture and a framebuffer on it; 0, or an error or framebuffer status, and nothing is left then."""
    cdef GLenum error
    take_error(gl)
    gl.call.glGenTextures(1, texture)
    gl.call.glGenFramebuffers(1, framebuffer)
    gl.call.glBindTexture(GL_TEXTURE_2D, texture[0])
    gl.call.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR)
    gl.call.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR)
    gl.call.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE)
    gl.call.glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE)
    gl.call.glTexImage2D(GL_TEXTURE_2D, 0, <GLint>format, width, height, 0, format, GL_UNSIGNED_BYTE, NULL)
    gl.call.glBindFramebuffer(GL_FRAMEBUFFER, framebuffer[0])
    gl.call.glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture[0], 0)
    error = take_error(gl)
    if error == GL_NO_ERROR:
        error = gl.call.glCheckFramebufferStatus(GL_FRAMEBUFFER)
    if error == GL_FRAMEBUFFER_COMPLETE:
        gl.call.glClearColor(0, 0, 0, 1)
        gl.call.glClear(GL_COLOR_BUFFER_BIT)
        error = take_error(gl)
    gl.call.glBindFramebuffer(GL_FRAMEBUFFER, 0)
    gl.call.glBindTexture(GL_TEXTURE_2D, 0)
    if error != GL_NO_ERROR:
        delete_target(gl, texture, framebuffer)
        take_error(gl)
    return error


cdef int delete_target(gl_t *gl, GLuint *texture, GLuint *framebuffer) noexcept nogil:
    gl.call.glDeleteFramebuffers(1, framebuffer)
    gl.call.glDeleteTextures(1, texture)
    texture[0] = 0
    framebuffer[0] = 0
    return 0


cdef int look_around(gl_t *gl) noexcept nogil:
    """Find out what the current context is and has; -1 if it is none of OpenGL ES 2 or newer."""
    cdef const char *version = gl.call.glGetString(GL_VERSION)
    cdef const char *renderer = gl.call.glGetString(GL_RENDERER)
    cdef GLuint texture = 0, framebuffer = 0
    cdef bint is_software
    if version == NULL or strncmp(version, "OpenGL ES ", 10) or not c'2' <= version[10] <= c'9':
        return -1
    gl.version = (version[10] - c'0') * 10
    if version[11] == c'.' and c'0' <= version[12] <= c'9':
        gl.version += version[12] - c'0'
    is_software = renderer != NULL and (
        strstr(renderer, "llvmpipe") != NULL or strstr(renderer, "softpipe") != NULL
        or strstr(renderer, "swrast") != NULL or strstr(renderer, "SwiftShader") != NULL
    )
    gl.has_unpack_buffers = gl.version >= 30 and not is_software
    if gl.call.glMapBufferRange == NULL or gl.call.glUnmapBuffer == NULL:
        gl.has_unpack_buffers = False
    gl.copies = gl.version >= 31 and is_software
    if gl.call.glBlitFramebuffer == NULL or gl.call.glGetTexLevelParameteriv == NULL:
        gl.copies = False
    gl.has_row_length = gl.version >= 30 or has_extension(gl, "GL_EXT_unpack_subimage")
    gl.format = GL_RGBA
    # The extension alone does not promise that one can draw into such a texture.
    if has_extension(gl, "GL_EXT_texture_format_BGRA8888"):
        if make_target(gl, GL_BGRA_EXT, 1, 1, &texture, &framebuffer) == GL_NO_ERROR:
            delete_target(gl, &texture, &framebuffer)
            gl.format = GL_BGRA_EXT
    return 0


cdef int copy_rows(unsigned char *target, const unsigned char *source, int width, int rows, Py_ssize_t stride,
                   bint swap) noexcept nogil:
    """Rows packed without gaps, red and blue swapped if wanted."""
    cdef Py_ssize_t row_bytes = <Py_ssize_t>width * 4
    cdef Py_ssize_t at
    cdef uint32_t pixel
    if not swap and stride == row_bytes:
        memcpy(target, source, row_bytes * rows)
        return 0
    for _ in range(rows):
        if not swap:
            memcpy(target, source, row_bytes)
        else:
            for at in range(0, row_bytes, 4):
                memcpy(&pixel, source + at, 4)  # a source may begin at any byte
                pixel = (pixel & 0xFF00FF00u) | (pixel >> 16 & 0xFFu) | (pixel & 0xFFu) << 16
                memcpy(target + at, &pixel, 4)
        target += row_bytes
        source += stride
    return 0


cdef bint upload_by_buffer(gl_t *gl, slot_t *slot, const unsigned char *pixels, int x, int y, int width, int height,
                           Py_ssize_t stride) noexcept nogil:
    """Copy into a pixel buffer that the driver reads when it likes; False if it has none, and nothing is uploaded."""
    cdef Py_ssize_t size = <Py_ssize_t>width * 4 * height
    cdef void *target
    cdef bint is_good = False
    if slot.buffer == 0:
        gl.call.glGenBuffers(1, &slot.buffer)
        objects_alive.fetch_add(1)
        count_allocated(KIND_STAGING, 0)
    gl.call.glBindBuffer(GL_PIXEL_UNPACK_BUFFER, slot.buffer)
    if slot.size_bytes < size:
        gl.call.glBufferData(GL_PIXEL_UNPACK_BUFFER, size, NULL, GL_STREAM_DRAW)
        count_resized(KIND_STAGING, slot.size_bytes, size)
        slot.size_bytes = size
    # Invalidated: while the driver still reads the old content it gives us other memory instead of making us wait.
    target = gl.call.glMapBufferRange(GL_PIXEL_UNPACK_BUFFER, 0, size, GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_BUFFER_BIT)
    if target != NULL:
        copy_rows(<unsigned char *>target, pixels, width, height, stride, gl.format != GL_BGRA_EXT)
        is_good = gl.call.glUnmapBuffer(GL_PIXEL_UNPACK_BUFFER) != 0  # 0: the content was lost meanwhile
    if is_good:
        gl.call.glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, width, height, gl.format, GL_UNSIGNED_BYTE, NULL)
    gl.call.glBindBuffer(GL_PIXEL_UNPACK_BUFFER, 0)
    if not is_good:
        take_error(gl)
    return is_good


cdef int upload_directly(gl_t *gl, const unsigned char *pixels, int x, int y, int width, int height,
                         Py_ssize_t stride) noexcept nogil:
    cdef bint has_gaps = stride != <Py_ssize_t>width * 4
    if has_gaps:
        gl.call.glPixelStorei(GL_UNPACK_ROW_LENGTH, <GLuint>(stride // 4))
    gl.call.glTexSubImage2D(GL_TEXTURE_2D, 0, x, y, width, height, gl.format, GL_UNSIGNED_BYTE, pixels)
    if has_gaps:
        gl.call.glPixelStorei(GL_UNPACK_ROW_LENGTH, 0)
    return 0


cdef int upload_by_bands(gl_t *gl, unsigned char *band, Py_ssize_t band_bytes, const unsigned char *pixels, int x,
                         int y, int width, int height, Py_ssize_t stride) noexcept nogil:
    """Repack as many rows at a time as the band holds."""
    cdef int band_rows = <int>(band_bytes // (<Py_ssize_t>width * 4))
    cdef int done = 0
    cdef int rows
    while done < height:
        rows = min(band_rows, height - done)
        copy_rows(band, pixels + done * stride, width, rows, stride, gl.format != GL_BGRA_EXT)
        gl.call.glTexSubImage2D(GL_TEXTURE_2D, 0, x, y + done, width, rows, gl.format, GL_UNSIGNED_BYTE, band)
        done += rows
    return 0


cdef int delete_slots(gl_t *gl, slot_t *slots, bint is_gone) noexcept nogil:
    """Part from the pixel buffers; without touching GL if they went with their context."""
    cdef int each
    for each in range(MAX_RING):
        if slots[each].buffer:
            if not is_gone:
                gl.call.glDeleteBuffers(1, &slots[each].buffer)
            objects_alive.fetch_sub(1)
            count_freed(KIND_STAGING, slots[each].size_bytes)
            slots[each] = slot_t(0, 0)
    return 0


cdef int clear_around(functions_t *call, int x, int y, int width, int height) noexcept nogil:
    """Black beside a rectangle; the strips that are not there cost the driver nothing."""
    call.glEnable(GL_SCISSOR_TEST)
    if x > 0:
        call.glScissor(0, 0, x, MAX_SIDE)
        call.glClear(GL_COLOR_BUFFER_BIT)
    call.glScissor(max(x + width, 0), 0, MAX_SIDE, MAX_SIDE)
    call.glClear(GL_COLOR_BUFFER_BIT)
    if y > 0:
        call.glScissor(0, 0, MAX_SIDE, y)
        call.glClear(GL_COLOR_BUFFER_BIT)
    call.glScissor(0, max(y + height, 0), MAX_SIDE, MAX_SIDE)
    call.glClear(GL_COLOR_BUFFER_BIT)
    call.glDisable(GL_SCISSOR_TEST)
    return 0


cdef bint is_whole(float place, int pixel) noexcept nogil:
    return -0.01 < place - pixel < 0.01  # a float places 16384 pixels to a thousandth


cdef bint copy_quad(QuadDrawer drawer, GLuint texture, int x, int y, int width, int height, float left, float top,
                    float right, float bottom) noexcept nogil:
    """Copy instead of drawing; False if the part is not as large as the rectangle, and nothing was done."""
    cdef functions_t *call = &drawer.gl.call
    cdef GLint texture_width = 0, texture_height = 0, reading = 0
    cdef int first, row
    cdef bint is_good
    call.glBindTexture(GL_TEXTURE_2D, texture)
    call.glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_WIDTH, &texture_width)
    call.glGetTexLevelParameteriv(GL_TEXTURE_2D, 0, GL_TEXTURE_HEIGHT, &texture_height)
    call.glBindTexture(GL_TEXTURE_2D, 0)
    first = <int>(left * texture_width + 0.5)
    row = <int>(top * texture_height + 0.5)
    if not (
        is_whole(left * texture_width, first) and is_whole(right * texture_width, first + width)
        and is_whole(top * texture_height, row) and is_whole(bottom * texture_height, row + height)
    ):
        return False
    call.glGetIntegerv(GL_READ_FRAMEBUFFER_BINDING, &reading)
    call.glBindFramebuffer(GL_READ_FRAMEBUFFER, drawer.reader)
    call.glFramebufferTexture2D(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0)
    is_good = call.glCheckFramebufferStatus(GL_READ_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE
    if is_good:
        call.glClearColor(0, 0, 0, 1)
        clear_around(call, x, y, width, height)
        call.glBlitFramebuffer(
            first, row, first + width, row + height, x, y + height, x + width, y, GL_COLOR_BUFFER_BIT, GL_NEAREST
        )
    # Attached it would outlive its deletion.
    call.glFramebufferTexture2D(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, 0, 0)
    call.glBindFramebuffer(GL_READ_FRAMEBUFFER, <GLuint>reading)
    return is_good


cdef int draw_quad(QuadDrawer drawer, GLuint texture, int x, int y, int width, int height, float left, float top,
                   float right, float bottom, const float *transform) noexcept nogil:
    cdef functions_t *call = &drawer.gl.call
    cdef float wide = right - left, high = bottom - top
    call.glClearColor(0, 0, 0, 1)
    call.glClear(GL_COLOR_BUFFER_BIT)
    call.glViewport(x, y, width, height)
    call.glUseProgram(drawer.program)
    call.glUniform3f(drawer.across, wide * transform[0], wide * transform[1], wide * transform[2] + left)
    call.glUniform3f(drawer.down, high * transform[3], high * transform[4], high * transform[5] + top)
    call.glBindTexture(GL_TEXTURE_2D, texture)
    call.glBindBuffer(GL_ARRAY_BUFFER, drawer.corners)
    call.glVertexAttribPointer(0, 2, GL_FLOAT, 0, 0, NULL)
    call.glEnableVertexAttribArray(0)
    call.glDrawArrays(GL_TRIANGLE_STRIP, 0, 4)
    call.glDisableVertexAttribArray(0)
    call.glBindBuffer(GL_ARRAY_BUFFER, 0)
    call.glBindTexture(GL_TEXTURE_2D, 0)
    call.glUseProgram(0)
    return 0


cdef int check_gl(str what, GLenum error) except -1:
    if error == GL_OUT_OF_MEMORY:
        raise MemoryError(f"{what} failed: GL_OUT_OF_MEMORY")
    if error != GL_NO_ERROR:
        raise OSError(error, f"{what} failed: {ERRORS.get(error, hex(error))}")
    return 0


cdef int check_current(gl_t *gl) except -1:
    cdef void *current
    if gl.call.eglGetCurrentContext == NULL:
        return 0
    current = gl.call.eglGetCurrentContext()
    if current == NULL or current != gl.context:
        raise ValueError("the GL context this was made in is not current on this thread")
    return 0


cdef int open_gl(gl_t *gl, get_proc_address) except -1:
    """Fill the table and look at the context that is current."""
    cdef void *found[FUNCTION_COUNT]
    cdef int index, code
    for index in range(FUNCTION_COUNT):
        name = FUNCTIONS[index]
        address = get_proc_address(name.encode())
        found[index] = <void *><uintptr_t>(address or 0)
        if found[index] == NULL and name not in OPTIONAL:
            raise ValueError(f"no address for {name}")
    memcpy(&gl.call, found, sizeof(found))
    if gl.call.eglGetCurrentContext != NULL:
        gl.context = gl.call.eglGetCurrentContext()
        if gl.context == NULL:
            raise ValueError("no GL context is current on this thread")
    with nogil:
        code = look_around(gl)
    if code < 0:
        raise ValueError("the current GL context is none of OpenGL ES 2 or newer")
    return 0


cdef GLuint make_shader(gl_t *gl, GLenum kind, bytes source) except 0:
    """A compiled shader; the caller deletes it."""
    cdef const char *text = source
    cdef char log[1024]
    cdef GLint is_good = 0
    cdef GLuint shader = gl.call.glCreateShader(kind)
    log[0] = 0
    gl.call.glShaderSource(shader, 1, &text, NULL)
    gl.call.glCompileShader(shader)
    gl.call.glGetShaderiv(shader, GL_COMPILE_STATUS, &is_good)
    if not is_good:
        gl.call.glGetShaderInfoLog(shader, sizeof(log), NULL, log)
        gl.call.glDeleteShader(shader)
        raise OSError(f"the driver does not compile a shader: {in_one_line(log)}")
    return shader


cdef str in_one_line(const char *log):
    return " ".join(log.decode(errors="replace").split()) or "it says nothing"


cdef GLuint make_program(gl_t *gl) except 0:
    cdef char log[1024]
    cdef GLint is_good = 0
    cdef GLuint program, fragment
    cdef GLuint vertex = make_shader(gl, GL_VERTEX_SHADER, VERTEX_SHADER)
    try:
        fragment = make_shader(gl, GL_FRAGMENT_SHADER, FRAGMENT_SHADER)
    except BaseException:
        gl.call.glDeleteShader(vertex)
        raise
    log[0] = 0
    program = gl.call.glCreateProgram()
    gl.call.glAttachShader(program, vertex)
    gl.call.glAttachShader(program, fragment)
    gl.call.glBindAttribLocation(program, 0, "corner")
    gl.call.glLinkProgram(program)
    gl.call.glDeleteShader(vertex)  # they live as long as the program
    gl.call.glDeleteShader(fragment)
    gl.call.glGetProgramiv(program, GL_LINK_STATUS, &is_good)
    if not is_good:
        gl.call.glGetProgramInfoLog(program, sizeof(log), NULL, log)
        gl.call.glDeleteProgram(program)
        raise OSError(f"the driver does not link the shaders: {in_one_line(log)}")
    return program


def gl_objects():
    """How many GL objects made here exist: textures, framebuffers, buffers, programs.

    Threads: any; never blocks.
    """
    return objects_alive.load()


@cython.final
cdef class Texture:
    """A texture and a framebuffer that draws into it; black at first, counted under TEXTURE while it lives.

    Row 0 is the top of the picture, for Uploader, QuadDrawer and libmpv (without MPV_RENDER_PARAM_FLIP_Y) alike.

    Args:
        get_proc_address: eglGetProcAddress as a callable: name in bytes -> address, 0 or None for none.
        width_px: 1 .. the driver's GL_MAX_TEXTURE_SIZE.
        height_px: as width_px.

    Raises:
        ValueError: a size out of range, a function is missing, or no OpenGL ES context is current.
        MemoryError, OSError: the driver refuses; the GL error is in errno.

    Threads: the thread on which the context is current, close() included.
    """

    def __cinit__(self, get_proc_address, int width_px, int height_px):
        cdef GLint most = 0
        cdef GLenum error
        self.texture_id = 0
        self.framebuffer_id = 0
        memset(&self.gl, 0, sizeof(gl_t))
        open_gl(&self.gl, get_proc_address)
        self.gl.call.glGetIntegerv(GL_MAX_TEXTURE_SIZE, &most)
        if width_px < 1 or height_px < 1 or width_px > most or height_px > most:
            raise ValueError(f"a texture is 1..{most} pixels wide and high here, not {width_px}x{height_px}")
        with nogil:
            error = make_target(&self.gl, self.gl.format, width_px, height_px, &self.texture_id, &self.framebuffer_id)
        check_gl(f"a texture of {width_px}x{height_px}", error)
        self.width_px = width_px
        self.height_px = height_px
        objects_alive.fetch_add(2)
        count_allocated(KIND_TEXTURE, self.size_bytes)

    @property
    def size_bytes(self):
        """What is counted for it: four bytes a pixel; the driver may round up."""
        return <int64_t>self.width_px * self.height_px * 4

    @property
    def closed(self):
        """Whether close() or abandon() was called."""
        return self.texture_id == 0

    def close(self):
        """Delete both objects; twice does nothing.

        Raises:
            ValueError: the context is not current on this thread.
        """
        if self.texture_id:
            check_current(&self.gl)
            with nogil:
                delete_target(&self.gl, &self.texture_id, &self.framebuffer_id)
            self.uncount()

    def abandon(self):
        """Forget both objects, because they went with their context."""
        if self.texture_id:
            self.texture_id = 0
            self.framebuffer_id = 0
            self.uncount()

    cdef int uncount(self) except -1:
        objects_alive.fetch_sub(2)
        count_freed(KIND_TEXTURE, self.size_bytes)
        return 0

    def __repr__(self):
        return f"<Texture {self.texture_id}: {self.width_px}x{self.height_px}, {'closed' if self.closed else 'open'}>"


@cython.final
cdef class Uploader:
    """Copies pictures from memory into textures.

    On OpenGL ES 3 through a ring of pixel buffers, so that the driver need not have read one picture when the next
    comes; the buffers are as large as the largest picture so far and counted under STAGING. Otherwise straight
    from the caller's memory, repacked in bands where the driver cannot skip the gap between rows. Software drivers
    get no ring: it would be one more copy by the same CPU (1080p on llvmpipe: 2.2 ms instead of 1.2).

    Args:
        get_proc_address: as for Texture.
        ring: pixel buffers to take turns with, 0 (never any) .. 4; the property `ring` says how many it became.
        pool: lends 256 KiB at a time where rows must be repacked; a BufferPool of its own by default.

    Raises:
        ValueError: ring out of range, a function is missing, or no OpenGL ES context is current.

    Threads: the thread on which the context is current, close() included.
    """

    def __cinit__(self, get_proc_address, int ring=2, pool=None):
        memset(&self.gl, 0, sizeof(gl_t))
        memset(self.slots, 0, sizeof(self.slots))
        self.turn = 0
        self.closed = True
        if ring < 0 or ring > MAX_RING:
            raise ValueError(f"a ring has 0..{MAX_RING} buffers, not {ring}")
        if pool is not None and not isinstance(pool, BufferPool):
            raise TypeError(f"not a BufferPool: {pool!r}")
        open_gl(&self.gl, get_proc_address)
        self.ring = ring if self.gl.has_unpack_buffers else 0
        self.pool = BufferPool(max_buffers=1) if pool is None else pool
        self.closed = False

    @property
    def swaps_bytes(self):
        """Whether red and blue are swapped on the way, since the driver has no BGRA textures."""
        return self.gl.format != GL_BGRA_EXT

    def upload(
        self, GLuint texture_id, pixels, int width_px, int height_px, Py_ssize_t stride_bytes, int x_px=0, int y_px=0
    ):
        """Put a picture, or a rectangle of one, into a texture; pixels may change again afterwards.

        Args:
            texture_id: a Texture's, or one with the same format.
            pixels: bytes-like of at least stride_bytes x (height_px - 1) + width_px x 4 bytes, beginning at the
                rectangle's upper left pixel, rows top first, each pixel B, G, R and an undefined byte.
            width_px: width of the rectangle, 1 .. 65535.
            height_px: height of the rectangle, 1 .. 65535.
            stride_bytes: from row to row in pixels, a multiple of 4, at least width_px x 4.
            x_px: where the rectangle begins in the texture, 0 .. 65535.
            y_px: likewise, from the texture's row 0, the top.

        Raises:
            ValueError: the sizes do not fit the bytes, it is closed, or the context is not current.
            MemoryError, OSError: the driver refuses (no such texture, outside of it); the GL error is in errno.
        """
        cdef Py_buffer view
        cdef Py_ssize_t row_bytes = <Py_ssize_t>width_px * 4
        if self.closed:
            raise ValueError("the uploader is closed")
        if texture_id == 0:
            raise ValueError("texture 0 is none")
        if width_px < 1 or height_px < 1 or width_px > MAX_SIDE or height_px > MAX_SIDE:
            raise ValueError(f"size {width_px}x{height_px} is not between 1 and {MAX_SIDE}")
        if x_px < 0 or y_px < 0 or x_px > MAX_SIDE or y_px > MAX_SIDE:
            raise ValueError(f"place {x_px},{y_px} is not between 0 and {MAX_SIDE}")
        if stride_bytes % 4 or stride_bytes < row_bytes or stride_bytes > MAX_SIDE * 8:
            raise ValueError(f"stride {stride_bytes} does not fit a width of {width_px}")
        check_current(&self.gl)
        PyObject_GetBuffer(pixels, &view, PyBUF_SIMPLE)
        try:
            if view.len < stride_bytes * (height_px - 1) + row_bytes:
                raise ValueError(f"{view.len} bytes are too few for {height_px} rows of {stride_bytes}")
            self.send(texture_id, <const unsigned char *>view.buf, x_px, y_px, width_px, height_px, stride_bytes)
        finally:
            PyBuffer_Release(&view)

    cdef int send(
        self, GLuint texture, const unsigned char *pixels, int x, int y, int width, int height, Py_ssize_t stride
    ) except -1:
        """Upload by the first way that is open; everything was checked."""
        cdef GLenum error
        cdef ManagedBuffer band
        cdef bint is_done = False
        cdef bint must_repack = self.gl.format != GL_BGRA_EXT or not (
            self.gl.has_row_length or stride == <Py_ssize_t>width * 4
        )
        with nogil:
            take_error(&self.gl)  # what somebody else left
            self.gl.call.glBindTexture(GL_TEXTURE_2D, texture)
            if self.ring:
                is_done = upload_by_buffer(&self.gl, &self.slots[self.turn], pixels, x, y, width, height, stride)
                self.turn = (self.turn + 1) % self.ring
            if not is_done and not must_repack:
                upload_directly(&self.gl, pixels, x, y, width, height, stride)
                is_done = True
        try:
            if not is_done:
                band = self.pool.acquire(BAND_BYTES)
                try:
                    with nogil:
                        upload_by_bands(
                            &self.gl, <unsigned char *>band.data, BAND_BYTES, pixels, x, y, width, height, stride
                        )
                finally:
                    self.pool.release(band)
        finally:
            with nogil:
                self.gl.call.glBindTexture(GL_TEXTURE_2D, 0)
                error = take_error(&self.gl)
        return check_gl(f"an upload of {width}x{height} into texture {texture}", error) if error else 0

    def trim(self):
        """Give the ring's memory back; the next upload takes it anew.

        Returns:
            The bytes given back.

        Raises:
            ValueError: the context is not current on this thread.
        """
        cdef int64_t total = 0
        cdef int each
        for each in range(MAX_RING):
            total += self.slots[each].size_bytes
        if total:
            check_current(&self.gl)
            with nogil:
                delete_slots(&self.gl, self.slots, False)
        return total

    def close(self):
        """Delete the pixel buffers; twice does nothing.

        Raises:
            ValueError: the context is not current on this thread.
        """
        if not self.closed:
            self.trim()
            self.closed = True

    def abandon(self):
        """Forget the pixel buffers, because they went with their context."""
        delete_slots(&self.gl, self.slots, True)
        self.closed = True


@cython.final
cdef class QuadDrawer:
    """Draws a texture into the current framebuffer as one rectangle, black around it.

    Software drivers copy instead of drawing where each pixel is one of the texture's (OpenGL ES 3.1). On llvmpipe
    that is a plain copy of memory if the framebuffer has the texture's own format, alpha included: a 1080p picture
    takes it 0.8 ms of CPU instead of 24, or 15 into a window surface without alpha. The framebuffer's alpha is
    undefined afterwards.

    Args:
        get_proc_address: as for Texture.

    Raises:
        ValueError: a function is missing, or no OpenGL ES context is current.
        OSError: the driver refuses the shaders; what it says is in the message.

    Threads: the thread on which the context is current, close() included.
    """

    def __cinit__(self, get_proc_address):
        self.program = 0
        self.corners = 0
        self.reader = 0
        memset(&self.gl, 0, sizeof(gl_t))
        open_gl(&self.gl, get_proc_address)
        self.gl.call.glGetIntegerv(GL_MAX_VIEWPORT_DIMS, self.max_viewport_px)
        self.program = make_program(&self.gl)
        self.across = self.gl.call.glGetUniformLocation(self.program, "across")
        self.down = self.gl.call.glGetUniformLocation(self.program, "down")
        self.gl.call.glGenBuffers(1, &self.corners)
        self.gl.call.glBindBuffer(GL_ARRAY_BUFFER, self.corners)
        self.gl.call.glBufferData(GL_ARRAY_BUFFER, sizeof(CORNERS), CORNERS, GL_STATIC_DRAW)
        self.gl.call.glBindBuffer(GL_ARRAY_BUFFER, 0)
        objects_alive.fetch_add(2)
        if self.gl.copies:
            self.gl.call.glGenFramebuffers(1, &self.reader)
            objects_alive.fetch_add(1)

    def draw(
        self,
        GLuint texture_id,
        int x_px,
        int y_px,
        int width_px,
        int height_px,
        float source_left,
        float source_top,
        float source_right,
        float source_bottom,
        int transform,
    ):
        """Clear the current framebuffer to black and draw a part of a texture into a rectangle of it.

        Reports no GL error, since asking for one would wait for the driver's thread.

        Args:
            texture_id: any complete texture, row 0 on top.
            x_px: left edge of the rectangle; it may lie outside of the framebuffer, -65535 .. 65535.
            y_px: lower edge of the rectangle, from the framebuffer's lower edge, as in glViewport; likewise.
            width_px: 1 .. the driver's GL_MAX_VIEWPORT_DIMS.
            height_px: as width_px.
            source_left: part of the texture to show, 0..1 from its left.
            source_top: likewise, 0..1 from its top.
            source_right: likewise, more than source_left.
            source_bottom: likewise, more than source_top.
            transform: 0..7, what is done to that part: wl_output.transform, so it is mirrored (4..7), then turned
                counterclockwise by transform % 4 quarters.

        Raises:
            ValueError: something is out of range, it is closed, or the context is not current.
        """
        if self.program == 0:
            raise ValueError("the drawer is closed")
        if texture_id == 0:
            raise ValueError("texture 0 is none")
        if not (1 <= width_px <= self.max_viewport_px[0] and 1 <= height_px <= self.max_viewport_px[1]):
            raise ValueError(
                f"size {width_px}x{height_px} is not between 1 and {self.max_viewport_px[0]}x{self.max_viewport_px[1]}"
            )
        if not (-MAX_SIDE <= x_px <= MAX_SIDE and -MAX_SIDE <= y_px <= MAX_SIDE):
            raise ValueError(f"place {x_px},{y_px} is not between -{MAX_SIDE} and {MAX_SIDE}")
        if not (0 <= source_left < source_right <= 1 and 0 <= source_top < source_bottom <= 1):
            raise ValueError(
                f"source {source_left:g},{source_top:g} to {source_right:g},{source_bottom:g} is no part of 0,0 to 1,1"
            )
        if not 0 <= transform <= 7:
            raise ValueError(f"transform must be 0..7, not {transform}")
        check_current(&self.gl)
        with nogil:
            if transform != 0 or self.reader == 0 or not copy_quad(
                self, texture_id, x_px, y_px, width_px, height_px, source_left, source_top, source_right, source_bottom
            ):
                draw_quad(
                    self, texture_id, x_px, y_px, width_px, height_px, source_left, source_top, source_right,
                    source_bottom, TRANSFORMS[transform],
                )

    @property
    def closed(self):
        """Whether close() or abandon() was called."""
        return self.program == 0

    def close(self):
        """Delete the program and its vertices; twice does nothing.

        Raises:
            ValueError: the context is not current on this thread.
        """
        if self.program:
            check_current(&self.gl)
            with nogil:
                self.gl.call.glDeleteProgram(self.program)
                self.gl.call.glDeleteBuffers(1, &self.corners)
                if self.reader:
                    self.gl.call.glDeleteFramebuffers(1, &self.reader)
            self.abandon()

    def abandon(self):
        """Forget the program and its vertices, because they went with their context."""
        if self.program:
            objects_alive.fetch_sub(3 if self.reader else 2)
            self.program = 0
            self.corners = 0
            self.reader = 0
