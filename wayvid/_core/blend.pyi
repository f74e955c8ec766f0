from typing import TypeAlias

from typing_extensions import Buffer

FADE: int
WIPE: int
GROW: int
WHOLE: int

# Bytes, shape, part, place, rotation: see blend().
_Layer: TypeAlias = tuple[
    Buffer, tuple[int, int, int], tuple[float, float, float, float], tuple[int, int, int, int], int
]

def blend(
    out: Buffer,
    shape: tuple[int, int, int],
    before: _Layer,
    after: _Layer,
    kind: int,
    weight: int,
    stage: tuple[float, float, float, float] | None = None,
) -> None: ...
