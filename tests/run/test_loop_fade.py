"""A clip whose ends differ: its end fades into its beginning, round after round, and nothing is left of it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from tests.clips import make_colour_clip
from tests.run.conftest import START_S, Run
from tests.run.test_transition import part_of
from tests.run.windows import is_all
from tests.support import average_colour, wait_until
from wayvid.desk import Desk

RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 220, 30)
SCREEN = "HEADLESS-1"
FADED = 0.15  # of one colour in the other: neither alone


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.3 s of red, then 1.3 of blue."""
    path = tmp_path_factory.mktemp("ends") / "ends.mkv"
    words = ["ffmpeg", "-v", "error", "-y"]
    for colour in (RED, BLUE):
        words += ["-f", "lavfi", "-i", f"color=c=0x{bytes(colour).hex()}:s=320x180:r=30:d=1.3"]
    codec = ["-c:v", "libx264rgb", "-qp", "0"]
    subprocess.run([*words, "-filter_complex", "[0][1]concat=n=2", *codec, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def small_desk() -> Iterator[Desk]:
    """Of few pixels, so that many pictures of it can be taken in a second."""
    with Desk(sizes=[(320, 180), (180, 320)]) as desk:
        yield desk


@pytest.fixture
def start(run_wayvid: Callable[..., Run], tmp_path: Path) -> Callable[..., Run]:
    """Starts a clip on a desk with a config: start(desk, clip, text)."""

    def start(desk: Desk, clip: Path, text: str) -> Run:
        config = tmp_path / "config.toml"
        config.write_text(f"source = '{clip}'\n{text}")
        run = run_wayvid(desk, "-c", str(config), "--log-level", "info")
        run.wait_playing()
        return run

    return start


def share(run: Run, name: str = SCREEN) -> float:
    """How much of the blue end is seen; it fails where anything but the two ends is."""
    colour = average_colour(run.shot(name))
    part = part_of(colour, RED, BLUE)
    assert part is not None, f"{name} showed {colour}, which is no mixture of {RED} and {BLUE}"
    return part


def watch_end(run: Run) -> list[float]:
    """The shares seen from when the end was seen alone to when the beginning was."""
    wait_until(lambda: share(run) > 1 - FADED, START_S, "the end alone")
    seen: list[float] = []

    def is_begun() -> bool:
        seen.append(share(run))
        return seen[-1] < FADED

    wait_until(is_begun, START_S, "the beginning alone")
    return seen


def is_mixed(part: float) -> bool:
    return FADED < part < 1 - FADED


def decoders(run: Run) -> int:
    """Cores of libmpv in the player."""
    names = []
    for path in Path(f"/proc/{run.wait_player()}/task").glob("*/comm"):
        with suppress(OSError):  # the thread has ended meanwhile
            names.append(path.read_text().strip())
    return names.count("mpv/mpv core")


@pytest.mark.usefixtures("renderer")
def test_the_end_fades_into_the_beginning(small_desk: Desk, clip: Path, start: Callable[..., Run]) -> None:
    run = start(small_desk, clip, "loop_fade_s = 0.7\n")  # of a longer one the next begins to load as the last goes
    frames, ends = [run.status().streams[0].frames], 0
    until_s = monotonic() + START_S
    while len(frames) < 3 or ends < 2:
        assert monotonic() < until_s, "it was not mixed"
        seen = watch_end(run)
        assert all(after <= before + 0.02 for before, after in pairwise(seen)), f"it did not go one way: {seen}"
        ends += any(map(is_mixed, seen))
        frames.append(run.status().streams[0].frames)
    assert frames == sorted(set(frames)), "its figures go on"
    wait_until(lambda: decoders(run) == 1, START_S, "one decoder between two fades")
    output = run.status().outputs[0]
    assert (output.state, output.duration_s) == ("playing", pytest.approx(2.6, abs=0.1))
    assert "memory is short" not in run.stderr
    assert run.end() == 0


def test_what_comes_in_the_middle_of_a_fade_goes_before(
    small_desk: Desk, clip: Path, start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start(small_desk, clip, "loop_fade_s = 1\ntransition_s = 0.3\n")

    def wait_mixed() -> None:
        wait_until(lambda: is_mixed(share(run)), START_S, "a mixture")

    wait_mixed()
    assert run.ask("pause")["ok"]
    wait_until(lambda: share(run) < FADED, START_S, "the beginning, which stands still")
    wait_until(lambda: decoders(run) == 1, START_S, "one decoder of what is paused")
    assert run.ask("resume")["ok"]
    wait_mixed()
    green = make_colour_clip(tmp_path / "green.mkv", (320, 180), GREEN)
    assert run.ask("set", source=str(green))["ok"]
    wait_until(lambda: is_all(run.shot(SCREEN), GREEN), START_S, "another source")
    wait_until(lambda: decoders(run) == 1, START_S, "its decoder alone")
    assert [stream.source for stream in run.status().streams] == [str(green)]
    assert run.ask("set", source=str(clip))["ok"]  # the config's word for it holds again
    wait_mixed()
    player = run.wait_player()
    run.desk.stop_clients()
    assert not Path(f"/proc/{player}").exists()


def test_what_does_not_fit_into_the_budget_begins_again_at_once(
    small_desk: Desk, clip: Path, start: Callable[..., Run]
) -> None:
    # A picture of 320x180 has 0.22 MB, and two streams have three of them each.
    run = start(small_desk, clip, "loop_fade_s = 0.8\n[power]\nmax_pool_mb = 1\n")
    assert not any(map(is_mixed, watch_end(run)))
    assert run.stderr.count("begins anew without a fade: memory is short") == 1
    assert decoders(run) == 1
