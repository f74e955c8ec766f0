"""Pictures from memory into textures: which pixels arrive where, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

from bench.surfaceless import Surfaceless, get_proc_address
from tests.core.gl.driver import Driver, picture, read_rows
from wayvid._core import BufferPool, memory_stats
from wayvid._core.glupload import Texture, Uploader, gl_objects

WIDTH, HEIGHT = 7, 5
ROWS = [bytes(range(10 * row + 1, 10 * row + WIDTH + 1)) for row in range(HEIGHT)]
BLACK = [bytes(WIDTH)] * HEIGHT
Address = Callable[[bytes], int]


@pytest.fixture
def texture(driver: Address) -> Iterator[Texture]:
    """A black texture of each driver."""
    texture = Texture(driver, WIDTH, HEIGHT)
    yield texture
    texture.close()


@pytest.fixture
def uploader(driver: Address) -> Iterator[Uploader]:
    """An uploader of each driver."""
    uploader = Uploader(driver)
    yield uploader
    uploader.close()


@pytest.fixture
def plain(address: Address) -> Iterator[tuple[Uploader, int]]:
    """An uploader of the driver as it is, and a texture's id."""
    texture, uploader = Texture(address, WIDTH, HEIGHT), Uploader(address)
    yield uploader, texture.texture_id
    uploader.close()
    texture.close()


