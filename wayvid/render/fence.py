"""Which libmpv leaks OpenGL fences."""

from __future__ import annotations

__all__ = ["leaks_fences"]

# A fence a frame under the render API; fixed in libmpv's f74adc4, which no release had when this was written.
LEAKY = ("0.40", "0.41")


def leaks_fences(version: str) -> bool:
    """Whether glFenceSync must be hidden from a libmpv.

    Args:
        version: libmpv's own word for it, such as "0.40.0" or "v0.41.0-12-gabcdef".
    """
    numbers = version.removeprefix("v").split("-")[0].split(".")
    return ".".join(numbers[:2]) in LEAKY
