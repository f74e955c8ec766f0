"""Wallpaper Engine projects on the desk, by picture, also when Steam updates them."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from tests.clips import make_colour_clip
from tests.run.conftest import Run
from tests.support import average_colour, is_near
from tests.workshop.conftest import CONTENT, make_project
from wayvid.desk import Desk

FIRST, SECOND = "HEADLESS-1", "HEADLESS-2"
RED, GREEN, BLUE = (200, 40, 40), (40, 200, 40), (40, 40, 200)


def put_clip(folder: Path, name: str, colour: tuple[int, int, int]) -> None:
    make_colour_clip(folder / "half.mkv", (64, 36), colour)
    (folder / "half.mkv").rename(folder / name)


def shows(run: Run, output: str, colour: tuple[int, int, int]) -> None:
    run.wait_picture(output, lambda path: is_near(average_colour(path), colour), f"colour {colour}")


def test_projects_are_shown_and_go_on_when_steam_updates_them(
    sway_desk: Desk, run_wayvid: Callable[..., Run], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    item = make_project(home / ".steam/steam" / CONTENT / "123", file="sea.mkv")
    folder = make_project(tmp_path / "project", file="deep\\lake.mkv", type="Video")
    (folder / "deep").mkdir()
    put_clip(item, "sea.mkv", RED)
    put_clip(folder / "deep", "lake.mkv", GREEN)
    # Played, the preview would be what sorts first.
    put_clip(folder, "a.mkv", BLUE)
    run = run_wayvid(sway_desk, str(folder), "-o", FIRST, "-o", SECOND, env={"HOME": str(home)})
    shows(run, FIRST, GREEN)
    assert run.ask("set", source="we:123", outputs=[SECOND])["ok"]
    shows(run, SECOND, RED)
    shows(run, FIRST, GREEN)

    # Steam writes the new files, then takes the old ones away.
    put_clip(item, "sea-2.mkv", BLUE)
    make_project(item, file="sea-2.mkv")
    (item / "sea.mkv").unlink()
    shows(run, SECOND, RED)
    os.kill(run.wait_player(), signal.SIGKILL)
    shows(run, SECOND, BLUE)
    shows(run, FIRST, GREEN)

    # One that is half there when it is asked for changes nothing.
    (item / "project.json").write_text('{"type": "vid')
    answer = run.ask("set", source="we:123")
    assert (answer["ok"], answer["code"]) == (False, 6)
    assert "its project.json is no JSON" in answer["error"]
    shows(run, FIRST, GREEN)
