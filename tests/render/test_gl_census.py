"""However long OpenGL draws, there is no more of anything than after its start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip
from wayvid.desk import Desk

WARM = 100
# A garbage collection more or less, and what one picture of several in flight has.
SLACK_OBJECTS = 60
SLACK_BUFFERS = 2  # that a decoder writes into: as many as it refers to at a time


@pytest.mark.parametrize(
    "frames",
    [
        pytest.param(150, id="few"),
        pytest.param(10_000, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(1500)]),
    ],
)
def test_no_opengl_object_file_or_byte_is_left_by_a_picture(sway_desk: Desk, tmp_path: Path, frames: int) -> None:
    clip = make_numbered_clip(tmp_path / "clip.mp4", frames=300, size=(96, 64), rate=60)
    for name in sway_desk.outputs:
        sway_desk.set_size(name, (160, 96))
    done = subprocess.run(
        [sys.executable, "-m", "tests.render.census", str(clip), str(WARM), str(frames)],
        env=sway_desk.env, stdout=subprocess.PIPE, text=True, check=True, timeout=60 + frames / 10,
    )  # fmt: skip
    before, after, end = json.loads(done.stdout)
    assert abs(after.pop("objects") - before.pop("objects")) <= SLACK_OBJECTS
    assert abs(after.pop("buffers") - before.pop("buffers")) <= SLACK_BUFFERS
    assert after == before
    assert before["textures"] > 0
    assert end["ours"] == 0
    assert end["copies"]  # from a texture to the screens that show it, where all are of one size
