# distutils: language = c++
# cython: language_level=3
"""Drives the C side of the counters without the GIL; built by test_counters_race.py."""

from libc.stdint cimport int64_t
from libcpp.atomic cimport atomic

from wayvid._core.counters cimport KIND_OTHER, count_allocated, count_freed, count_resized

from wayvid._core.counters import memory_stats

cdef int SPIKE_BYTES = 5000


def churn(int rounds):
    """Allocate, resize and free as fast as it goes."""
    cdef int each
    with nogil:
        for each in range(rounds):
            count_allocated(KIND_OTHER, each)
            count_resized(KIND_OTHER, each, 2 * each)
            count_resized(KIND_OTHER, 2 * each, 1)
            count_freed(KIND_OTHER, 1)


cdef class Climb:
    """A current figure that grows until it is over."""

    cdef atomic[int] growing        # threads in grow; each may have counted a byte in its kind and not yet in all
    cdef atomic[int] is_over

    def __cinit__(self):
        self.growing.store(0)
        self.is_over.store(0)

    def grow(self):
        """Make a new peak with every allocation; free them all in the end."""
        cdef int64_t grown = 0
        self.growing.fetch_add(1)
        with nogil:
            while not self.is_over.load():
                count_allocated(KIND_OTHER, 1)
                grown += 1
            for _ in range(grown):
                count_freed(KIND_OTHER, 1)

    def spike(self, int rounds):
        """Go far above what the others make of the peak, and back; how often the peak was not up there afterwards."""
        cdef int lost = 0
        for _ in range(rounds):
            before = memory_stats()
            while before.peak_bytes - before.current_bytes > 100:  # till the others are at the peak again
                before = memory_stats()
            with nogil:
                count_allocated(KIND_OTHER, SPIKE_BYTES)
                count_freed(KIND_OTHER, SPIKE_BYTES)
            after = memory_stats()
            lost += after.peak_bytes < before.current_bytes + SPIKE_BYTES - self.growing.load()
            lost += after.other.peak_bytes < before.other.current_bytes + SPIKE_BYTES
        self.is_over.store(1)
        return lost
