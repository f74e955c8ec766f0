"""What of a clip need not be decoded where fewer of its pictures are shown."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any

import pytest

from wayvid.link.messages import StreamSpec
from wayvid.player.thrift import Thrift, is_even, step_for


@pytest.mark.parametrize(
    ("rate_fps", "limit_fps", "step"),
    [
        pytest.param(30, 0, 0, id="no limit"),
        pytest.param(30, 60, 0, id="a limit above the rate"),
        pytest.param(30, 20, 0, id="two of three"),
        pytest.param(24, 10, 0, id="too few would be left"),
        pytest.param(60, 30, 1, id="half"),
        pytest.param(59.94, 30, 1, id="half, as the net has it"),
        pytest.param(30, 15, 1, id="half of 30"),
        pytest.param(30, 10, 2, id="a third: a quarter, which is even"),
        pytest.param(60, 10, 3, id="a sixth"),
        pytest.param(50, 10, 3, id="a fifth: a sixth"),
        pytest.param(24, 8, 2, id="a third of 24"),
        pytest.param(30, 1, 15, id="one"),
    ],
)
def test_of_what_is_decoded_as_many_are_shown_as_can_be_evenly(rate_fps: float, limit_fps: float, step: int) -> None:
    assert step_for(rate_fps, limit_fps) == step


def moments(*gaps_ms: int, times: int = 8) -> list[int]:
    """When pictures are shown that are so far from each other in turn."""
    ends = accumulate(gaps_ms * times, initial=1000)
    return [at_ms * 1_000_000 for at_ms in ends]


@pytest.mark.parametrize(
    ("moments_ns", "is_so"),
    [
        pytest.param(moments(133), True, id="each as long as the other"),
        pytest.param(moments(133, 133, 133, 133, 133, 66, times=2), True, id="but for a few"),
        pytest.param(moments(133, 166), True, id="nearly"),
        pytest.param(moments(66, 166), False, id="long and short in turn"),
        pytest.param(moments(200), False, id="too few"),
        pytest.param(moments(66), False, id="too many: none could be left out"),
        pytest.param([10**9], False, id="one"),
        pytest.param([], False, id="none"),
    ],
)
def test_pictures_are_even(moments_ns: list[int], is_so: bool) -> None:
    assert is_even(moments_ns, 10) is is_so


class Core:
    """Answers as libmpv does, at once; keeps what it is told."""

    closed = False

    def __init__(self, **answers: object) -> None:
        self.answers = {"video-format": "h264", "hwdec-current": "no", "duration": 10.0, "container-fps": 30.0} | {
            name.replace("_", "-"): value for name, value in answers.items()
        }

    def ask(self, name: str, _form: int, on_reply: Callable[[Any], None]) -> None:
        on_reply(self.answers[name])


class Bench:
    """A Thrift and the world around it."""

    def __init__(self, core: Core, spec: StreamSpec | None = None, is_sparse: bool = False) -> None:
        self.told: list[bool] = []
        self.limit_fps = 10.0
        self.is_playing = True
        self.timers: list[Callable[[], None]] = []
        self.thrift = Thrift(
            core,  # type: ignore[arg-type]
            spec or StreamSpec("/clip.mp4"),
            lambda _after_s, call: self.timers.append(call),
            lambda: self.limit_fps,
            lambda: self.is_playing,
            self.told.append,
            is_sparse,
        )

    def pass_time(self) -> None:
        """Let the timers that wait come due."""
        due, self.timers = self.timers, []
        for call in due:
            call()

    def followed(self, limit_fps: float = 10.0) -> Bench:
        """The one that takes over."""
        bench = Bench(Core(), is_sparse=self.told[-1])
        bench.limit_fps = limit_fps
        bench.thrift.follow(self.thrift)
        return bench


def sparse() -> Bench:
    """One that has been told to decode less, and does."""
    bench = Bench(Core())
    bench.thrift.look()
    bench.pass_time()
    return bench.followed()


def test_a_limit_is_followed_once_and_ends() -> None:
    bench = Bench(Core())
    bench.thrift.look()
    bench.thrift.look()
    assert len(bench.timers) == 1, "what comes and goes at once is nothing"
    bench.pass_time()
    bench.thrift.look()
    bench.pass_time()
    assert (bench.told, bench.thrift.step) == ([True], 1)
    bench = bench.followed()
    assert bench.thrift.step == 2
    bench.limit_fps = 5.0
    bench.thrift.look()
    bench.pass_time()
    assert (bench.told, bench.thrift.step) == ([], 3), "another limit needs no other decoder"
    bench.limit_fps = 0.0
    bench.thrift.look()
    bench.pass_time()
    assert bench.told == [False]
    bench = bench.followed(0.0)
    assert bench.thrift.step == 1
    bench.thrift.look()
    assert not bench.timers, "without a limit nothing is looked at"


def test_what_stands_still_stays_as_it_is_and_what_was_put_off_is_tried_again() -> None:
    bench = Bench(Core())
    bench.is_playing = False
    bench.thrift.look()
    assert not bench.timers
    bench.is_playing = True
    bench.thrift.look()
    for told in ([True], [True, True]):
        bench.pass_time()
        assert bench.told == told
        bench.thrift.put_off()
        bench.pass_time()


@pytest.mark.parametrize(
    ("answers", "spec"),
    [
        pytest.param({"video_format": "av1"}, {}, id="a decoder that leaves nothing out"),
        pytest.param({"hwdec_current": "vaapi"}, {}, id="hardware decodes"),
        pytest.param({"duration": None}, {}, id="no positions"),
        pytest.param({"container_fps": None}, {}, id="no rate"),
        pytest.param({}, {"path": "https://example.org/a.mp4"}, id="a server's"),
        pytest.param({}, {"loop_fade_s": 1.0}, id="rounds with decoders of their own"),
        pytest.param({}, {"path": "av://lavfi:testsrc"}, id="made as it plays"),
    ],
)
def test_what_cannot_be_decoded_in_part_is_decoded_whole(answers: dict[str, object], spec: dict[str, Any]) -> None:
    bench = Bench(Core(**answers), StreamSpec(**{"path": "/clip.mp4", **spec}))
    bench.thrift.look()
    bench.pass_time()
    assert bench.told == []
    bench.thrift.look()
    assert not bench.timers, "and not asked again"


def test_a_clip_that_would_be_uneven_is_decoded_whole() -> None:
    for gaps_ms, told in (((66,), []), ((66, 66, 133, 266), [False]), ((33,), [False])):
        bench = sparse()
        for at_ns in moments(*gaps_ms):
            bench.thrift.on_picture(at_ns)
        bench.pass_time()
        assert (bench.told, bench.thrift.seen) == (told, None)
    bench = bench.followed()
    bench.thrift.look()
    assert (bench.thrift.step, bench.timers) == (1, []), "and not tried again"


@pytest.mark.parametrize("stops", ["play", "limit"])
def test_what_was_looked_at_while_it_stood_still_or_the_limit_changed_is_looked_at_again(stops: str) -> None:
    bench = sparse()
    if stops == "play":
        bench.is_playing = False
    else:
        bench.limit_fps = 5.0
    bench.pass_time()
    assert bench.told == []
    bench.is_playing = True
    bench.thrift.look()
    bench.pass_time()
    assert bench.thrift.seen == []
    for at_ns in moments(33):
        bench.thrift.on_picture(at_ns)
    bench.pass_time()
    assert bench.told == [False]


def test_what_is_to_be_decoded_whole_is_not_looked_at() -> None:
    bench = sparse()
    bench.limit_fps = 0.0
    for told in ([], [False]):
        bench.pass_time()
        assert bench.told == told
    bench.pass_time()
    assert (bench.thrift.seen, bench.timers) == (None, [])
