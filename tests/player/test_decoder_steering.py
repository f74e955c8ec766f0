"""A stream that is frozen, paused, slowed and begun at a moment, and what it says of itself; with a real libmpv."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.player.conftest import Deadline
from tests.player.test_shared_decode import Bench, FakeViewer, bench, end, spec
from tests.support import wait_until
from wayvid.link.figures import Figures
from wayvid.link.messages import Limits, StreamSpec
from wayvid.memory.ladder import Action
from wayvid.player import audience, waiting
from wayvid.player.easing import Easing
from wayvid.player.figures import FigureReader, decoded_frames
from wayvid.player.source import CoreMemory, CoreStart, core_memory

__all__ = ["bench", "spec"]  # fixtures

MIB = 1024 * 1024
RATE = 30


def play(bench: Bench, spec: StreamSpec, deadline: Deadline, **start: object) -> tuple[FakeViewer, object]:
    """A viewer and a handle, once the viewer has a frame."""
    handle = bench.manager.acquire(spec, **start)
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: viewer.shown, "a frame")
    return viewer, handle


def wait_loop(handle: object, deadline: Deadline) -> None:
    """Wait for the loop without a seam, which begins soon after the first picture with a decoder of its own."""
    decoder = handle.decoder  # type: ignore[attr-defined]
    deadline.run_until(lambda: (decoder.core.read("path") or "").startswith("/proc/self/fd/"), "the loop")
    begun = decoder.frames
    deadline.run_until(lambda: decoder.frames > begun + 5, "frames of it")


def test_frozen_stream_shows_no_newer_frame_until_it_is_thawed(
    bench: Bench, spec: StreamSpec, deadline: Deadline
) -> None:
    viewer, handle = play(bench, spec, deadline)
    deadline.run_until(lambda: len(viewer.sequences) > 10, "some frames")
    told: list[float] = []
    handle.decoder.freeze(lambda: told.append(handle.decoder.position_s))
    before = list(viewer.sequences)
    assert handle.decoder.state == "frozen"
    deadline.run_until(lambda: told, "the position")
    assert told[0] > 0.2
    deadline.run_for(0.3)
    handle.decoder.viewer_ready(viewer)  # a frame callback that was under way
    assert not handle.decoder.has_newer(viewer.sequences[-1])
    assert set(viewer.sequences) == set(before), "a newer frame"
    handle.decoder.thaw()
    deadline.run_until(lambda: len(viewer.sequences) > len(before) + 5, "frames again")
    assert told == told[:1]
    end(handle, viewer)


def test_a_pause_loses_no_picture_that_waits_for_the_screen(
    bench: Bench, spec: StreamSpec, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "LIBMPV_WAITS_S", 60)  # what libmpv has no more is lost, at whatever time it is seen
    viewer, handle = play(bench, spec, deadline)
    wait_loop(handle, deadline)  # the picture of a file that is closed meanwhile is lost
    viewer.is_able = False
    before = list(viewer.sequences)
    deadline.run_until(handle.decoder._is_drawable, "a picture that waits")
    done: list[bool] = []
    handle.decoder.set_paused(True, lambda: done.append(True))
    deadline.run_until(lambda: done, "the pause")
    assert viewer.sequences == before
    viewer.is_able = True
    handle.decoder.viewer_ready(viewer)
    assert viewer.sequences == [*before, before[-1] + 1]
    deadline.run_for(0.3)
    handle.decoder.viewer_ready(viewer)
    assert viewer.sequences[-1] == before[-1] + 1, "it went on"
    end(handle, viewer)


def test_paused_stream_stays_paused_whatever_is_seen(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    viewer, handle = play(bench, spec, deadline)
    handle.decoder.set_paused(True)
    assert handle.decoder.state == "paused"
    deadline.run_until(lambda: handle.decoder.core.read("pause") == "yes", "the pause")
    deadline.run_for(0.2)
    before = len(viewer.sequences)
    handle.decoder.viewer_ready(viewer)
    deadline.run_for(0.3)
    assert viewer.sequences[before - 1] >= viewer.sequences[-1] - 1
    handle.decoder.set_paused(False)
    deadline.run_until(lambda: len(viewer.sequences) > before + 5, "frames again")
    end(handle, viewer)


def test_stream_begins_at_its_moment_and_not_before(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    begin_at_s = monotonic() + 0.8
    viewer, handle = play(bench, spec, deadline, start=CoreStart(1.0), begin_at_s=begin_at_s)
    assert monotonic() >= begin_at_s
    deadline.run_until(lambda: len(viewer.sequences) > 20, "frames")
    assert handle.decoder.position_s >= 1.0
    end(handle, viewer)


def test_every_second_picture_is_left_out_at_half_the_rate(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    viewer, handle = play(bench, spec, deadline)
    decoder = handle.decoder

    def shown_of(pictures: int) -> int:
        """How many of libmpv's next pictures are shown."""
        shown, until = decoder.frames, decoder._pictures + pictures
        deadline.run_until(lambda: decoder._pictures >= until, "pictures", 60)
        return decoder.frames - shown

    assert shown_of(30) >= 29
    decoder.frame_step = 2
    assert 14 <= shown_of(30) <= 16
    decoder.frame_step = 1
    assert shown_of(30) >= 29
    end(handle, viewer)


