"""From one source to another: both are seen for a while, nothing else ever is, and nothing is left of it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image

from tests.clips import make_colour_clip
from tests.framewatch import FrameWatch
from tests.run.conftest import START_S, Run
from tests.run.windows import is_all
from tests.support import Colour, average_colour, pixel, wait_until
from wayvid.desk import Desk
from wayvid.memtest.wiretap import Wiretap

RED, BLUE, GREEN = (220, 30, 30), (30, 30, 220), (30, 220, 30)
SCREEN = "HEADLESS-1"
# How far off a colour between two others may be, in each channel: the encoder's and the compositor's rounding.
OFF = 6
# Scattered heap after four seconds as after sixty: a decoder left behind would be ten times that.
MOST_GROWTH_BYTES = 8_000_000


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[Colour, Path]:
    folder = tmp_path_factory.mktemp("colours")
    made = {
        colour: make_colour_clip(folder / f"{name}.mkv", (320, 180), colour)
        for name, colour in (("red", RED), ("blue", BLUE))
    }
    made[GREEN] = folder / "green.png"
    Image.new("RGB", (320, 180), GREEN).save(made[GREEN])
    return made


def part_of(colour: Colour, before: Colour, after: Colour) -> float | None:
    """How much of the second colour is in a mixture of both; None when it is none."""
    channel = max(range(3), key=lambda index: abs(after[index] - before[index]))
    part = (colour[channel] - before[channel]) / (after[channel] - before[channel])
    wanted = [one + (other - one) * part for one, other in zip(before, after, strict=True)]
    is_mixture = -0.03 <= part <= 1.03 and all(abs(a - b) <= OFF for a, b in zip(colour, wanted, strict=True))
    return part if is_mixture else None


def change(run: Run, source: Path, *words: str) -> subprocess.Popen[bytes]:
    return run.desk.start([sys.executable, "-m", "wayvid", "set", str(source), *words])


def parts_seen(run: Run, client: subprocess.Popen[bytes], before: Colour, after: Colour, name: str) -> list[float]:
    """How much of the new colour each picture had until the command was done, and one more."""
    seen = []
    is_done = False
    while not is_done:
        is_done = client.poll() is not None
        colour = average_colour(run.shot(name))
        part = part_of(colour, before, after)
        assert part is not None, f"{name} showed {colour}, which is no mixture of {before} and {after}"
        seen.append(part)
    assert client.returncode == 0
    return seen


@pytest.mark.usefixtures("renderer")
def test_one_source_fades_into_the_other_on_every_screen(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path]
) -> None:
    run = run_wayvid(sway_desk, str(clips[RED]))
    run.wait_playing()
    wait_until(lambda: is_all(run.shot(SCREEN), RED), START_S, "the first clip")
    colours = [RED, BLUE, GREEN, RED]  # the third is an image: from a clip into it, and out of it again
    for before, after in pairwise(colours):
        client = change(run, clips[after], "--transition", "fade", "--duration", "1")
        seen = parts_seen(run, client, before, after, SCREEN)
        between = [part for part in seen if 0.1 < part < 0.9]
        assert between, f"no mixture of {before} and {after} was seen"
        assert between == sorted(between), "it went back on its way"
        assert seen[-1] > 0.97, "the command was answered before its end"
        for name in sway_desk.outputs:
            assert is_all(run.shot(name), after)
    assert run.stderr == ""


def test_screens_of_one_size_show_the_same_mixtures(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], tmp_path: Path
) -> None:
    with Wiretap(sway_desk.display, tmp_path / sway_desk.display.name) as tap:
        run = run_wayvid(sway_desk, str(clips[RED]), "--renderer", "shm", env={"WAYLAND_DISPLAY": str(tap.path)})
        run.wait_playing()
        (player,) = tap.clients(run.wait_player())
        before, begun = run.status().memory.pool, len(player.log.commits)
        client = change(run, clips[BLUE], "--transition", "fade", "--duration", "1.5")
        assert client.wait(START_S) == 0
        commits = list(player.log.commits[begun:])
        wait_until(lambda: held(run)[0] <= 3, START_S, "figures of after the fade")
        after = run.status().memory.pool
    seconds = (commits[-1].at_ns - commits[0].at_ns) / 1e9
    made = after.hits + after.misses - before.hits - before.misses
    streams = 2 * 10 * (seconds + 2)  # pictures of clips with ten a second; the figures are a second old at most
    assert made <= len(commits) / 2 + streams, "each screen had its own"
    # Three of the new stream, and of the mixtures one more than screens.
    assert after.misses - before.misses <= 3 + len(sway_desk.outputs) + 1
    assert run.stderr == ""


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize("transition", ["wipe", "grow"])
def test_a_source_comes_from_the_left_or_from_the_middle(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], transition: str
) -> None:
    run = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN)
    run.wait_playing()
    wait_until(lambda: is_all(run.shot(SCREEN), RED), START_S, "the first clip")
    client = change(run, clips[BLUE], "--transition", transition, "--duration", "1.5")
    first, last = {"wipe": ((0, 5), (-1, 5)), "grow": ((640, 360), (0, 0))}[transition]

    def is_half() -> bool:
        shot = run.shot(SCREEN)
        early, late = (part_of(pixel(shot, *at), RED, BLUE) for at in (first, last))
        assert early is not None
        assert late is not None
        assert early >= late - 0.05
        return early > 0.9 and late < 0.1

    wait_until(is_half, START_S, f"half a {transition}")
    assert client.wait(START_S) == 0
    assert is_all(run.shot(SCREEN), BLUE)


@pytest.mark.usefixtures("renderer")
def test_a_source_set_on_the_way_to_another_goes_on_from_what_is_seen(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path]
) -> None:
    run = run_wayvid(sway_desk, str(clips[RED]), "-o", SCREEN)
    run.wait_playing()
    wait_until(lambda: is_all(run.shot(SCREEN), RED), START_S, "the first clip")
    first = change(run, clips[BLUE], "--transition", "fade", "--duration", "8")
    begun_at: Colour = RED

    def is_on_its_way() -> bool:
        nonlocal begun_at
        begun_at = average_colour(run.shot(SCREEN))
        part = part_of(begun_at, RED, BLUE)
        return part is not None and 0.15 < part < 0.8

    wait_until(is_on_its_way, START_S, "a mixture")
    second = change(run, clips[GREEN], "--transition", "fade", "--duration", "1")
    # What is seen goes on a little until the second command arrives.
    seen = []
    while second.poll() is None:
        red, green, blue = average_colour(run.shot(SCREEN))
        assert red + green + blue > 200, "it was dark on its way"
        seen.append((red, green, blue))
    assert second.returncode == 0
    assert first.wait(START_S) in (0, 6)
    assert is_all(run.shot(SCREEN), GREEN)
    greens = [green for _red, green, _blue in seen if 45 < green < 205]
    assert greens, "it did not fade into the last one"
    assert greens == sorted(greens)
    assert max(red for red, green, _blue in seen if green < 60) < RED[0] - 15, "it began anew with the first clip"


def stress(run: Run, clips: dict[Colour, Path], seconds: float, watch: FrameWatch) -> None:
    """A change each half second, so each in the middle of the one before; then all is as it was."""
    run.ask("set", source=str(clips[RED]), transition="none")
    run.ask("set", source=str(clips[BLUE]))
    before, threads = held(run), thread_count(run)
    until_s = monotonic() + seconds
    clients: list[subprocess.Popen[bytes]] = []
    number = 0
    while monotonic() < until_s:
        began_s = monotonic()
        clients.append(change(run, clips[(RED, BLUE)[number % 2]]))
        number += 1
        # In the middle of a change, where two decoders and the mixtures are held.
        wait_until(lambda began_s=began_s: watch.looks()[-1].at_ms > (began_s + 0.3) * 1000, START_S, "frames")
        memory = run.status().memory
        assert memory.pss_bytes <= memory.budget_bytes
        wait_until(lambda began_s=began_s: watch.looks()[-1].at_ms > (began_s + 0.5) * 1000, START_S, "frames")
    for client in clients:
        assert client.wait(START_S) in (0, 6)  # 6: another one was set before it was seen
    run.ask("set", source=str(clips[RED]), transition="none")
    assert run.ask("set", source=str(clips[BLUE]))["ok"]
    wait_until(lambda: thread_count(run) <= threads, START_S, f"{threads} threads in the player, as before")
    wait_until(lambda: held(run)[0] <= before[0], START_S, f"{before[0]} buffers, as before")
    assert held(run)[1] <= before[1] + MOST_GROWTH_BYTES
    assert [stream.source for stream in run.status().streams] == [str(clips[BLUE])]
    looks = watch.end()
    assert len(looks) > 5 * seconds
    assert min(look.darkest for look in looks) > 100, "a frame was dark"


def held(run: Run) -> tuple[int, int]:
    """Pictures in the pool, and bytes of the player's memory that are its own."""
    pool = run.status().memory.pool
    lines = Path(f"/proc/{run.wait_player()}/smaps_rollup").read_text().splitlines()
    own_kib = sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Dirty", "Shared_Dirty")))
    return pool.buffers_in_use + pool.buffers_idle, own_kib * 1024


