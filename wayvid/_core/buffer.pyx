# cython: language_level=3, freethreading_compatible=True
"""Picture buffers that a compositor can map.

A buffer is a sealed memfd of whole pages, mapped shared and counted in
wayvid._core.counters from creation to close, growth included.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
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

cdef atomic[int64_t] buffers_made


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