def test_rest_is_told_when_it_begins_and_when_it_ends(
    bench: Bench, spec: StreamSpec, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "HIDDEN_AFTER_S", 0.1)
    viewer, handle = play(bench, spec, deadline)
    handle.decoder.remove_viewer(viewer)
    deadline.run_until(lambda: bench.listener.rests == [True], "rest")
    assert handle.decoder.state == "resting"
    handle.decoder.add_viewer(viewer)
    assert bench.listener.rests == [True, False]
    end(handle, viewer)


# Memory.


def ask_figures(bench: Bench, handle: object, deadline: Deadline) -> Figures:
    sent: list[Figures] = []
    FigureReader(bench.pool, {handle.decoder: 3}, list, sent.append).read("asked")  # type: ignore[attr-defined]
    deadline.run_until(lambda: sent, "figures")
    return sent[0]


def test_figures_are_what_libmpv_says_itself(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    viewer, handle = play(bench, spec, deadline, memory=CoreMemory(3 * MIB, MIB, 2))
    wait_loop(handle, deadline)
    figures = ask_figures(bench, handle, deadline)
    (stream,) = figures.streams
    assert stream.stream_id == 3
    assert stream.source == spec.path
    assert stream.limits == {"demuxer-max-bytes": 3 * MIB, "demuxer-max-back-bytes": MIB, "vd-lavc-threads": 2}
    assert 0 < stream.demuxer_cache_bytes < os.stat(spec.path).st_size + MIB
    assert stream.decoded_frames == decoded_frames("h264", 2)
    assert stream.decoded_bytes == stream.decoded_frames * 336 * 188 * 3 // 2
    assert stream.duration_s == pytest.approx(2.0, abs=0.1)
    assert figures.pool.buffers_in_use == bench.pool.stats().buffers_in_use
    assert figures.counters.current_bytes > 0
    end(handle, viewer)


def test_changed_memory_reaches_libmpv_and_its_decoder_while_it_plays(
    bench: Bench, spec: StreamSpec, deadline: Deadline
) -> None:
    viewer, handle = play(bench, spec, deadline, memory=CoreMemory(8 * MIB, 0, 4))
    wait_loop(handle, deadline)
    core = handle.decoder.core
    threads = len(os.listdir("/proc/self/task"))
    core.set_memory(CoreMemory(MIB, MIB // 2, 1))
    deadline.run_until(lambda: len(os.listdir("/proc/self/task")) <= threads - 3, "the decoder's threads to end")
    (stream,) = ask_figures(bench, handle, deadline).streams
    assert stream.limits == {"demuxer-max-bytes": MIB, "demuxer-max-back-bytes": MIB // 2, "vd-lavc-threads": 1}
    before = len(viewer.sequences)
    deadline.run_until(lambda: len(viewer.sequences) > before + 10, "frames from the new decoder")
    end(handle, viewer)


@pytest.mark.parametrize(
    ("path", "is_cut", "memory"),
    [
        ("/a.mp4", False, CoreMemory(2 * MIB, MIB, 4)),
        ("/a.mp4", True, CoreMemory(MIB // 2, 0, 4)),
        ("https://example.org/a.mp4", False, CoreMemory(32 * MIB, MIB, 4)),
        ("https://example.org/a.mp4", True, CoreMemory(8 * MIB, 0, 4)),
    ],
)
def test_pressure_cuts_the_caches_to_a_quarter(path: str, is_cut: bool, memory: CoreMemory) -> None:
    limits = Limits(file_ahead_bytes=2 * MIB, file_back_bytes=MIB, stream_ahead_bytes=32 * MIB, decode_threads=4)
    assert core_memory(StreamSpec(path=path), limits, is_cut, False) == memory
    assert core_memory(StreamSpec(path=path), limits, is_cut, True) == memory._replace(decode_threads=1)


class Eased:
    """An Easing and what came of it."""

    def __init__(self, bench: Bench, deadline: Deadline) -> None:
        self.changes: list[str] = []
        self.freed: list[tuple[tuple[str, int], ...]] = []
        self.easing = Easing(
            bench.pool,
            deadline.loop.call_later,
            lambda: self.changes.append("memory"),
            lambda: self.changes.append("rate"),
            self.freed.append,
        )


@pytest.fixture
def eased(bench: Bench, deadline: Deadline) -> Eased:
    return Eased(bench, deadline)


def fill_idle(bench: Bench, *sizes: int) -> None:
    """Idle buffers whose pages are really there."""
    buffers = [bench.pool.acquire(size) for size in sizes]
    for buffer in buffers:
        memoryview(buffer)[:] = b"x" * buffer.size_bytes
        bench.pool.release(buffer)


def test_half_of_the_idle_buffers_goes_the_largest_first_and_the_kernel_agrees(
    bench: Bench, eased: Eased, deadline: Deadline
) -> None:
    fill_idle(bench, MIB, 32 * MIB, 2 * MIB, 64 * MIB)
    eased.easing.take([Action.TRIM_HALF])
    deadline.run_until(lambda: eased.freed, "the step")
    assert bench.pool.stats().idle_bytes == 3 * MIB
    ((name, freed_bytes),) = eased.freed[0]
    assert name == Action.TRIM_HALF
    assert freed_bytes > 80 * MIB  # of 96: what is shared counts more where other processes end meanwhile
    eased.easing.take([Action.DROP_IDLE])
    deadline.run_until(lambda: len(eased.freed) == 2, "the step")
    assert bench.pool.stats().buffers_idle == 0


@pytest.mark.parametrize(
    ("cut", "restore", "read", "change"),
    [
        (Action.CUT_CACHES, Action.RESTORE_CACHES, lambda easing: easing.is_cut, "memory"),
        (Action.ONE_THREAD, Action.ALL_THREADS, lambda easing: easing.has_one_thread, "memory"),
        (Action.HALF_RATE, Action.FULL_RATE, lambda easing: easing.frame_step == 2, "rate"),
    ],
)
def test_step_is_taken_and_undone(
    eased: Eased, deadline: Deadline, cut: Action, restore: Action, read: Callable[[Easing], bool], change: str
) -> None:
    eased.easing.take([cut])
    assert read(eased.easing)
    eased.easing.take([restore])  # while the first is still being measured: done after it
    deadline.run_until(lambda: eased.freed, "both steps")
    assert [name for name, _ in eased.freed[0]] == [cut, restore]
    assert not read(eased.easing)
    assert eased.changes == [change, change]


def test_steps_of_the_daemon_are_refused(eased: Eased) -> None:
    with pytest.raises(ValueError, match="hold"):
        eased.easing.take([Action.HOLD])
    with pytest.raises(ValueError, match="nonsense"):
        eased.easing.take(["nonsense"])


def test_resumed_clip_loops_without_a_seam_after_its_first_end(
    bench: Bench, spec: StreamSpec, deadline: Deadline, tmp_path: Path
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(Path(spec.path).read_bytes())
    viewer, handle = play(bench, StreamSpec(path=str(clip), speed=2.0), deadline, start=CoreStart(1.0))
    core = handle.decoder.core
    assert core.read("path") == str(clip)
    clip.unlink()  # what plays goes on
    deadline.run_until(lambda: (core.read("path") or "").startswith("/proc/self/fd/"), "the loop without a seam")
    before = len(viewer.sequences)
    deadline.run_until(lambda: len(viewer.sequences) > before + 3 * RATE, "more than a round of it")
    assert handle.decoder.position_s < 2.0
    assert bench.listener.failures == []
    assert core.read("loop-file") == "inf"
    end(handle, viewer)


def test_a_paused_stream_is_seen_although_its_picture_came_while_the_player_was_busy(
    bench: Bench, spec: StreamSpec, deadline: Deadline
) -> None:
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    handle.decoder.set_paused(True)
    core, since = handle.decoder.core, [monotonic()]

    def is_given_up() -> bool:
        """Libmpv waits for 0.2 s for somebody to draw, once for the picture and once for the pause."""
        if core.render_context.next_frame_flags() or core.read("frame-drop-count") in (None, "0"):
            since[0] = monotonic()
        return monotonic() - since[0] > 0.5

    wait_until(is_given_up, 60, "libmpv to give it up, as the loop does not run")
    deadline.run_until(lambda: viewer.shown, "the picture")
    end(handle, viewer)
