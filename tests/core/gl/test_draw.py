"""Textures into framebuffers: which part arrives where, how it is turned, and what is black."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from OpenGL import GLES2

from bench.surfaceless import Surfaceless, get_proc_address
from tests.core.gl.driver import Driver, picture, read_rows
from wayvid._core.glupload import QuadDrawer, Texture, Uploader, gl_objects

Address = Callable[[bytes], int]
WIDE, HIGH = 4, 3
ROWS = [bytes((10, 20, 30, 40)), bytes((50, 60, 70, 80)), bytes((90, 100, 110, 120))]
ALL = (0.0, 0.0, 1.0, 1.0)

# What the eye sees, rows from the top: wl_output.transform in the words of the protocol.
TURNED = {
    0: ROWS,
    1: [bytes((40, 80, 120)), bytes((30, 70, 110)), bytes((20, 60, 100)), bytes((10, 50, 90))],
    2: [row[::-1] for row in ROWS[::-1]],
    3: [bytes((90, 50, 10)), bytes((100, 60, 20)), bytes((110, 70, 30)), bytes((120, 80, 40))],
    4: [row[::-1] for row in ROWS],
    5: [bytes((10, 50, 90)), bytes((20, 60, 100)), bytes((30, 70, 110)), bytes((40, 80, 120))],
    6: ROWS[::-1],
    7: [bytes((120, 80, 40)), bytes((110, 70, 30)), bytes((100, 60, 20)), bytes((90, 50, 10))],
}


class Stage:
    """A texture with ROWS in it, and a framebuffer to draw into, whose row 0 is its lowest."""

    def __init__(self, module: ModuleType | None, driver: Address, size: tuple[int, int] = (8, 8)) -> None:
        self.size = size
        self.source = Texture(driver, WIDE, HIGH)
        uploader = Uploader(driver)
        uploader.upload(self.source.texture_id, picture(ROWS), WIDE, HIGH, WIDE * 4)
        uploader.close()
        self.target = Texture(driver, *size)
        self.drawer = module.QuadDrawer(driver) if module else QuadDrawer(driver)
        self._fill()

    def _fill(self) -> None:
        """Something that is not black, to see what is cleared."""
        GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, self.target.framebuffer_id)
        GLES2.glClearColor(252 / 255, 251 / 255, 250 / 255, 1)
        GLES2.glClear(GLES2.GL_COLOR_BUFFER_BIT)

    def draw(self, place: tuple[int, int, int, int], part: tuple[float, ...] = ALL, transform: int = 0) -> list[bytes]:
        """Draw, and what the eye sees then, from the top."""
        self._fill()
        self.drawer.draw(self.source.texture_id, *place, *part, transform)
        return read_rows(self.target.framebuffer_id, *self.size)[::-1]

    def close(self) -> None:
        self.drawer.close()
        self.source.close()
        self.target.close()


@pytest.fixture
def stage(driver: Address) -> Iterator[Stage]:
    """On each driver, compiled."""
    stage = Stage(None, driver)
    yield stage
    stage.close()


@pytest.fixture
def both(gl: ModuleType) -> Iterator[Stage]:
    """On the driver as it is, compiled and twin."""
    stage = Stage(gl, get_proc_address)
    yield stage
    stage.close()


def framed(rows: list[bytes], left: int, below: int, size: tuple[int, int] = (8, 8)) -> list[bytes]:
    """Rows on black, at a place counted from the lower left corner."""
    above = size[1] - below - len(rows)
    lines = [bytes(size[0])] * above
    lines += [(bytes(left) + row).ljust(size[0], b"\0") for row in rows]
    return lines + [bytes(size[0])] * below


def test_a_picture_is_drawn_upright_with_black_around_it(stage: Stage) -> None:
    assert stage.draw((2, 1, WIDE, HIGH)) == framed(ROWS, 2, 1)


@pytest.mark.parametrize("transform", TURNED)
def test_a_picture_is_turned_as_the_protocol_says(stage: Stage, transform: int) -> None:
    seen = TURNED[transform]
    assert stage.draw((1, 2, len(seen[0]), len(seen)), transform=transform) == framed(seen, 1, 2)


@pytest.mark.parametrize("transform", TURNED)
def test_both_contenders_turn_alike(both: Stage, transform: int) -> None:
    seen = TURNED[transform]
    assert both.draw((1, 2, len(seen[0]), len(seen)), transform=transform) == framed(seen, 1, 2)


def test_a_part_of_the_picture_is_drawn_alone(stage: Stage) -> None:
    part = [ROWS[1][2:4], ROWS[2][2:4]]
    assert stage.draw((3, 3, 2, 2), (2 / WIDE, 1 / HIGH, 1.0, 1.0)) == framed(part, 3, 3)


def test_a_part_is_cut_out_before_it_is_turned(stage: Stage) -> None:
    part = [bytes((80, 120)), bytes((70, 110))]  # a quarter counterclockwise: its right edge is on top
    assert stage.draw((3, 3, 2, 2), (2 / WIDE, 1 / HIGH, 1.0, 1.0), 1) == framed(part, 3, 3)


def test_a_picture_is_stretched_over_its_rectangle(stage: Stage) -> None:
    one_pixel = (0.0, 2.6 / HIGH, 0.1, 1.0)  # beyond the middle of a corner pixel, so no neighbour is mixed in
    assert stage.draw((1, 1, 5, 4), one_pixel) == framed([bytes((90,)) * 5] * 4, 1, 1)


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        pytest.param((-2, 0, WIDE, HIGH), [row[2:] for row in ROWS], id="left"),
        pytest.param((0, -1, WIDE, HIGH), ROWS[:2], id="below"),
        pytest.param((-20, 0, WIDE, HIGH), [], id="far left"),
        pytest.param((0, -65535, WIDE, HIGH), [], id="far below"),
    ],
)
def test_what_lies_outside_of_the_framebuffer_is_cut_off(
    stage: Stage, place: tuple[int, int, int, int], seen: list[bytes]
) -> None:
    assert stage.draw(place) == framed(seen, 0, 0)


@pytest.mark.parametrize("place", [(6, 0, WIDE, HIGH), (8, 8, WIDE, HIGH), (65535, 65535, WIDE, HIGH)], ids=str)
def test_a_rectangle_may_go_beyond_the_right_and_upper_edge(stage: Stage, place: tuple[int, int, int, int]) -> None:
    rows = [row[: max(8 - place[0], 0)] for row in ROWS] if place[1] == 0 else []
    assert stage.draw(place) == framed(rows, min(place[0], 8), 0)


def test_the_bound_framebuffer_stays_bound(stage: Stage) -> None:
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, stage.target.framebuffer_id)
    stage.drawer.draw(stage.source.texture_id, 0, 0, WIDE, HIGH, *ALL, 0)
    bound = (ctypes.c_int * 4)()
    for name in (0x8CA6, 0x8CAA):  # GL_DRAW_FRAMEBUFFER_BINDING, GL_READ_FRAMEBUFFER_BINDING
        GLES2.glGetIntegerv(name, bound)
        assert bound[0] == stage.target.framebuffer_id
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)


@pytest.mark.parametrize(
    ("driver", "copies"),
    [
        pytest.param(Driver(watched=True), True, id="llvmpipe"),
        pytest.param(Driver(watched=True, renderer="Mesa Some GPU"), False, id="a GPU"),
        pytest.param(Driver(watched=True, version="OpenGL ES 3.0"), False, id="an older llvmpipe"),
    ],
)
def test_a_software_driver_copies_what_needs_no_scaling(context: Surfaceless, driver: Driver, copies: bool) -> None:
    context.make_current()
    stage = Stage(None, driver)
    assert stage.draw((2, 1, WIDE, HIGH)) == framed(ROWS, 2, 1)
    assert driver.blits == int(copies)
    stage.draw((2, 1, WIDE + 1, HIGH))
    stage.draw((2, 1, WIDE, HIGH), (0.1, 0.0, 1.0, 1.0))
    stage.draw((2, 1, WIDE, HIGH), transform=2)
    assert driver.blits == int(copies)
    stage.close()


def test_a_texture_that_cannot_be_drawn_into_can_be_drawn(address: Address) -> None:
    # A luminance texture has no framebuffer, so a software driver has to draw it, not copy it.
    stage = Stage(None, address)
    names = (ctypes.c_uint * 1)()
    GLES2.glGenTextures(1, names)
    GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, names[0])
    for name in (GLES2.GL_TEXTURE_MIN_FILTER, GLES2.GL_TEXTURE_MAG_FILTER):
        GLES2.glTexParameteri(GLES2.GL_TEXTURE_2D, name, GLES2.GL_NEAREST)
    for name in (GLES2.GL_TEXTURE_WRAP_S, GLES2.GL_TEXTURE_WRAP_T):
        GLES2.glTexParameteri(GLES2.GL_TEXTURE_2D, name, GLES2.GL_CLAMP_TO_EDGE)
    grey = (ctypes.c_ubyte * 16)(*[200] * 16)
    GLES2.glTexImage2D(
        GLES2.GL_TEXTURE_2D, 0, GLES2.GL_LUMINANCE, 4, 4, 0, GLES2.GL_LUMINANCE, GLES2.GL_UNSIGNED_BYTE, grey
    )
    GLES2.glBindTexture(GLES2.GL_TEXTURE_2D, 0)
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, stage.target.framebuffer_id)
    stage.drawer.draw(names[0], 0, 0, 4, 4, *ALL, 0)
    pixels = (ctypes.c_ubyte * 4)()
    GLES2.glReadPixels(1, 1, 1, 1, GLES2.GL_RGBA, GLES2.GL_UNSIGNED_BYTE, pixels)
    assert list(pixels) == [200, 200, 200, 255]
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)
    GLES2.glDeleteTextures(1, names)
    stage.close()


@pytest.mark.parametrize(
    ("place", "part", "transform"),
    [
        pytest.param((0, 0, 0, 1), ALL, 0, id="no width"),
        pytest.param((0, 0, 1, 0), ALL, 0, id="no height"),
        pytest.param((0, 0, -1, 1), ALL, 0, id="a negative width"),
        pytest.param((0, 0, 10**6, 1), ALL, 0, id="too wide"),
        pytest.param((0, 0, 1, 10**6), ALL, 0, id="too high"),
        pytest.param((-65536, 0, 1, 1), ALL, 0, id="too far left"),
        pytest.param((0, 65536, 1, 1), ALL, 0, id="too far up"),
        pytest.param((0, 0, 1, 1), (-0.1, 0, 1, 1), 0, id="a part left of the texture"),
        pytest.param((0, 0, 1, 1), (0, 0, 1.1, 1), 0, id="a part right of the texture"),
        pytest.param((0, 0, 1, 1), (0, -0.1, 1, 1), 0, id="a part above the texture"),
        pytest.param((0, 0, 1, 1), (0, 0, 1, 1.1), 0, id="a part below the texture"),
        pytest.param((0, 0, 1, 1), (0.5, 0, 0.5, 1), 0, id="a part without width"),
        pytest.param((0, 0, 1, 1), (0, 0.6, 1, 0.4), 0, id="a part upside down"),
        pytest.param((0, 0, 1, 1), (math.nan, 0, 1, 1), 0, id="no number"),
        pytest.param((0, 0, 1, 1), (0, 0, math.inf, 1), 0, id="an infinite part"),
        pytest.param((0, 0, 1, 1), ALL, -1, id="a negative transform"),
        pytest.param((0, 0, 1, 1), ALL, 8, id="an unknown transform"),
    ],
)
def test_what_is_out_of_range_is_refused(
    both: Stage, place: tuple[int, int, int, int], part: tuple[float, ...], transform: int
) -> None:
    with pytest.raises(ValueError, match=r"size|place|source|transform"):
        both.drawer.draw(both.source.texture_id, *place, *part, transform)
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)


def test_texture_zero_is_refused(both: Stage) -> None:
    with pytest.raises(ValueError, match="texture 0 is none"):
        both.drawer.draw(0, 0, 0, 1, 1, *ALL, 0)
    GLES2.glBindFramebuffer(GLES2.GL_FRAMEBUFFER, 0)


def test_a_closed_drawer_refuses_work(gl: ModuleType) -> None:
    drawer = gl.QuadDrawer(get_proc_address)
    drawer.close()
    drawer.close()
    assert drawer.closed
    with pytest.raises(ValueError, match="the drawer is closed"):
        drawer.draw(1, 0, 0, 1, 1, *ALL, 0)


def test_a_shader_that_does_not_compile_is_an_error_with_the_drivers_words(context: Surfaceless) -> None:
    context.make_current()
    with pytest.raises(OSError, match=r"the driver does not compile a shader: .*error") as caught:
        QuadDrawer(Driver(shader=b"nonsense"))
    assert "\n" not in str(caught.value)


def test_shaders_that_do_not_link_are_an_error_with_the_drivers_words(context: Surfaceless) -> None:
    context.make_current()
    text = b"precision mediump float; void absent(); void main() { absent(); }"
    with pytest.raises(OSError, match="does not link the shaders: "):
        QuadDrawer(Driver(shader=text))


@pytest.mark.parametrize(
    ("text", "spared"),
    [
        pytest.param(b"nonsense", 0, id="the first shader fails"),
        pytest.param(b"nonsense", 1, id="the second shader fails"),
        pytest.param(b"precision mediump float; void absent(); void main() { absent(); }", 0, id="linking fails"),
    ],
)
def test_shaders_that_fail_leave_nothing_behind(context: Surfaceless, text: bytes, spared: int) -> None:
    context.make_current()
    before = shaders_and_programs()
    with pytest.raises(OSError, match="the driver does not"):
        QuadDrawer(Driver(shader=text, spared=spared))
    assert shaders_and_programs() == before


def shaders_and_programs() -> list[int]:
    """The names of those that exist; they share one space, and the driver counts up."""
    return [name for name in range(1, 2000) if GLES2.glIsShader(name) or GLES2.glIsProgram(name)]


def test_a_drawer_of_a_lost_context_is_taken_off_the_counts(context: Surfaceless) -> None:
    before = gl_objects()
    other = Surfaceless()
    drawer = QuadDrawer(get_proc_address)
    assert gl_objects() > before
    other.close()
    context.make_current()
    with pytest.raises(ValueError, match="not current"):
        drawer.draw(1, 0, 0, 1, 1, *ALL, 0)
    with pytest.raises(ValueError, match="not current"):
        drawer.close()
    drawer.abandon()
    drawer.abandon()
    assert drawer.closed
    assert gl_objects() == before
