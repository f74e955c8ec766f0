"""Another source at run time: the old one stays until the new one has a picture, and when it never gets one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import SLOWLY_DRAWN, START_S, Run
from tests.run.windows import is_all
from tests.support import wait_until
from wayvid.desk import Desk

COLOUR = (40, 120, 200)
PICTURE_COLOUR = (200, 80, 40)
SCREEN = "HEADLESS-1"


@pytest.fixture(scope="module")
def colour_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_colour_clip(tmp_path_factory.mktemp("colour") / "colour.mkv", (320, 180), COLOUR)


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("picture") / "picture.png"
    Image.new("RGB", (320, 180), PICTURE_COLOUR).save(path)
    return path


def shows(run: Run, colour: tuple[int, int, int]) -> bool:
    return all(is_all(run.shot(name), colour) for name in run.desk.outputs)


def test_each_source_replaces_the_one_before(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path, picture: Path, numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(colour_clip))
    run.wait_playing()
    for source, colour in [(picture, PICTURE_COLOUR), (colour_clip, COLOUR), (picture, PICTURE_COLOUR)]:
        assert run.ask("set", source=str(source)) == {"v": 1, "ok": True, "data": {}}
        wait_until(lambda colour=colour: shows(run, colour), START_S, f"{source} on every screen")
        assert run.status().source == str(source)
    wait_until(lambda: run.player_pid() is None, START_S, "an image without a player")
    assert run.ask("set", source=str(numbered_clip))["ok"]
    run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the clip")
    status = run.wait_playing()
    assert [stream.source for stream in status.streams] == [str(numbered_clip)]

    def has_few_buffers() -> bool:
        pool = run.status().memory.pool
        return pool.buffers_in_use + pool.buffers_idle <= 3

    wait_until(has_few_buffers, START_S, "what the transition took to be given back")
    assert run.end() == 0
    assert run.stderr == ""


@pytest.mark.parametrize("renderer", SLOWLY_DRAWN, indirect=True)
@pytest.mark.usefixtures("renderer")
def test_screen_is_never_black_from_one_clip_to_the_next(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path, numbered_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(colour_clip))
    run.wait_playing()
    wait_until(lambda: shows(run, COLOUR), START_S, "the first clip")
    client = sway_desk.start([sys.executable, "-m", "wayvid", "set", str(numbered_clip), "--transition", "none"])
    for name in [*sway_desk.outputs] * 20:
        shot = run.shot(name)
        assert is_all(shot, COLOUR) or read_number(shot) is not None, f"{name} shows neither clip"
    assert client.wait(START_S) == 0
    run.wait_picture(SCREEN, lambda path: read_number(path) is not None, "the next clip")


@pytest.mark.parametrize("held", [False, True], ids=["playing", "held"])
@pytest.mark.parametrize("content", [None, b"", b"no film at all" * 1000], ids=["missing", "empty", "garbage"])
def test_source_that_cannot_be_shown_leaves_the_one_before(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    write_config: Callable[..., str],
    numbered_clip: Path,
    tmp_path: Path,
    content: bytes | None,
    held: bool,
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip), "-c", write_config(hold_after_s=0.2))
    run.wait_playing()
    if held:
        run.ask("pause")
        run.wait_state("held")
    broken = tmp_path / "broken.mp4"
    if content is not None:
        broken.write_bytes(content)
    answer = run.ask("set", source=str(broken))
    assert not answer["ok"]
    assert str(broken) in answer["error"]
    assert answer["code"] == 6
    assert run.status().source == str(numbered_clip)
    for name in sway_desk.outputs:
        assert read_number(run.shot(name)) is not None
    if held:
        run.wait_state("held")
        run.ask("resume")
    run.wait_playing()
    first = read_number(run.shot(SCREEN))
    run.wait_picture(SCREEN, lambda path: read_number(path) not in (None, first), "the old clip moving")


def test_source_set_while_another_is_on_its_way_wins(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path, numbered_clip: Path, picture: Path
) -> None:
    run = run_wayvid(sway_desk, str(numbered_clip))
    run.wait_playing()
    words = [sys.executable, "-m", "wayvid", "set"]
    clients = [sway_desk.start([*words, str(path)], stderr=subprocess.DEVNULL) for path in (picture, numbered_clip)]
    for client in clients:
        assert client.wait(START_S) in (0, 6)
    assert run.ask("set", source=str(colour_clip))["ok"]
    wait_until(lambda: shows(run, COLOUR), START_S, "the last one")
    assert run.status().state == "playing"


def test_a_wallpaper_of_one_screen_is_set_on_another_by_name(
    sway_desk: Desk, run_wayvid: Callable[..., Run], colour_clip: Path, numbered_clip: Path
) -> None:
    other, third = sway_desk.outputs[1:]
    run = run_wayvid(sway_desk, str(numbered_clip), "-o", SCREEN)
    run.wait_playing()
    desktop = run.shot(third).read_bytes()

    def screens() -> list[tuple[str, str]]:
        return [(output.name, output.source) for output in run.status().outputs]

    first = (SCREEN, str(numbered_clip))
    for command in ("pause", "snapshot"):
        answer = run.ask(command, outputs=[other])
        assert answer["code"] == 5
        assert "wayvid set SOURCE -o" in answer["error"]
    assert run.ask("set", source=str(colour_clip), outputs=["*-2"])["code"] == 5, "a glob means what is there"
    assert "'DP-9' is not connected" in run.ask("set", source=str(colour_clip), outputs=["DP-9"])["error"]
    # What cannot be shown takes no screen.
    assert run.ask("set", source="/no/such.mp4", outputs=[other])["code"] == 6
    assert run.ask("set", source=__file__, outputs=[other])["code"] == 6
    assert screens() == [first]
    assert run.shot(other).read_bytes() == desktop

    answer = run.ask("set", source=str(colour_clip), outputs=[other])
    assert answer["data"] == {"outputs": [other]}
    assert is_all(run.shot(other), COLOUR)
    assert screens() == [first, (other, str(colour_clip))]
    assert run.ask("set", source=str(numbered_clip), outputs=["HEADLESS-?"])["data"] == {"outputs": [SCREEN, other]}
    assert len(run.status().streams) == 1
    assert run.shot(third).read_bytes() == desktop
    assert run.ask("set", source="", outputs=[third, "*-1"])["ok"]
    assert [name for name, _source in screens()] == [SCREEN, other, third]
    for number in range(5):  # as a script may do for ever; who asks is told, and the log is for what can be mended
        assert run.ask("set", source=f"/no/{number}.mp4")["code"] == 6
    assert run.ask("nonsense")["code"] == 12
    assert run.status().refused.startswith("cannot play '/no/4.mp4'")
    assert run.end() == 0
    assert run.stderr.count("\n") == 1, run.stderr
    assert "no/such.mp4" in run.stderr
