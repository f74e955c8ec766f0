# cython: language_level=3, freethreading_compatible=True
"""Says with which frame it is time to look at memory, so that no timer has to."""

cimport cython
from libc.stdint cimport int64_t, uint64_t
from libcpp.atomic cimport atomic

cdef enum:
    STATS = 1
    CHECK = 2

STATS_DUE = STATS
CHECK_DUE = CHECK

# A year of 30 frames a second. Below 2**32, so that a cadence fits into half of a word.
cdef int64_t MAX_EVERY_FRAMES = 1000000000


cdef bint is_due(uint64_t cadence, uint64_t frame) noexcept nogil:
    cdef uint64_t every = cadence >> 32
    return every and frame % every == (cadence & <uint64_t>0xFFFFFFFF)


cdef uint64_t counted_from(uint64_t frame, int64_t every) noexcept nogil:
    """A cadence: its length above, what is left over at a frame where it is due below; 0 for never."""
    if every == 0:
        return 0
    return <uint64_t>every << 32 | frame % <uint64_t>every


cdef int64_t checked(every) except -1:
    # Compared as a Python integer: one beyond 64 bits is out of range like any other.
    if not 0 <= every <= MAX_EVERY_FRAMES:
        raise ValueError(f"a cadence is 0 (never) .. {MAX_EVERY_FRAMES} frames, not {every}")
    return every


@cython.final
cdef class FrameTicker:
    """Counts presented frames and says which of them calls for figures or for a check.

    Args:
        stats_every_frames: 0 (never) .. 10**9.
        check_every_frames: likewise.

    Raises:
        ValueError: a cadence is out of range.

    Threads: any; never blocks. However many threads tick, each frame that is due is reported once.
    """

    cdef atomic[uint64_t] ticks         # frames counted; only ever grows
    cdef atomic[uint64_t] stats         # cadence, as counted_from makes it: one word, so that none is seen half changed
    cdef atomic[uint64_t] check         # likewise

    def __cinit__(self, stats_every_frames=300, check_every_frames=600):
        self.ticks.store(0)
        self.stats.store(0)
        self.check.store(0)
        self.set_cadence(stats_every_frames, check_every_frames)

    @property
    def frames(self):
        """Frames counted so far; 64 bits wide."""
        return self.ticks.load()

    def tick(self):
        """Count one frame.

        Returns:
            0, or the bits STATS_DUE | CHECK_DUE of what is due with this frame.
        """
        cdef uint64_t frame = self.ticks.fetch_add(1) + 1
        cdef int due = 0
        if is_due(self.stats.load(), frame):
            due |= STATS
        if is_due(self.check.load(), frame):
            due |= CHECK
        return due

    def set_cadence(self, stats_every_frames, check_every_frames):
        """Change how often is due what; both are counted from now.

        Args:
            stats_every_frames: 0 (never) .. 10**9.
            check_every_frames: likewise.

        Raises:
            ValueError: one is out of range; nothing has changed then.
        """
        cdef int64_t stats_every = checked(stats_every_frames)
        cdef int64_t check_every = checked(check_every_frames)
        cdef uint64_t frame = self.ticks.load()
        self.stats.store(counted_from(frame, stats_every))
        self.check.store(counted_from(frame, check_every))

    def __repr__(self):
        return (
            f"<FrameTicker: {self.frames} frames, figures every {self.stats.load() >> 32}, "
            f"a check every {self.check.load() >> 32}>"
        )
