# Part of glupload: textures onto framebuffers.

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
