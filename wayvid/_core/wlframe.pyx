# cython: language_level=3
"""What is said to the compositor for each frame, and its answers, straight to libwayland.

pywayland makes an object, its dispatcher and a cffi closure of each frame callback, and converts the arguments of each
request in Python.
"""

from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int32_t, uint32_t, uintptr_t

cimport cython

cdef extern from *:
    """
    union wl_argument { int32_t i; uint32_t u; int32_t f; const char *s; void *o; uint32_t n; void *a; int32_t h; };
    """
    ctypedef union wl_argument:
        int32_t i
        uint32_t u
        void *o

ctypedef void (*marshal_t)(void *proxy, uint32_t opcode, wl_argument *arguments) noexcept nogil
ctypedef void *(*constructor_t)(
    void *proxy, uint32_t opcode, wl_argument *arguments, const void *interface
) noexcept nogil
ctypedef int (*dispatcher_t)(
    const void *implementation, void *proxy, uint32_t opcode, const void *message, wl_argument *arguments
) noexcept
ctypedef int (*add_dispatcher_t)(
    void *proxy, dispatcher_t dispatcher, const void *implementation, void *data
) noexcept nogil
ctypedef void (*destroy_t)(void *proxy) noexcept nogil

CALLS = ("wl_proxy_marshal_array", "wl_proxy_marshal_array_constructor", "wl_proxy_add_dispatcher", "wl_proxy_destroy")

# wayland.xml, by the order in which requests and events stand there.
cdef enum:
    SURFACE_ATTACH = 1
    SURFACE_FRAME = 3
    SURFACE_COMMIT = 6
    SURFACE_DAMAGE_BUFFER = 9
    POOL_CREATE_BUFFER = 0
    BUFFER_DESTROY = 0


cdef struct calls_t:
    marshal_t marshal
    constructor_t construct
    add_dispatcher_t add_dispatcher
    destroy_t destroy


cdef int open_calls(calls_t *calls, dict addresses) except -1:
    cdef uintptr_t[4] found
    for number, name in enumerate(CALLS):
        found[number] = addresses[name]
        if found[number] == 0:
            raise ValueError(f"{name} is 0")
    calls.marshal = <marshal_t>found[0]
    calls.construct = <constructor_t>found[1]
    calls.add_dispatcher = <add_dispatcher_t>found[2]
    calls.destroy = <destroy_t>found[3]
    return 0


cdef int dispatch_frame(
    const void *implementation, void *proxy, uint32_t opcode, const void *message, wl_argument *arguments
) noexcept with gil:
    cdef FrameSurface surface = <FrameSurface>implementation
    surface.forget_frame()
    surface.on_frame(arguments[0].u)
    return 0


cdef int dispatch_release(
    const void *implementation, void *proxy, uint32_t opcode, const void *message, wl_argument *arguments
) noexcept with gil:
    cdef ShmBuffer buffer = <ShmBuffer>implementation
    buffer.on_release()
    return 0


