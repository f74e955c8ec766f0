# Part of glupload: textures that can be drawn into.


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
