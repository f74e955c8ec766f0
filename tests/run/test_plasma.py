"""KWin: Plasma puts a desktop of its own into the background layer, before or after wayvid."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.clips import read_number
from tests.run.conftest import START_S, Run
from tests.support import average_colour, is_near, wait_until
from wayvid.desk import Desk

BLUE = (30, 30, 230)
# Fills every screen with blue in the background layer, and says when the compositor has taken that.
ANOTHER = """
import os
import signal
from wayvid.geometry import Laid, Layout
from wayvid.link.messages import Picture
from wayvid.wayland.connection import Connection
from wayvid.wayland.shm import SharedMemory
from wayvid.wayland.surface import PLASMA, WallpaperSurface

connection = Connection()
connection.start()
assert PLASMA in connection.globals
del connection.globals[PLASMA]
fd = os.memfd_create("another")
os.write(fd, bytes((230, 30, 30, 0)) * 64 * 36)
memory, picture = SharedMemory(connection, fd, 64 * 36 * 4), Picture(1, 64, 36, 256, 64, 36)
surfaces = [WallpaperSurface(connection, output, int, int) for output in connection.named_outputs()]
connection.roundtrip()
for surface in surfaces:
    assert surface.present(memory, picture, Laid(Layout.FILL), int, int)
connection.roundtrip()
print("there", flush=True)
while True:
    connection.roundtrip()
    signal.sigtimedwait((signal.SIGTERM,), 0.02)
"""


def test_wallpaper_is_above_a_desktop_that_comes_later(
    kwin_desk: Desk, run_wayvid: Callable[..., Run], numbered_clip: Path, tmp_path: Path
) -> None:
    run = run_wayvid(kwin_desk, str(numbered_clip))
    screen = kwin_desk.outputs[0]
    run.wait_picture(screen, lambda path: read_number(path) is not None, "the clip")
    told = tmp_path / "told"
    with told.open("wb") as file:
        another = kwin_desk.start([sys.executable, "-c", ANOTHER], stdout=file)
    wait_until(lambda: told.read_text() == "there\n", START_S, "the other one")
    assert all(read_number(run.shot(screen)) is not None for _ in range(3)), "the other one covers it"
    assert another.poll() is None
    assert run.end() == 0
    wait_until(lambda: is_near(average_colour(run.shot(screen)), BLUE, 8), START_S, "the other one's picture")
