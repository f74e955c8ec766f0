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
texture.

One module in four texts, since each further one would cost the player pages of its own: gldriver.pxi has the
driver, gltexture.pxi and glquad.pxi what their names say.
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

cdef enum:
    MAX_SIDE = 65535            # as in mpvrender; sums and products stay far inside 64 bits
    BAND_BYTES = 256 * 1024     # staging of one repacked band: holds any row, fits a second-level cache

include "gldriver.pxi"
include "gltexture.pxi"
include "glquad.pxi"


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
