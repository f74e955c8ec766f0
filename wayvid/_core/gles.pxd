# cython: language_level=3
"""What wayvid uses of OpenGL ES 2 and 3, as C types: no header is needed to build, nothing is linked.

Source: Khronos gl.xml (types, numbers), EXT_texture_format_BGRA8888, EXT_unpack_subimage. Longer than a .pxd
should be, because it is a list.
"""

from libc.stddef cimport ptrdiff_t

ctypedef unsigned int GLenum
ctypedef unsigned int GLuint
ctypedef int GLint

cdef enum:
    GL_NO_ERROR = 0
    GL_TRIANGLE_STRIP = 0x0005
    GL_INVALID_ENUM = 0x0500
    GL_INVALID_VALUE = 0x0501
    GL_INVALID_OPERATION = 0x0502
    GL_OUT_OF_MEMORY = 0x0505
    GL_INVALID_FRAMEBUFFER_OPERATION = 0x0506
    GL_CONTEXT_LOST = 0x0507
    GL_SCISSOR_TEST = 0x0C11
    GL_UNPACK_ROW_LENGTH = 0x0CF2
    GL_MAX_TEXTURE_SIZE = 0x0D33
    GL_MAX_VIEWPORT_DIMS = 0x0D3A
    GL_TEXTURE_2D = 0x0DE1
    GL_TEXTURE_WIDTH = 0x1000
    GL_TEXTURE_HEIGHT = 0x1001
    GL_UNSIGNED_BYTE = 0x1401
    GL_FLOAT = 0x1406
    GL_RGBA = 0x1908
    GL_RENDERER = 0x1F01
    GL_VERSION = 0x1F02
    GL_EXTENSIONS = 0x1F03
    GL_NEAREST = 0x2600
    GL_LINEAR = 0x2601
    GL_TEXTURE_MAG_FILTER = 0x2800
    GL_TEXTURE_MIN_FILTER = 0x2801
    GL_TEXTURE_WRAP_S = 0x2802
    GL_TEXTURE_WRAP_T = 0x2803
    GL_COLOR_BUFFER_BIT = 0x4000
    GL_BGRA_EXT = 0x80E1
    GL_CLAMP_TO_EDGE = 0x812F
    GL_ARRAY_BUFFER = 0x8892
    GL_STREAM_DRAW = 0x88E0
    GL_STATIC_DRAW = 0x88E4
    GL_PIXEL_UNPACK_BUFFER = 0x88EC
    GL_FRAGMENT_SHADER = 0x8B30
    GL_VERTEX_SHADER = 0x8B31
    GL_COMPILE_STATUS = 0x8B81
    GL_LINK_STATUS = 0x8B82
    GL_READ_FRAMEBUFFER = 0x8CA8
    GL_READ_FRAMEBUFFER_BINDING = 0x8CAA
    GL_FRAMEBUFFER_COMPLETE = 0x8CD5
    GL_COLOR_ATTACHMENT0 = 0x8CE0
    GL_FRAMEBUFFER = 0x8D40
    GL_MAP_WRITE_BIT = 0x0002
    GL_MAP_INVALIDATE_BUFFER_BIT = 0x0008

