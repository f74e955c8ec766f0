# cython: language_level=3
"""What libwayland says on stderr, without a complaint about Mesa that nobody can do anything about."""

from libc.stdint cimport uintptr_t
from libc.stdio cimport FILE, stderr
from libc.string cimport strstr

cdef extern from "stdarg.h" nogil:
    ctypedef struct va_list:
        pass

cdef extern from "stdio.h" nogil:
    int vfprintf(FILE *stream, const char *format, va_list arguments)

ctypedef void (*set_handler_t)(void *handler) noexcept nogil


cdef void log_cb(const char *format, va_list arguments) noexcept nogil:
    # Mesa ends its event queues before the wl_display that it was given; libwayland 1.23 and newer complain.
    if strstr(format, b"still attached") == NULL:
        vfprintf(stderr, format, arguments)


def hush(uintptr_t set_handler):
    """Have libwayland leave the complaint out.

    Args:
        set_handler: address of wl_log_set_handler_client.

    Source: wayland-client-core.h, wl_log_func_t.
    """
    if set_handler == 0:
        raise ValueError("set_handler is 0")
    (<set_handler_t>set_handler)(<void *>log_cb)
