"""The last picture of a source, small and on disk: the first thing that is seen when it is shown again.

Imported when there is one to be read or written, for what it needs is seldom needed.
"""

from __future__ import annotations

import logging
import mmap
import os
import struct
from binascii import crc32
from contextlib import suppress
from typing import NamedTuple

from wayvid.geometry import Size
from wayvid.link.messages import Picture

__all__ = ["Found", "find", "is_kept", "keep"]

log = logging.getLogger(__name__)

# 0.5 MB for 16:9; scaled up to the screen it is blurred, and soon faded over.
MOST_SIDE_PX = 480
BYTES_PER_PIXEL = 4
# So many sources have one.
MOST_KEPT = 8
SUFFIX = ".picture"
# What it is, width, height, the video's, rotation, the source file's time and size, length of its name; both follow:
# name, pixels.
_HEAD = struct.Struct("<8s5Iqqi")
_MAGIC = b"wayvid1\n"
MOST_NAME_BYTES = 64 * 1024
MOST_BYTES = _HEAD.size + MOST_NAME_BYTES + MOST_SIDE_PX * MOST_SIDE_PX * BYTES_PER_PIXEL


class Found(NamedTuple):
    """A picture in memory of its own.

    Attributes:
        fd: the memory; the caller's.
        size_bytes: its length.
        picture: its shape.
    """

    fd: int
    size_bytes: int
    picture: Picture


def _name(source: str) -> bytes:
    return os.fsencode(source)


def _path(folder: str, source: str) -> str:
    return os.path.join(folder, f"{crc32(_name(source)):08x}{SUFFIX}")


def _stamp(source: str) -> tuple[int, int]:
    """Tells a file from one that has taken its place."""
    try:
        found = os.stat(source)
    except (OSError, ValueError):  # a URL, or gone
        return 0, 0
    return found.st_mtime_ns, found.st_size


def keep(folder: str, source: str, fd: int, picture: Picture) -> bool:
    """Write a small copy of a picture.

    Args:
        folder: see wayvid.system.folders.
        source: the file or URL that the picture is of.
        fd: the memory that it is in.
        picture: its shape.

    Returns:
        False when that could not be done, which was logged: nothing depends on it.
    """
    temporary = f"{_path(folder, source)}.{os.getpid()}"
    try:
        pixels, size = _shrunk(fd, picture)
        name = _name(source)
        shape = (*size, picture.video_width_px, picture.video_height_px, picture.rotation)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(temporary, "wb") as file:
            file.write(_HEAD.pack(_MAGIC, *shape, *_stamp(source), len(name)) + name)
            file.write(pixels)
        os.replace(temporary, _path(folder, source))
        _forget_oldest(folder)
    except (OSError, ValueError) as exc:
        log.info("%s: its last picture is not kept for the next start: %s", source, exc)
        with suppress(OSError):
            os.unlink(temporary)
        return False
    return True


def _shrunk(fd: int, picture: Picture) -> tuple[bytearray, Size]:
    from wayvid._core.blend import FADE, blend

    shrink = max(1.0, max(picture.width_px, picture.height_px) / MOST_SIDE_PX)
    size = Size(max(1, int(picture.width_px / shrink)), max(1, int(picture.height_px / shrink)))
    stride_bytes = size.width * BYTES_PER_PIXEL
    pixels = bytearray(stride_bytes * size.height)
    with mmap.mmap(fd, picture.stride_bytes * picture.height_px, mmap.MAP_SHARED, mmap.PROT_READ) as memory:
        shape = (picture.width_px, picture.height_px, picture.stride_bytes)
        part = (0.0, 0.0, float(picture.width_px), float(picture.height_px))
        layer = (memory, shape, part, (0, 0, *size), 0)
        blend(pixels, (*size, stride_bytes), layer, layer, FADE, 0)
    return pixels, size


def _forget_oldest(folder: str) -> None:
    paths = [entry.path for entry in os.scandir(folder) if entry.name.endswith(SUFFIX)]
    for path in sorted(paths, key=os.path.getmtime)[:-MOST_KEPT]:
        os.unlink(path)


def is_kept(folder: str, source: str) -> bool:
    """Whether there seems to be a last picture of a source; find() looks closer."""
    return os.path.exists(_path(folder, source))


def find(folder: str, source: str) -> Found | None:
    """The last picture of a source; None when there is none, or the file has changed since.

    Args:
        folder: see wayvid.system.folders.
        source: the file or URL.
    """
    try:
        with open(_path(folder, source), "rb") as file:
            return _read(file.read(MOST_BYTES), source)
    except OSError:
        return None


def _read(data: bytes, source: str) -> Found | None:
    if len(data) < _HEAD.size:
        return None
    magic, width, height, video_width, video_height, rotation, time_ns, size_bytes, length = _HEAD.unpack_from(data)
    stride_bytes = width * BYTES_PER_PIXEL
    begins = _HEAD.size + length
    is_whole = magic == _MAGIC and 0 < length <= MOST_NAME_BYTES and len(data) == begins + stride_bytes * height
    is_sane = min(width, height, video_width, video_height) > 0 and max(width, height) <= MOST_SIDE_PX
    if not is_whole or not is_sane or rotation not in (0, 90, 180, 270):
        return None
    if data[_HEAD.size : begins] != _name(source) or (time_ns, size_bytes) != _stamp(source):
        return None
    # A row more: see ShmRenderer.
    memory_bytes = stride_bytes * (height + 1)
    fd = os.memfd_create("wayvid-last", os.MFD_CLOEXEC)
    os.ftruncate(fd, memory_bytes)
    with open(fd, "wb", closefd=False) as memory:
        memory.write(data[begins:])
    return Found(fd, memory_bytes, Picture(0, width, height, stride_bytes, video_width, video_height, rotation))
