"""What is transparent is black, whichever renderer draws it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.run.conftest import Run
from tests.support import average_colour, is_near
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
SIZE = (640, 360)
HIDDEN = (200, 60, 40)


def picture(folder: Path) -> Path:
    Image.new("RGBA", SIZE, (*HIDDEN, 0)).save(folder / "clear.png")
    return folder / "clear.png"


def half(folder: Path) -> Path:
    Image.new("RGBA", SIZE, (*HIDDEN, 128)).save(folder / "half.webp", lossless=True, exact=True)
    return folder / "half.webp"


def clip(folder: Path) -> Path:
    path = folder / "clear.mov"
    graph = f"color=0x{bytes((*HIDDEN, 0)).hex()}:s=640x360:r=10:d=2,format=rgba"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", graph, "-c:v", "qtrle", str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.mark.usefixtures("renderer")
@pytest.mark.parametrize(("make", "colour"), [(picture, (0, 0, 0)), (half, (100, 30, 20)), (clip, (0, 0, 0))])
def test_what_is_transparent_is_black(
    sway_desk: Desk,
    run_wayvid: Callable[..., Run],
    tmp_path: Path,
    make: Callable[[Path], Path],
    colour: tuple[int, int, int],
) -> None:
    # With OpenGL libmpv's chequered board of greys was on the screen, without it the colours that are hidden there.
    run = run_wayvid(sway_desk, str(make(tmp_path)), "-o", SCREEN)
    run.wait_listening()
    run.wait_state("still", "playing")
    run.wait_picture(SCREEN, lambda shot: is_near(average_colour(shot), colour), "what is seen through")
