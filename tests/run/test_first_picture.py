"""What is seen first after a start: the last picture of that source, and never of another."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PIL import Image

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.run.windows import is_all
from tests.support import average_colour, is_near, pixel, wait_until
from wayvid.desk import Desk
from wayvid.memtest.wire_log import NO_MEMORY, Commit
from wayvid.memtest.wiretap import Wiretap

SCREEN = "HEADLESS-1"
COLOUR = (40, 120, 200)
WHITE = (255, 255, 255)  # of each picture of the numbered clip at its left
LATE = 60  # no player begins there
MOST_FILE_BYTES = 30_000_000  # of 60 at the start; 15 are in use


def seen_of_another_wayvid(desk: Desk, source: str, env: dict[str, str]) -> list[Commit]:
    """What a second wayvid puts on the screens that the first one has."""
    with TemporaryDirectory() as folder, Wiretap(desk.display, Path(folder, desk.display.name)) as tap:
        env = {**desk.env, **env, "WAYLAND_DISPLAY": str(tap.path)}
        words = [sys.executable, "-m", "wayvid", "run", source]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False, timeout=START_S)
        assert "already" in done.stderr
        return [commit for client in tap.clients() for commit in client.log.commits if commit.memory != NO_MEMORY]


def file_bytes(pid: int) -> int:
    """What a process has in memory of files."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssFile:"))


@pytest.mark.usefixtures("renderer")
def test_last_picture_of_the_source_is_seen_first_and_then_the_clip(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path
) -> None:
    colour_clip = make_colour_clip(tmp_path / "colour.mkv", (320, 180), COLOUR)
    (tmp_path / "config.toml").write_text("transition_s = 1\n")
    words = ("-o", SCREEN, "-c", str(tmp_path / "config.toml"))
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = run_wayvid(sway_desk, str(numbered_clip), *words, env=env)
    run.wait_picture(SCREEN, lambda shot: LATE < (read_number(shot) or 0) < 250, "the middle of the clip")
    last = read_number(run.shot(SCREEN)) or 0
    assert run.end() == 0
    assert run.stderr == ""
    background = average_colour(sway_desk.shot(SCREEN, tmp_path / "background.png"))

    run = run_wayvid(sway_desk, str(numbered_clip), *words, env=env)
    wait_until(lambda: average_colour(run.shot(SCREEN)) != background, START_S, "a picture")
    first = read_number(run.picture_path(SCREEN))
    assert first is not None
    assert last - 40 <= first < last + 30, "it was not the last picture"  # with gl it may be a second old

    def is_moving() -> bool:
        shot = run.shot(SCREEN)
        assert is_near(pixel(shot, 5, 5), WHITE, 40), "it was gone again"
        return read_number(shot) not in (None, first)

    wait_until(is_moving, START_S, "the clip")
    run.wait_playing()
    assert seen_of_another_wayvid(sway_desk, str(numbered_clip), env) == []
    assert run.end() == 0

    run = run_wayvid(sway_desk, str(colour_clip), *words, env=env)
    wait_until(lambda: average_colour(run.shot(SCREEN)) != background, START_S, "a picture of another clip")
    assert is_all(run.picture_path(SCREEN), COLOUR)


def test_an_image_is_kept_once_after_its_last_picture_was_seen(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    # The picture of the start stayed in memory beside the image for good.
    image = tmp_path / "image.png"
    Image.new("RGB", (640, 360), COLOUR).save(image)
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    def memories(run: Run) -> int:
        links = (os.readlink(path) for path in Path(f"/proc/{run.process.pid}/fd").iterdir())
        with suppress(FileNotFoundError):  # closed meanwhile
            return sum(link.startswith("/memfd:") for link in links)
        return 0

    for _start in ("without a last picture", "with one"):
        run = run_wayvid(sway_desk, str(image), "-o", SCREEN, env=env)
        run.wait_listening()
        run.wait_state("still")
        wait_until(lambda run=run: memories(run) == 1, START_S, "one picture in memory")
        assert run.end() == 0
        assert list((tmp_path / "cache").rglob("*.picture")), "a last picture"


def test_three_screens_fade_from_the_last_picture_with_few_pictures_in_memory(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path
) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    run = run_wayvid(sway_desk, str(numbered_clip), "--renderer", "shm", env=env)
    run.wait_playing()
    assert run.end() == 0
    run = run_wayvid(sway_desk, str(numbered_clip), "--renderer", "shm", env=env)
    run.wait_playing()
    pool = run.status().memory.pool
    # Three of the clip, and of the mixtures one more than screens; each screen's own were six.
    assert pool.misses <= 3 + len(sway_desk.outputs) + 1
    # What libraries read at their start was unmapped, though other players may have it, too.
    wait_until(lambda: file_bytes(run.wait_player()) < MOST_FILE_BYTES, START_S, "start-up pages to go")
    assert run.stderr == ""
