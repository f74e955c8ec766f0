"""A frame is lent as long as somebody holds it."""

from __future__ import annotations

import pytest

from wayvid._core import BufferPool
from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer


def make_frame(pool: BufferPool) -> FrameBuffer:
    buffer = pool.acquire(64 * 10)
    return FrameBuffer(pool, buffer, Picture(buffer.id, 16, 9, 64, 16, 9), 1)


def lent(pool: BufferPool) -> int:
    return pool.stats().buffers_in_use


def test_a_frame_is_held_by_its_maker() -> None:
    pool = BufferPool()
    frame = make_frame(pool)
    assert lent(pool) == 1
    frame.let_go()
    assert lent(pool) == 0
    pool.close()


def test_the_last_holder_gives_the_memory_back() -> None:
    pool = BufferPool()
    frame = make_frame(pool)
    for _ in range(3):
        frame.hold()
    for _ in range(3):
        frame.let_go()
        assert lent(pool) == 1
    frame.let_go()
    assert lent(pool) == 0
    assert pool.acquire(64 * 10) is frame.buffer
    pool.release(frame.buffer)
    pool.close()


def test_a_frame_that_went_back_can_be_neither_held_nor_let_go() -> None:
    pool = BufferPool()
    frame = make_frame(pool)
    frame.let_go()
    with pytest.raises(ValueError, match="went back to the pool already"):
        frame.hold()
    with pytest.raises(ValueError, match="went back to the pool already"):
        frame.let_go()
    assert lent(pool) == 0
    pool.close()


def test_a_frame_has_no_attributes_but_its_own() -> None:
    pool = BufferPool()
    frame = make_frame(pool)
    with pytest.raises(AttributeError):
        frame.note = 1  # type: ignore[attr-defined]
    frame.let_go()
    pool.close()
