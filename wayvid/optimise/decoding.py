"""What decoding a clip costs, measured: a process of its own plays it as the player would, without a screen.

`python -m wayvid.optimise.decoding PARENT_PID REQUEST` is that process: libmpv with the
player's options, the player's shared-memory renderer, the clip at its own speed. It
prints what it used as JSON. What a compositor does with the pictures is not in it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from time import monotonic, process_time
from typing import TYPE_CHECKING

import msgspec

from wayvid.errors import MeasurementFailed, PlayerError, SourceUnplayable
from wayvid.geometry import Size

if TYPE_CHECKING:
    from wayvid.player.core import MpvCore
    from wayvid.render.frame import FrameBuffer
    from wayvid.render.shm import ShmRenderer
    from wayvid.system.events import EventLoop

__all__ = ["Decoding", "measure_decoding"]

WARM_UP_S = 1.0
FIRST_PICTURE_WITHIN_S = 20.0
LEAST_FRAMES, MOST_S = 10, 20.0
# Every frame is to be decoded and made, however late: what a busy machine leaves out costs nothing.
OPTIONS = (("framedrop", "no"),)


class Request(msgspec.Struct):
    """What to play: a file of that rate, pictures in that size, for so long after the warm-up."""

    path: str
    rate: float
    width_px: int
    height_px: int
    seconds: float


class Decoding(msgspec.Struct):
    """What was found.

    Attributes:
        cpu_percent: of one core, all threads, for play at the clip's own speed: from the time that a frame took, so
            that it holds also where the machine was too busy to keep up. It may be above 100.
        memory_bytes: what the process has more than before it opened the clip: decoder and its frames, and what is
            read ahead. Without the pictures that it made.
        frames: from how many.
        error: why there is none of it; empty when there is.
    """

    cpu_percent: float = 0.0
    memory_bytes: int = 0
    frames: int = 0
    error: str = ""


def measure_decoding(path: str, rate: float, picture: Size, seconds: float) -> Decoding:
    """Play a clip in a process of its own.

    Args:
        path: of the clip.
        rate: its frames a second.
        picture: the size to make its pictures in.
        seconds: how long, after WARM_UP_S; longer where that is less than LEAST_FRAMES frames.

    Raises:
        SourceUnplayable: libmpv cannot play it.
        MeasurementFailed: that process ended, or hangs.
    """
    request = msgspec.json.encode(Request(path, rate, *picture, seconds)).decode()
    argv = [sys.executable, "-P", "-m", __name__, str(os.getpid()), request]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=seconds + WARM_UP_S + FIRST_PICTURE_WITHIN_S + MOST_S, check=False,
        )  # fmt: skip
        found = msgspec.json.decode(done.stdout, type=Decoding)
    except subprocess.TimeoutExpired as exc:
        raise MeasurementFailed(f"{path!r} could not be measured: libmpv hangs; see 'wayvid check'") from exc
    except msgspec.MsgspecError as exc:
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"exit code {done.returncode}"
        raise MeasurementFailed(f"{path!r} could not be measured: {said}; see 'wayvid check'") from exc
    if found.error:
        raise SourceUnplayable(path, found.error, "try another file")
    return found


class _Player:
    """Plays into memory, and looks at itself (wayvid.player.owner.CoreOwner)."""

    def __init__(self, request: Request, loop: EventLoop, renderer: ShmRenderer) -> None:
        self.found = Decoding(error="it gives no picture")
        self._request = request
        self._size = Size(request.width_px, request.height_px)
        self._loop = loop
        self._renderer = renderer
        self._core: MpvCore | None = None
        self._shown: FrameBuffer | None = None
        self._frames = 0
        self._before_bytes = 0

    def play(self) -> None:
        """Serve until all is known."""
        from wayvid.link.messages import StreamSpec
        from wayvid.player.core import MpvCore
        from wayvid.player.source import CoreMemory, CoreStart

        self._before_bytes = _own_bytes()
        spec = StreamSpec(path=self._request.path, options=OPTIONS)
        loop = self._loop
        self._core = MpvCore(spec, CoreStart(), CoreMemory(), self, self._renderer, {}, loop.watch, loop.unwatch)
        loop.call_later(FIRST_PICTURE_WITHIN_S, self._check_started)
        loop.run()

    def on_frame_waiting(self) -> None:
        """See CoreOwner."""
        assert self._core is not None
        context = self._core.render_context
        before = self._shown
        self._shown = self._renderer.render(context, self._size, self._size, 0, self._frames + 1)
        context.report_swap()
        if before is not None:
            before.let_go()
        self._frames += 1
        if self._frames == 1:
            self._loop.call_later(WARM_UP_S, self._begin)

    def on_started(self) -> None:
        """See CoreOwner."""

    def on_loaded(self, is_image: bool, duration_s: float) -> None:
        """See CoreOwner."""
        assert self._core is not None
        if not is_image:
            self._core.loop_without_seam(duration_s, after_this_round=False)

    def on_reshaped(self) -> None:
        """See CoreOwner."""

    def on_ended(self) -> None:
        """See CoreOwner; a loop has no end."""

    def on_starved(self, _is_starved: bool) -> None:
        """See CoreOwner."""

    def is_at_end(self) -> bool:
        """See CoreOwner."""
        return True

    def on_failed(self, reason: str, code: int) -> None:  # noqa: ARG002 - see CoreOwner
        """See CoreOwner."""
        self.found.error = reason
        self._loop.stop()

    def _check_started(self) -> None:
        if not self._frames:
            self._loop.stop()

    def _begin(self) -> None:
        self._end(self._frames, process_time(), monotonic() + MOST_S)

    def _end(self, frames: int, cpu_s: float, due_s: float) -> None:
        """Look at what was used since then, in a while."""

        def look() -> None:
            made = self._frames - frames
            if made < LEAST_FRAMES and monotonic() < due_s:
                self._end(frames, cpu_s, due_s)
                return
            if made:
                used_s = process_time() - cpu_s
                memory_bytes = max(0, _own_bytes() - self._before_bytes)
                self.found = Decoding(100 * used_s / made * self._request.rate, memory_bytes, made)
            self._loop.stop()

        self._loop.call_later(self._request.seconds, look)


def _own_bytes() -> int:
    """Memory of this process alone, pictures apart."""
    from wayvid.memory.usage import process_memory

    held = process_memory(os.getpid())
    return held.pss_anon_bytes if held is not None else 0


def _main(parent_pid: int, request: Request) -> None:
    from wayvid._core import BufferPool
    from wayvid.player.library import load_libmpv
    from wayvid.render.shm import ShmRenderer
    from wayvid.system.events import EventLoop
    from wayvid.system.heap import keep_heap_small
    from wayvid.system.process import die_with_parent

    die_with_parent(parent_pid)
    keep_heap_small()
    try:
        load_libmpv()
        player = _Player(request, EventLoop(), ShmRenderer(BufferPool()))
        player.play()
        found = player.found
    except (OSError, PlayerError) as exc:
        found = Decoding(error=str(exc))
    sys.stdout.buffer.write(msgspec.json.encode(found))
    sys.stdout.buffer.flush()
    os._exit(0)  # all is said; libmpv's own end would only take time


if __name__ == "__main__":
    _main(int(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Request))
