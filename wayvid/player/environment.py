"""What a decoder works with: the outputs that look at it, who listens, and what all decoders of a process share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from wayvid.geometry import Placement, Size

if TYPE_CHECKING:
    from wayvid.player.decoder import Decoder
    from wayvid.render.renderer import Frame, Renderer

__all__ = ["DecodeListener", "Environment", "Viewer"]


class Viewer(Protocol):
    """An output that shows a stream's frames.

    Attributes:
        is_resting: its picture is to stay, whatever the others show.
        max_fps: it wants at most so many pictures a second; 0: all.
    """

    is_resting: bool
    max_fps: float

    def can_present(self) -> bool:
        """Whether it would put a frame on screen now."""

    def is_due(self, due_ns: int) -> bool:
        """Whether it wants a picture that is due then, by its own limit."""

    def is_hidden(self, now_s: float) -> bool:
        """Whether it is known not to be looked at."""

    def placement(self, video: Size) -> tuple[Placement, int] | None:
        """Where a video would go and the output's scale in 120ths; None while not known."""

    def present(self, frame: Frame) -> None:
        """Put a frame on screen; keeps it as long as the compositor needs it."""


class DecodeListener(Protocol):
    """Who is told what becomes of a stream."""

    def on_loaded(self, decoder: Decoder, is_image: bool, duration_s: float) -> None:
        """The source was opened."""

    def on_frame(self, decoder: Decoder, frame: Frame) -> None:
        """A new frame was made and offered to the viewers."""

    def on_failed(self, decoder: Decoder, reason: str, code: int) -> None:
        """The stream cannot be played."""

    def on_ended(self, decoder: Decoder) -> None:
        """A stream that does not begin again shows its last picture."""

    def on_rest(self, decoder: Decoder, is_resting: bool) -> None:
        """No viewer asks for frames any more, or one does again."""

    def on_thrift(self, decoder: Decoder, is_sparse: bool) -> None:
        """Few of its pictures are wanted, and another decoder could do with less; or all of them again."""

    def on_position(self, decoder: Decoder) -> None:
        """It is known where the stream is."""


class Environment(NamedTuple):
    """What every decoder of a process shares.

    Attributes:
        renderer: makes frames.
        graphics: libmpv's options for that.
        no_hwdec: why hardware is not to decode; empty when libmpv is to find out.
        listener: is told what becomes of a stream.
        watch: adds an fd to the event loop.
        unwatch: removes it.
        call_later: the event loop's timer.
    """

    renderer: Renderer
    graphics: Mapping[str, str]
    no_hwdec: str
    listener: DecodeListener
    watch: Callable[[int, Callable[[], None]], None]
    unwatch: Callable[[int], None]
    call_later: Callable[[float, Callable[[], None]], object]
