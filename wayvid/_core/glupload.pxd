# cython: language_level=3
"""C side of the GL parts: what one context offers, and whose the objects are."""

from wayvid._core.gles cimport GLenum, GLint, GLuint, functions_t


cdef enum:
    MAX_RING = 4                    # pixel buffers of one Uploader; more only hold memory

cdef struct gl_t:
    functions_t call                # the driver's code, never freed
    void *context                   # EGLContext it was looked up in, not owned; NULL when unknown
    int version                     # of OpenGL ES, 10 x major + minor
    bint has_unpack_buffers         # and they are worth it
    bint copies                     # a copy is possible, and quicker than drawing
    bint has_row_length             # GL_UNPACK_ROW_LENGTH exists
    GLenum format                   # of Textures: GL_BGRA_EXT, or GL_RGBA and the uploader swaps bytes

cdef struct slot_t:
    GLuint buffer                   # pixel unpack buffer, owned; 0 for none
    Py_ssize_t size_bytes           # of its storage, counted as staging


cdef class Texture:
    cdef gl_t gl
    cdef readonly GLuint texture_id         # owned; 0 once closed
    cdef readonly GLuint framebuffer_id     # owned; 0 once closed
    cdef readonly int width_px
    cdef readonly int height_px
    cdef int uncount(self) except -1


cdef class Uploader:
    cdef gl_t gl
    cdef slot_t slots[MAX_RING]             # owned
    cdef readonly int ring                  # slots in use; 0 where there are no pixel buffers
    cdef int turn                           # the slot of the next upload
    cdef object pool                        # lends memory for what has to be repacked
    cdef readonly bint closed
    cdef int send(
        self, GLuint texture, const unsigned char *pixels, int x, int y, int width, int height, Py_ssize_t stride
    ) except -1


cdef class QuadDrawer:
    cdef gl_t gl
    cdef GLuint program                     # owned; 0 once closed
    cdef GLuint corners                     # vertex buffer, owned; 0 once closed
    cdef GLuint reader                      # framebuffer to copy from, owned; 0 where drawing is as good
    cdef GLint across                       # uniforms: place in the texture from place in the quad
    cdef GLint down
    cdef GLint max_viewport_px[2]           # the driver's limit
