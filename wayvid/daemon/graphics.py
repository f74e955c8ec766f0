"""What the config says of drawing and decoding, as the player is told it."""

from __future__ import annotations

from wayvid.config.model import Config
from wayvid.link.messages import Graphics

__all__ = ["graphics_of"]


def graphics_of(config: Config, renderer: str = "") -> Graphics:
    """A player's graphics under a config.

    Args:
        config: the config in force.
        renderer: the command line's word, which goes before the config's; "" for none.
    """
    gl = config.gl
    return Graphics(
        renderer or config.renderer,
        config.hwdec,
        gl.depth,
        gl.native_resolution,
        gl.device,
        is_direct=gl.direct_rendering,
        has_ytdl=config.ytdl,
        silent_s=config.network_timeout_s,
    )
