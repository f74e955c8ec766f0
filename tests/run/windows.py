"""Windows that hide a wallpaper."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.run.conftest import START_S
from tests.support import Colour, average_colour, is_near, pixel, wait_until
from wayvid.desk import Desk


def is_all(path: Path, wanted: Colour) -> bool:
    """That colour in every corner and in the mean: nothing is left out."""
    corners = [pixel(path, x, y) for x in (0, -1) for y in (0, -1)]
    return all(is_near(colour, wanted) for colour in [*corners, average_colour(path)])


def cover(desk: Desk, name: str, clip: Path, colour: Colour) -> subprocess.Popen[bytes]:
    """A fullscreen window with a clip of one colour; sway then asks what is behind it for no more frames."""
    desk.sway.command(f"focus output {name}")
    window = desk.start(["mpv", "--no-config", "--really-quiet", "--vo=wlshm", "--fs", "--loop-file=inf", str(clip)])
    shot = clip.with_suffix(".shot.png")
    wait_until(lambda: is_all(desk.shot(name, shot), colour), START_S, f"the window on {name}")
    return window
