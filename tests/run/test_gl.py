"""Drawing with OpenGL: what takes its place where it cannot, and what happens when the card is reset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clips import make_numbered_clip, read_number
from tests.run.conftest import START_S, Run
from tests.support import wait_until
from wayvid.desk import Desk

SCREEN = "HEADLESS-1"
NO_OPENGL = "raise ImportError('no OpenGL here')\n"
# Has the player's OpenGL say, after some pictures, that the card was reset; no driver here can be made to.
RESETS = """
import sys
from importlib.machinery import PathFinder

class Finder:
    def find_spec(self, name, path, target=None):
        if name != "wayvid.render.egl":
            return None
        spec = PathFinder.find_spec(name, path)
        run = spec.loader.exec_module
        def exec_module(module):
            run(module)
            pictures = iter(range(20))
            def check(self):
                if next(pictures, None) is None:
                    raise module.GraphicsError("glGetGraphicsResetStatus", "the graphics card was reset", 0x300E)
            module.GlContext.check = check
        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Finder())
"""


@pytest.fixture(scope="module")
def small_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_numbered_clip(tmp_path_factory.mktemp("clips") / "small.mp4", frames=300)


def loaded(pid: int) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


def test_auto_takes_shared_memory_without_loading_a_driver_where_no_card_draws(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(small_clip), "-o", SCREEN)
    status = run.wait_playing()
    assert status.renderer.name == "shm"
    assert "/dev/dri" in status.renderer.reason
    assert "_dri.so" not in loaded(run.wait_player())


def test_status_says_that_opengl_draws_and_why_the_processor_decodes(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path
) -> None:
    run = run_wayvid(sway_desk, str(small_clip), "-o", SCREEN, "--renderer", "gl")
    status = run.wait_playing()
    assert (status.renderer.name, status.renderer.reason) == ("gl", "asked for")
    assert "llvmpipe" in status.renderer.driver
    assert status.streams[0].hwdec == ""
    assert "llvmpipe" in status.streams[0].hwdec_reason


@pytest.mark.parametrize("is_direct", [True, False])
def test_decoder_writes_into_the_drivers_memory_unless_told_not_to(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path, tmp_path: Path, is_direct: bool
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f"[gl]\ndirect_rendering = {str(is_direct).lower()}\n")
    run = run_wayvid(sway_desk, str(small_clip), "-o", SCREEN, "--renderer", "gl", "-c", str(config))
    run.wait_playing()
    run.wait_picture(SCREEN, lambda shot: read_number(shot) is not None, "a picture of the clip")
    drawn = run.status().renderer
    assert (drawn.direct_buffers > 0, drawn.direct_bytes > 0) == (is_direct, is_direct)


def test_opengl_that_cannot_start_is_told_once_and_shared_memory_takes_its_place(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "modules" / "OpenGL").mkdir(parents=True)
    (tmp_path / "modules" / "OpenGL" / "__init__.py").write_text(NO_OPENGL)
    env = {"PYTHONPATH": str(tmp_path / "modules")}
    run = run_wayvid(sway_desk, str(small_clip), "-o", SCREEN, "--renderer", "gl", env=env)
    status = run.wait_playing()
    assert status.renderer.name == "shm"
    assert "no OpenGL here" in status.renderer.reason
    assert run.stderr.count("no OpenGL here") == 1
    assert run.end() == 0


def test_card_that_is_reset_again_and_again_is_left_alone_and_the_picture_stays(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "sitecustomize.py").write_text(RESETS)
    env = {"PYTHONPATH": str(tmp_path / "modules")}
    run = run_wayvid(sway_desk, str(small_clip), "-o", SCREEN, "--renderer", "gl", env=env)
    run.wait_picture(SCREEN, lambda shot: read_number(shot) is not None, "the first picture")

    def is_left_alone() -> bool:
        assert read_number(run.shot(SCREEN)) is not None, "no picture of the clip"
        return run.status().renderer.name == "shm"

    wait_until(is_left_alone, 2 * START_S, f"another renderer; stderr: {run.stderr}")
    assert "the graphics card was reset" in run.status().renderer.reason
    assert run.wait_playing().state == "playing"
    assert run.end() == 0


def test_each_stream_is_drawn_on_its_screen_and_another_renderer_takes_over_unseen(
    sway_desk: Desk, run_wayvid: Callable[..., Run], small_clip: Path, tmp_path: Path
) -> None:
    few = 8  # so that its pictures are not the other's, most of the time
    other = make_numbered_clip(tmp_path / "other.mp4", frames=few)
    sources = {SCREEN: small_clip, "HEADLESS-2": other}
    config = tmp_path / "config.toml"

    def write(renderer: str) -> None:
        screens = (f'[[output]]\nmatch = "{name}"\nsource = "{source}"\n' for name, source in sources.items())
        config.write_text(f'renderer = "{renderer}"\n' + "\n".join(screens))

    write("gl")
    run = run_wayvid(sway_desk, "-c", str(config), "-o", SCREEN, "-o", "HEADLESS-2")
    status = run.wait_playing()
    assert status.renderer.name == "gl"
    assert len(status.streams) == 2
    before = run.wait_player()
    run.wait_picture(SCREEN, lambda shot: (read_number(shot) or 0) >= few, "a picture of the long clip")
    run.wait_picture("HEADLESS-2", lambda shot: read_number(shot) is not None, "a picture of the short clip")

    write("shm")

    def is_taken_over() -> bool:
        assert read_number(run.shot(SCREEN)) is not None, "black"
        assert read_number(run.shot("HEADLESS-2")) in range(few)
        return run.status().renderer.name == "shm" and run.player_pid() not in (None, before)

    wait_until(is_taken_over, START_S, "a player that draws into shared memory")
    assert len(run.wait_playing().streams) == 2
