# Part of glupload: the driver's functions, what it has and says, and the census.

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


def gl_objects():
    """How many GL objects made here exist: textures, framebuffers, buffers, programs.

    Threads: any; never blocks.
    """
    return objects_alive.load()
