# cython: language_level=3
"""What daemon and player want of the C library and Python has no word for; ctypes would be 0.4 MB in the daemon."""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport uintptr_t

cdef extern from *:
    """
    #include <sys/inotify.h>
    #include <sys/mman.h>
    #include <sys/prctl.h>
    extern "C" {
    // glibc alone has them.
    extern int malloc_trim(size_t pad) __attribute__((weak));
    extern int mallopt(int parameter, int value) __attribute__((weak));
    }
    static int has_glibc_heap() { return malloc_trim != nullptr && mallopt != nullptr; }
    """
    int c_inotify_init1 "inotify_init1"(int flags) nogil
    int c_inotify_add_watch "inotify_add_watch"(int fd, const char *path, unsigned int mask) nogil
    int c_madvise "madvise"(void *start, size_t length, int advice) nogil
    int c_prctl "prctl"(int option, unsigned long argument, unsigned long, unsigned long, unsigned long) nogil
    int c_malloc_trim "malloc_trim"(size_t pad) nogil
    int c_mallopt "mallopt"(int parameter, int value) nogil
    bint has_glibc_heap() nogil


cdef int checked(int result) except -1:
    if result < 0:
        PyErr_SetFromErrno(OSError)  # raises
    return result


def inotify_init1(int flags):
    """A new inotify fd. Raises OSError. Source: inotify_init(2)."""
    return checked(c_inotify_init1(flags))


def inotify_add_watch(int fd, bytes path not None, unsigned int mask):
    """The number of the watch. Raises OSError. Source: inotify_add_watch(2)."""
    return checked(c_inotify_add_watch(fd, path, mask))


def madvise(uintptr_t start, size_t length, int advice):
    """Tell the kernel how memory will be used. Raises OSError. Source: madvise(2)."""
    cdef int result
    with nogil:
        result = c_madvise(<void *>start, length, advice)
    checked(result)


def prctl_number(int option, unsigned long number):
    """A prctl with a number. Raises OSError. Source: prctl(2)."""
    checked(c_prctl(option, number, 0, 0, 0))


def prctl_text(int option, bytes text not None):
    """A prctl with a text. Raises OSError. Source: prctl(2)."""
    cdef const char *start = text
    checked(c_prctl(option, <unsigned long>start, 0, 0, 0))


def malloc_trim():
    """Give free heap back to the kernel; does nothing where the C library is not glibc. Source: malloc_trim(3)."""
    if has_glibc_heap():
        with nogil:
            c_malloc_trim(0)


def mallopt(int parameter, int value):
    """Set a parameter of the heap; does nothing where the C library is not glibc. Source: mallopt(3)."""
    if has_glibc_heap():
        c_mallopt(parameter, value)
