"""Shared decoding with a real libmpv and viewers of the test's own."""

from __future__ import annotations

import copy
import os
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.player.conftest import DEADLINE_S, Deadline
from tests.support import wait_until
from wayvid._core import BufferPool, memory_stats
from wayvid._core.mpvrender import UPDATE_FRAME
from wayvid.errors import PlayerError
from wayvid.geometry import SCALE_STEPS, Layout, Placement, Size, fit
from wayvid.link.messages import StreamSpec
from wayvid.player import audience, shared_decode
from wayvid.player.decoder import Decoder
from wayvid.player.environment import Environment
from wayvid.player.ratelimit import RateLimit
from wayvid.player.shared_decode import FrameBuffer, SharedDecodeManager
from wayvid.render.shm import ShmRenderer

SMALL = Size(160, 90)


class FakeViewer:
    """An output that shows a frame and gives back the one before, at once."""

    def __init__(self, size: Size | None = SMALL) -> None:
        self.size = size
        self.is_able = size is not None
        self.hidden = False
        self.is_resting = False
        self.max_fps = 0.0
        self.limit = RateLimit()
        self.shown: list[FrameBuffer] = []
        self.sequences: list[int] = []
        self.keeps = 1

    def can_present(self) -> bool:
        return self.is_able

    def is_due(self, due_ns: int) -> bool:
        return not self.shown or (not self.is_resting and self.limit.allows(due_ns))

    def is_hidden(self, _now_s: float) -> bool:
        return self.hidden

    def placement(self, video: Size) -> tuple[Placement, int] | None:
        return (fit(video, self.size, Layout.FILL), SCALE_STEPS) if self.size else None

    def present(self, frame: FrameBuffer) -> None:
        frame.hold()
        self.shown.append(frame)
        self.sequences.append(frame.sequence)
        self.limit.took(frame.due_ns)
        while len(self.shown) > self.keeps:
            self.shown.pop(0).let_go()

    def clear(self) -> None:
        while self.shown:
            self.shown.pop().let_go()


class Listener:
    """Keeps what is told of the streams."""

    def __init__(self) -> None:
        self.loaded: list[bool] = []
        self.frames: list[FrameBuffer] = []
        self.failures: list[str] = []
        self.rests: list[bool] = []

    def on_loaded(self, _decoder: Decoder, is_image: bool, _duration_s: float) -> None:
        self.loaded.append(is_image)

    def on_frame(self, _decoder: Decoder, frame: FrameBuffer) -> None:
        self.frames.append(frame)

    def on_rest(self, _decoder: Decoder, is_resting: bool) -> None:
        self.rests.append(is_resting)

    def on_thrift(self, _decoder: Decoder, is_sparse: bool) -> None:
        pass

    def on_position(self, _decoder: Decoder) -> None:
        pass

    def on_failed(self, _decoder: Decoder, reason: str, _code: int) -> None:
        self.failures.append(reason)


class Bench:
    """A manager, its pool and its listener."""

    def __init__(self, deadline: Deadline, max_buffers: int = 8) -> None:
        self.pool = BufferPool(max_buffers=max_buffers)
        self.listener = Listener()
        loop = deadline.loop
        self.manager = SharedDecodeManager(
            Environment(ShmRenderer(self.pool), {}, "", self.listener, loop.watch, loop.unwatch, loop.call_later)
        )

    def shares(self, spec: StreamSpec) -> int:
        return sum(shares for decoder, shares in self.manager._shares.items() if decoder.spec == spec)


@pytest.fixture
def bench(deadline: Deadline) -> Iterator[Bench]:
    """A bench; at its end no buffer may still be lent, and no fd or thread be left."""
    before = len(os.listdir("/proc/self/fd")), threading.active_count(), memory_stats().active_allocations
    bench = Bench(deadline)
    yield bench
    bench.manager.wait_closed()
    assert bench.manager._decoders == {}
    assert bench.pool.stats().buffers_in_use == 0
    bench.pool.close()
    assert (len(os.listdir("/proc/self/fd")), threading.active_count(), memory_stats().active_allocations) == before


@pytest.fixture
def spec(clips: Path) -> StreamSpec:
    """Two seconds of video, 336x188."""
    return StreamSpec(path=str(clips / "two-seconds.mp4"))


def end(handle: shared_decode.DecoderHandle, *viewers: FakeViewer) -> None:
    for viewer in viewers:
        handle.decoder.remove_viewer(viewer)
    handle.close()
    for viewer in viewers:
        viewer.clear()


# Sharing.


def test_equal_specs_share_one_core_and_the_last_close_ends_it(bench: Bench, spec: StreamSpec) -> None:
    first = bench.manager.acquire(spec)
    second = bench.manager.acquire(StreamSpec(path=spec.path))
    assert first.decoder is second.decoder
    assert (bench.shares(spec), len(bench.manager._decoders)) == (2, 1)
    first.close()
    first.close()
    assert (bench.shares(spec), len(bench.manager._decoders)) == (1, 1)
    second.close()
    assert (bench.shares(spec), bench.manager._decoders) == (0, {})


