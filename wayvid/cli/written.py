"""A file that is there as a whole or not at all, and never in place of another one unasked."""

from __future__ import annotations

import os
import tempfile

from wayvid.errors import UsageError, WayvidError

__all__ = ["check_free", "put", "write_file"]


def check_free(path: str, may_replace: bool) -> None:
    """Find out early that a file may not be written.

    Raises:
        UsageError: there is something of that name already, and it may not be replaced.
    """
    if os.path.isdir(path):
        raise UsageError(f"cannot write {path!r}: it is a folder; name a file")
    if not may_replace and os.path.lexists(path):
        raise UsageError(f"cannot write {path!r}: it is there already; name another file, or take --force")


def write_file(path: str, data: bytes, may_replace: bool) -> None:
    """Write a file at once; its folder is made where it is missing.

    Raises:
        UsageError: see check_free.
        WayvidError: it cannot be written.
    """
    check_free(path, may_replace)
    try:
        target = os.path.realpath(path)  # what a link leads to is written, and the link stays
        folder = os.path.dirname(target)
        os.makedirs(folder, exist_ok=True)
        fd, half = tempfile.mkstemp(prefix=f".{os.path.basename(target)[:100]}.", dir=folder)
        try:
            with open(fd, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(fd)
                umask = os.umask(0)
                os.umask(umask)
                os.fchmod(fd, 0o666 & ~umask)
            put(half, target, may_replace)
        finally:
            if os.path.lexists(half):
                os.unlink(half)
    except OSError as exc:
        raise WayvidError(f"cannot write {path!r}: {exc.strerror or exc}; name another place") from exc


def put(half: str, path: str, may_replace: bool) -> None:
    """Give a file that is whole its name, in the same folder.

    Raises:
        UsageError: another one has come there meanwhile, and it may not be replaced.
        OSError: it cannot be done.
    """
    if may_replace:
        os.replace(half, path)
        return
    try:
        os.link(half, path)  # unlike a rename, it replaces nothing
    except FileExistsError:
        check_free(path, may_replace)
        raise
    os.unlink(half)
