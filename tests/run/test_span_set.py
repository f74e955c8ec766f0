"""One picture over several outputs by command: `wayvid set --span`, and what ends it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import block_picture, make_block_clip
from tests.framewatch import COLUMNS, ROWS, FrameWatch, Look
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.run.test_span import wait_spanned
from tests.support import is_near, wait_until
from wayvid.desk import Desk

BEHIND = (63, 63, 63)  # what sway shows where there is nothing
SIZE = (640, 360)


@pytest.fixture(scope="module")
def row() -> Iterator[Desk]:
    """Three beside each other."""
    with Desk(outputs=3, size=SIZE) as desk:
        for number, name in enumerate(desk.outputs):
            desk.sway.command(f"output {name} pos {number * SIZE[0]} 0")
        yield desk


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_block_clip(tmp_path_factory.mktemp("blocks") / "blocks.mkv", (1280, 720))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "blocks.png"
    block_picture((1280, 720)).save(path)
    return path


def wayvid(desk: Desk, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "wayvid", *words]
    return subprocess.run(argv, env=desk.env, capture_output=True, text=True, check=False, timeout=START_S)


def set_(desk: Desk, *words: str) -> None:
    done = wayvid(desk, "set", *words, "--duration", "0.1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def each_whole(run: Run, names: list[str]) -> None:
    for name in names:
        wait_spanned(run, [name], "the whole")


def test_set_spans_screens_until_they_are_set_without(
    row: Desk, clip: Path, image: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    run = run_wayvid(row, "--layout", "stretch", str(clip), env=env)
    left, middle, right = row.outputs
    run.wait_playing()
    watch = FrameWatch(row, middle, tmp_path / "frames")
    watch.wait_seen()
    set_(row, str(clip), "--span", "-o", left, "-o", middle)
    wait_spanned(run, [left, middle], "its part of two")
    each_whole(run, [right])
    assert {output.name: output.span is not None for output in run.status().outputs} == {
        left: True, middle: True, right: False
    }  # fmt: skip

    set_(row, str(image), "-o", middle)
    each_whole(run, [left, middle, right])
    refused = wayvid(row, "set", "--span")
    assert (refused.returncode, refused.stdout) == (15, "")
    assert refused.stderr.count("\n") == 1
    assert "show different pictures; name the SOURCE" in refused.stderr

    set_(row, "--span", str(image))
    wait_spanned(run, row.outputs, "its part of the picture")
    done = wayvid(row, "set", "--no-span", "-o", right)
    assert (done.returncode, done.stderr) == (0, "")
    wait_spanned(run, [left, middle], "its part of two")
    each_whole(run, [right])
    assert min(look.darkest for look in watch.end()) > 90, "a frame was dark"
    assert run.end() == 0

    run = run_wayvid(row, "--layout", "stretch", env=env)
    run.wait_listening()
    wait_spanned(run, [left, middle], "its part of two after a restart")
    each_whole(run, [right])
    assert wayvid(row, "set", "--span").returncode == 0
    wait_spanned(run, row.outputs, "its part of what was there")
    set_(row, str(clip))
    each_whole(run, row.outputs)
    assert run.stderr == ""


def part_looks(number: int) -> list[tuple[int, int, int]]:
    """What FrameWatch sees of one of the first two screens of the row that show a picture together."""
    wall = block_picture((2 * SIZE[0], SIZE[1]))
    part = wall.crop((number * SIZE[0], 0, (number + 1) * SIZE[0], SIZE[1]))
    data = part.resize((COLUMNS, ROWS), Image.Resampling.BOX).tobytes()
    return [(data[at], data[at + 1], data[at + 2]) for at in range(0, len(data), 3)]


def is_nothing(look: Look) -> bool:
    return all(is_near(block, BEHIND, 2) for block in look.blocks)


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
def test_no_frame_of_a_span_shows_another_part(
    row: Desk, clip: Path, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    config = tmp_path / "config.toml"
    config.write_text("layout = 'stretch'\n[power]\nhold_after_s = 0.2\n")
    names = row.outputs[:2]
    words = ("-c", str(config), "-o", names[0], "-o", names[1])
    run = run_wayvid(row, *words, env=env)
    run.wait_playing()
    set_(row, "--span", str(clip))
    wait_spanned(run, names, "its part")
    assert run.end() == 0
    assert list((tmp_path / "cache").rglob("*.picture")), "a last picture"

    watches = {name: FrameWatch(row, name, tmp_path / name) for name in names}
    for watch in watches.values():
        watch.wait_seen()
    run = run_wayvid(row, *words, env=env)  # first the last picture, then the clip
    run.wait_playing()
    player = run.wait_player()
    subprocess.run(["kill", "-9", str(player)], check=True)
    wait_until(lambda: run.player_pid() not in (None, player), START_S, "another player")
    run.wait_playing()
    assert run.ask("pause")["ok"]
    run.wait_state("held")
    snapshot = tmp_path / "snapshot.png"
    assert wayvid(row, "snapshot", str(snapshot), "-o", names[1]).returncode == 0
    with Image.open(snapshot) as picture:
        assert picture.size[0] > SIZE[0], "a snapshot is of the whole picture"
    assert run.ask("resume")["ok"]
    run.wait_playing()
    run.process.kill()
    run.process.wait(START_S)
    run = run_wayvid(row, *words, env=env)
    run.wait_playing()
    wait_spanned(run, names, "its part after a kill")
    for number, name in enumerate(names):
        expected = part_looks(number)
        shown = [look for look in watches[name].end() if not is_nothing(look)]
        assert shown
        for look in shown:
            wrong = [
                f"{block} instead of {wanted}"
                for block, wanted in zip(look.blocks, expected, strict=True)
                if not is_near(block, wanted, 40)
            ]
            assert not wrong, f"{name}: {len(wrong)} blocks of a frame: {wrong[:3]}"
