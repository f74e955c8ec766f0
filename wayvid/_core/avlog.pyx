# cython: language_level=3
"""What ffmpeg says of errors, written to a pipe by whichever thread it says it on."""

from libc.stdint cimport uintptr_t
from libc.string cimport strstr
from libcpp.atomic cimport atomic

cdef extern from "stdarg.h" nogil:
    ctypedef struct va_list:
        pass

cdef extern from "unistd.h" nogil:
    ssize_t write(int fd, const void *buf, size_t count)

# libavutil/log.h
cdef int AV_LOG_ERROR = 16
cdef int AV_LOG_WARNING = 24
cdef int LEVEL_MASK = 0xff

# A write of no more is never split or mixed with another: pipe(7), PIPE_BUF is 4096.
cdef enum:
    LINE_BYTES = 512

ctypedef void (*set_callback_t)(void *callback) noexcept nogil
ctypedef int (*format_line_t)(
    void *context, int level, const char *format, va_list arguments, char *line, int size, int *print_prefix
) noexcept nogil

cdef format_line_t format_line = NULL  # set once, before the callback is known to ffmpeg
cdef atomic[int] pipe_fd               # the writing end; belongs to who called listen()


cdef void log_cb(void *context, int level, const char *format, va_list arguments) noexcept nogil:
    cdef char line[LINE_BYTES]
    cdef int print_prefix = 1
    cdef int size
    level &= LEVEL_MASK
    # ffmpeg takes the errors of a web server for warnings.
    if level > AV_LOG_WARNING or (level > AV_LOG_ERROR and strstr(format, b"HTTP error") == NULL):
        return
    size = format_line(context, level, format, arguments, line, LINE_BYTES, &print_prefix)
    if size <= 0:
        return
    if size >= LINE_BYTES:  # as snprintf: what it would have been
        size = LINE_BYTES - 1
    line[size - 1] = b"\n"
    # Where the pipe is full, it is lost.
    write(pipe_fd.load(), line, size)


def listen(uintptr_t set_callback, uintptr_t format_line_address, int fd):
    """Have ffmpeg's errors written to a pipe, a line of text each; libmpv is told none of them any more.

    Args:
        set_callback: address of av_log_set_callback.
        format_line_address: address of av_log_format_line2.
        fd: the writing end of a pipe, which must not block; stays the caller's, who never closes it.

    Raises:
        ValueError: an address is 0, or the fd below 0.

    Threads: any may log.
    Source: libavutil/log.h.
    """
    global format_line
    if set_callback == 0 or format_line_address == 0 or fd < 0:
        raise ValueError("set_callback or format_line_address is 0, or fd below 0")
    pipe_fd.store(fd)
    format_line = <format_line_t>format_line_address
    (<set_callback_t>set_callback)(<void *>log_cb)