def test_different_specs_do_not_share(bench: Bench, spec: StreamSpec) -> None:
    handles = [bench.manager.acquire(spec), bench.manager.acquire(StreamSpec(path=spec.path, speed=0.5))]
    assert handles[0].decoder is not handles[1].decoder
    for handle in handles:
        handle.close()


def test_retired_decoder_lives_on_for_those_who_share_it_and_the_stream_starts_anew(
    bench: Bench, spec: StreamSpec
) -> None:
    first = bench.manager.acquire(spec)
    bench.manager.retire(spec)
    second = bench.manager.acquire(spec)
    assert second.decoder is not first.decoder
    another = first.another()
    assert another.decoder is first.decoder
    assert set(bench.manager) == {first.decoder, second.decoder}
    for handle in (first, another):
        handle.close()
    assert set(bench.manager) == {second.decoder}
    third = bench.manager.acquire(spec)
    assert third.decoder is second.decoder
    for handle in (second, third):
        handle.close()


def test_a_stream_that_was_closed_starts_anew(bench: Bench, spec: StreamSpec) -> None:
    handle = bench.manager.acquire(spec)
    first = handle.decoder
    handle.close()
    again = bench.manager.acquire(spec)
    assert again.decoder is not first
    again.close()


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, pickle.dumps], ids=["copy", "deepcopy", "pickle"])
def test_a_handle_can_not_be_copied(bench: Bench, spec: StreamSpec, way: Callable[[object], object]) -> None:
    handle = bench.manager.acquire(spec)
    with pytest.raises(TypeError, match="ask SharedDecodeManager"):
        way(handle)
    assert bench.shares(spec) == 1
    handle.close()


def test_a_closed_handle_has_no_decoder(bench: Bench, spec: StreamSpec) -> None:
    handle = bench.manager.acquire(spec)
    handle.close()
    with pytest.raises(ValueError, match="the decoder handle is closed"):
        handle.decoder  # noqa: B018


def test_a_core_that_cannot_start_counts_no_share(bench: Bench, spec: StreamSpec) -> None:
    broken = StreamSpec(path=spec.path, options=(("vd-lavc-threads", "many"),))
    with pytest.raises(PlayerError):
        bench.manager.acquire(broken)
    assert (bench.shares(broken), bench.manager._decoders) == (0, {})


# Frames.


def test_all_viewers_are_given_the_same_frames_in_order(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    viewers = [FakeViewer(), FakeViewer(Size(90, 160)), FakeViewer(Size(32, 32))]
    for viewer in viewers:
        handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: len(viewers[0].sequences) >= 10, "ten frames")
    assert len({id(viewer.shown[-1]) for viewer in viewers}) == 1
    assert (
        viewers[0].sequences
        == viewers[1].sequences
        == viewers[2].sequences
        == list(range(1, handle.decoder.frames + 1))
    )
    assert [frame.sequence for frame in bench.listener.frames] == viewers[0].sequences
    end(handle, *viewers)


