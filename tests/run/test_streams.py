"""Outputs that are told different things: each has its own stream, and the others do not notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.windows import is_all
from tests.support import wait_until
from wayvid.desk import Desk, NestedDesk
from wayvid.ipc.status import Status

A, B, C = "HEADLESS-1", "HEADLESS-2", "HEADLESS-3"
COLOUR, OTHER_COLOUR = (40, 120, 200), (200, 80, 40)


@pytest.fixture(scope="module")
def colour_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "colour.mkv", (320, 180), COLOUR)


@pytest.fixture
def run(sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path) -> Run:
    """The clip on all screens, past its first second."""
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    run.wait_picture(A, lambda path: (read_number(path) or 0) > 45, "the clip's second second")
    return run


def number(run: Run, name: str) -> int | None:
    return read_number(run.shot(name))


def wait_moving_on(run: Run, name: str) -> None:
    first = number(run, name)
    run.wait_picture(name, lambda path: read_number(path) not in (None, first), "another frame")


def sharing(status: Status) -> list[list[str]]:
    """Which outputs share which streams."""
    return sorted(stream.outputs for stream in status.streams)


class Watched:
    """Looks at outputs while something happens to them."""

    def __init__(self, run: Run, names: tuple[str, ...]) -> None:
        self.seen: dict[str, list[Path]] = {name: [] for name in names}
        self._run = run
        self._is_over = Event()
        self._thread = Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._is_over.is_set():
            for name, shots in self.seen.items():
                shots.append(self._run.desk.shot(name, self._run.folder / f"seen-{name}-{len(shots)}.png"))

    def end(self) -> dict[str, list[Path]]:
        self._is_over.set()
        self._thread.join(START_S)
        return self.seen


@pytest.fixture
def watch(run: Run) -> Iterator[Callable[..., Watched]]:
    """Begins to look at outputs: watch(name, ...)."""
    watched: list[Watched] = []

    def begin(*names: str) -> Watched:
        watched.append(Watched(run, names))
        return watched[-1]

    yield begin
    for one in watched:
        one.end()


def test_paused_output_stands_still_and_the_others_play_on(run: Run, watch: Callable[..., Watched]) -> None:
    assert len(run.status().streams) == 1
    looking = watch(A, B)
    before = number(run, A)
    assert run.ask("pause", outputs=[A]) == {"v": 1, "ok": True, "data": {"outputs": [A]}}
    after = number(run, A)
    seen = looking.end()
    assert all(read_number(path) is not None for shots in seen.values() for path in shots), "black"
    assert before is not None
    assert after is not None
    wait_moving_on(run, B)
    wait_moving_on(run, C)
    assert number(run, A) == after
    status = run.status()
    assert sharing(status) == [[A], [B, C]]
    assert [output.is_paused for output in status.outputs] == [True, False, False]
    told = [run.ask("status", outputs=[name])["data"] for name in (A, "*-[23]")]
    assert [(each["state"], [one["name"] for one in each["outputs"]]) for each in told] == [
        ("paused", [A]),
        ("playing", [B, C]),
    ]
    assert [[one["outputs"] for one in each["streams"]] for each in told] == [[[A]], [[B, C]]]
    assert run.ask("status", outputs=["DP-*"])["code"] == 5
    assert run.ask("resume", outputs=[A])["ok"]
    wait_moving_on(run, A)
    assert (number(run, A) or 0) >= after, "it went back"


def test_output_with_another_source_leaves_the_others_alone(
    run: Run, watch: Callable[..., Watched], colour_clip: Path, numbered_clip: Path
) -> None:
    player = run.wait_player()
    looking = watch(A, B)
    assert run.ask("set", source=str(colour_clip), outputs=[A], transition="none")["ok"]
    assert is_all(run.shot(A), COLOUR)
    seen = looking.end()
    assert all(read_number(path) is not None for path in seen[B]), "the other one changed"
    assert all(read_number(path) is not None or is_all(path, COLOUR) for path in seen[A]), "black"
    status = run.status()
    assert [output.source for output in status.outputs] == [str(colour_clip), str(numbered_clip), str(numbered_clip)]
    assert sharing(status) == [[A], [B, C]]
    wait_moving_on(run, B)
    assert run.player_pid() == player


def test_outputs_that_agree_again_share_again(run: Run, colour_clip: Path, numbered_clip: Path) -> None:
    run.ask("set", source=str(colour_clip), outputs=[A])
    assert sharing(run.status()) == [[A], [B, C]]
    before = number(run, B)
    assert run.ask("set", source=str(numbered_clip), outputs=[A])["ok"]
    assert sharing(run.status()) == [[A, B, C]]
    assert before is not None
    assert (number(run, A) or 0) >= before, "it did not join the clip where it is"
    wait_moving_on(run, A)
    run.ask("pause", outputs=["*-2"])
    assert sharing(run.status()) == [[A, C], [B]]
    assert run.ask("resume")["ok"]
    assert sharing(run.status()) == [[A, C], [B]], "two positions cannot be shared"
    assert run.ask("seek", to=1.0)["ok"]
    assert sharing(run.status()) == [[A, B, C]]


def test_source_that_cannot_be_shown_changes_nothing_on_any_output(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(bytes(range(256)) * 800)
    answer = run.ask("set", source=str(broken), outputs=[A])
    assert (answer["ok"], answer["code"]) == (False, 6)
    for name in (A, B):
        wait_moving_on(run, name)
    wait_until(lambda: sharing(run.status()) == [[A, B, C]], START_S, "one stream")


def test_sought_output_shows_the_frame_of_that_position(run: Run) -> None:
    run.ask("pause")
    for to, unit, frame in [(5.0, "s", 150), (-2.0, "+s", 90), (25, "%", 75), (0.0, "s", 0)]:
        assert run.ask("seek", to=to, unit=unit)["ok"]
        assert {number(run, name) for name in (A, B, C)} == {frame}
    assert run.ask("seek", to=8.0, outputs=[B])["ok"]
    assert [number(run, name) for name in (A, B, C)] == [0, 240, 0]
    assert run.ask("seek", to=11.0)["code"] == 15
    assert [number(run, name) for name in (A, B, C)] == [0, 240, 0]


def test_speed_and_layout_are_those_of_the_outputs_that_were_told(run: Run) -> None:
    assert run.ask("speed", speed=0.01, outputs=[A])["ok"]
    assert run.ask("layout", layout="contain", outputs=[B])["ok"]
    status = run.status()
    assert [output.speed for output in status.outputs] == [0.01, 1.0, 1.0]
    assert [output.layout for output in status.outputs] == ["fill", "contain", "fill"]
    assert sharing(status) == [[A], [B, C]]
    slow = number(run, A)
    for _ in range(2):
        wait_moving_on(run, C)
    assert slow is not None
    assert number(run, A) in (slow, slow + 1)


def test_unknown_output_is_told_with_those_there_are(run: Run) -> None:
    answer = run.ask("pause", outputs=["DP-*"])
    assert (answer["ok"], answer["code"]) == (False, 5)
    assert C in answer["error"]
    assert run.status().state == "playing"


def test_output_that_comes_later_shows_what_was_said_of_all(
    nested_desk: NestedDesk, run_wayvid: Callable[..., Run], numbered_clip: Path, colour_clip: Path
) -> None:
    run = run_wayvid(nested_desk, str(numbered_clip))
    run.wait_playing()
    first, second = nested_desk.outputs
    assert run.ask("set", source=str(colour_clip), outputs=[second])["ok"]
    third = nested_desk.add_output()
    run.wait_picture(third, lambda path: read_number(path) is not None, "the clip of all")
    assert is_all(run.shot(second), COLOUR)
    wait_until(lambda: sharing(run.status()) == sorted([sorted([first, third]), [second]]), START_S, "two streams")
    nested_desk.remove_output(second)
    wait_moving_on(run, first)
    assert run.stderr == ""


def test_built_in_wallpaper_comes_back_by_the_empty_source(run: Run) -> None:
    assert run.ask("set", source="", outputs=[A])["ok"]
    assert number(run, A) is None
    assert run.status().outputs[0].source == "the built-in wallpaper"
    wait_moving_on(run, B)


def test_image_on_one_output_needs_no_decoder(run: Run, tmp_path: Path) -> None:
    from PIL import Image

    image = tmp_path / "picture.png"
    Image.new("RGB", (320, 180), OTHER_COLOUR).save(image)
    assert run.ask("set", source=str(image), outputs=[A])["ok"]
    run.wait_picture(A, lambda path: is_all(path, OTHER_COLOUR), "the image")
    wait_until(lambda: sharing(run.status()) == [[B, C]], START_S, "one stream")
    wait_moving_on(run, B)
    assert run.ask("set", source=str(image))["ok"]
    for name in (A, B, C):
        run.wait_picture(name, lambda path: is_all(path, OTHER_COLOUR), "the image")
    wait_until(lambda: run.player_pid() is None, START_S, "the player's end")
