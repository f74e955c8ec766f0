"""Writes pixels as a PNG file, with the standard library alone."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

__all__ = ["write_png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB, DEPTH_BITS = 2, 8
FAST = 1  # level 1 is several times faster than 6 for pictures of the same order of size


def write_png(path: Path, size: tuple[int, int], stride_bytes: int, pixels: bytes, order: str = "BGRX") -> None:
    """Write 32-bit pixels as an opaque PNG.

    Args:
        pixels: stride_bytes x height, rows top first.
        order: of the bytes of a pixel in memory, such as "BGRX" or "RGBX".
    """
    width, height = size
    if stride_bytes < width * 4 or len(pixels) < stride_bytes * height:
        raise ValueError(f"{len(pixels)} bytes are no {width}x{height} pixels of {stride_bytes} bytes a row")
    red, green, blue = (order.index(channel) for channel in "RGB")
    rows = bytearray()
    row = bytearray(width * 3)
    for start in range(0, stride_bytes * height, stride_bytes):
        line = pixels[start : start + width * 4]
        row[0::3], row[1::3], row[2::3] = line[red::4], line[green::4], line[blue::4]
        rows += b"\0" + row  # filter type 0: the bytes as they are
    header = struct.pack(">IIBBBBB", width, height, DEPTH_BITS, RGB, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, FAST)), (b"IEND", b""))
    path.write_bytes(SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