def test_frames_have_the_size_the_largest_viewer_needs(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    small, large = FakeViewer(Size(84, 47)), FakeViewer(Size(168, 94))
    handle.decoder.add_viewer(small)
    deadline.run_until(lambda: small.shown, "a frame")
    assert (small.shown[-1].picture.width_px, small.shown[-1].picture.height_px) == (84, 47)
    handle.decoder.add_viewer(large)
    deadline.run_until(lambda: large.shown and large.shown[-1].picture.width_px == 168, "a larger frame")
    picture = large.shown[-1].picture
    assert (picture.video_width_px, picture.video_height_px, picture.rotation) == (336, 188, 0)
    end(handle, small, large)


def test_a_frame_that_everybody_let_go_is_lent_again(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: len(viewer.sequences) >= 20, "twenty frames")
    stats = bench.pool.stats()
    assert stats.buffers_in_use + stats.buffers_idle <= 2
    assert stats.hits >= 18
    end(handle, viewer)


def test_a_frame_outlives_its_decoder_while_it_is_held(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: viewer.shown, "a frame")
    handle.close()
    bench.manager.wait_closed()
    assert bench.pool.stats().buffers_in_use == 1
    assert memoryview(viewer.shown[0].buffer)[0] in range(256)
    viewer.clear()


def test_a_viewer_that_cannot_present_is_given_no_frame(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    able, busy = FakeViewer(), FakeViewer()
    busy.is_able = False
    handle.decoder.add_viewer(able)
    handle.decoder.add_viewer(busy)
    deadline.run_until(lambda: len(able.sequences) >= 5, "five frames")
    assert busy.sequences == []
    busy.is_able = True
    handle.decoder.viewer_ready(busy)
    assert busy.shown[-1] is handle.decoder.newest
    end(handle, able, busy)


def test_no_frame_is_made_before_a_viewer_can_show_it(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    # A picture that waited was made in the video's full size for an output that had no size yet.
    handle = bench.manager.acquire(spec)
    deadline.run_until(lambda: handle.decoder._waiting.is_there, "a waiting picture")
    viewer = FakeViewer(None)
    handle.decoder.add_viewer(viewer)
    assert bench.listener.frames == []
    viewer.size, viewer.is_able = Size(84, 47), True
    handle.decoder.viewer_reshaped(viewer)
    deadline.run_until(lambda: viewer.shown, "a frame")
    assert bench.listener.frames[0].picture.width_px == 84
    end(handle, viewer)


def test_a_full_pool_leaves_frames_out_and_play_goes_on(
    deadline: Deadline, spec: StreamSpec, caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(deadline, max_buffers=2)
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer()
    viewer.keeps = 100
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: handle.decoder.dropped >= 3, "frames left out")
    assert len(viewer.shown) == 2
    assert caplog.text.count("a frame was left out") == 1
    viewer.keeps = 1
    viewer.shown.pop(0).let_go()
    before = len(viewer.sequences)
    deadline.run_until(lambda: len(viewer.sequences) > before + 3, "frames again")
    assert viewer.sequences == list(range(1, len(viewer.sequences) + 1))
    end(handle, viewer)
    bench.manager.wait_closed()
    bench.pool.close()


def test_an_image_that_found_the_pool_full_is_shown_when_there_is_room(
    deadline: Deadline, spec: StreamSpec, clips: Path
) -> None:
    # It has no other picture: the command that set it was never answered.
    bench = Bench(deadline, max_buffers=2)
    handle = bench.manager.acquire(spec)
    viewer, other = FakeViewer(), FakeViewer(None)
    viewer.keeps = 100
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: handle.decoder.dropped >= 3, "frames left out")
    image = bench.manager.acquire(StreamSpec(str(clips / "still.png")))
    image.decoder.add_viewer(other)
    deadline.run_until(lambda: image.decoder._waiting.is_there, "the image's picture")
    deadline.run_until(lambda: not image.decoder._is_looking, "nobody to ask for it, as the screen has no size yet")
    other.size, other.is_able = Size(84, 47), True
    image.decoder.viewer_reshaped(other)
    deadline.run_until(lambda: image.decoder.dropped >= 2, "the image left out")
    end(handle, viewer)
    deadline.run_until(lambda: image.decoder.newest is not None, "the image")
    end(image, other)
    bench.manager.wait_closed()
    bench.pool.close()


def test_hidden_viewers_do_not_keep_the_pool_from_the_one_in_sight(deadline: Deadline, spec: StreamSpec) -> None:
    # With 4K screens covered one after the other, the last one in sight froze.
    bench = Bench(deadline, max_buffers=3)
    handle = bench.manager.acquire(spec)
    viewers = [FakeViewer(), FakeViewer(), FakeViewer()]
    seen = viewers[0]
    for viewer in viewers:
        handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: seen.shown, "a frame")
    for viewer in viewers[1:]:
        viewer.is_able, viewer.hidden = False, True
        before = len(seen.sequences)
        deadline.run_until(lambda before=before: len(seen.sequences) > before, "another frame")
    before = len(seen.sequences)
    deadline.run_until(lambda: len(seen.sequences) > before + 10, "ten frames more")
    end(handle, *viewers)
    bench.manager.wait_closed()
    bench.pool.close()


def test_memory_of_a_larger_size_is_given_back(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    # What was on screen when the size changed came back later and stayed for ever.
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer(Size(336, 188))
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: len(viewer.sequences) > 3, "large frames")
    viewer.size = Size(84, 47)
    handle.decoder.viewer_reshaped(viewer)
    small = 4 * 84 * 48

    def is_small() -> bool:
        stats = bench.pool.stats()
        return stats.in_use_bytes + stats.idle_bytes < 3 * (small + 4096)

    deadline.run_until(is_small, "the large frames' memory to go")
    end(handle, viewer)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_clip_is_made_as_it_is_and_says_its_angle(
    bench: Bench, clips: Path, deadline: Deadline, degrees: int
) -> None:
    handle = bench.manager.acquire(StreamSpec(path=str(clips / f"turned-{degrees}.mp4")))
    viewer = FakeViewer(Size(1000, 1000))
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: viewer.shown, "a frame")
    picture = viewer.shown[-1].picture
    assert (picture.width_px, picture.height_px, picture.rotation) == (96, 64, degrees)
    end(handle, viewer)


