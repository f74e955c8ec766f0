# cython: language_level=3
"""C side of picture buffers: what other compiled modules may use."""

from cpython.object cimport PyObject
from libc.stdint cimport int64_t
from libcpp.atomic cimport atomic


cdef class ManagedBuffer:
    cdef readonly int64_t id                    # serial of the memory, never used again in this process
    cdef readonly int kind                      # which counter it is counted under
    cdef readonly int fd                        # memfd, owned; -1 once closed
    cdef readonly Py_ssize_t size_bytes         # what was asked for: the length of the views; 0 once closed
    cdef readonly Py_ssize_t capacity_bytes     # whole pages, mapped and counted; 0 once closed
    cdef char *data                             # the mapping, owned; NULL once closed
    cdef atomic[int] views                      # exported views; SHUT when none may be made
    cdef int64_t pool_serial                    # the pool it belongs to, 0 for none
    cdef bint lent                              # guarded by the pool's lock
    cdef bint aged                              # idle since the pool's last trim_unused at least; guarded likewise
    cdef PyObject *older                        # neighbours on one of the pool's shelves, not owned;
    cdef PyObject *newer                        # guarded by the pool's lock


cdef enum:
    SHUT = -1                                   # ManagedBuffer.views: closed, idle in a pool, or just being grown

cdef int check_size(Py_ssize_t size_bytes) except -1
cdef Py_ssize_t whole_pages(Py_ssize_t size_bytes) noexcept nogil
cdef void free_memory(ManagedBuffer buffer) noexcept    # the caller has seen to it that views is SHUT