ctypedef const char *(*name_t)(GLenum) noexcept nogil
ctypedef GLenum (*code_t)() noexcept nogil
ctypedef GLenum (*status_t)(GLenum) noexcept nogil
ctypedef void (*word_t)(GLuint) noexcept nogil
ctypedef void (*two_words_t)(GLenum, GLuint) noexcept nogil
ctypedef void (*three_words_t)(GLenum, GLenum, GLint) noexcept nogil
ctypedef void (*integers_t)(GLenum, GLint *) noexcept nogil
ctypedef void (*gen_t)(int, GLuint *) noexcept nogil
ctypedef void (*delete_t)(int, const GLuint *) noexcept nogil
ctypedef void (*tex_image_t)(GLenum, GLint, GLint, int, int, GLint, GLenum, GLenum, const void *) noexcept nogil
ctypedef void (*tex_sub_image_t)(GLenum, GLint, GLint, GLint, int, int, GLenum, GLenum, const void *) noexcept nogil
ctypedef void (*framebuffer_texture_t)(GLenum, GLenum, GLenum, GLuint, GLint) noexcept nogil
ctypedef void (*buffer_data_t)(GLenum, ptrdiff_t, const void *, GLenum) noexcept nogil
ctypedef void *(*map_buffer_t)(GLenum, ptrdiff_t, ptrdiff_t, GLuint) noexcept nogil
ctypedef unsigned char (*unmap_buffer_t)(GLenum) noexcept nogil
ctypedef GLuint (*create_shader_t)(GLenum) noexcept nogil
ctypedef GLuint (*create_program_t)() noexcept nogil
ctypedef void (*shader_source_t)(GLuint, int, const char **, const GLint *) noexcept nogil
ctypedef void (*object_iv_t)(GLuint, GLenum, GLint *) noexcept nogil
ctypedef void (*object_log_t)(GLuint, int, int *, char *) noexcept nogil
ctypedef void (*bind_attribute_t)(GLuint, GLuint, const char *) noexcept nogil
ctypedef GLint (*uniform_location_t)(GLuint, const char *) noexcept nogil
ctypedef void (*uniform3f_t)(GLint, float, float, float) noexcept nogil
ctypedef void (*vertex_pointer_t)(GLuint, GLint, GLenum, unsigned char, int, const void *) noexcept nogil
ctypedef void (*clear_color_t)(float, float, float, float) noexcept nogil
ctypedef void (*blit_t)(GLint, GLint, GLint, GLint, GLint, GLint, GLint, GLint, GLenum, GLenum) noexcept nogil
ctypedef void (*level_iv_t)(GLenum, GLint, GLenum, GLint *) noexcept nogil
ctypedef void (*rectangle_t)(GLint, GLint, int, int) noexcept nogil
ctypedef void (*draw_arrays_t)(GLenum, GLint, int) noexcept nogil
ctypedef void *(*current_t)() noexcept nogil

# Entry points, in the order of glupload's FUNCTIONS: the table is filled as an array.
cdef struct functions_t:
    name_t glGetString
    code_t glGetError
    integers_t glGetIntegerv
    gen_t glGenTextures
    delete_t glDeleteTextures
    two_words_t glBindTexture
    three_words_t glTexParameteri
    tex_image_t glTexImage2D
    tex_sub_image_t glTexSubImage2D
    two_words_t glPixelStorei
    gen_t glGenFramebuffers
    delete_t glDeleteFramebuffers
    two_words_t glBindFramebuffer
    framebuffer_texture_t glFramebufferTexture2D
    status_t glCheckFramebufferStatus
    gen_t glGenBuffers
    delete_t glDeleteBuffers
    two_words_t glBindBuffer
    buffer_data_t glBufferData
    create_shader_t glCreateShader
    shader_source_t glShaderSource
    word_t glCompileShader
    object_iv_t glGetShaderiv
    object_log_t glGetShaderInfoLog
    word_t glDeleteShader
    create_program_t glCreateProgram
    two_words_t glAttachShader
    bind_attribute_t glBindAttribLocation
    word_t glLinkProgram
    object_iv_t glGetProgramiv
    object_log_t glGetProgramInfoLog
    word_t glDeleteProgram
    word_t glUseProgram
    uniform_location_t glGetUniformLocation
    uniform3f_t glUniform3f
    vertex_pointer_t glVertexAttribPointer
    word_t glEnableVertexAttribArray
    word_t glDisableVertexAttribArray
    word_t glEnable
    word_t glDisable
    rectangle_t glScissor
    rectangle_t glViewport
    clear_color_t glClearColor
    word_t glClear
    draw_arrays_t glDrawArrays
    map_buffer_t glMapBufferRange       # OpenGL ES 3
    unmap_buffer_t glUnmapBuffer        # OpenGL ES 3
    blit_t glBlitFramebuffer            # OpenGL ES 3
    level_iv_t glGetTexLevelParameteriv  # OpenGL ES 3.1
    current_t eglGetCurrentContext      # NULL: not to be had, and nothing checks the context
