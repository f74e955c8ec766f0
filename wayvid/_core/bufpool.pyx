# cython: language_level=3, freethreading_compatible=True
"""Picture buffers that a compositor can map, and a bounded pool that lends them.

A buffer is a sealed memfd of whole pages, mapped shared and counted in
wayvid._core.counters from creation to close, growth included. The pool's caps
count lent and idle buffers alike, so they bound its memory at every moment.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.errno cimport EINVAL, ENOMEM, errno
from libc.stdint cimport int64_t, uintptr_t
from libc.string cimport strerror
from libcpp.atomic cimport atomic
from posix.fcntl cimport fcntl
from posix.mman cimport MAP_FAILED, MAP_SHARED, PROT_READ, PROT_WRITE, mmap, munmap
from posix.types cimport off_t
from posix.unistd cimport _SC_PAGESIZE, close, ftruncate, sysconf

from wayvid._core.counters cimport KIND_COUNT, KIND_FRAME, count_allocated, count_freed, count_resized


cdef extern from *:
    """
    #include <fcntl.h>
    #include <sys/mman.h>
    #ifndef MFD_NOEXEC_SEAL  /* linux/memfd.h of Linux 6.3; glibc before 2.38 lacks it */
    #define MFD_NOEXEC_SEAL 0x0008U
    #endif
    """
    int memfd_create(const char *name, unsigned int flags) nogil
    void *mremap(void *address, size_t old_size, size_t new_size, int flags) nogil
    enum:
        MFD_CLOEXEC
        MFD_ALLOW_SEALING
        MFD_NOEXEC_SEAL
        MREMAP_MAYMOVE
        F_ADD_SEALS
        F_SEAL_SHRINK


# Above any picture (16384 x 16384 x 4 is 2**30) and far below where rounding to pages could wrap.
cdef Py_ssize_t MAX_SIZE_BYTES = <Py_ssize_t>1 << 40

cdef Py_ssize_t PAGE_BYTES = sysconf(_SC_PAGESIZE)

# ManagedBuffer.views when no view may be made: closed, idle in a pool, or just being grown.
cdef int SHUT = -1

cdef atomic[int64_t] buffers_made
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


cdef Py_ssize_t whole_pages(Py_ssize_t size_bytes) noexcept nogil:
    return (size_bytes + PAGE_BYTES - 1) // PAGE_BYTES * PAGE_BYTES


cdef int map_memory(Py_ssize_t capacity, int *fd, char **data) noexcept nogil:
    """Make and map a sealed memfd; 0, or the errno of the call that failed.

    Source: memfd_create(2), F_SEAL_SHRINK: without it a compositor gets SIGBUS when a client shrinks what it reads.
    """
    cdef unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING
    cdef int error
    cdef void *mapping
    fd[0] = memfd_create("wayvid-buffer", flags | MFD_NOEXEC_SEAL)
    if fd[0] < 0 and errno == EINVAL:  # Linux before 6.3
        fd[0] = memfd_create("wayvid-buffer", flags)
    if fd[0] < 0:
        return errno
    if ftruncate(fd[0], <off_t>capacity) == 0 and fcntl(fd[0], F_ADD_SEALS, <int>F_SEAL_SHRINK) == 0:
        mapping = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, fd[0], 0)
        if mapping != MAP_FAILED:
            data[0] = <char *>mapping
            return 0
    error = errno
    close(fd[0])
    fd[0] = -1
    return error


cdef int remap_memory(int fd, char **data, Py_ssize_t old_capacity, Py_ssize_t new_capacity) noexcept nogil:
    """Lengthen the file and its mapping, which may move; 0, or an errno and nothing has changed but the file."""
    cdef void *mapping
    if ftruncate(fd, <off_t>new_capacity) < 0:
        return errno
    mapping = mremap(data[0], old_capacity, new_capacity, MREMAP_MAYMOVE)
    if mapping == MAP_FAILED:
        return errno
    data[0] = <char *>mapping
    return 0


cdef void free_memory(ManagedBuffer buffer) noexcept:
    """Give the memory back to the kernel. The caller has made sure that nobody looks at it."""
    cdef char *data = buffer.data
    cdef int fd = buffer.fd
    cdef Py_ssize_t capacity = buffer.capacity_bytes
    buffer.data = NULL
    buffer.fd = -1
    buffer.size_bytes = 0
    buffer.capacity_bytes = 0
    with nogil:  # 8 MB of touched pages take the kernel most of a millisecond
        munmap(data, capacity)
        close(fd)
    count_freed(buffer.kind, capacity)


cdef int check_size(Py_ssize_t size_bytes) except -1:
    if size_bytes < 1 or size_bytes > MAX_SIZE_BYTES:
        raise ValueError(f"a buffer has 1..{MAX_SIZE_BYTES} bytes, not {size_bytes}")
    return 0


cdef int check_errno(int error, Py_ssize_t capacity) except -1:
    if error == ENOMEM:
        raise MemoryError(f"the kernel has no {capacity} bytes for a buffer")
    if error:
        raise OSError(error, strerror(error).decode() + f" (a buffer of {capacity} bytes)")
    return 0


cdef str state_of(ManagedBuffer buffer):
    if buffer.data == NULL:
        return "closed"
    if buffer.pool_serial == 0:
        return "open"
    return "lent" if buffer.lent else "released"


cdef int check_stands_alone(ManagedBuffer buffer) except -1:
    if buffer.data == NULL:
        raise ValueError(f"buffer {buffer.id} is closed")
    if buffer.pool_serial != 0:
        raise ValueError(f"buffer {buffer.id} belongs to a pool: release it there")
    return 0


cdef int shut(ManagedBuffer buffer) except -1:
    """Let nobody make a view from now on."""
    cdef int views = 0
    if not buffer.views.compare_exchange_strong(views, SHUT):
        if views == SHUT:
            raise BufferError(f"buffer {buffer.id} is being grown or closed by another thread")
        raise BufferError(f"{views} views of buffer {buffer.id} exist")
    return 0


@cython.final
cdef class ManagedBuffer:
    """Shared memory of whole pages that frees itself, counted while it lives.

    Supports the buffer protocol: size_bytes writable bytes, C-contiguous and
    page-aligned. New memory reads as zeros. It can be its own context manager.

    Args:
        size_bytes: 1 .. 2**40; capacity_bytes is that in whole pages.
        kind: the counter to count it under, wayvid._core.FRAME by default.

    Raises:
        ValueError: size or kind out of range.
        MemoryError, OSError: the kernel refuses (no memory, no file descriptors).

    Threads: any. Views of one buffer may be made and dropped by any thread.
    """

    def __cinit__(self, Py_ssize_t size_bytes, int kind=KIND_FRAME):
        self.data = NULL
        self.fd = -1
        self.older = NULL
        self.newer = NULL
        self.views.store(SHUT)
        check_size(size_bytes)
        if kind < 0 or kind >= KIND_COUNT:
            raise ValueError(f"memory kind must be 0..{KIND_COUNT - 1}, not {kind}")
        cdef Py_ssize_t capacity = whole_pages(size_bytes)
        cdef int error
        with nogil:
            error = map_memory(capacity, &self.fd, &self.data)
        check_errno(error, capacity)
        self.id = buffers_made.fetch_add(1) + 1
        self.kind = kind
        self.size_bytes = size_bytes
        self.capacity_bytes = capacity
        self.views.store(0)
        count_allocated(kind, capacity)

    def __dealloc__(self):
        if self.data != NULL:
            free_memory(self)

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef int views = self.views.load()
        while views != SHUT and not self.views.compare_exchange_weak(views, views + 1):
            pass
        if views == SHUT:
            raise BufferError(f"buffer {self.id} is {state_of(self)}: its memory is not yours to look at")
        try:
            PyBuffer_FillInfo(view, self, self.data, self.size_bytes, 0, flags)
        except BaseException:
            self.views.fetch_sub(1)
            raise

    def __releasebuffer__(self, Py_buffer *view):
        self.views.fetch_sub(1)

    def __enter__(self):
        check_stands_alone(self)
        return self

    def __exit__(self, *_exc_info):
        self.close()

    def __repr__(self):
        return f"<ManagedBuffer {self.id}: {self.size_bytes} of {self.capacity_bytes} bytes, {state_of(self)}>"

    @property
    def address(self):
        """Where the memory begins; valid until grow, release or close.

        Raises:
            ValueError: the buffer is closed.
        """
        if self.data == NULL:
            raise ValueError(f"buffer {self.id} is closed")
        return <uintptr_t>self.data

    @property
    def closed(self):
        """Whether the memory has gone back to the kernel."""
        return self.data == NULL

    def grow(self, Py_ssize_t size_bytes):
        """Make the buffer longer; content stays, added bytes are zeros, the address may change.

        Args:
            size_bytes: at least the present size, at most 2**40.

        Raises:
            BufferError: views of the buffer exist.
            ValueError: it would shrink, is closed, or belongs to a pool (whose caps count its size).
            MemoryError, OSError: the kernel refuses; the buffer is as it was.
        """
        cdef Py_ssize_t capacity
        cdef int error = 0
        check_size(size_bytes)
        check_stands_alone(self)
        shut(self)
        try:
            if size_bytes < self.size_bytes:
                raise ValueError(f"buffer {self.id} has {self.size_bytes} bytes and cannot shrink to {size_bytes}")
            capacity = whole_pages(size_bytes)
            if capacity > self.capacity_bytes:
                with nogil:
                    error = remap_memory(self.fd, &self.data, self.capacity_bytes, capacity)
                check_errno(error, capacity)
                count_resized(self.kind, self.capacity_bytes, capacity)
                self.capacity_bytes = capacity
            self.size_bytes = size_bytes
        finally:
            self.views.store(0)

    def close(self):
        """Give the memory back; twice is fine.

        Raises:
            BufferError: views of the buffer exist.
            ValueError: the buffer belongs to a pool: release it there.
        """
        if self.data == NULL:
            return
        check_stands_alone(self)
        shut(self)
        free_memory(self)


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
    take_off(source, buffer)
    put_newest(target, buffer)


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
    cdef readonly int64_t evictions             # idle buffers closed to make room; trimmed ones are not counted

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
        on_evict: called with each idle buffer just before its memory is closed, with no lock held. What it raises
            comes out of the call that evicted, after all its evictions are done.

    Threads: any. acquire may wait for the kernel to hand out or take back pages, never for another caller's.
    """

    cdef cython.pymutex lock        # guards all below but the three that never change
    cdef shelf_t lent               # oldest lent first
    cdef shelf_t idle               # longest idle first
    cdef Py_ssize_t reserved        # buffers being allocated outside the lock
    cdef int64_t reserved_bytes     # their capacity
    cdef int64_t hits               # figures of BufferPoolStats
    cdef int64_t misses
    cdef int64_t evictions
    cdef bint is_closed             # no more lending
    cdef Py_ssize_t max_buffers     # never changes; 0: unlimited
    cdef int64_t max_bytes          # never changes; 0: unlimited
    cdef int64_t serial             # never changes; marks the pool's own buffers
    cdef object on_evict            # callable or None

    def __cinit__(self, Py_ssize_t max_buffers=8, int64_t max_bytes=100 * 1024 * 1024, on_evict=None):
        self.lent = shelf_t(NULL, NULL, 0, 0)
        self.idle = shelf_t(NULL, NULL, 0, 0)
        if max_buffers < 0 or max_bytes < 0:
            raise ValueError(f"a cap is 0 (unlimited) or more, not {max_buffers} buffers, {max_bytes} bytes")
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
                elif not self.has_room(0, 0, capacity):
                    outcome = POOL_FULL
                    lent = self.lent.count + self.reserved
                    lent_bytes = self.lent.total_bytes + self.reserved_bytes
                else:
                    outcome = NEEDS_MEMORY
                    while not self.has_room(self.idle.count, self.idle.total_bytes, capacity):
                        move(&self.idle, &doomed, <ManagedBuffer>self.idle.oldest)
                        self.evictions += 1
                    self.misses += 1
                    self.reserved += 1
                    self.reserved_bytes += capacity
        if outcome == NEEDS_MEMORY:
            return self.lend_new(size_bytes, capacity, &doomed)
        if outcome == POOL_FULL:
            raise PoolExhausted(capacity, self.max_bytes, lent_bytes, lent, self.max_buffers)
        if outcome == POOL_CLOSED:
            raise ValueError("the buffer pool is closed")
        return buffer

    def release(self, ManagedBuffer buffer not None):
        """Take a lent buffer back; whoever still holds it must not use it any more.

        A closed pool still takes its buffers back, and closes them.

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
                move(&self.lent, &doomed if self.is_closed else &self.idle, buffer)
        if outcome == FOREIGN:
            raise ValueError(f"buffer {buffer.id} is not from this pool")
        if outcome == NOT_LENT:
            raise ValueError(f"buffer {buffer.id} is not lent: it was released before")
        if outcome == HAS_VIEWS:
            raise BufferError(f"{views} views of buffer {buffer.id} exist")
        if doomed.count:
            self.evict(&doomed)

    def trim(self, Py_ssize_t keep_buffers=0):
        """Close idle buffers, longest idle first, until that many are left.

        Args:
            keep_buffers: 0 or more.

        Returns:
            The bytes given back to the kernel.
        """
        cdef shelf_t doomed = shelf_t(NULL, NULL, 0, 0)
        cdef int64_t freed_bytes
        if keep_buffers < 0:
            raise ValueError(f"keep_buffers must be 0 or more, not {keep_buffers}")
        with self.lock:
            while self.idle.count > keep_buffers:
                move(&self.idle, &doomed, <ManagedBuffer>self.idle.oldest)
        freed_bytes = doomed.total_bytes
        self.evict(&doomed)
        return freed_bytes

    def stats(self):
        """A frozen snapshot of the pool's figures."""
        cdef BufferPoolStats stats = BufferPoolStats.__new__(BufferPoolStats)
        stats.max_buffers = self.max_buffers
        stats.max_bytes = self.max_bytes
        with self.lock:
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

    cdef bint has_room(self, Py_ssize_t idle, int64_t idle_bytes, Py_ssize_t capacity) noexcept:
        """Whether the caps allow one buffer more beside the lent and that many idle ones; under the lock."""
        if self.max_buffers and self.lent.count + self.reserved + idle + 1 > self.max_buffers:
            return False
        return not self.max_bytes or (
            self.lent.total_bytes + self.reserved_bytes + idle_bytes + capacity <= self.max_bytes
        )

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

    cdef int evict(self, shelf_t *doomed) except -1:
        """Close all of them, the rest too when on_evict raises; outside the lock."""
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
        return 0