def test_a_whole_picture_arrives_top_row_first(texture: Texture, uploader: Uploader) -> None:
    uploader.upload(texture.texture_id, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS


@pytest.mark.parametrize("gap", [4, 36, 1024])
def test_what_lies_between_rows_stays_out(texture: Texture, uploader: Uploader, gap: int) -> None:
    stride = WIDTH * 4 + gap
    uploader.upload(texture.texture_id, picture(ROWS, stride), WIDTH, HEIGHT, stride)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS


def test_a_rectangle_changes_nothing_beside_it(texture: Texture, uploader: Uploader) -> None:
    stride = WIDTH * 4
    uploader.upload(texture.texture_id, picture(BLACK), WIDTH, HEIGHT, stride)
    part = memoryview(picture(ROWS))[2 * stride + 3 * 4 :]
    uploader.upload(texture.texture_id, part, 3, 2, stride, 3, 2)
    expected = [bytes(ROWS[row][at] if row in (2, 3) and 3 <= at < 6 else 0 for at in range(WIDTH)) for row in range(5)]
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == expected


def test_the_last_row_may_end_with_its_last_pixel(texture: Texture, uploader: Uploader) -> None:
    stride = WIDTH * 4 + 400
    pixels = picture(ROWS, stride)[: stride * (HEIGHT - 1) + WIDTH * 4]
    uploader.upload(texture.texture_id, pixels, WIDTH, HEIGHT, stride)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS


def test_pixels_may_begin_at_any_byte(texture: Texture, uploader: Uploader) -> None:
    uploader.upload(texture.texture_id, memoryview(b"x" + picture(ROWS))[1:], WIDTH, HEIGHT, WIDTH * 4)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS


def test_pixels_may_change_after_the_upload(texture: Texture, uploader: Uploader) -> None:
    pixels = bytearray(picture(ROWS))
    uploader.upload(texture.texture_id, pixels, WIDTH, HEIGHT, WIDTH * 4)
    pixels[:] = bytes(len(pixels))
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS


def test_many_uploads_one_after_the_other_each_arrive(texture: Texture, uploader: Uploader) -> None:
    for first in (1, 60, 120, 180, 200):
        rows = [bytes(range(first + row, first + row + WIDTH)) for row in range(HEIGHT)]
        uploader.upload(texture.texture_id, picture(rows), WIDTH, HEIGHT, WIDTH * 4)
        assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == rows


def test_a_picture_of_more_than_one_band_arrives(driver: Address) -> None:
    width, height = 500, 300  # 600 kB, in bands of 256 KiB
    rows = [bytes((1 + row % 200,)) * width for row in range(height)]
    texture, uploader = Texture(driver, width, height), Uploader(driver)
    uploader.upload(texture.texture_id, picture(rows, 2048), width, height, 2048)
    assert read_rows(texture.framebuffer_id, width, height) == rows
    uploader.close()
    texture.close()


def test_a_picture_lent_by_a_pool_is_free_again_after_the_upload(plain: tuple[Uploader, int]) -> None:
    pool = BufferPool()
    buffer = pool.acquire(WIDTH * HEIGHT * 4)
    plain[0].upload(plain[1], buffer, WIDTH, HEIGHT, WIDTH * 4)
    pool.release(buffer)
    pool.close()


def test_both_contenders_upload_alike(gl: ModuleType) -> None:
    texture, uploader = gl.Texture(get_proc_address, WIDTH, HEIGHT), gl.Uploader(get_proc_address)
    stride = WIDTH * 4 + 8
    uploader.upload(texture.texture_id, bytearray(picture(ROWS, stride)), WIDTH, HEIGHT, stride)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS
    uploader.close()
    texture.close()


@pytest.mark.parametrize(
    ("size", "stride", "length", "place"),
    [
        pytest.param((0, 1), 4, 400, (0, 0), id="no width"),
        pytest.param((1, 0), 4, 400, (0, 0), id="no height"),
        pytest.param((-1, 1), 4, 400, (0, 0), id="a negative width"),
        pytest.param((1, -1), 4, 400, (0, 0), id="a negative height"),
        pytest.param((65536, 1), 65536 * 4, 65536 * 4, (0, 0), id="too wide"),
        pytest.param((1, 65536), 4, 65536 * 4, (0, 0), id="too high"),
        pytest.param((2, 1), 4, 400, (0, 0), id="a stride shorter than a row"),
        pytest.param((1, 1), 6, 400, (0, 0), id="a stride that is no multiple"),
        pytest.param((1, 1), 0, 400, (0, 0), id="no stride"),
        pytest.param((1, 1), -4, 400, (0, 0), id="a negative stride"),
        pytest.param((1, 1), 65535 * 8 + 4, 400, (0, 0), id="too long a stride"),
        pytest.param((7, 5), 28, 7 * 5 * 4 - 1, (0, 0), id="a byte too few"),
        pytest.param((7, 5), 32, 4 * 32 + 27, (0, 0), id="a byte too few with gaps"),
        pytest.param((1, 1), 4, 0, (0, 0), id="no bytes"),
        pytest.param((1, 1), 4, 400, (-1, 0), id="left of the texture"),
        pytest.param((1, 1), 4, 400, (0, -1), id="above the texture"),
        pytest.param((1, 1), 4, 400, (65536, 0), id="far right of the texture"),
        pytest.param((1, 1), 4, 400, (0, 65536), id="far below the texture"),
    ],
)
def test_what_does_not_fit_is_refused(
    gl: ModuleType, size: tuple[int, int], stride: int, length: int, place: tuple[int, int]
) -> None:
    texture, uploader = gl.Texture(get_proc_address, WIDTH, HEIGHT), gl.Uploader(get_proc_address)
    with pytest.raises(ValueError, match=r"size|stride|too few|place"):
        uploader.upload(texture.texture_id, bytearray(length), *size, stride, *place)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == BLACK
    uploader.close()
    texture.close()


@pytest.mark.parametrize(
    "wrong",
    [(2**31, 1, 4), (1, 2**31, 4), (1, 1, 2**63), (1, 1, 4, 2**31), (1, 1, 4, 0, -(2**31) - 1)],
    ids=str,
)
def test_numbers_beyond_c_are_refused(plain: tuple[Uploader, int], wrong: tuple[int, ...]) -> None:
    with pytest.raises(OverflowError):
        plain[0].upload(plain[1], bytes(400), *wrong)


@pytest.mark.parametrize("pixels", [None, 5, "text", memoryview(bytes(800))[::2]], ids=["none", "int", "str", "gaps"])
def test_only_bytes_in_a_row_are_read(plain: tuple[Uploader, int], pixels: object) -> None:
    with pytest.raises((TypeError, BufferError)):
        plain[0].upload(plain[1], pixels, WIDTH, HEIGHT, WIDTH * 4)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [(1, 0), (0, 1), (7, 0), (6000, 6000)], ids=str)
def test_a_rectangle_outside_of_the_texture_is_an_error(
    texture: Texture, uploader: Uploader, place: tuple[int, int]
) -> None:
    with pytest.raises(OSError, match="GL_INVALID_VALUE"):
        uploader.upload(texture.texture_id, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4, *place)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == BLACK