def thread_count(run: Run) -> int:
    """Threads of the player: each decoder has some."""
    return len(list(Path(f"/proc/{run.wait_player()}/task").iterdir()))


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(240)])])
def test_many_changes_in_a_row_leave_nothing_behind(
    sway_desk: Desk, run_wayvid: Callable[..., Run], clips: dict[Colour, Path], seconds: float, tmp_path: Path
) -> None:
    run = run_wayvid(sway_desk, str(clips[RED]))
    run.wait_playing()
    watch = FrameWatch(sway_desk, SCREEN, tmp_path / "frames")
    watch.wait_seen()
    stress(run, clips, seconds, watch)


def test_what_does_not_fit_into_the_budget_is_cut_and_said(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    large = {
        colour: make_colour_clip(tmp_path / f"{name}.mkv", (1280, 720), colour)
        for name, colour in (("red", RED), ("blue", BLUE))
    }
    config = tmp_path / "config.toml"
    config.write_text("transition_s = 3\n[power]\nmax_pool_mb = 12\n")
    run = run_wayvid(sway_desk, str(large[RED]), "-c", str(config), "--log-level", "info")
    run.wait_playing()
    wait_until(lambda: is_all(run.shot(SCREEN), RED), START_S, "the first clip")
    seen = parts_seen(run, change(run, large[BLUE]), RED, BLUE, SCREEN)
    assert all(part < 0.05 or part > 0.95 for part in seen), "it was mixed"
    wait_until(lambda: is_all(run.shot(SCREEN), BLUE), START_S, "the second clip")
    assert f"{SCREEN}: cut: the pictures of a fade do not fit into the budget" in run.stderr
    pool = run.status().memory.pool
    assert pool.in_use_bytes + pool.idle_bytes <= 12 * 1024 * 1024