@cython.final
cdef class FrameSurface:
    """The requests of a wl_surface that each frame needs.

    Args:
        addresses: of CALLS, in the libwayland-client that the surface is of.
        callback_interface: address of wl_callback's wl_interface.
        surface: address of the wl_surface, which must outlive this; version 4 or newer.
        on_frame: called with the compositor's time in ms, once for each ask_frame(); what it raises is only printed.

    Raises:
        KeyError: an address is missing.
        ValueError: an address is 0.

    Threads: the one that dispatches the display.
    Source: wayland.xml, wl_surface; wayland-client-core.h.
    """

    cdef calls_t calls
    cdef void *surface
    cdef void *callback  # wl_callback that is waited for; while there is one this object holds itself
    cdef const void *callback_interface
    cdef object on_frame

    def __cinit__(self, dict addresses, uintptr_t callback_interface, uintptr_t surface, on_frame):
        self.callback = NULL
        self.surface = NULL
        open_calls(&self.calls, addresses)
        if callback_interface == 0 or surface == 0:
            raise ValueError("the interface or the surface is 0")
        self.callback_interface = <const void *>callback_interface
        self.surface = <void *>surface
        self.on_frame = on_frame

    @property
    def awaits_frame(self):
        """Whether on_frame is still to be called."""
        return self.callback != NULL

    def attach(self, uintptr_t buffer, int32_t width_px, int32_t height_px):
        """Have the next commit show a wl_buffer, all of which is new.

        Args:
            buffer: address of the wl_buffer.
            width_px: its width.
            height_px: its height.
        """
        cdef wl_argument[4] arguments
        self.check()
        arguments[0].o = <void *>buffer
        arguments[1].i = 0
        arguments[2].i = 0
        self.calls.marshal(self.surface, SURFACE_ATTACH, arguments)
        arguments[0].i = 0
        arguments[1].i = 0
        arguments[2].i = width_px
        arguments[3].i = height_px
        self.calls.marshal(self.surface, SURFACE_DAMAGE_BUFFER, arguments)

    def ask_frame(self):
        """Have the next commit ask for a frame callback; an earlier one is forgotten.

        Raises:
            MemoryError: libwayland has none.
        """
        cdef wl_argument[1] arguments
        self.check()
        self.forget_frame()
        arguments[0].o = NULL
        self.callback = self.calls.construct(self.surface, SURFACE_FRAME, arguments, self.callback_interface)
        if self.callback == NULL:
            raise MemoryError("wl_surface.frame")
        Py_INCREF(self)
        self.calls.add_dispatcher(self.callback, &dispatch_frame, <void *>self, NULL)

    cpdef forget_frame(self):
        """Do not wait for the frame callback."""
        if self.callback != NULL:
            self.calls.destroy(self.callback)
            self.callback = NULL
            Py_DECREF(self)

    def commit(self):
        """Put what was said into force."""
        self.check()
        self.calls.marshal(self.surface, SURFACE_COMMIT, NULL)

    cdef int check(self) except -1:
        if self.surface == NULL:
            raise ValueError("the surface is closed")
        return 0

    def close(self):
        """Before the wl_surface goes. Twice does nothing."""
        self.forget_frame()
        self.surface = NULL


@cython.final
cdef class ShmBuffer:
    """A wl_buffer over a part of a wl_shm_pool.

    Args:
        addresses: as for FrameSurface.
        buffer_interface: address of wl_buffer's wl_interface.
        pool: address of the wl_shm_pool.
        shape: offset, width, height and stride, as of wl_shm_pool.create_buffer, and the format.
        on_release: called each time the compositor reads it no more; what it raises is only printed.

    It lives until close(), also where nobody holds it: libwayland does.

    Raises:
        KeyError: an address is missing.
        ValueError: an address is 0.
        MemoryError: libwayland has none.

    Threads: the one that dispatches the display.
    """

    cdef calls_t calls
    cdef void *buffer
    cdef object on_release

    def __cinit__(self, dict addresses, uintptr_t buffer_interface, uintptr_t pool, shape, on_release):
        cdef wl_argument[6] arguments
        self.buffer = NULL
        open_calls(&self.calls, addresses)
        if buffer_interface == 0 or pool == 0:
            raise ValueError("the interface or the pool is 0")
        offset, width, height, stride, form = shape
        arguments[0].o = NULL
        arguments[1].i = offset
        arguments[2].i = width
        arguments[3].i = height
        arguments[4].i = stride
        arguments[5].u = form
        self.on_release = on_release
        self.buffer = self.calls.construct(
            <void *>pool, POOL_CREATE_BUFFER, arguments, <const void *>buffer_interface
        )
        if self.buffer == NULL:
            raise MemoryError("wl_shm_pool.create_buffer")
        Py_INCREF(self)
        self.calls.add_dispatcher(self.buffer, &dispatch_release, <void *>self, NULL)

    @property
    def address(self):
        """Of the wl_buffer; 0 when it is closed."""
        return <uintptr_t>self.buffer

    def close(self):
        """Destroy the wl_buffer; on_release is not called any more. Twice does nothing."""
        if self.buffer != NULL:
            self.calls.marshal(self.buffer, BUFFER_DESTROY, NULL)
            self.calls.destroy(self.buffer)
            self.buffer = NULL
            Py_DECREF(self)