def test_an_image_gives_one_frame_only(bench: Bench, clips: Path, deadline: Deadline) -> None:
    # It was looped like a clip: decoded, made and sent to the daemon 25 times a second.
    handle = bench.manager.acquire(StreamSpec(path=str(clips / "still.png")))
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: bench.listener.frames, "the picture")
    deadline.run_for(0.3)
    assert [frame.sequence for frame in bench.listener.frames] == [1]
    assert bench.listener.loaded == [True]
    assert handle.decoder.is_full_size
    assert viewer.shown == []  # it is shown by the daemon
    end(handle, viewer)


def test_no_frame_is_made_before_it_is_known_to_be_an_image(bench: Bench, clips: Path, deadline: Deadline) -> None:
    # An image whose picture was handled first was played like a clip, by a player that never ended.
    handle = bench.manager.acquire(StreamSpec(str(clips / "still.png")))
    decoder, viewer = handle.decoder, FakeViewer()
    decoder.add_viewer(viewer)
    wait_until(lambda: decoder.core.render_context.update() & UPDATE_FRAME, DEADLINE_S, "a waiting picture")
    decoder.on_frame_waiting()
    assert (bench.listener.loaded, bench.listener.frames) == ([], [])
    deadline.run_until(lambda: bench.listener.frames, "the picture")
    assert bench.listener.loaded == [True]
    end(handle, viewer)


@pytest.mark.parametrize("kept", [20, 60, 200], ids=["signature", "no pixels", "some pixels"])
def test_a_broken_image_that_is_not_looped_fails(
    bench: Bench, clips: Path, deadline: Deadline, tmp_path: Path, kept: int
) -> None:
    # As the first of a folder it was waited for without an end: libmpv keeps what has ended open.
    path = tmp_path / "broken.png"
    path.write_bytes((clips / "still.png").read_bytes()[:kept])
    handle = bench.manager.acquire(StreamSpec(path=str(path), loop=False))
    deadline.run_until(lambda: bench.listener.failures, "a failure")
    assert (len(bench.listener.failures), bench.listener.frames) == (1, [])
    handle.close()


def test_a_source_that_fails_is_told(bench: Bench, clips: Path, deadline: Deadline) -> None:
    handle = bench.manager.acquire(StreamSpec(path=str(clips / "garbage.mp4")))
    deadline.run_until(lambda: bench.listener.failures, "a failure")
    handle.close()


# Rest.


def wait_for_rest(bench: Bench, decoder: Decoder, deadline: Deadline) -> None:
    deadline.run_until(lambda: decoder.core.read("pause") == "yes", "the stream to rest")
    deadline.run_for(0.2)
    before = len(bench.listener.frames)
    deadline.run_for(0.3)
    assert len(bench.listener.frames) == before


def test_hidden_viewers_let_the_stream_rest_and_wake_it(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    viewers = [FakeViewer(), FakeViewer()]
    for viewer in viewers:
        handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: viewers[0].shown, "a frame")
    for viewer in viewers:
        viewer.is_able, viewer.hidden = False, True
    wait_for_rest(bench, handle.decoder, deadline)
    viewers[1].is_able, viewers[1].hidden = True, False
    assert handle.decoder.has_newer(viewers[1].sequences[-1])
    before = len(viewers[1].sequences)
    handle.decoder.viewer_ready(viewers[1])
    deadline.run_until(lambda: len(viewers[1].sequences) > before + 3, "frames again")
    assert len(viewers[0].sequences) <= before
    end(handle, *viewers)


def test_one_viewer_in_sight_keeps_the_stream_going(bench: Bench, spec: StreamSpec, deadline: Deadline) -> None:
    handle = bench.manager.acquire(spec)
    seen, hidden = FakeViewer(), FakeViewer()
    hidden.is_able, hidden.hidden = False, True
    for viewer in (seen, hidden):
        handle.decoder.add_viewer(viewer)
    began_s = monotonic()
    deadline.run_until(lambda: monotonic() > began_s + 0.5 and len(seen.sequences) > 10, "frames")
    assert handle.decoder.core.read("pause") == "no"
    end(handle, seen, hidden)


def test_a_stream_without_viewers_rests_and_wakes_with_the_next(
    bench: Bench, spec: StreamSpec, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With every screen unplugged the clip was decoded on for nobody.
    monkeypatch.setattr(audience, "HIDDEN_AFTER_S", 0.1)
    handle = bench.manager.acquire(spec)
    viewer = FakeViewer()
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: viewer.shown, "a frame")
    handle.decoder.remove_viewer(viewer)
    wait_for_rest(bench, handle.decoder, deadline)
    before = len(viewer.sequences)
    handle.decoder.add_viewer(viewer)
    deadline.run_until(lambda: len(viewer.sequences) > before + 3, "frames again")
    end(handle, viewer)
