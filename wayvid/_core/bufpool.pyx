# cython: language_level=3, freethreading_compatible=True
"""A bounded pool that lends picture buffers.

Its caps count lent and idle buffers alike, so they bound its memory at every
moment; only lowering them below what is lent has to wait for that to come back.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int64_t
from libcpp.atomic cimport atomic

from wayvid._core.buffer cimport SHUT, ManagedBuffer, check_size, free_memory, whole_pages

cdef atomic[int64_t] pools_made

cdef struct shelf_t:
    PyObject *oldest            # ManagedBuffers; the shelf owns one reference to each
    PyObject *newest
    Py_ssize_t count            # buffers on the shelf
    int64_t total_bytes         # sum of their capacity_bytes

cdef enum outcome_t:
    DONE
    POOL_CLOSED
    POOL_FULL
    NEEDS_MEMORY
    FOREIGN
    NOT_LENT
    HAS_VIEWS


cdef void put_newest(shelf_t *shelf, ManagedBuffer buffer) noexcept:
    Py_INCREF(buffer)
    buffer.older = shelf.newest
    buffer.newer = NULL
    if shelf.newest != NULL:
        (<ManagedBuffer>shelf.newest).newer = <PyObject *>buffer
    else:
        shelf.oldest = <PyObject *>buffer
    shelf.newest = <PyObject *>buffer
    shelf.count += 1
    shelf.total_bytes += buffer.capacity_bytes


cdef void take_off(shelf_t *shelf, ManagedBuffer buffer) noexcept:
    """The caller holds a reference of its own."""
    if buffer.older != NULL:
        (<ManagedBuffer>buffer.older).newer = buffer.newer
    else:
        shelf.oldest = buffer.newer
    if buffer.newer != NULL:
        (<ManagedBuffer>buffer.newer).older = buffer.older
    else:
        shelf.newest = buffer.older
    buffer.older = NULL
    buffer.newer = NULL
    shelf.count -= 1
    shelf.total_bytes -= buffer.capacity_bytes
    Py_DECREF(buffer)


cdef void move(shelf_t *source, shelf_t *target, ManagedBuffer buffer) noexcept:
    Py_INCREF(buffer)  # a PyObject * cast for this call holds no reference, and the source's may be the last
    take_off(source, buffer)
    put_newest(target, buffer)
    Py_DECREF(buffer)


cdef PyObject *best_fit(shelf_t *shelf, Py_ssize_t capacity) noexcept:
    """The smallest buffer of capacity .. 1.5 x capacity bytes, the newest of equals; NULL if none.

    The bound: a buffer for 1920x1200 may serve 1920x1080 (1.11), one for 2560x1440 may not (1.78).
    """
    cdef Py_ssize_t bound = capacity + capacity // 2
    cdef PyObject *best = NULL
    cdef PyObject *each = shelf.newest
    while each != NULL:
        if capacity <= (<ManagedBuffer>each).capacity_bytes <= bound:
            best = each
            bound = (<ManagedBuffer>each).capacity_bytes - 1
        each = (<ManagedBuffer>each).older
    return best


cdef PyObject *largest(shelf_t *shelf) noexcept:
    """The buffer of most capacity, the oldest of equals; NULL on an empty shelf."""
    cdef PyObject *best = shelf.oldest
    cdef PyObject *each = shelf.oldest
    while each != NULL:
        if (<ManagedBuffer>each).capacity_bytes > (<ManagedBuffer>best).capacity_bytes:
            best = each
        each = (<ManagedBuffer>each).newer
    return best


cdef void drop_all(shelf_t *idle, shelf_t *lent) noexcept:
    """Part from the buffers of a pool that ends; a lent one that is still held stands alone from now on."""
    cdef ManagedBuffer buffer
    while idle.oldest != NULL:
        buffer = <ManagedBuffer>idle.oldest
        take_off(idle, buffer)
        free_memory(buffer)
    while lent.oldest != NULL:
        buffer = <ManagedBuffer>lent.oldest
        take_off(lent, buffer)
        buffer.pool_serial = 0


cdef int check_caps(Py_ssize_t max_buffers, int64_t max_bytes) except -1:
    if max_buffers < 0 or max_bytes < 0:
        raise ValueError(f"a cap is 0 (unlimited) or more, not {max_buffers} buffers, {max_bytes} bytes")
    return 0


class PoolExhausted(MemoryError):
    """The caps leave no room for another buffer, even without the idle ones."""

    def __init__(self, wanted_bytes, cap_bytes, in_use_bytes, buffers_in_use, max_buffers):
        self.wanted_bytes = wanted_bytes
        self.cap_bytes = cap_bytes
        self.in_use_bytes = in_use_bytes
        self.buffers_in_use = buffers_in_use
        self.max_buffers = max_buffers
        super().__init__(
            f"the buffer pool has no room for {wanted_bytes} bytes: {buffers_in_use} of {max_buffers or 'unlimited'} "
            f"buffers and {in_use_bytes} of {cap_bytes or 'unlimited'} bytes are lent"
        )


@cython.final
cdef class BufferPoolStats:
    """Figures of one pool at one moment, all from the same instant; frozen."""

    cdef readonly Py_ssize_t buffers_in_use     # lent, or about to be
    cdef readonly Py_ssize_t buffers_idle
    cdef readonly Py_ssize_t max_buffers        # 0: unlimited
    cdef readonly int64_t in_use_bytes          # capacity, not what was asked for
    cdef readonly int64_t idle_bytes
    cdef readonly int64_t max_bytes             # 0: unlimited
    cdef readonly int64_t hits                  # requests served by an idle buffer
    cdef readonly int64_t misses                # requests that took new memory; refused ones are not counted
    cdef readonly int64_t evictions             # buffers closed for the caps' sake; trimmed ones are not counted

    def __repr__(self):
        return (
            f"BufferPoolStats(buffers_in_use={self.buffers_in_use}, buffers_idle={self.buffers_idle}, "
            f"max_buffers={self.max_buffers}, in_use_bytes={self.in_use_bytes}, idle_bytes={self.idle_bytes}, "
            f"max_bytes={self.max_bytes}, hits={self.hits}, misses={self.misses}, evictions={self.evictions})"
        )


@cython.final
cdef class BufferPool:
    """Lends picture buffers and keeps returned ones for the next request.

    A returned buffer keeps its id, fd and old content. A lent buffer that is
    never released stays counted as in use until the pool itself is gone.

    Args:
        max_buffers: most buffers, lent and idle together; 0 for unlimited.
        max_bytes: most bytes (whole pages), lent and idle together; 0 for unlimited.
        on_evict: called with each buffer just before its memory is closed, with no lock held. What it raises comes
            out of the call that closed it, after all that this call closes are closed.

    Threads: any. acquire may wait for the kernel to hand out or take back pages, never for another caller's.
    """

    cdef cython.pymutex lock        # guards all below but the two that never change
    cdef shelf_t lent               # oldest lent first
    cdef shelf_t idle               # longest idle first
    cdef Py_ssize_t reserved        # buffers being allocated outside the lock
    cdef int64_t reserved_bytes     # their capacity
    cdef int64_t hits               # figures of BufferPoolStats
    cdef int64_t misses
    cdef int64_t evictions
    cdef bint is_closed             # no more lending
    cdef Py_ssize_t max_buffers     # 0: unlimited; while more are lent, after set_limits, none is idle
    cdef int64_t max_bytes          # likewise
    cdef int64_t serial             # never changes; marks the pool's own buffers
    cdef object on_evict            # never changes; callable or None

    def __cinit__(self, Py_ssize_t max_buffers=8, int64_t max_bytes=100 * 1024 * 1024, on_evict=None):
        self.lent = shelf_t(NULL, NULL, 0, 0)
        self.idle = shelf_t(NULL, NULL, 0, 0)
        check_caps(max_buffers, max_bytes)
        if on_evict is not None and not callable(on_evict):
            raise TypeError("on_evict must be callable")
        self.max_buffers = max_buffers
        self.max_bytes = max_bytes
        self.on_evict = on_evict
        self.serial = pools_made.fetch_add(1) + 1

    def __dealloc__(self):
        drop_all(&self.idle, &self.lent)

    def acquire(self, Py_ssize_t size_bytes):
        """A buffer of at least that size, lent until it is released.

        The smallest idle buffer serves whose capacity is at most 1.5 times the wanted one; otherwise new memory does,
        and the longest idle buffers are closed to make room for it.

        Args:
            size_bytes: 1 .. 2**40.

        Raises:
            PoolExhausted: what is lent leaves no room; nothing was evicted.
            ValueError: the size is out of range, or the pool is closed.
            MemoryError, OSError: the kernel refuses.
        """
        check_size(size_bytes)
        cdef Py_ssize_t capacity = whole_pages(size_bytes)
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        cdef ManagedBuffer buffer = None
        cdef PyObject *found
        cdef outcome_t outcome = DONE
        cdef Py_ssize_t lent = 0
        cdef int64_t lent_bytes = 0
        cdef Py_ssize_t max_buffers = 0
        cdef int64_t max_bytes = 0
        with self.lock:
            if self.is_closed:
                outcome = POOL_CLOSED
            else:
                found = best_fit(&self.idle, capacity)
                if found != NULL:
                    buffer = <ManagedBuffer>found
                    move(&self.idle, &self.lent, buffer)
                    self.hits += 1
                    buffer.size_bytes = size_bytes
                    buffer.lent = True
                    buffer.views.store(0)
                elif not self.has_room(1, capacity):
                    outcome = POOL_FULL
                    max_buffers = self.max_buffers
                    max_bytes = self.max_bytes
                    lent = self.lent.count + self.reserved
                    lent_bytes = self.lent.total_bytes + self.reserved_bytes
                else:
                    outcome = NEEDS_MEMORY
                    while not self.has_room(self.idle.count + 1, self.idle.total_bytes + capacity):
                        move(&self.idle, &doomed, <ManagedBuffer>self.idle.oldest)
                        self.evictions += 1
                    self.misses += 1
                    self.reserved += 1
                    self.reserved_bytes += capacity
        if outcome == NEEDS_MEMORY:
            return self.lend_new(size_bytes, capacity, &doomed)
        if outcome == POOL_FULL:
            raise PoolExhausted(capacity, max_bytes, lent_bytes, lent, max_buffers)
        if outcome == POOL_CLOSED:
            raise ValueError("the buffer pool is closed")
        return buffer

    def release(self, ManagedBuffer buffer not None):
        """Take a lent buffer back; whoever still holds it must not use it any more.

        A closed pool still takes its buffers back, and closes them; so does one that has more than set_limits allows.

        Raises:
            ValueError: the buffer is not this pool's, or not lent.
            BufferError: views of the buffer exist.
        """
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        cdef outcome_t outcome = DONE
        cdef int views = 0
        with self.lock:
            if buffer.pool_serial != self.serial:
                outcome = FOREIGN
            elif not buffer.lent:
                outcome = NOT_LENT
            elif not buffer.views.compare_exchange_strong(views, SHUT):
                outcome = HAS_VIEWS
            else:
                buffer.lent = False
                buffer.aged = False
                if self.is_closed:
                    move(&self.lent, &doomed, buffer)
                elif not self.has_room(self.idle.count, self.idle.total_bytes):
                    move(&self.lent, &doomed, buffer)
                    self.evictions += 1
                else:
                    move(&self.lent, &self.idle, buffer)
        if outcome == FOREIGN:
            raise ValueError(f"buffer {buffer.id} is not from this pool")
        if outcome == NOT_LENT:
            raise ValueError(f"buffer {buffer.id} is not lent: it was released before")
        if outcome == HAS_VIEWS:
            raise BufferError(f"{views} views of buffer {buffer.id} exist")
        if doomed.count:
            self.evict(&doomed)

    def trim(self, Py_ssize_t keep_buffers=0):
        """Close idle buffers, largest first, of equals the longest idle first, until that many are left.

        Args:
            keep_buffers: 0 or more.

        Returns:
            The bytes given back to the kernel.
        """
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        if keep_buffers < 0:
            raise ValueError(f"keep_buffers must be 0 or more, not {keep_buffers}")
        with self.lock:
            while self.idle.count > keep_buffers:
                move(&self.idle, &doomed, <ManagedBuffer>largest(&self.idle))
        return self.evict(&doomed)

    def trim_unused(self):
        """Close the idle buffers that were not lent since the previous call, longest idle first.

        Called now and then it gives back what was needed only once; the first call closes nothing.

        Returns:
            The bytes given back to the kernel.
        """
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        cdef PyObject *each
        with self.lock:
            # The shelf is in the order of release: those of before the previous call are its oldest.
            while self.idle.oldest != NULL and (<ManagedBuffer>self.idle.oldest).aged:
                move(&self.idle, &doomed, <ManagedBuffer>self.idle.oldest)
            each = self.idle.oldest
            while each != NULL:
                (<ManagedBuffer>each).aged = True
                each = (<ManagedBuffer>each).newer
        return self.evict(&doomed)

    def set_limits(self, Py_ssize_t max_buffers, int64_t max_bytes):
        """Change the caps, and close idle buffers, longest idle first, until they hold or none is idle.

        Lent buffers are left alone: while they alone exceed the caps, nothing more is lent and what comes back is
        closed.

        Args:
            max_buffers: most buffers, lent and idle together; 0 for unlimited.
            max_bytes: most bytes (whole pages), lent and idle together; 0 for unlimited.

        Returns:
            The bytes given back to the kernel.

        Raises:
            ValueError: a cap is negative; nothing has changed then.
        """
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        check_caps(max_buffers, max_bytes)
        with self.lock:
            self.max_buffers = max_buffers
            self.max_bytes = max_bytes
            while self.idle.count and not self.has_room(self.idle.count, self.idle.total_bytes):
                move(&self.idle, &doomed, <ManagedBuffer>self.idle.oldest)
                self.evictions += 1
        return self.evict(&doomed)

    def stats(self):
        """A frozen snapshot of the pool's figures."""
        cdef BufferPoolStats stats = BufferPoolStats.__new__(BufferPoolStats)
        with self.lock:
            stats.max_buffers = self.max_buffers
            stats.max_bytes = self.max_bytes
            stats.buffers_in_use = self.lent.count + self.reserved
            stats.buffers_idle = self.idle.count
            stats.in_use_bytes = self.lent.total_bytes + self.reserved_bytes
            stats.idle_bytes = self.idle.total_bytes
            stats.hits = self.hits
            stats.misses = self.misses
            stats.evictions = self.evictions
        return stats

    def close(self):
        """Lend no more and close the idle buffers; twice is fine. Lent ones live until they are released."""
        with self.lock:
            self.is_closed = True
        self.trim()

    cdef bint has_room(self, Py_ssize_t buffers, int64_t nbytes) noexcept:
        """Whether the caps allow that much beside what is lent; under the lock."""
        if self.max_buffers and self.lent.count + self.reserved + buffers > self.max_buffers:
            return False
        return not self.max_bytes or self.lent.total_bytes + self.reserved_bytes + nbytes <= self.max_bytes

    cdef ManagedBuffer lend_new(self, Py_ssize_t size_bytes, Py_ssize_t capacity, shelf_t *doomed):
        """Allocate what acquire has reserved; outside the lock."""
        cdef ManagedBuffer buffer = None
        try:
            self.evict(doomed)  # first, so that the kernel never sees more than the cap
            buffer = ManagedBuffer(size_bytes)
            return buffer
        finally:
            with self.lock:
                self.reserved -= 1
                self.reserved_bytes -= capacity
                if buffer is not None:
                    buffer.pool_serial = self.serial
                    buffer.lent = True
                    put_newest(&self.lent, buffer)

    cdef int64_t evict(self, shelf_t *doomed) except -1:
        """Close all of them, the rest too when on_evict raises; outside the lock. Returns their bytes."""
        cdef int64_t freed_bytes = doomed.total_bytes
        cdef ManagedBuffer buffer
        error = None
        while doomed.oldest != NULL:
            buffer = <ManagedBuffer>doomed.oldest
            take_off(doomed, buffer)
            try:
                if self.on_evict is not None:
                    self.on_evict(buffer)
            except BaseException as exc:
                if error is None:
                    error = exc
            free_memory(buffer)
        if error is not None:
            raise error
        return freed_bytes
