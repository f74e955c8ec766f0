"""The software renderer: where a picture is put, and that nothing is lost when it fails."""

from __future__ import annotations

from typing import Any

import pytest

from wayvid._core import BufferPool, ManagedBuffer, PoolExhausted
from wayvid._core.mpvrender import STRIDE_ALIGN
from wayvid.geometry import Size
from wayvid.render.shm import WIDE_FRAMES, ShmRenderer, stride_for


class Context:
    """In libmpv's place: notes what it is asked to draw, and fails if told so."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[tuple[ManagedBuffer, int, int, int]] = []

    def render(self, buffer: ManagedBuffer, width_px: int, height_px: int, stride_bytes: int) -> None:
        self.asked.append((buffer, width_px, height_px, stride_bytes))
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("width", "stride"), [(1, 64), (16, 64), (17, 128), (1366, 5504), (1920, 7680), (3840, 15360), (65535, 262144)]
)
def test_a_stride_is_the_next_that_libmpv_likes(width: int, stride: int) -> None:
    assert stride_for(width) == stride
    assert stride % STRIDE_ALIGN == 0
    assert width * 4 <= stride < width * 4 + STRIDE_ALIGN


def render(renderer: ShmRenderer, context: Any, size: Size) -> Any:
    return renderer.render(context, size, Size(1920, 1080), 90, 7)


@pytest.mark.parametrize("size", [Size(1, 1), Size(17, 3), Size(336, 188), Size(1920, 1080)], ids=str)
def test_a_frame_says_what_is_in_it_and_has_room_for_a_cut(size: Size) -> None:
    pool, context = BufferPool(), Context()
    frame = render(ShmRenderer(pool), context, size)
    ((buffer, width, height, stride),) = context.asked
    assert buffer is frame.buffer
    assert (width, height, stride) == (*size, stride_for(size.width))
    picture = frame.picture
    assert (picture.memory_id, picture.width_px, picture.height_px, picture.stride_bytes) == (buffer.id, *size, stride)
    assert (picture.video_width_px, picture.video_height_px, picture.rotation, frame.sequence) == (1920, 1080, 90, 7)
    last_pixel_cut = (size.height - 1) * stride + (size.width - 1) * 4 + stride
    assert buffer.capacity_bytes >= last_pixel_cut
    frame.let_go()
    pool.close()


@pytest.mark.parametrize("error", [OSError(-18, "refused"), ValueError("size"), KeyboardInterrupt()], ids=repr)
def test_a_picture_that_fails_gives_its_buffer_back(error: Any) -> None:
    pool = BufferPool()
    with pytest.raises(type(error)):
        render(ShmRenderer(pool), Context(error), Size(64, 64))
    assert pool.stats().buffers_in_use == 0
    pool.close()


def test_a_full_pool_is_not_asked_of_libmpv() -> None:
    pool, context = BufferPool(max_buffers=1), Context()
    renderer = ShmRenderer(pool)
    frame = render(renderer, context, Size(64, 64))
    with pytest.raises(PoolExhausted):
        render(renderer, context, Size(64, 64))
    assert len(context.asked) == 1
    frame.let_go()
    pool.close()


def test_a_smaller_pool_has_room_for_one_more_picture_until_the_old_ones_are_back() -> None:
    pool, context = BufferPool(), Context()
    renderer = ShmRenderer(pool)
    old = render(renderer, context, Size(64, 64))
    limit = old.buffer.capacity_bytes
    renderer.set_limits(2, limit)
    small = renderer.affordable(Size(64, 64))
    render(renderer, context, small).let_go()
    assert pool.stats().max_bytes > limit
    old.let_go()
    render(renderer, context, small).let_go()
    assert pool.stats().max_bytes == limit
    pool.close()


def test_a_smaller_pool_gets_its_limit_though_a_hidden_screen_keeps_an_old_picture() -> None:
    pool, context = BufferPool(), Context()
    renderer = ShmRenderer(pool)
    old = render(renderer, context, Size(64, 64))
    limit = old.buffer.capacity_bytes
    renderer.set_limits(2, limit)
    small = renderer.affordable(Size(64, 64))
    for _ in range(WIDE_FRAMES):
        render(renderer, context, small).let_go()
    assert pool.stats().max_bytes == limit
    with pytest.raises(PoolExhausted):  # on this the decoder gives hidden screens a new picture
        render(renderer, context, small)
    old.let_go()
    pool.close()


def test_streams_share_a_small_pool_and_each_has_its_three_frames() -> None:
    size = Size(400, 300)
    pool = BufferPool(2, 0)
    renderer = ShmRenderer(pool)
    renderer.set_limits(3, 3 * stride_for(size.width) * (size.height + 1))
    assert renderer.affordable(size) == size
    assert renderer.set_streams(2)
    smaller = renderer.affordable(size)
    assert smaller.width < size.width
    frames = [render(renderer, Context(), smaller) for _ in range(6)]
    with pytest.raises(PoolExhausted):
        render(renderer, Context(), smaller)
    for frame in frames:
        frame.let_go()
    assert not renderer.set_streams(2)
    assert renderer.set_streams(1)
    assert renderer.affordable(size) == size
    pool.close()
