"""What is heard of a clip that fades into itself: the end gets softer as the beginning gets louder."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wayvid.player.decoder import Decoder
    from wayvid.system.events import Timer

__all__ = ["cross_sound", "shares"]

# A step of loudness that is not heard as one.
STEP_S = 0.04


def shares(gone: float) -> tuple[float, float]:
    """How loud what goes and what comes are, as ratios of amplitude; together they are as loud as either alone.

    Args:
        gone: how much of the way is gone, 0 .. 1.
    """
    angle = min(max(gone, 0.0), 1.0) * pi / 2
    return cos(angle), sin(angle)


def cross_sound(
    call_later: Callable[[float, Callable[[], None]], Timer], leaving: Decoder, coming: Decoder, duration_s: float
) -> None:
    """Have one round of a stream be heard less and less, and the next one more and more; nothing where it is silent.

    What is said of the volume meanwhile, of the round that comes, holds for both. A pause ends it.
    """
    began_s = monotonic()
    coming.set_volume(leaving.sound.volume, lambda: None)

    def step() -> None:
        gone = (monotonic() - began_s) / duration_s
        if coming.core.closed:
            return
        is_over = gone >= 1 or leaving.core.closed or coming.state != "playing"
        if is_over or not coming.sound.volume:
            coming.sound.set_share(1.0)
            if not leaving.core.closed:
                leaving.set_volume(0, lambda: None)
            return
        leaving.sound.volume = coming.sound.volume
        softer, louder = shares(gone)
        leaving.sound.set_share(softer)
        coming.sound.set_share(louder)
        call_later(STEP_S, step)

    if coming.sound.volume:
        step()
