"""Makes PNG files of pixels, with the standard library alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

__all__ = ["Pixels", "png_parts", "write_png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, DEPTH_BITS = 2, 8
ASPECT_ALONE = 0  # pHYs: the unit is unknown
FAST = 1  # level 1 is several times faster than 6 for pictures of the same order of size
PART_BYTES = 1024 * 1024


class Pixels(Protocol):
    """Bytes, or a memory map."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


def write_png(path: Path, size: tuple[int, int], stride_bytes: int, pixels: Pixels, order: str = "BGRX") -> None:
    """Write 32-bit pixels as an opaque PNG; arguments are those of png_parts()."""
    path.write_bytes(b"".join(png_parts(size, stride_bytes, pixels, order)))


def png_parts(
    size: tuple[int, int],
    stride_bytes: int,
    pixels: Pixels,
    order: str = "BGRX",
    rotation: int = 0,
    seen: tuple[int, int] | None = None,
) -> Iterator[bytes]:
    """32-bit pixels as an opaque PNG, part by part.

    Args:
        size: width and height.
        stride_bytes: from row to row.
        pixels: stride_bytes x height, rows top first.
        order: of the bytes of a pixel in memory, such as "BGRX" or "RGBX".
        rotation: degrees clockwise by which it has to be turned: 0, 90, 180, 270.
        seen: the size in which it wants to be seen, before it is turned: its pixels need not be square.

    Source: PNG specification, 3rd edition, sections 5 and 11.
    """
    width, height = size
    if stride_bytes < width * 4 or len(pixels) < stride_bytes * (height - 1) + width * 4:
        raise ValueError(f"{len(pixels)} bytes are no {width}x{height} pixels of {stride_bytes} bytes a row")
    is_turned = rotation in (90, 270)
    yield SIGNATURE
    shape = (height, width) if is_turned else (width, height)
    yield _chunk(b"IHDR", struct.pack(">IIBBBBB", *shape, DEPTH_BITS, RGB, 0, 0, 0))
    if seen is not None and seen[0] * height != seen[1] * width:
        # Pixels a unit, so the reverse of their sizes.
        across, down = width * seen[1], height * seen[0]
        yield _chunk(b"pHYs", struct.pack(">IIB", *((down, across) if is_turned else (across, down)), ASPECT_ALONE))
    packer, packed = zlib.compressobj(FAST), bytearray()
    for row in _rows(size, stride_bytes, pixels, [order.index(channel) for channel in "RGB"], rotation):
        packed += packer.compress(b"\0" + row)  # filter type 0: the bytes as they are
        if len(packed) > PART_BYTES:
            yield _chunk(b"IDAT", bytes(packed))
            packed.clear()
    yield _chunk(b"IDAT", bytes(packed) + packer.flush())
    yield _chunk(b"IEND", b"")


def _rows(
    size: tuple[int, int], stride_bytes: int, pixels: Pixels, channels: list[int], rotation: int
) -> Iterator[bytearray]:
    """The rows as they are seen, RGB."""
    width, height = size
    if rotation in (90, 270):
        row = bytearray(height * 3)
        for x in range(width) if rotation == 90 else range(width - 1, -1, -1):
            for place, channel in enumerate(channels):
                column = pixels[x * 4 + channel : stride_bytes * (height - 1) + width * 4 : stride_bytes]
                row[place::3] = column[::-1] if rotation == 90 else column
            yield row
        return
    row = bytearray(width * 3)
    for y in range(height - 1, -1, -1) if rotation == 180 else range(height):
        line = pixels[y * stride_bytes : y * stride_bytes + width * 4]
        for place, channel in enumerate(channels):
            row[place::3] = line[channel::4][::-1] if rotation == 180 else line[channel::4]
        yield row


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
