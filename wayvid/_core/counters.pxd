# cython: language_level=3
"""C side of the memory counters; the state lives in counters.pyx alone."""

from libc.stdint cimport int64_t


cdef enum:
    KIND_FRAME      # pictures in shared memory
    KIND_TEXTURE    # pictures in GL textures
    KIND_STAGING    # what is on its way from one to the other
    KIND_OTHER      # counted, none of the above
    KIND_COUNT      # how many kinds there are


# Any thread, GIL not needed, never blocks. The caller checks the ranges:
# kind in 0..KIND_COUNT-1, sizes in 0..MAX_BYTES, and frees only what it counted.
cdef void count_allocated(int kind, int64_t nbytes) noexcept nogil
cdef void count_freed(int kind, int64_t nbytes) noexcept nogil
cdef void count_resized(int kind, int64_t old_bytes, int64_t new_bytes) noexcept nogil


cdef class KindStats:
    cdef readonly int64_t current_bytes         # held now
    cdef readonly int64_t peak_bytes            # most ever held at once
    cdef readonly int64_t allocated_bytes       # sum of all allocations and growth
    cdef readonly int64_t freed_bytes           # sum of all frees and shrinking
    cdef readonly int64_t active_allocations    # allocations not yet freed


cdef class MemoryStats:
    cdef readonly int64_t current_bytes         # sum over the kinds
    cdef readonly int64_t peak_bytes            # of the sum, not the sum of the peaks
    cdef readonly int64_t allocated_bytes       # sum over the kinds
    cdef readonly int64_t freed_bytes           # sum over the kinds
    cdef readonly int64_t active_allocations    # sum over the kinds
    cdef readonly KindStats frame               # one snapshot per kind, same instant
    cdef readonly KindStats texture
    cdef readonly KindStats staging
    cdef readonly KindStats other
