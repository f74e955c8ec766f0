"""A real libmpv core: what it is told, what it plays, and what it says of what it cannot play."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic_ns
from types import SimpleNamespace

import pytest

from tests.player.conftest import Deadline, Owner
from wayvid._core import BufferPool
from wayvid.errors import PlayerError
from wayvid.geometry import Size
from wayvid.link.messages import StreamSpec
from wayvid.player.core import MpvCore
from wayvid.player.properties import VideoShape
from wayvid.player.source import LEAN_OPTIONS, CoreMemory, CoreStart, memory_options
from wayvid.render.shm import ShmRenderer

Start = Callable[..., Owner]

# What is read back otherwise than it was said: an entry without a name ends the list.
READ_BACK = {"ao": "pulse,!"}
# Options of libmpv newer than those tests may run on: not known to the version in brackets.
ONLY_NEWER: dict[str, str] = {}


def test_every_lean_option_is_known_to_this_libmpv_and_has_its_value(start_core: Start, clips: Path) -> None:
    core = start_core(clips / "two-seconds.mp4").core
    unknown, different = [], {}
    for name, value in (LEAN_OPTIONS | memory_options(CoreMemory())).items():
        read = core.read(f"options/{name}")
        if read is None:
            unknown.append(name)
        elif read != READ_BACK.get(name, value):
            different[name] = (value, read)
    assert [name for name in unknown if name not in ONLY_NEWER] == []
    assert different == {}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        pytest.param({}, {"loop-file": "inf", "speed": "1.000000", "start": "none", "hwdec": "no"}, id="plain"),
        pytest.param({"loop": False}, {"loop-file": "no"}, id="once"),
        pytest.param({"speed": 0.5}, {"speed": "0.500000"}, id="slow"),
        pytest.param({"start_s": 1.5}, {"start": "1.5"}, id="from the middle"),
        pytest.param({"hwdec": "auto-safe"}, {"hwdec": "auto-safe"}, id="hardware"),
        pytest.param({"options": (("sws-scaler", "lanczos"),)}, {"sws-scaler": "lanczos"}, id="options of its own"),
    ],
)
def test_a_spec_becomes_options(
    start_core: Start, clips: Path, fields: dict[str, object], wanted: dict[str, str]
) -> None:
    core = start_core(clips / "two-seconds.mp4", **fields).core
    assert {name: core.read(f"options/{name}") for name in wanted} == wanted


# Since libmpv 0.37 the moment was taken for one a thousand times as far away: no limit of pictures a second held,
# no late frame was counted, and `status` told a jitter of minutes.
@pytest.mark.parametrize("units_per_us", [pytest.param(1, id="before 0.37"), pytest.param(1000, id="since 0.37")])
def test_the_moment_of_a_picture_is_understood_in_either_unit(
    start_core: Start, clips: Path, deadline: Deadline, units_per_us: int
) -> None:
    owner = start_core(clips / "two-seconds.mp4")
    deadline.run_until(lambda: owner.pictures, "a picture")
    due_ns = monotonic_ns() + 50_000_000
    target_us = (due_ns - owner.core._clock_offset_ns) // 1000
    context = owner.core.render_context
    owner.core.render_context = SimpleNamespace(next_frame_target=lambda: target_us * units_per_us)
    try:
        assert owner.core.due_ns() == pytest.approx(due_ns, abs=1000)
    finally:
        owner.core.render_context = context


def test_a_picture_is_due_within_seconds(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "two-seconds.mp4")
    far: list[int] = []
    take = owner.on_frame_waiting

    def look() -> None:
        due_ns = owner.core.due_ns()
        if due_ns:
            far.append(abs(due_ns - monotonic_ns()))
        take()

    owner.on_frame_waiting = look
    deadline.run_until(lambda: len(far) > 5, "six pictures with a moment")
    assert max(far) < 60 * 10**9


def test_an_option_that_libmpv_does_not_know_is_left_out(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "two-seconds.mp4", options=(("no-such-option", "1"),))
    deadline.run_until(lambda: owner.pictures, "a picture")


def test_a_value_that_libmpv_refuses_is_an_error_and_leaves_nothing(
    deadline: Deadline, clips: Path, open_fds: Callable[[], int]
) -> None:
    owner = Owner()
    before = open_fds()
    spec = StreamSpec(path=str(clips / "two-seconds.mp4"), options=(("vd-lavc-threads", "many"),))
    with pytest.raises(PlayerError, match="libmpv cannot start"):
        MpvCore(
            spec,
            CoreStart(),
            CoreMemory(),
            owner,
            ShmRenderer(BufferPool()),
            {},
            deadline.loop.watch,
            deadline.loop.unwatch,
        )
    assert open_fds() == before


# Playing.


def shape_of(owner: Owner, deadline: Deadline) -> VideoShape:
    """The shape of the pictures that come out now."""
    shapes: list[VideoShape | None] = []
    owner.core.ask_shape(shapes.append)
    deadline.run_until(lambda: shapes, "the shape")
    (shape,) = shapes
    assert shape is not None
    return shape


def test_a_clip_is_loaded_and_played(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "two-seconds.mp4")
    deadline.run_until(lambda: owner.pictures >= 5, "five pictures")
    ((is_image, duration_s),) = owner.loaded
    assert (is_image, duration_s) == (False, pytest.approx(2.0, abs=0.1))
    assert owner.failures == []
    shape = shape_of(owner, deadline)
    assert (shape.coded, shape.seen, shape.rotation) == (Size(336, 188), Size(336, 188), 0)


def test_a_file_whose_name_is_escaped_in_a_url_is_played(
    start_core: Start, clips: Path, deadline: Deadline, tmp_path: Path
) -> None:
    (tmp_path / "a b%.mp4").symlink_to(clips / "two-seconds.mp4")
    owner = start_core(f"file://{tmp_path}/a%20b%25%2Emp4")
    deadline.run_until(lambda: owner.pictures, "a picture")


def test_sound_is_not_decoded(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "with-sound.mp4")
    deadline.run_until(lambda: owner.pictures, "a picture")
    assert owner.core.read("aid") == "no"
    assert owner.core.read("audio-codec") is None


@pytest.mark.parametrize("name", ["turned-90.mp4", "turned-180.mp4", "turned-270.mp4", "turned-90.jpg"])
def test_rotation_comes_from_the_file(start_core: Start, clips: Path, deadline: Deadline, name: str) -> None:
    # Each upright clip and photo of a phone ended the player: libmpv's software renderer aborts on a turned picture.
    degrees = int(name.partition("-")[2].partition(".")[0])
    owner = start_core(clips / name)
    deadline.run_until(lambda: owner.pictures, "a picture")
    shape = shape_of(owner, deadline)
    size = Size(96, 64)
    assert (shape.coded, shape.seen, shape.rotation) == (size, size, degrees)


def test_a_picture_that_is_not_square_is_seen_wider(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "anamorphic.mp4")
    deadline.run_until(lambda: owner.pictures, "a picture")
    shape = shape_of(owner, deadline)
    assert (shape.coded, shape.seen) == (Size(320, 240), Size(426, 240))


@pytest.mark.parametrize(
    ("name", "is_image"), [("still.png", True), ("still.jpg", True), ("moving.gif", False), ("two-seconds.mp4", False)]
)
def test_an_image_is_told_from_a_video(
    start_core: Start, clips: Path, deadline: Deadline, name: str, is_image: bool
) -> None:
    owner = start_core(clips / name)
    deadline.run_until(lambda: owner.pictures and owner.loaded, "a picture, and what it is of")
    assert [image for image, _duration in owner.loaded] == [is_image]


def test_an_image_is_shown_once_and_play_stops(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "still.png")
    deadline.run_until(lambda: owner.pictures, "the picture")
    deadline.run_for(0.3)
    assert owner.core.read("pause") == "yes"
    assert owner.pictures <= 2  # 25 a second while it was looped
    assert owner.failures == []


# The loop and where it begins.


def rounds(owner: Owner) -> list[list[float]]:
    """The positions told so far, one list for each round."""
    result: list[list[float]] = [[]]
    for before, position in zip([0.0, *owner.positions], owner.positions, strict=False):
        if position < before - 0.3:
            result.append([])
        result[-1].append(position)
    return result


@pytest.mark.parametrize(
    ("begins", "rounds_at"),
    [
        pytest.param({"start_s": 0.0, "resume_s": 0.0}, (0.0, 0.0, 0.0), id="from the start"),
        pytest.param({"start_s": 0.0, "resume_s": 1.0}, (1.0, 0.0, 0.0), id="resumed, the next round from the start"),
        pytest.param({"start_s": 0.5, "resume_s": 0.0}, (0.5, 0.5, 0.5), id="each round from the middle"),
        pytest.param({"start_s": 0.5, "resume_s": 1.5}, (1.5, 0.5, 0.5), id="resumed, the next round from the middle"),
    ],
)
def test_a_loop_begins_again_at_the_streams_own_start(
    start_core: Start, clips: Path, deadline: Deadline, begins: dict[str, float], rounds_at: tuple[float, float, float]
) -> None:
    owner = start_core(clips / "two-seconds.mp4", speed=2.0, **begins)
    deadline.run_until(lambda: len(rounds(owner)) == 3 and len(rounds(owner)[2]) > 3, "the third round")
    assert [min(positions) for positions in rounds(owner)] == pytest.approx(rounds_at, abs=0.25)
    assert owner.failures == []
    assert len(owner.loaded) == 1


def test_a_paused_core_makes_no_pictures_until_it_goes_on(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "ten-seconds.mp4")
    deadline.run_until(lambda: owner.pictures >= 3, "pictures")
    owner.core.set_paused(True)
    deadline.run_until(lambda: owner.core.read("pause") == "yes", "the pause")
    deadline.run_for(0.2)
    before = owner.pictures
    deadline.run_for(0.3)
    assert owner.pictures == before
    owner.core.set_paused(False)
    deadline.run_until(lambda: owner.pictures >= before + 3, "more pictures")


# What cannot be played.


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing.mp4", "it cannot be opened", id="missing"),
        pytest.param("garbage.mp4", "it is not a video or picture, or it is damaged", id="garbage"),
        pytest.param("text.mp4", "it is not a video or picture, or it is damaged", id="text"),
        pytest.param("no-index.mp4", "it is not a video or picture, or it is damaged", id="cut off"),
        pytest.param("sound.m4a", "it has no video stream that can be decoded", id="sound only"),
        pytest.param("undecodable.mkv", "it has no video stream that can be decoded", id="no picture in it"),
        pytest.param("broken.png", "", id="half a picture"),
    ],
)
def test_what_cannot_be_played_fails_once_with_a_reason(
    start_core: Start, clips: Path, deadline: Deadline, name: str, reason: str
) -> None:
    owner = start_core(clips / name)
    deadline.run_until(lambda: owner.failures, "a failure")
    deadline.run_for(0.2)
    ((said, code),) = owner.failures
    assert said.startswith(reason)
    assert "\n" not in said
    assert code < 0
    assert owner.pictures == 0


def test_the_reason_has_what_libmpv_said_of_it(start_core: Start, clips: Path, deadline: Deadline) -> None:
    owner = start_core(clips / "no-index.mp4")
    deadline.run_until(lambda: owner.failures, "a failure")
    assert "moov atom not found" in owner.failures[0][0]


# Lifetime.


def test_close_ends_the_core_on_a_thread_and_leaves_no_fd(
    deadline: Deadline, clips: Path, open_fds: Callable[[], int]
) -> None:
    before = open_fds(), threading.active_count(), len(deadline.loop._watches)
    for _ in range(3):
        owner = Owner()
        spec = StreamSpec(path=str(clips / "two-seconds.mp4"))
        core = owner.core = MpvCore(
            spec,
            CoreStart(),
            CoreMemory(),
            owner,
            ShmRenderer(BufferPool()),
            {},
            deadline.loop.watch,
            deadline.loop.unwatch,
        )
        deadline.run_until(lambda owner=owner: owner.pictures, "a picture")
        thread = core.close()
        assert thread is not None
        assert core.close() is None
        thread.join()
        owner.pixels.close()
    assert (open_fds(), threading.active_count(), len(deadline.loop._watches)) == before


def test_a_core_may_be_closed_before_it_has_opened_anything(start_core: Start, clips: Path) -> None:
    thread = start_core(clips / "two-seconds.mp4").core.close()
    assert thread is not None
    thread.join()


def test_ffmpegs_words_are_told_when_the_core_has_gone_that_was_there_first(
    start_core: Callable[..., Owner], deadline: Deadline, clips: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    # libmpv tells them to its first core, and has them written to stderr when that ends.
    first, second = start_core(clips / "two-seconds.mp4"), start_core(clips / "ten-seconds.mp4")
    assert first.core is not None
    assert second.core is not None
    deadline.run_until(lambda: first.pictures and second.pictures, "pictures")
    ending = first.core.close()
    assert ending is not None
    ending.join()
    second.core._load(str(clips / "no-index.mp4"))
    deadline.run_until(lambda: second.failures, "the failure")
    assert "moov atom not found" in second.failures[0][0]
    assert "moov" not in capfd.readouterr().err
