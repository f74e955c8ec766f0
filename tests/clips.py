"""Clips that tests make themselves: every pixel and every frame can be recognised in a picture of the desk."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

BLOCKS = 8
BITS = 12
# Lossless, so that colours come out as they went in.
LOSSLESS = ("-c:v", "ffv1", "-pix_fmt", "bgr0")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p", "-g", "15")


def block_colour(column: int, row: int) -> tuple[int, int, int]:
    """Colour of a block of the pattern; no two are alike."""
    return (column * 28 + 24, row * 28 + 24, 240 if (column + row) % 2 else 120)


def block_picture(size: tuple[int, int]) -> Image.Image:
    """A pattern of BLOCKS x BLOCKS coloured blocks."""
    picture = Image.new("RGB", size)
    width, height = size
    for row in range(BLOCKS):
        for column in range(BLOCKS):
            left, top = -(-column * width // BLOCKS), -(-row * height // BLOCKS)
            right, bottom = -(-(column + 1) * width // BLOCKS), -(-(row + 1) * height // BLOCKS)
            picture.paste(block_colour(column, row), (left, top, right, bottom))
    return picture


def encode(
    path: Path, size: tuple[int, int], frames: Iterable[bytes], rate: int, pixel: str, codec: Iterable[str]
) -> Path:
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", pixel, "-s", f"{size[0]}x{size[1]}"]
    command += ["-r", str(rate), "-i", "-", *codec, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as ffmpeg:
        assert ffmpeg.stdin is not None
        for frame in frames:
            ffmpeg.stdin.write(frame)
        ffmpeg.stdin.close()
        assert ffmpeg.wait() == 0, "ffmpeg failed"
    return path


def make_block_clip(path: Path, size: tuple[int, int], extra: tuple[str, ...] = ()) -> Path:
    """A lossless clip of the block pattern, two seconds that all look alike."""
    data = block_picture(size).tobytes()
    return encode(path, size, [data] * 20, 10, "rgb24", (*LOSSLESS, *extra))


# Clockwise degrees -> a, b, c and d of the matrix (ISO/IEC 14496-12, 6.2.2), 16.16.
TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


def make_turned_clip(source: Path, path: Path, degrees: int) -> Path:
    """A copy of an mp4 of one track that says it is to be turned clockwise by so many degrees.

    No option of ffmpeg does that in each version: `rotate` went with 6, `-display_rotation` came with it.
    """
    data = bytearray(source.read_bytes())
    a, b, c, d = (value << 16 for value in TURNS[degrees])
    matrix_at = data.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2, version 0
    struct.pack_into(">5i", data, matrix_at, a, b, 0, c, d)
    path.write_bytes(data)
    return path


def make_colour_clip(
    path: Path, size: tuple[int, int], colour: tuple[int, int, int], seconds: int = 2, frames: int = 0
) -> Path:
    """A lossless clip of one colour, ten frames a second."""
    data = bytes(colour) * (size[0] * size[1])
    return encode(path, size, [data] * (frames or 10 * seconds), 10, "rgb24", LOSSLESS)


def _number_frame(number: int, size: tuple[int, int]) -> bytes:
    width, height = size
    bar = width // (BITS + 2)
    row = bytearray(width)
    row[:bar] = b"\xff" * bar  # a white bar left and a black one right tell a picture from none
    for bit in range(BITS):
        if number >> bit & 1:
            row[(bit + 1) * bar : (bit + 2) * bar] = b"\xff" * bar
    return bytes(row) * height


def make_numbered_clip(
    path: Path, frames: int, rate: int = 30, size: tuple[int, int] = (336, 188), extra: tuple[str, ...] = ()
) -> Path:
    """An H.264 clip in which each frame carries its number, from 0, as twelve black or white bars."""
    return encode(path, size, (_number_frame(number, size) for number in range(frames)), rate, "gray", (*H264, *extra))


def read_number(path: Path) -> int | None:
    """The frame number that a picture of an output shows (layout stretch or fill); None when it shows none."""
    with Image.open(path) as picture:
        width, y = picture.width, picture.height // 2
        row = picture.crop((0, y, width, y + 1)).convert("L")
        levels = [row.getpixel((int((index + 0.5) * width / (BITS + 2)), 0)) for index in range(BITS + 2)]
    if levels[0] < 200 or levels[-1] > 60 or any(60 < level < 200 for level in levels):
        return None
    return sum(1 << bit for bit in range(BITS) if levels[bit + 1] > 127)
