"""The clips that the benches play, made once by ffmpeg and kept in the user's cache.

`busy` is 1080p30 H.264, 20 s, 6 Mbit/s, without audio: a moving test picture under
film grain, so that decoding costs what a real clip costs. `large` is 2160p30, 4 s,
without grain. Those of a `Clip` are 6 s like `busy`, in each codec, size and rate; the bits a
pixel are the same in all of them. `numbered` carries the number of each frame as black and white bars.
`colour` has one. `still` is a 1080p PNG.
"""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

from bench.axes import CODEC_TITLES, Clip
from wayvid.errors import WayvidError

RATE_HZ = 30
BUSY_SECONDS = 20
NUMBERED_FRAMES = 300
SIZE = (1920, 1080)
BITS = 12
BARS = BITS + 2  # a white bar left and a black one right tell a picture from none
WHITE, BLACK = 200, 60  # beyond these, a decoded bar is one or the other

# Encoders by codec, the one that is tried first in front, each with its options; quick rather than good.
ENCODERS: dict[str, dict[str, tuple[str, ...]]] = {
    "h264": {"libx264": ("-preset", "veryfast")},
    "hevc": {"libx265": ("-preset", "veryfast", "-x265-params", "log-level=error", "-tag:v", "hvc1")},
    "vp9": {"libvpx-vp9": ("-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1")},
    "av1": {
        "libsvtav1": ("-preset", "10"),
        "libaom-av1": ("-usage", "realtime", "-cpu-used", "9", "-row-mt", "1"),
    },
}
CLIP_SECONDS = 6
BITS_PER_PIXEL = 6_000_000 / (1920 * 1080 * 30)  # as in `busy`

_X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "250", "-an")
# One bar per bit: lum() is white where the bit of the frame number N is set.
_BAR = f"floor(X*{BARS}/W)"
_NUMBER = f"255*if(eq({_BAR},0),1,if(eq({_BAR},{BARS - 1}),0,mod(floor(N/pow(2,{_BAR}-1)),2)))"


def _ffmpeg(path: Path, *words: str) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"half-{os.getpid()}-{path.name}")
        try:
            env = os.environ | {"SVT_LOG": "1"}  # or SVT-AV1 tells its life on stderr
            subprocess.run(["ffmpeg", "-v", "error", "-y", *words, str(half)], check=True, env=env)
            half.rename(path)
        finally:
            half.unlink(missing_ok=True)
    return path


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wayvid-bench"


def busy() -> Path:
    """The clip for processor time and memory."""
    size = "x".join(map(str, SIZE))
    graph = f"testsrc2=s={size}:r={RATE_HZ}:d={BUSY_SECONDS},noise=alls=9:allf=t"
    rate = ("-b:v", "6M", "-maxrate", "8M", "-bufsize", "12M", "-preset", "medium")
    return _ffmpeg(_folder() / "busy-1.mp4", "-f", "lavfi", "-i", graph, *_X264, *rate)


class ClipUnavailable(WayvidError):
    """This ffmpeg cannot make such a clip."""


def made(clip: Clip) -> Path:
    """A clip of the matrix.

    Raises:
        ClipUnavailable: no encoder for it, or the one there is fails.
    """
    width_px = clip.height_px * 16 // 9
    encoders = ENCODERS[clip.codec]
    encoder = next((name for name in encoders if name in _known_encoders()), None)
    if encoder is None:
        raise ClipUnavailable(f"this ffmpeg has no encoder for {CODEC_TITLES[clip.codec]} ({', '.join(encoders)})")
    graph = f"testsrc2=s={width_px}x{clip.height_px}:r={clip.rate_hz}:d={CLIP_SECONDS},noise=alls=9:allf=t"
    bits_per_s = int(BITS_PER_PIXEL * width_px * clip.height_px * clip.rate_hz)
    words = ("-c:v", encoder, *encoders[encoder], "-b:v", str(bits_per_s), "-pix_fmt", "yuv420p", "-g", "250", "-an")
    name = f"{clip.codec}-{clip.height_px}p{clip.rate_hz}-1.mp4"
    try:
        return _ffmpeg(_folder() / name, "-f", "lavfi", "-i", graph, *words)
    except subprocess.CalledProcessError as exc:
        raise ClipUnavailable(f"ffmpeg's {encoder} cannot make {clip.title}: exit code {exc.returncode}") from exc


@cache
def _known_encoders() -> frozenset[str]:
    said = subprocess.run(["ffmpeg", "-v", "error", "-encoders"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return frozenset(words[1] for words in map(str.split, said.splitlines()) if len(words) > 1)


def large() -> Path:
    """The clip that is larger than any screen it is shown on."""
    graph = f"testsrc2=s=3840x2160:r={RATE_HZ}:d=4"
    return _ffmpeg(_folder() / "large-1.mp4", "-f", "lavfi", "-i", graph, *_X264, "-crf", "28", "-preset", "veryfast")


def numbered() -> Path:
    """The clip whose frames can be told apart in a picture of the screen; ten seconds."""
    graph = f"color=black:s=336x188:r={RATE_HZ}:d={NUMBERED_FRAMES / RATE_HZ:g},format=gray,geq=lum='{_NUMBER}'"
    return _ffmpeg(_folder() / "numbered-1.mp4", "-f", "lavfi", "-i", graph, *_X264, "-crf", "12", "-preset", "fast")


def paced(rate: str) -> Path:
    """A small clip of so many frames a second, such as "60000/1001"; ten seconds."""
    name = f"paced-{rate.replace('/', '-')}-1.mp4"
    return _ffmpeg(_folder() / name, "-f", "lavfi", "-i", f"testsrc2=s=640x360:r={rate}:d=10", *_X264, "-crf", "20")


def colour(name: str, rgb: tuple[int, int, int]) -> Path:
    """A clip of one colour, 4:3."""
    graph = f"color=0x{bytes(rgb).hex()}:s=320x240:r={RATE_HZ}:d=4"
    return _ffmpeg(_folder() / f"{name}-1.mp4", "-f", "lavfi", "-i", graph, *_X264, "-crf", "18")


def still() -> Path:
    """A picture."""
    size = "x".join(map(str, SIZE))
    return _ffmpeg(_folder() / "still-1.png", "-f", "lavfi", "-i", f"testsrc2=s={size}", "-frames:v", "1")


def read_number(row: bytes) -> int | None:
    """The frame number in one row of grey or RGB pixels of a picture; None when it shows none.

    Args:
        row: RGB, three bytes a pixel.
    """
    width = len(row) // 3
    levels = [row[3 * int((index + 0.5) * width / BARS)] for index in range(BARS)]
    if levels[0] < WHITE or levels[-1] > BLACK or any(BLACK < level < WHITE for level in levels):
        return None
    return sum(1 << bit for bit in range(BITS) if levels[bit + 1] > WHITE)


def read_ppm_row(data: bytes) -> bytes:
    """The first row of a binary PPM with 255 levels (ppm(5), "P6")."""
    magic, width, _height, levels, pixels = data.split(maxsplit=4) if data else (b"",) * 5
    if magic != b"P6" or levels != b"255":
        raise ValueError("not a binary PPM with 255 levels")
    return pixels[: int(width) * 3]
