"""Makes the copy with ffmpeg, a file that is there as a whole or not at all."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable

from wayvid.errors import NotPossible, UsageError, WayvidError
from wayvid.optimise.clip import Clip, program
from wayvid.optimise.plan import PIXELS, REFERENCES, Plan

__all__ = ["check_encoder", "encode", "encode_command"]

ENCODER = "libx264"
QUALITY = "20"  # x264's CRF: a copy that looks like the clip
KEY_EVERY_S = 5  # so far a player that goes on somewhere has to decode to get there
_LAST_WORDS = 300


def check_encoder(clip: Clip) -> None:
    """Find out early that no copy can be made.

    Raises:
        UsageError: ffmpeg is not installed, or cannot make H.264.
        NotPossible: the clip is one that would come out wrong.
    """
    if clip.is_hdr:
        raise NotPossible(f"no copy is made of {clip.path!r}: it is HDR, and its colours would come out pale")
    told = subprocess.run(
        [program("ffmpeg"), "-v", "error", "-encoders"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    ).stdout
    if f" {ENCODER} ".encode() not in told:
        raise UsageError(f"this ffmpeg has no {ENCODER}, which makes the copy; install one that has (package ffmpeg)")


def encode_command(clip: Clip, plan: Plan, target: str) -> list[str]:
    """What makes the copy.

    The loop has no seam: the first frame is a key frame at 0, no frame waits for a later one, so no list of edits is
    needed, and no other track is longer than the video.
    """
    filters = ["yadif"] if clip.is_interlaced else []
    filters += [f"fps={plan.rate}", f"scale={plan.size.width}:{plan.size.height}:flags=lanczos", "setsar=1"]
    filters.append(f"format={PIXELS}")
    return [
        "ffmpeg", "-v", "error", "-nostdin", "-y", "-i", f"file:{clip.path}",
        "-map", f"0:{clip.stream_index}", "-an", "-sn", "-dn", "-map_chapters", "-1",
        "-vf", ",".join(filters), "-c:v", ENCODER, "-preset", "slow", "-crf", QUALITY,
        "-refs", str(REFERENCES), "-bf", "0", "-g", str(max(1, round(plan.rate * KEY_EVERY_S))),
        "-movflags", "+faststart", "-f", "mp4", "-progress", "pipe:1", "-nostats", f"file:{target}",
    ]  # fmt: skip


def encode(clip: Clip, plan: Plan, target: str, on_frames: Callable[[int], None]) -> None:
    """Make the copy; ffmpeg never outlives this call.

    Args:
        clip: as it is.
        plan: as the copy is to be.
        target: a file that may be written over.
        on_frames: told how many frames there are by now.

    Raises:
        WayvidError: ffmpeg failed; its last words are in the message.
    """
    with tempfile.TemporaryFile() as said:
        argv = encode_command(clip, plan, target)
        argv[0] = program("ffmpeg")
        with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as process:
            try:
                assert process.stdout is not None
                for line in process.stdout:
                    name, _, value = line.strip().partition(b"=")
                    if name == b"frame" and value.isdigit():
                        on_frames(int(value))
                code = process.wait()
            finally:
                process.kill()
        if code:
            said.seek(0)
            words = said.read().decode(errors="replace").strip().rpartition("\n")[2][-_LAST_WORDS:]
            raise WayvidError(f"ffmpeg could not make the copy of {clip.path!r}: {words or f'exit code {code}'}")
