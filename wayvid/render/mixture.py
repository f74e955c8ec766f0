"""Two pictures in memory mixed into a third; imported with the first change of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wayvid._core.blend import FADE, GROW, WHOLE, WIPE, blend
from wayvid.render.frame import FrameBuffer
from wayvid.render.still import MappedStill
from wayvid.transition import Step, Transition

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
    step: Step,
) -> None:
    """Write a mixture.

    Args:
        buffer: where to.
        shape: its width, height and stride.
        before: the picture that goes.
        after: the one that comes.
        step: how, and how far.
    """
    blend(buffer, shape, _layer(before), _layer(after), KINDS[step.transition], round(step.gone * WHOLE), step.stage)


def _layer(
    layered: Layered,
) -> tuple[Buffer, tuple[int, int, int], tuple[float, float, float, float], tuple[int, int, int, int], int]:
    frame, (part, place, rotation) = layered
    assert isinstance(frame, (FrameBuffer, MappedStill))
    picture = frame.picture
    return frame.buffer, (picture.width_px, picture.height_px, picture.stride_bytes), part, place, rotation
