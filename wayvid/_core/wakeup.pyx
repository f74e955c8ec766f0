# cython: language_level=3
"""An eventfd that libmpv's own threads can write to without the GIL."""

import os

from libc.stdint cimport uint64_t, uintptr_t

cimport cython

cdef extern from "unistd.h" nogil:
    ssize_t write(int fd, const void *buf, size_t count)


cdef void wakeup_cb(void *context) noexcept nogil:
    # The context is the fd itself, so a late call can never touch freed memory.
    cdef uint64_t one = 1
    write(<int><uintptr_t>context, &one, sizeof(one))


@cython.final
cdef class Wakeup:
    """A file descriptor that becomes readable when libmpv wants attention.

    Give `callback_address` and `context_address` to libmpv as a callback of the
    form `void (*)(void *)`; add `fd` to the event loop.

    Threads: the callback may be called from any thread and never blocks; the
    methods belong to the thread that runs the event loop.
    Source: libmpv client.h, mpv_set_wakeup_callback: the callback must return
    quickly and must not call back into libmpv.
    """

    cdef readonly int fd  # eventfd, owned; -1 when closed

    def __cinit__(self):
        self.fd = -1
        self.fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    @property
    def callback_address(self):
        """Address of the C callback."""
        return <uintptr_t>&wakeup_cb

    @property
    def context_address(self):
        """Value to hand over as the callback's context."""
        return <uintptr_t>self.fd

    def drain(self):
        """Whether the callback was called since the last drain; resets it."""
        if self.fd < 0:
            raise ValueError("the wakeup is closed")
        try:
            return os.eventfd_read(self.fd) > 0
        except BlockingIOError:
            return False

    def close(self):
        """Close the fd. libmpv must not know the callback any more."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __dealloc__(self):
        if self.fd >= 0:
            close_fd(self.fd)


cdef extern from "unistd.h" nogil:
    int close_fd "close"(int fd)
