"""Clips and photos that a phone has turned: seen upright on the screens."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.clips import block_picture, make_turned_clip
from tests.run.conftest import Run
from tests.run.test_layouts import EDGE_PX, wrong_pixels
from wayvid.desk import Desk

UPRIGHT = (360, 640)
EXIF_ORIENTATION = 0x0112
EXIF_OF = {90: 6, 180: 3, 270: 8}  # turn clockwise by -> orientation, EXIF 2.3, 4.6.4


def lying(degrees: int) -> Image.Image:
    """The block pattern as it is stored: turned clockwise by the degrees it is the pattern of that size."""
    return block_picture(UPRIGHT).rotate(degrees, expand=True)  # PIL turns the other way


def make_clip(folder: Path, degrees: int) -> Path:
    lying(degrees).save(folder / "lying.png")
    still = ["-loop", "1", "-t", "2", "-r", "10", "-i", folder / "lying.png"]
    words = ["ffmpeg", "-v", "error", *still, "-c:v", "libx264rgb", "-qp", "0", folder / "lying.mp4"]
    subprocess.run(words, check=True)
    return make_turned_clip(folder / "lying.mp4", folder / "turned.mp4", degrees)


def make_photo(folder: Path, degrees: int) -> Path:
    picture = lying(degrees)
    exif = picture.getexif()
    exif[EXIF_ORIENTATION] = EXIF_OF[degrees]
    picture.save(folder / "turned.jpg", exif=exif, quality=98, subsampling=0)
    return folder / "turned.jpg"


@pytest.fixture
def start(sway_desk: Desk, run_wayvid: Callable[..., Run]) -> Callable[..., Run]:
    """Starts `wayvid run` on the sway desk."""
    return partial(run_wayvid, sway_desk)


@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize(
    ("make", "layout"),
    [
        pytest.param(make_clip, "fill", id="clip that fills"),
        pytest.param(make_clip, "contain", id="clip with bars"),
        pytest.param(make_photo, "fill", id="photo that fills"),
    ],
)
def test_a_turned_source_is_seen_upright(
    start: Callable[..., Run], tmp_path: Path, make: Callable[[Path, int], Path], layout: str, degrees: int
) -> None:
    # libmpv's software renderer aborted on it; the player was started three times and the source given up.
    run = start(str(make(tmp_path, degrees)), "--layout", layout)

    def is_right(path: Path) -> bool:
        with Image.open(path) as picture:
            return not wrong_pixels(picture.convert("RGB"), UPRIGHT, layout, EDGE_PX + 3, (0, 0))

    run.wait_picture("HEADLESS-2", is_right, f"a {layout} source turned by {degrees}")
    assert run.end() == 0
    assert run.stderr == ""
