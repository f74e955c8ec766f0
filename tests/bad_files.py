"""Files that are not what they seem, each made in a moment."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from tests.clips import make_colour_clip, make_numbered_clip

__all__ = ["REFUSED", "SHOWN", "huge_png"]

Maker = Callable[[Path], Path]
HUGE_SIDE_PX = 60000


def ffmpeg(*words: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *words], check=True)


def missing(folder: Path) -> Path:
    return folder / "none.mp4"


def empty(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def truncated(folder: Path) -> Path:
    """Its index, which stands last, is gone."""
    whole = make_numbered_clip(folder / "whole.mp4", frames=60)
    cut = folder / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return cut


def cut_short(folder: Path) -> Path:
    """Its index, which stands first, promises twice as much."""
    whole = make_numbered_clip(folder / "whole.mp4", frames=60, extra=("-movflags", "+faststart"))
    cut = folder / "short.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    return cut


def corrupt(folder: Path) -> Path:
    """Noise in the middle."""
    data = bytearray(make_numbered_clip(folder / "whole.mp4", frames=90).read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes((each * 91 + 7) % 256 for each in range(2000))
    (folder / "corrupt.mp4").write_bytes(data)
    return folder / "corrupt.mp4"


def text_as(name: str) -> Maker:
    def make(folder: Path) -> Path:
        (folder / name).write_text("no picture, but words\n" * 500)
        return folder / name

    return make


def picture_as_clip(folder: Path) -> Path:
    Image.new("RGB", (320, 180), (40, 160, 90)).save(folder / "picture.png")
    return (folder / "picture.png").rename(folder / "picture.mp4")


def clip_as_picture(folder: Path) -> Path:
    return make_colour_clip(folder / "clip.mkv", (320, 180), (40, 160, 90)).rename(folder / "clip.png")


def circle(folder: Path) -> Path:
    """A link to a link to itself."""
    (folder / "one.mp4").symlink_to(folder / "other.mp4")
    (folder / "other.mp4").symlink_to(folder / "one.mp4")
    return folder / "one.mp4"


def sound_alone(folder: Path) -> Path:
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", str(folder / "sound.mp4"))
    return folder / "sound.mp4"


def one_frame(folder: Path) -> Path:
    """As long as a frame."""
    return make_colour_clip(folder / "moment.mkv", (320, 180), (40, 160, 90), frames=1)


def no_rate(folder: Path) -> Path:
    """An AVI that says it has no frames a second."""
    path = folder / "rate.avi"
    ffmpeg("-f", "lavfi", "-i", "color=c=0x28a05a:s=320x180:d=1:r=10", "-c:v", "mjpeg", "-q:v", "1", str(path))
    data = bytearray(path.read_bytes())
    head = data.index(b"strh") + 8
    data[head + 20 : head + 28] = struct.pack("<II", 0, 0)  # dwScale, dwRate
    frame_us = data.index(b"avih") + 8
    data[frame_us : frame_us + 4] = bytes(4)
    path.write_bytes(data)
    return path


def gif_bomb(side: int) -> Maker:
    """A few bytes that stand for so many rows of so many pixels, again and again."""
    return lambda folder: _gif_bomb(folder, side)


def _gif_bomb(folder: Path, side: int) -> Path:
    screen = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(3) + b"\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x4c\x01\x00"
    (folder / "bomb.gif").write_bytes(screen + frame * 2000 + b"\x3b")
    return folder / "bomb.gif"


def huge_png(path: Path, width: int, height: int) -> Path:
    """A PNG of one colour, (40, 160, 90), of any size, without ever holding its pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def rows() -> Iterator[bytes]:
        packer = zlib.compressobj(1)
        row = b"\0" + bytes((40, 160, 90)) * width
        for _ in range(height):
            yield packer.compress(row)
        yield packer.flush()

    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        file.write(chunk(b"IDAT", b"".join(rows())) + chunk(b"IEND", b""))
    return path


def png_bomb(folder: Path) -> Path:
    """Says that it has sixty thousand rows of sixty thousand pixels, and has none."""
    data = huge_png(folder / "small.png", 8, 8).read_bytes()
    head = bytearray(data[12:29])
    head[4:12] = struct.pack(">II", HUGE_SIDE_PX, HUGE_SIDE_PX)
    (folder / "bomb.png").write_bytes(data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:])
    return folder / "bomb.png"


def _table(*rows: tuple[str, Maker, str]) -> dict[str, tuple[Maker, str]]:
    return {name: (make, word) for name, make, word in rows}


# What is refused, and a word of why.
REFUSED = _table(
    ("missing", missing, "no such file"),
    ("empty", empty, "the file is empty"),
    ("truncated", truncated, "damaged"),
    ("text called mp4", text_as("text.mp4"), "not a video"),
    ("text called png", text_as("text.png"), "no video"),
    ("text called gif", text_as("text.gif"), "no video"),
    ("links in a circle", circle, "circle"),
    ("sound alone", sound_alone, "no video stream"),
    ("GIF bomb", gif_bomb(HUGE_SIDE_PX), "too large (60000x60000)"),
    ("GIF bomb that a decoder would take", gif_bomb(15000), "too large (15000x15000)"),
    ("PNG bomb", png_bomb, "too large"),
)
# What is shown as well as it can be.
SHOWN: dict[str, Maker] = {
    "cut short": cut_short,
    "corrupt in the middle": corrupt,
    "png called mp4": picture_as_clip,
    "clip called png": clip_as_picture,
    "one frame": one_frame,
    "no frame rate": no_rate,
}
