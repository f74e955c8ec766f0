"""PNG files, as another program reads them."""

from __future__ import annotations

import io
import mmap

import pytest
from PIL import Image

from wayvid.png import png_parts

WIDTH, HEIGHT, STRIDE = 5, 3, 32
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def some_pixels() -> bytes:
    """BGRX, rows longer than the picture, the last one cut off behind it."""
    rows = [
        b"".join(bytes((10 * x + y, 100 + x, 200 + 10 * y, 77)) for x in range(WIDTH)).ljust(STRIDE, b"\xee")
        for y in range(HEIGHT)
    ]
    return b"".join(rows)[: STRIDE * (HEIGHT - 1) + WIDTH * 4]


def as_made() -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    for y in range(HEIGHT):
        for x in range(WIDTH):
            picture.putpixel((x, y), (200 + 10 * y, 100 + x, 10 * x + y))
    return picture


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("is_mapped", [False, True], ids=["bytes", "map"])
def test_picture_is_turned_clockwise(rotation: int, is_mapped: bool) -> None:
    pixels: bytes | mmap.mmap = some_pixels()
    if is_mapped:
        mapped = mmap.mmap(-1, len(pixels))
        mapped[:] = some_pixels()
        pixels = mapped
    data = b"".join(png_parts((WIDTH, HEIGHT), STRIDE, pixels, rotation=rotation))
    wanted = as_made().transpose(TURNS[rotation]) if rotation else as_made()
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.mode == "RGB"
        assert picture.size == wanted.size
        assert picture.tobytes() == wanted.tobytes()


def test_order_of_the_channels_is_the_callers() -> None:
    data = b"".join(png_parts((1, 1), 4, bytes((1, 2, 3, 4)), "RGBX"))
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.getpixel((0, 0)) == (1, 2, 3)


@pytest.mark.parametrize(("rotation", "across_to_down"), [(0, 2.0), (90, 0.5)])
def test_pixels_that_are_not_square_are_told(rotation: int, across_to_down: float) -> None:
    data = b"".join(png_parts((2, 2), 8, bytes(16), rotation=rotation, seen=(10, 5)))
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        across, down = picture.info["aspect"]
    assert down / across == across_to_down  # pixels a unit: the wider they are the fewer


def test_too_few_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="are no 5x3 pixels"):
        next(png_parts((WIDTH, HEIGHT), STRIDE, some_pixels()[:-1]))
