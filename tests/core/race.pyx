# distutils: language = c++
# cython: language_level=3
"""Drives the C side of the counters without the GIL; built by test_counters_race.py."""

from wayvid._core.counters cimport KIND_OTHER, count_allocated, count_freed, count_resized


def churn(int rounds):
    """Allocate, resize and free as fast as it goes."""
    cdef int each
    with nogil:
        for each in range(rounds):
            count_allocated(KIND_OTHER, each)
            count_resized(KIND_OTHER, each, 2 * each)
            count_resized(KIND_OTHER, 2 * each, 1)
            count_freed(KIND_OTHER, 1)