def test_a_texture_that_does_not_exist_is_an_error(uploader: Uploader) -> None:
    with pytest.raises(OSError, match="into texture 4000 failed: GL_INVALID"):
        uploader.upload(4000, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    with pytest.raises(ValueError, match="texture 0 is none"):
        uploader.upload(0, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    # Only binding made the name; a texture of ours it is not.
    from OpenGL import GLES2

    GLES2.glDeleteTextures(1, [4000])


def test_an_error_left_by_somebody_else_is_not_the_uploads(plain: tuple[Uploader, int], address: Address) -> None:
    import ctypes

    ctypes.CFUNCTYPE(None, ctypes.c_uint)(address(b"glEnable"))(0xDEAD)
    plain[0].upload(plain[1], picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)


def test_a_ring_is_counted_as_staging_until_it_is_trimmed() -> None:
    driver = Driver(renderer="Mesa Some GPU")
    before, objects = memory_stats().staging, gl_objects()
    texture, uploader = Texture(driver, WIDTH, HEIGHT), Uploader(driver, 3)
    size = WIDTH * HEIGHT * 4
    for _ in range(7):
        uploader.upload(texture.texture_id, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    uploader.upload(texture.texture_id, picture(ROWS), 1, 1, WIDTH * 4)
    assert memory_stats().staging.current_bytes - before.current_bytes == 3 * size
    assert gl_objects() - objects == 2 + 3
    assert uploader.trim() == 3 * size
    assert uploader.trim() == 0
    assert memory_stats().staging.current_bytes == before.current_bytes
    uploader.upload(texture.texture_id, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    assert read_rows(texture.framebuffer_id, WIDTH, HEIGHT) == ROWS
    uploader.close()
    assert memory_stats().staging.active_allocations == before.active_allocations
    texture.close()


def test_a_software_driver_gets_no_ring(address: Address) -> None:
    uploader = Uploader(address, ring=4)
    assert uploader.ring == 0
    uploader.close()


def test_what_is_repacked_is_lent_by_the_pool() -> None:
    driver = Driver(version="OpenGL ES 2.0", hidden=("GL_EXT_unpack_subimage",))
    pool = BufferPool(max_buffers=1)
    texture, uploader = Texture(driver, WIDTH, HEIGHT), Uploader(driver, pool=pool)
    for _ in range(3):
        uploader.upload(texture.texture_id, picture(ROWS, 64), WIDTH, HEIGHT, 64)
    assert (pool.stats().misses, pool.stats().hits, pool.stats().buffers_in_use) == (1, 2, 0)
    lent = pool.acquire(1)
    with pytest.raises(MemoryError, match="has no room"):
        uploader.upload(texture.texture_id, picture(ROWS, 64), WIDTH, HEIGHT, 64)
    pool.release(lent)
    uploader.close()
    texture.close()


@pytest.mark.parametrize("ring", [-1, 5, 2**31 - 1])
def test_a_ring_out_of_range_is_refused(gl: ModuleType, ring: int) -> None:
    with pytest.raises(ValueError, match=r"a ring has 0\.\.4"):
        gl.Uploader(get_proc_address, ring)


def test_only_a_pool_lends(address: Address) -> None:
    with pytest.raises(TypeError, match="not a BufferPool"):
        Uploader(address, pool=object())  # type: ignore[arg-type]


def test_a_closed_uploader_refuses_work(gl: ModuleType) -> None:
    uploader = gl.Uploader(get_proc_address)
    uploader.close()
    uploader.close()
    assert uploader.closed
    with pytest.raises(ValueError, match="the uploader is closed"):
        uploader.upload(1, bytes(4), 1, 1, 4)


def test_an_upload_in_a_thread_without_the_context_is_refused(plain: tuple[Uploader, int]) -> None:
    refused: list[str] = []

    def upload() -> None:
        try:
            plain[0].upload(plain[1], picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
        except ValueError as exc:
            refused.append(str(exc))

    thread = threading.Thread(target=upload)
    thread.start()
    thread.join()
    assert refused == ["the GL context this was made in is not current on this thread"]


def test_pixel_buffers_of_a_lost_context_are_taken_off_the_counts(context: Surfaceless) -> None:
    before = memory_stats().current_bytes, gl_objects()
    other = Surfaceless()
    driver = Driver(renderer="Mesa Some GPU")
    texture, uploader = Texture(driver, WIDTH, HEIGHT), Uploader(driver)
    uploader.upload(texture.texture_id, picture(ROWS), WIDTH, HEIGHT, WIDTH * 4)
    other.close()
    context.make_current()
    with pytest.raises(ValueError, match="not current"):
        uploader.close()
    uploader.abandon()
    texture.abandon()
    assert uploader.closed
    assert (memory_stats().current_bytes, gl_objects()) == before
