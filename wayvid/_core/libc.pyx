# cython: language_level=3
"""What daemon and player want of the C library and Python has no word for; ctypes would be 0.4 MB in the daemon."""

from cpython.exc cimport PyErr_SetFromErrno
from libc.stdint cimport uintptr_t

cdef extern from *:
    """
    #include <cstring>
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

    // A loaded library's program headers, copied: they lie in what is forgotten.
    struct Segments {
        ElfW(Phdr) all[32];  // more than any linker makes
        int count;
    };

    // Whether the linker wrote into what is read-only now: DT_TEXTREL, or the flag for it (elf.h).
    static bool has_written_code(const Segments &segments, ElfW(Addr) base) {
        for (int index = 0; index < segments.count; index++) {
            if (segments.all[index].p_type != PT_DYNAMIC)
                continue;
            const ElfW(Dyn) *entry = reinterpret_cast<const ElfW(Dyn) *>(base + segments.all[index].p_vaddr);
            for (; entry->d_tag != DT_NULL; entry++)
                if (entry->d_tag == DT_TEXTREL || (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_TEXTREL))
                    return true;
        }
        return false;
    }

    // Whether pages of a writable segment are among these; as a rule each segment has pages of its own.
    static bool is_written(const Segments &segments, ElfW(Addr) from, ElfW(Addr) to, ElfW(Addr) page) {
        for (int index = 0; index < segments.count; index++) {
            const ElfW(Phdr) &segment = segments.all[index];
            if (segment.p_type == PT_LOAD && segment.p_flags & PF_W && (segment.p_vaddr & ~(page - 1)) < to
                && segment.p_vaddr + segment.p_memsz > from)
                return true;
        }
        return false;
    }

    static int forget_object(dl_phdr_info *object, size_t, void *) {
        Segments segments;
        segments.count = object->dlpi_phnum;
        if (strncmp(object->dlpi_name, "linux-", 6) == 0 || segments.count > 32)  // the kernel's own has no file
            return 0;
        memcpy(segments.all, object->dlpi_phdr, segments.count * sizeof(ElfW(Phdr)));
        if (has_written_code(segments, object->dlpi_addr))
            return 0;
        const ElfW(Addr) page = sysconf(_SC_PAGESIZE);
        for (int index = 0; index < segments.count; index++) {
            const ElfW(Phdr) &segment = segments.all[index];
            if (segment.p_type != PT_LOAD || segment.p_flags & PF_W)
                continue;
            const ElfW(Addr) from = segment.p_vaddr & ~(page - 1);
            const ElfW(Addr) to = (segment.p_vaddr + segment.p_filesz + page - 1) & ~(page - 1);
            if (from < to && !is_written(segments, from, to, page))
                madvise(reinterpret_cast<void *>(object->dlpi_addr + from), to - from, MADV_DONTNEED);
        }
        return 0;
    }

    static void forget_objects() { dl_iterate_phdr(forget_object, nullptr); }
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
    being read. Pages that the linker has written (RELRO) are in writable segments and stay.

    Threads: any, while others run the code; waits for a library that is being added to the list of those loaded.

    Source: dl_iterate_phdr(3), elf(5), madvise(2).
    """
    with nogil:
        forget_objects()
