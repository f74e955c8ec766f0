"""A real libmpv core in an event loop with a deadline, and clips for it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clips import block_picture, make_block_clip, make_numbered_clip, make_turned_clip
from tests.conftest import need_programs
from wayvid._core import BufferPool, ManagedBuffer
from wayvid.link.messages import StreamSpec
from wayvid.player.core import MpvCore
from wayvid.player.source import CoreMemory, CoreStart
from wayvid.render.shm import ShmRenderer
from wayvid.system.events import EventLoop

DEADLINE_S = 60.0
EXIF_ORIENTATION = 0x0112


@pytest.fixture(scope="session", autouse=True)
def _words_are_listened_to() -> None:
    """The pipe for ffmpeg's words, one for the process, is there before any test counts descriptors."""
    MpvCore._words.listen()


@pytest.fixture
def open_fds() -> Callable[[], int]:
    """How many file descriptors this process has."""
    return lambda: len(os.listdir("/proc/self/fd"))


class Deadline:
    """An event loop that runs until a condition is true, and fails the test when it never is."""

    def __init__(self) -> None:
        self.loop = EventLoop()

    def run_until(self, condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
        """Serve until the condition is true after some event."""

        def too_late() -> None:
            raise AssertionError(f"waited {deadline_s:g} s in vain for {what}")

        def look() -> None:
            if condition():
                self.loop.stop()

        self.loop._before_sleep = [look]
        timer = self.loop.call_later(deadline_s, too_late)
        self.loop.run()
        timer.cancel()

    def run_for(self, seconds: float) -> None:
        """Serve for a while, to see that something does not happen."""
        self.loop._before_sleep = []
        self.loop.call_later(seconds, self.loop.stop)
        self.loop.run()


@pytest.fixture
def deadline() -> Iterator[Deadline]:
    """A loop with a deadline."""
    deadline = Deadline()
    yield deadline
    deadline.loop.close()


class Owner:
    """Keeps what a core tells, and takes its pictures."""

    def __init__(self) -> None:
        self.core: MpvCore | None = None
        self.loaded: list[tuple[bool, float]] = []
        self.failures: list[tuple[str, int]] = []
        self.positions: list[float] = []
        self.pictures = 0
        self.pixels = ManagedBuffer(64 * 4 * 64)

    def on_frame_waiting(self) -> None:
        assert self.core is not None
        context = self.core.render_context
        context.render(self.pixels, 64, 64, 256)
        context.report_swap()
        self.pictures += 1
        self.core.ask_position(self.on_position)

    def on_started(self) -> None:
        pass

    def on_loaded(self, is_image: bool, duration_s: float) -> None:
        self.loaded.append((is_image, duration_s))

    def on_reshaped(self) -> None:
        pass

    def on_position(self, position_s: float | None) -> None:
        if position_s is not None:
            self.positions.append(position_s)

    def on_starved(self, _is_starved: bool) -> None:
        """See CoreOwner."""

    def is_at_end(self) -> bool:
        """See CoreOwner."""
        return True

    def on_failed(self, reason: str, code: int) -> None:
        self.failures.append((reason, code))


@pytest.fixture
def start_core(deadline: Deadline) -> Iterator[Callable[..., Owner]]:
    """Starts a core: start_core(path, resume_s=0.0, **fields of the spec)."""
    owners: list[Owner] = []

    def start(path: Path | str, *, resume_s: float = 0.0, **fields: object) -> Owner:
        owner = Owner()
        spec = StreamSpec(path=str(path), **fields)
        renderer = ShmRenderer(BufferPool())
        owner.core = MpvCore(
            spec, CoreStart(resume_s), CoreMemory(), owner, renderer, {}, deadline.loop.watch, deadline.loop.unwatch
        )
        owners.append(owner)
        return owner

    yield start
    for owner in owners:
        assert owner.core is not None
        thread = owner.core.close()
        if thread is not None:
            thread.join()
        owner.pixels.close()
    assert "libmpv-end" not in {thread.name for thread in threading.enumerate()}


def ffmpeg(*words: object) -> None:
    """Run ffmpeg, which must succeed."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of clips and of files that are none."""
    need_programs("ffmpeg")
    folder = tmp_path_factory.mktemp("player-clips")
    make_numbered_clip(folder / "two-seconds.mp4", frames=60)
    make_numbered_clip(folder / "ten-seconds.mp4", frames=300)
    whole = folder.joinpath("two-seconds.mp4").read_bytes()
    (folder / "no-index.mp4").write_bytes(whole[: len(whole) // 2])  # the moov atom is at the end
    (folder / "garbage.mp4").write_bytes(bytes(range(256)) * 400)
    (folder / "text.mp4").write_text("not a video\n" * 100)
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", folder / "sound.m4a")
    noise = ("-c:v", "libx264", "-bsf:v", "noise=amount=1")
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1", *noise, folder / "undecodable.mkv")  # opens, and gives no picture
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=2:s=320x240", "-f", "lavfi", "-i", "sine=d=2", folder / "with-sound.mp4")
    make_block_clip(folder / "blocks.mkv", (96, 64))
    ffmpeg("-i", folder / "blocks.mkv", "-c:v", "libx264rgb", "-qp", "0", folder / "blocks.mp4")
    for degrees in (90, 180, 270):
        make_turned_clip(folder / "blocks.mp4", folder / f"turned-{degrees}.mp4", degrees)
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:s=320x240", "-vf", "setsar=4/3", folder / "anamorphic.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc=d=1:r=10:s=64x64", folder / "moving.gif")
    block_picture((96, 64)).save(folder / "still.png")
    block_picture((96, 64)).save(folder / "still.jpg")
    block_picture((64, 96)).save(folder / "upright.png")
    exif = block_picture((96, 64)).getexif()
    exif[EXIF_ORIENTATION] = 6  # to be turned by 90 degrees clockwise
    block_picture((96, 64)).save(folder / "turned-90.jpg", exif=exif)
    (folder / "broken.png").write_bytes((folder / "still.png").read_bytes()[:60])
    return folder
