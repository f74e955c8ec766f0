from collections.abc import Callable
from typing import Self, final

from typing_extensions import Buffer

from wayvid._core.bufpool import BufferPool

FUNCTIONS: tuple[str, ...]
OPTIONAL: tuple[str, ...]
ERRORS: dict[int, str]
VERTEX_SHADER: bytes
FRAGMENT_SHADER: bytes

def gl_objects() -> int: ...

@final
class Texture:
    def __new__(cls, get_proc_address: Callable[[bytes], int | None], width_px: int, height_px: int) -> Self: ...
    @property
    def texture_id(self) -> int: ...
    @property
    def framebuffer_id(self) -> int: ...
    @property
    def width_px(self) -> int: ...
    @property
    def height_px(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...

@final
class Uploader:
    def __new__(
        cls, get_proc_address: Callable[[bytes], int | None], ring: int = 2, pool: BufferPool | None = None
    ) -> Self: ...
    @property
    def ring(self) -> int: ...
    @property
    def swaps_bytes(self) -> bool: ...
    @property
    def closed(self) -> bool: ...
    def upload(
        self,
        texture_id: int,
        pixels: Buffer,
        width_px: int,
        height_px: int,
        stride_bytes: int,
        x_px: int = 0,
        y_px: int = 0,
    ) -> None: ...
    def trim(self) -> int: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...

@final
class QuadDrawer:
    def __new__(cls, get_proc_address: Callable[[bytes], int | None]) -> Self: ...
    @property
    def closed(self) -> bool: ...
    def draw(
        self,
        texture_id: int,
        x_px: int,
        y_px: int,
        width_px: int,
        height_px: int,
        source_left: float,
        source_top: float,
        source_right: float,
        source_bottom: float,
        transform: int,
    ) -> None: ...
    def close(self) -> None: ...
    def abandon(self) -> None: ...
