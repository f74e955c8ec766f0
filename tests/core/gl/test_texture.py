"""A texture with its framebuffer: what it is at first, how it is counted, and what no driver can do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from OpenGL import GLES2

import bench.twins
import wayvid._core
from bench.surfaceless import Surfaceless, get_proc_address
from tests.core.gl.driver import Driver, picture, read_rows
from wayvid._core import memory_stats
from wayvid._core.glupload import FUNCTIONS, OPTIONAL, QuadDrawer, Texture, Uploader, gl_objects

Address = Callable[[bytes], int]
ROOT = Path(wayvid.__file__).parent.parent


def test_a_new_texture_is_black_and_can_be_drawn_into(driver: Address) -> None:
    texture = Texture(driver, 3, 2)
    assert (texture.width_px, texture.height_px, texture.size_bytes) == (3, 2, 24)
    assert read_rows(texture.framebuffer_id, 3, 2) == [bytes(3)] * 2
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, texture.framebuffer_id)
    GLES2.glClearColor(22 / 255, 21 / 255, 20 / 255, 1)
    GLES2.glClear(GLES2.GL_COLOR_BUFFER_BIT)
    assert read_rows(texture.framebuffer_id, 3, 2) == [bytes((20,)) * 3] * 2
    texture.close()


def test_a_texture_is_counted_until_it_is_closed(gl: ModuleType) -> None:
    core = bench.twins if gl.__name__.startswith("bench") else wayvid._core
    before, objects = core.memory_stats().texture, gl.gl_objects()
    texture = gl.Texture(get_proc_address, 100, 50)
    now = core.memory_stats().texture
    assert now.current_bytes - before.current_bytes == 100 * 50 * 4
    assert now.active_allocations - before.active_allocations == 1
    assert gl.gl_objects() - objects == 2
    texture.close()
    texture.close()
    assert texture.closed
    assert (texture.texture_id, texture.framebuffer_id) == (0, 0)
    assert core.memory_stats().texture.current_bytes == before.current_bytes
    assert gl.gl_objects() == objects


def test_closing_deletes_the_objects(address: Address) -> None:
    texture = Texture(address, 3, 2)
    names = texture.texture_id, texture.framebuffer_id
    assert (GLES2.glIsTexture(names[0]), GLES2.glIsFramebuffer(names[1])) == (1, 1)
    texture.close()
    assert (GLES2.glIsTexture(names[0]), GLES2.glIsFramebuffer(names[1])) == (0, 0)


def test_a_forgotten_texture_stays_counted_since_it_still_exists() -> None:
    done = run_python(
        f"{WORK}\nfrom OpenGL import GLES2\nfrom wayvid._core import memory_stats\n"
        "drawer.close(); uploader.close(); name = texture.texture_id; del texture\n"
        "print(GLES2.glIsTexture(name), gl_objects(), memory_stats().texture.current_bytes)\n"
    )
    assert (done.stdout, done.stderr) == ("1 2 256\n", "")


@pytest.mark.parametrize("size", [(0, 1), (1, 0), (-1, 1), (1, -5), (10**6, 1), (1, 10**6)], ids=str)
def test_a_size_out_of_range_is_refused(gl: ModuleType, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"a texture is 1\.\."):
        gl.Texture(get_proc_address, *size)


def test_a_texture_for_which_there_is_no_memory_leaves_nothing(context: Surfaceless) -> None:
    context.make_current()
    before = memory_stats().texture.current_bytes, gl_objects()
    with pytest.raises(MemoryError, match="a texture of 160x90 failed: GL_OUT_OF_MEMORY"):
        Texture(Driver(failing="glTexImage2D"), 160, 90)
    assert (memory_stats().texture.current_bytes, gl_objects()) == before


MAKERS = {"texture": lambda address: Texture(address, 1, 1), "uploader": Uploader, "drawer": QuadDrawer}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_missing_function_is_named(context: Surfaceless, make: Callable[[Address], Texture]) -> None:
    context.make_current()
    for name in set(FUNCTIONS) - set(OPTIONAL):
        with pytest.raises(ValueError, match=f"no address for {name}$"):
            make(Driver(missing=(name,)))


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("name", OPTIONAL)
def test_what_only_newer_drivers_have_may_be_missing(
    context: Surfaceless, name: str, make: Callable[[Address], Texture]
) -> None:
    context.make_current()
    make(Driver(missing=(name,))).close()


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_nothing_is_made_without_a_context(context: Surfaceless, make: Callable[[Address], Texture]) -> None:
    context.release_current()
    with pytest.raises(ValueError, match="no GL context is current on this thread"):
        make(get_proc_address)
    with pytest.raises(ValueError, match="none of OpenGL ES"):
        make(Driver(missing=("eglGetCurrentContext",)))


@pytest.mark.parametrize("version", ["4.6 (Core Profile) Mesa", "OpenGL ES-CM 1.1", "OpenGL ES 1.1", "OpenGL ES "])
def test_another_kind_of_context_is_refused(context: Surfaceless, version: str) -> None:
    context.make_current()
    with pytest.raises(ValueError, match="none of OpenGL ES 2 or newer"):
        Texture(Driver(version=version), 1, 1)


@pytest.mark.parametrize("wrong", [None, 5, lambda _name: "x", lambda _name: -1, lambda _name: 2**64])
def test_what_gives_no_addresses_is_refused(context: Surfaceless, wrong: object) -> None:
    context.make_current()
    with pytest.raises((TypeError, OverflowError)):
        Texture(wrong, 1, 1)  # type: ignore[arg-type]


def test_what_get_proc_address_raises_comes_out(context: Surfaceless) -> None:
    context.make_current()

    def broken(_name: bytes) -> int:
        raise LookupError("no driver")

    with pytest.raises(LookupError, match="no driver"):
        QuadDrawer(broken)


WORK = """
from bench.surfaceless import Surfaceless, get_proc_address
from wayvid._core.glupload import *
context = Surfaceless()
texture, uploader, drawer = Texture(get_proc_address, 8, 8), Uploader(get_proc_address), QuadDrawer(get_proc_address)
uploader.upload(texture.texture_id, bytes(range(256)) * 2, 8, 8, 32)
"""


@pytest.mark.parametrize(
    "end",
    [
        pytest.param("drawer.close(); uploader.close(); texture.close(); context.close()", id="in order"),
        pytest.param("context.close(); drawer.abandon(); uploader.abandon(); texture.abandon()", id="context first"),
        pytest.param("del texture, uploader, drawer", id="forgotten"),
        pytest.param("context.close(); del texture, uploader, drawer", id="forgotten after the context"),
        pytest.param("pass", id="left open"),
        pytest.param("Texture.__new__(Texture, get_proc_address, -1, 1)", id="half-built texture"),
        pytest.param("Uploader.__new__(Uploader, get_proc_address, -1)", id="half-built uploader"),
        pytest.param("QuadDrawer.__new__(QuadDrawer, lambda name: 0)", id="half-built drawer"),
    ],
)
def test_a_process_ends_silently_whatever_it_still_holds(end: str) -> None:
    done = run_python(f"{WORK}\ntry:\n    {end}\nexcept ValueError:\n    pass\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_context_of_gles_two_is_enough() -> None:
    done = run_python(
        f"{WORK.replace('Surfaceless()', 'Surfaceless(2)')}\nprint(uploader.ring, uploader.swaps_bytes)\n"
        "drawer.draw(texture.texture_id, 0, 0, 8, 8, 0, 0, 1, 1, 0)\n"
        "from tests.core.gl.driver import picture, read_rows\n"
        "rows = [bytes(range(1 + 9 * row, 9 + 9 * row)) for row in range(8)]\n"
        "uploader.upload(texture.texture_id, picture(rows, 48), 8, 8, 48)\n"
        "print(read_rows(texture.framebuffer_id, 8, 8) == rows)\n"
        "drawer.close(); uploader.close(); texture.close(); print(gl_objects())\n",
        MESA_GLES_VERSION_OVERRIDE="2.0",
    )
    assert (done.stdout, done.stderr) == ("0 False\nTrue\n0\n", "")


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-c", "import faulthandler; faulthandler.enable()\n" + code],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_thousands_of_pictures_leave_nothing_behind(context: Surfaceless) -> None:
    context.make_current()
    driver = Driver(renderer="Mesa Some GPU")
    texture, target = Texture(driver, 8, 8), Texture(driver, 8, 8)
    uploader, drawer = Uploader(driver), QuadDrawer(driver)
    pixels = picture([bytes(range(1, 9))] * 8)
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, target.framebuffer_id)

    def show() -> None:
        uploader.upload(texture.texture_id, pixels, 8, 8, 32)
        for transform in range(8):
            drawer.draw(texture.texture_id, 0, 0, 8, 8, 0, 0, 1, 1, transform)

    for _ in range(3):
        show()
    before = gl_objects(), memory_stats().current_bytes
    for _ in range(2000):
        show()
    assert (gl_objects(), memory_stats().current_bytes) == before
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
    for each in (drawer, uploader, texture, target):
        each.close()
