"""What ffprobe tells of a clip, as values."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import msgspec

from wayvid.errors import NotPossible, SourceUnplayable, UsageError
from wayvid.geometry import Size

__all__ = ["Clip", "clip_of", "probe", "program"]

PROBE_WITHIN_S = 60
# Transfers that are brighter than a screen without HDR can show. Source: ffprobe's color_transfer.
HDR_TRANSFERS = ("smpte2084", "arib-std-b67")
PICTURE_FORMATS = ("image2", "_pipe")  # ends of ffprobe's format_name
TURNS = 360
_FEW_BITS = 8


class Clip(NamedTuple):
    """A clip, as its file has it.

    Attributes:
        path: of the file.
        stream_index: of its video among the file's streams.
        coded: pixels of a frame in the file.
        seen: the size in which it is to be seen: in square pixels, turned as the file says.
        rate: frames a second.
        duration_s: of its video.
        total_s: of the file: of the longest track.
        codec: as ffprobe calls it.
        bits: of each colour.
        size_bytes: of the file.
        has_sound: whether it has a sound track.
        is_hdr: whether its colours are those of HDR.
        is_interlaced: whether a frame is two half pictures.
    """

    path: str
    stream_index: int
    coded: Size
    seen: Size
    rate: Fraction
    duration_s: float
    total_s: float
    codec: str
    bits: int
    size_bytes: int
    has_sound: bool
    is_hdr: bool
    is_interlaced: bool

    @property
    def is_turned(self) -> bool:
        """Whether it is seen upright when its frames lie on their side, or the other way round."""
        wide, seen_wide = (size.width > size.height for size in (self.coded, self.seen))
        return wide != seen_wide


def program(name: str) -> str:
    """The path of a program of FFmpeg.

    Raises:
        UsageError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        raise UsageError(f"{name} is not installed, and optimise needs it; install it (package ffmpeg)")
    return path


def probe(path: str) -> Clip:
    """What ffprobe tells of a file.

    Raises:
        UsageError: ffprobe is not installed.
        SourceUnplayable: it finds no video in it.
        NotPossible: it is a picture, which has no frames to leave out.
    """
    argv = [program("ffprobe"), "-v", "error", "-show_streams", "-show_format", "-of", "json", f"file:{path}"]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_WITHIN_S, check=False
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise SourceUnplayable(path, f"ffprobe says nothing of it within {PROBE_WITHIN_S} s", "check the disk") from exc
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2].rpartition(": ")[2]
        raise SourceUnplayable(path, f"ffprobe cannot read it ({said or 'no reason given'})", "try another file")
    return clip_of(path, msgspec.json.decode(done.stdout), os.stat(path).st_size)


def clip_of(path: str, told: Mapping[str, Any], size_bytes: int) -> Clip:
    """A clip from ffprobe's JSON; errors are those of probe."""
    streams = [stream for stream in told.get("streams", ()) if isinstance(stream, dict)]
    video = _video(streams)
    if video is None:
        raise SourceUnplayable(path, "there is no video in it", "name another file")
    container = told.get("format", {})
    if str(container.get("format_name", "")).endswith(PICTURE_FORMATS):
        raise NotPossible(f"{path!r} is a picture: it is shown without a player, and costs nothing to play")
    coded = Size(int(video.get("width", 0)), int(video.get("height", 0)))
    rate = _rate(video)
    if min(coded) <= 0 or rate <= 0:
        raise SourceUnplayable(path, "its size or frame rate is not known", "name another file")
    total_s = _seconds(container.get("duration"))
    pixels = str(video.get("pix_fmt", ""))
    return Clip(
        path=path,
        stream_index=int(video.get("index", 0)),
        coded=coded,
        seen=_seen(coded, video),
        rate=rate,
        duration_s=_seconds(video.get("duration")) or _clock_s(video.get("tags", {}).get("DURATION")) or total_s,
        total_s=total_s,
        codec=str(video.get("codec_name", "")),
        bits=_bits(pixels, video),
        size_bytes=size_bytes,
        has_sound=any(stream.get("codec_type") == "audio" for stream in streams),
        is_hdr=video.get("color_transfer") in HDR_TRANSFERS,
        is_interlaced=video.get("field_order", "progressive") not in ("progressive", "unknown"),
    )


def _video(streams: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The first video track that is no cover picture."""
    for stream in streams:
        is_cover = stream.get("disposition", {}).get("attached_pic")
        if stream.get("codec_type") == "video" and not is_cover:
            return stream
    return None


def _rate(video: Mapping[str, Any]) -> Fraction:
    for key in ("avg_frame_rate", "r_frame_rate"):
        rate = _fraction(video.get(key))
        if rate > 0:
            return rate.limit_denominator(1001)
    return Fraction(0)


def _fraction(text: object, divider: str = "/") -> Fraction:
    """A ratio as ffprobe writes them; 0 where it is unknown ("0/0", "N/A")."""
    above, _, below = str(text).partition(divider)
    return Fraction(int(above), int(below)) if above.isdecimal() and below.isdecimal() and int(below) else Fraction(0)


def _seen(coded: Size, video: Mapping[str, Any]) -> Size:
    shape = _fraction(video.get("sample_aspect_ratio"), ":") or Fraction(1)
    # The way of libmpv: a pixel that is not square makes the picture larger in one direction, never smaller.
    size = (
        Size(round(coded.width * shape), coded.height) if shape >= 1 else Size(coded.width, round(coded.height / shape))
    )
    sides = [side.get("rotation") for side in video.get("side_data_list", ()) if isinstance(side, dict)]
    turn = next((int(side) for side in sides if side is not None), 0) % TURNS
    return size.turned() if turn in (90, 270) else size


def _bits(pixels: str, video: Mapping[str, Any]) -> int:
    told = str(video.get("bits_per_raw_sample", ""))
    if told.isdecimal() and int(told):
        return int(told)
    return next((bits for bits in (16, 14, 12, 10, 9) if f"p{bits}" in pixels), _FEW_BITS)


def _seconds(value: object) -> float:
    try:
        return max(0.0, float(str(value)))
    except ValueError:  # "N/A"
        return 0.0


def _clock_s(value: object) -> float:
    """Seconds of Matroska's "00:00:20.000000000"; 0 when that is not told."""
    total_s = 0.0
    for part in str(value).split(":"):
        total_s = total_s * 60 + _seconds(part)
    return total_s
