# cython: language_level=3
"""What daemon and player want of the C library and Python has no word for; ctypes would be 0.4 MB in the daemon."""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport uintptr_t

cdef extern from *:
    """
    #include <cstdint>
    #include <cstring>
    #include <fcntl.h>
    #include <link.h>
    #include <sys/inotify.h>
    #include <sys/mman.h>
    #include <sys/prctl.h>
    #include <unistd.h>
    extern "C" {
    // glibc alone has them.
    extern int malloc_trim(size_t pad) __attribute__((weak));
    extern int mallopt(int parameter, int value) __attribute__((weak));
    }
    static int has_glibc_heap() { return malloc_trim != nullptr && mallopt != nullptr; }

    // Of a page in /proc/PID/pagemap (admin-guide/mm/pagemap.rst of the kernel's documentation).
    static const uint64_t PAGE_IS_FILES = 1ULL << 61, PAGE_IS_SWAPPED = 1ULL << 62, PAGE_IS_THERE = 1ULL << 63;

    struct Pagemap {
        int fd;
        size_t page_bytes;
    };

    static void forget_pages(uintptr_t page, size_t count, size_t page_bytes) {
        if (count > 0)
            madvise(reinterpret_cast<void *>(page), count * page_bytes, MADV_DONTNEED);
    }

    // Unmaps what of some pages is as it is in the file. What was written to is in no file, and would be lost.
    static void forget_clean(const Pagemap &pagemap, uintptr_t from, uintptr_t to) {
        uint64_t entries[512];
        uintptr_t page = from, begun = from;  // from there on all are clean
        while (page < to) {
            size_t wanted = (to - page) / pagemap.page_bytes;
            wanted = wanted < 512 ? wanted : 512;
            const off_t at = static_cast<off_t>(page / pagemap.page_bytes * sizeof(uint64_t));
            const ssize_t had = pread(pagemap.fd, entries, wanted * sizeof(uint64_t), at);
            const size_t count = had > 0 ? had / sizeof(uint64_t) : 0;
            if (count == 0)
                break;
            for (size_t index = 0; index < count; index++, page += pagemap.page_bytes)
                if (entries[index] & PAGE_IS_SWAPPED
                    || (entries[index] & (PAGE_IS_THERE | PAGE_IS_FILES)) == PAGE_IS_THERE) {
                    forget_pages(begun, (page - begun) / pagemap.page_bytes, pagemap.page_bytes);
                    begun = page + pagemap.page_bytes;
                }
        }
        forget_pages(begun, (page - begun) / pagemap.page_bytes, pagemap.page_bytes);
    }

    static int forget_object(dl_phdr_info *object, size_t, void *data) {
        const Pagemap &pagemap = *static_cast<const Pagemap *>(data);
        if (strncmp(object->dlpi_name, "linux-", 6) == 0 || object->dlpi_phnum > 32)  // the kernel's own has no file
            return 0;
        ElfW(Phdr) segments[32];  // a copy: they lie in what is forgotten
        memcpy(segments, object->dlpi_phdr, object->dlpi_phnum * sizeof(ElfW(Phdr)));
        const uintptr_t within = pagemap.page_bytes - 1;
        for (int index = 0; index < object->dlpi_phnum; index++) {
            const ElfW(Phdr) &segment = segments[index];
            if (segment.p_type != PT_LOAD || segment.p_flags & PF_W)
                continue;
            const uintptr_t start = object->dlpi_addr + segment.p_vaddr;
            forget_clean(pagemap, start & ~within, (start + segment.p_filesz + within) & ~within);
        }
        return 0;
    }

    static void forget_objects() {
        const int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
        Pagemap pagemap = {fd, static_cast<size_t>(sysconf(_SC_PAGESIZE))};
        if (fd < 0)
            return;  // nothing is known
        dl_iterate_phdr(forget_object, &pagemap);
        close(fd);
    }
    """
    int c_inotify_init1 "inotify_init1"(int flags) nogil
    int c_inotify_add_watch "inotify_add_watch"(int fd, const char *path, unsigned int mask) nogil
    int c_madvise "madvise"(void *start, size_t length, int advice) nogil
    int c_prctl "prctl"(int option, unsigned long argument, unsigned long, unsigned long, unsigned long) nogil
    int c_malloc_trim "malloc_trim"(size_t pad) nogil
    int c_mallopt "mallopt"(int parameter, int value) nogil
    bint has_glibc_heap() nogil
    void forget_objects() nogil


cdef int checked(int result) except -1:
    if result < 0:
        PyErr_SetFromErrno(OSError)  # raises
    return result


def inotify_init1(int flags):
    """A new inotify fd. Raises OSError. Source: inotify_init(2)."""
    return checked(c_inotify_init1(flags))


def inotify_add_watch(int fd, bytes path not None, unsigned int mask):
    """The number of the watch. Raises OSError. Source: inotify_add_watch(2)."""
    return checked(c_inotify_add_watch(fd, path, mask))


def madvise(uintptr_t start, size_t length, int advice):
    """Tell the kernel how memory will be used. Raises OSError. Source: madvise(2)."""
    cdef int result
    with nogil:
        result = c_madvise(<void *>start, length, advice)
    checked(result)


def prctl_number(int option, unsigned long number):
    """A prctl with a number. Raises OSError. Source: prctl(2)."""
    checked(c_prctl(option, number, 0, 0, 0))


def prctl_text(int option, bytes text not None):
    """A prctl with a text. Raises OSError. Source: prctl(2)."""
    cdef const char *start = text
    checked(c_prctl(option, <unsigned long>start, 0, 0, 0))


def malloc_trim():
    """Give free heap back to the kernel; does nothing where the C library is not glibc. Source: malloc_trim(3)."""
    if has_glibc_heap():
        with nogil:
            c_malloc_trim(0)


def mallopt(int parameter, int value):
    """Set a parameter of the heap; does nothing where the C library is not glibc. Source: mallopt(3)."""
    if has_glibc_heap():
        c_mallopt(parameter, value)


def forget_code():
    """Unmap what the program and its libraries have in memory that nobody can write: code, constants, tables.

    The pages stay in the page cache, as the first that the kernel drops; what is used comes back from there without
    being read. Only pages that are as they are in the file: the linker, a debugger or a graphics driver may have
    written to others, and these stay. Where the kernel does not tell that, all do.

    Threads: any, while others run the code; waits for a library that is being added to the list of those loaded.

    Source: dl_iterate_phdr(3), elf(5), proc_pid_pagemap(5), madvise(2).
    """
    with nogil:
        forget_objects()
