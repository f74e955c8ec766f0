# cython: language_level=3, freethreading_compatible=True
"""What this process holds in buffers it made itself, counted as it happens.

The figures cover wayvid's own buffers only; what libmpv, GL or Python hold is
measured from outside (wayvid.memory.usage).
"""

cimport cython
from libc.stdint cimport int64_t
from libcpp.atomic cimport atomic

FRAME = KIND_FRAME
TEXTURE = KIND_TEXTURE
STAGING = KIND_STAGING
OTHER = KIND_OTHER

# One call never counts more: x86-64 user space ends at 2**47. It keeps a wrong
# argument from wrapping a 64-bit sum.
cdef int64_t MAX_BYTES = <int64_t>1 << 47

cdef struct counter_t:
    atomic[int64_t] current     # bytes; changes after `allocated`, so allocated - current is never negative
    atomic[int64_t] peak        # bytes; largest value `current` ever had
    atomic[int64_t] allocated   # bytes; only ever grows
    atomic[int64_t] active      # allocations not yet freed

# Static storage: all zero before the module is imported.
cdef counter_t kinds[KIND_COUNT]
cdef counter_t total            # only current and peak: the rest are sums over the kinds


cdef void raise_current(counter_t *counter, int64_t nbytes) noexcept nogil:
    """Add to the current figure and lift the peak to it, exactly under any interleaving."""
    cdef int64_t current = counter.current.fetch_add(nbytes) + nbytes
    cdef int64_t peak = counter.peak.load()
    while peak < current and not counter.peak.compare_exchange_weak(peak, current):
        pass


cdef bint take(atomic[int64_t] *figure, int64_t amount) noexcept nogil:
    """Subtract unless that would make the figure negative; False if it would."""
    cdef int64_t value = figure.load()
    while value >= amount:
        if figure.compare_exchange_weak(value, value - amount):
            return True
    return False


cdef void count_allocated(int kind, int64_t nbytes) noexcept nogil:
    kinds[kind].active.fetch_add(1)
    kinds[kind].allocated.fetch_add(nbytes)
    raise_current(&kinds[kind], nbytes)
    raise_current(&total, nbytes)


cdef void count_freed(int kind, int64_t nbytes) noexcept nogil:
    total.current.fetch_sub(nbytes)
    kinds[kind].current.fetch_sub(nbytes)
    kinds[kind].active.fetch_sub(1)


cdef void count_resized(int kind, int64_t old_bytes, int64_t new_bytes) noexcept nogil:
    if new_bytes >= old_bytes:
        kinds[kind].allocated.fetch_add(new_bytes - old_bytes)
        raise_current(&kinds[kind], new_bytes - old_bytes)
        raise_current(&total, new_bytes - old_bytes)
    else:
        total.current.fetch_sub(old_bytes - new_bytes)
        kinds[kind].current.fetch_sub(old_bytes - new_bytes)


cdef int check(int kind, int64_t nbytes) except -1:
    if kind < 0 or kind >= KIND_COUNT:
        raise ValueError(f"memory kind must be 0..{KIND_COUNT - 1}, not {kind}")
    if nbytes < 0 or nbytes > MAX_BYTES:
        raise ValueError(f"a size must be 0..{MAX_BYTES} bytes, not {nbytes}")
    return 0


def allocated(int kind, int64_t nbytes):
    """Count one allocation of nbytes.

    Args:
        kind: FRAME, TEXTURE, STAGING or OTHER.
        nbytes: 0 .. 2**47.

    Raises:
        ValueError: unknown kind, or a size out of range.

    Threads: any; never blocks.
    """
    check(kind, nbytes)
    count_allocated(kind, nbytes)


def freed(int kind, int64_t nbytes):
    """Count the end of one allocation of nbytes.

    Raises:
        ValueError: unknown kind, a size out of range, or more than is held: nothing is counted then.

    Threads: any; never blocks.
    """
    check(kind, nbytes)
    if not take(&kinds[kind].active, 1):
        raise ValueError(f"nothing of memory kind {kind} is allocated, {nbytes} bytes cannot be freed")
    if not take(&kinds[kind].current, nbytes):
        kinds[kind].active.fetch_add(1)
        raise ValueError(f"memory kind {kind} holds less than the {nbytes} bytes to be freed")
    total.current.fetch_sub(nbytes)


def resized(int kind, int64_t old, int64_t new):
    """Count that one allocation went from old to new bytes; it stays one allocation.

    Raises:
        ValueError: unknown kind, a size out of range, or old is more than is held: nothing is counted then.

    Threads: any; never blocks.
    """
    check(kind, old)
    check(kind, new)
    if kinds[kind].active.load() < 1 or kinds[kind].current.load() < old:
        raise ValueError(f"memory kind {kind} holds less than the {old} bytes to be resized")
    count_resized(kind, old, new)


@cython.final
cdef class KindStats:
    """Figures of one kind of memory, at one moment; frozen."""

    def __cinit__(self, int kind):
        check(kind, 0)
        # In this order a thread at work can make no figure negative and no peak too low.
        self.current_bytes = kinds[kind].current.load()
        self.allocated_bytes = kinds[kind].allocated.load()
        self.peak_bytes = max(kinds[kind].peak.load(), self.current_bytes)
        self.freed_bytes = self.allocated_bytes - self.current_bytes
        self.active_allocations = kinds[kind].active.load()

    def __repr__(self):
        return (
            f"KindStats(current_bytes={self.current_bytes}, peak_bytes={self.peak_bytes}, "
            f"allocated_bytes={self.allocated_bytes}, freed_bytes={self.freed_bytes}, "
            f"active_allocations={self.active_allocations})"
        )


@cython.final
cdef class MemoryStats:
    """Figures over all kinds of memory, at one moment; frozen.

    While other threads allocate, the figures are each exact but may lie a few
    operations apart; once they rest, everything adds up.
    """

    def __cinit__(self):
        cdef KindStats kind
        self.frame = KindStats(KIND_FRAME)
        self.texture = KindStats(KIND_TEXTURE)
        self.staging = KindStats(KIND_STAGING)
        self.other = KindStats(KIND_OTHER)
        for kind in (self.frame, self.texture, self.staging, self.other):
            self.current_bytes += kind.current_bytes
            self.allocated_bytes += kind.allocated_bytes
            self.freed_bytes += kind.freed_bytes
            self.active_allocations += kind.active_allocations
        self.peak_bytes = max(total.peak.load(), self.current_bytes)

    @property
    def kinds(self):
        """The figures per kind, by name, in the order of the kind numbers."""
        return {"frame": self.frame, "texture": self.texture, "staging": self.staging, "other": self.other}

    def __repr__(self):
        return (
            f"MemoryStats(current_bytes={self.current_bytes}, peak_bytes={self.peak_bytes}, "
            f"allocated_bytes={self.allocated_bytes}, freed_bytes={self.freed_bytes}, "
            f"active_allocations={self.active_allocations})"
        )


def memory_stats():
    """A frozen snapshot of all counters.

    Threads: any; never blocks.
    """
    return MemoryStats()
