"""Two pictures in memory mixed into a third; imported with the first change of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wayvid._core.blend import FADE, GROW, WHOLE, WIPE, blend
from wayvid.render.frame import FrameBuffer
from wayvid.render.still import MappedStill
from wayvid.transition import Transition

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from wayvid._core import ManagedBuffer
    from wayvid.render.renderer import Layered

__all__ = ["mix_into"]

KINDS = {Transition.FADE: FADE, Transition.WIPE: WIPE, Transition.GROW: GROW}


def mix_into(
    buffer: ManagedBuffer,
    shape: tuple[int, int, int],
    before: Layered,
    after: Layered,
    transition: Transition,
    gone: float,
) -> None:
    """Write a mixture.

    Args:
        buffer: where to.
        shape: its width, height and stride.
        before: the picture that goes.
        after: the one that comes.
        transition: how.
        gone: how much of the way is gone, 0 .. 1.
    """
    blend(buffer, shape, _layer(before), _layer(after), KINDS[transition], round(gone * WHOLE))


def _layer(
    layered: Layered,
) -> tuple[Buffer, tuple[int, int, int], tuple[float, float, float, float], tuple[int, int, int, int], int]:
    frame, (part, place, rotation) = layered
    assert isinstance(frame, (FrameBuffer, MappedStill))
    picture = frame.picture
    return frame.buffer, (picture.width_px, picture.height_px, picture.stride_bytes), part, place, rotation
