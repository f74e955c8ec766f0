"""The user's command, run by the real program with the picture that is on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import make_colour_clip, read_number
from tests.run.conftest import START_S, Run
from tests.support import average_colour, is_near, picture_size, wait_until
from wayvid.desk import Desk

COLOUR, PICTURE_COLOUR = (40, 120, 200), (200, 80, 40)
# Keeps the picture that it is given, notes what it is told, and fails on a picture.
SCRIPT = """#!/bin/sh
cp "$1" "$KEEP/$(wc -l < "$KEEP/ran").png"
echo "$2|$3|$WAYVID_OUTPUTS" >> "$KEEP/ran"
test "$WAYVID_FRAME" = "$1" && test "$WAYVID_SOURCE" = "$2" && test "$WAYVID_OUTPUT" = "$3" || exit 9
case "$2" in *.png) exit 4 ;; esac
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    script = tmp_path / "my hook"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    (tmp_path / "ran").touch()
    path = tmp_path / "config.toml"
    path.write_text(f'transition = "none"\nhook = "\'{script}\' {{frame}} {{source}} {{output}}"\n')
    return str(path)


def test_command_gets_each_new_picture_and_its_failure_is_a_line(
    sway_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, config: str, tmp_path: Path
) -> None:
    colours = make_colour_clip(tmp_path / "my waves.mkv", (320, 180), COLOUR)
    picture = tmp_path / "lake.png"
    Image.new("RGB", (320, 180), PICTURE_COLOUR).save(picture)

    def ran() -> list[str]:
        return (tmp_path / "ran").read_text().splitlines()

    run = run_wayvid(sway_desk, str(numbered_clip), "-c", config, env={"KEEP": str(tmp_path)})
    run.wait_playing()
    names = sway_desk.outputs
    together = " ".join(names)
    wait_until(lambda: len(ran()) == 1, START_S, f"the first command; stderr: {run.stderr}")
    run.ask("pause")  # which is no new source
    run.ask("set", source=str(colours))
    wait_until(lambda: len(ran()) == 2, START_S, f"the second command; stderr: {run.stderr}")
    run.ask("set", source=str(picture), outputs=[names[1]])
    wait_until(lambda: len(ran()) == 3, START_S, f"the third command; stderr: {run.stderr}")
    assert ran() == [
        f"{numbered_clip}|{names[0]}|{together}",
        f"{colours}|{names[0]}|{together}",
        f"{picture}|{names[1]}|{names[1]}",
    ]
    assert read_number(tmp_path / "0.png") is not None
    assert is_near(average_colour(tmp_path / "1.png"), COLOUR)
    assert picture_size(tmp_path / "2.png") == (320, 180)
    assert is_near(average_colour(tmp_path / "2.png"), PICTURE_COLOUR)
    wait_until(lambda: "ended with 4" in run.stderr, START_S, "a line about the failure")
    assert run.stderr.count("\n") == 1
    assert run.end() == 0
