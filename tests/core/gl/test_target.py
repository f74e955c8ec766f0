"""Textures that libmpv draws into, on Mesa's llvmpipe."""

from __future__ import annotations

import pytest
from OpenGL import GLES2

from bench.surfaceless import Surfaceless
from wayvid._core import ManagedBuffer
from wayvid.geometry import Size
from wayvid.render.texture import TargetTexture

SIZE = Size(6, 4)


@pytest.mark.parametrize("has_bgra", [False, True])
@pytest.mark.parametrize("is_bgra", [False, True])
def test_what_is_drawn_into_a_texture_is_read_back_in_the_order_of_wl_shm(
    context: Surfaceless, is_bgra: bool, has_bgra: bool
) -> None:
    context.make_current()
    texture = TargetTexture(SIZE, is_bgra=is_bgra)
    with ManagedBuffer(SIZE.width * SIZE.height * 4) as buffer:
        texture.bind()
        GLES2.glClearColor(1.0, 0.2, 0.0, 1.0)
        GLES2.glClear(GLES2.GL_COLOR_BUFFER_BIT)
        texture.read(buffer, has_bgra)
        with memoryview(buffer) as view:
            assert bytes(view[:4]) == bytes((0, 51, 255, 255))
    texture.close()
