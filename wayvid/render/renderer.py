"""What a renderer does for the player, whichever it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from wayvid._core import BufferPool
from wayvid._core.mpvrender import RenderContext
from wayvid.geometry import Size
from wayvid.link.messages import Picture
from wayvid.render.frame import FrameBuffer
from wayvid.transition import Layer, Step

__all__ = ["Frame", "Layered", "Renderer", "Still"]


class Frame(Protocol):
    """One picture of a stream, made once and shown by any number of outputs."""

    @property
    def picture(self) -> Picture:
        """Its size and shape."""

    @property
    def sequence(self) -> int:
        """Its number within its stream, from 1."""

    due_ns: int  # when it should be shown, CLOCK_MONOTONIC; 0: as soon as it can be

    def hold(self) -> None:
        """Keep it until let_go()."""

    def let_go(self) -> None:
        """One holder less."""

    def settle(self) -> None:
        """The viewers were offered it: libmpv's picture must be taken by now."""

    def in_memory(self, is_whole: bool) -> FrameBuffer | None:
        """The picture in memory that outlives this process; None when there is no room for it.

        Args:
            is_whole: as it is; else a smaller or a little older one will do.

        Returns:
            What the frame keeps, as long as it is the stream's newest: the caller does not let it go.
        """

    def keep(self) -> Frame:
        """The same picture as a frame that never changes and outlives its stream; held once for the caller."""


class Still(Frame, Protocol):
    """A picture that another process made."""

    @property
    def is_held(self) -> bool:
        """Whether anybody holds it; else it is gone."""


class Layered(NamedTuple):
    """One of two pictures that are mixed, and where it goes."""

    frame: Frame
    layer: Layer


class Renderer(Protocol):
    """Makes frames of the pictures that libmpv has waiting."""

    @property
    def name(self) -> str:
        """ "shm" or "gl"."""

    @property
    def pool(self) -> BufferPool:
        """Of the pictures in memory."""

    @property
    def is_native(self) -> bool:
        """Whether pictures are made as large as the screens, also where the video has fewer pixels."""

    @property
    def mixes_once(self) -> bool:
        """Whether a mixture is made by mix(), once for all outputs; else it is drawn anew for each that shows it."""

    def set_limits(self, max_buffers: int, max_bytes: int) -> None:
        """Change the pool's limits; 0: unlimited."""

    def set_streams(self, count: int) -> bool:
        """Share what there is among so many streams; whether what is affordable has changed."""

    def core_options(self) -> dict[str, str]:
        """What libmpv must be told to make pictures for this renderer."""

    def open_context(self, mpv_handle: int, addresses: Mapping[str, int], version: str) -> RenderContext:
        """The render context of a new core.

        Args:
            mpv_handle: address of its mpv_handle.
            addresses: of libmpv's entry points.
            version: libmpv's own word for it, such as "0.40.0".

        Raises:
            OSError: libmpv refused.
        """

    def close_context(self, context: RenderContext) -> None:
        """Free it, before its core is destroyed, and what its pictures were in."""

    def close_file(self, context: RenderContext) -> None:
        """libmpv has closed a core's file: it has no picture any more, and would draw black until its next one."""

    def affordable(self, size: Size) -> Size:
        """The size, or as much of it as there is room for."""

    def render(
        self, context: RenderContext, size: Size, video: Size, rotation: int, sequence: int, is_kept: bool = True
    ) -> Frame:
        """Take the waiting picture from libmpv.

        Args:
            context: of the core that has the picture.
            size: what to make it, before rotation.
            video: size in which it wants to be seen, before rotation.
            rotation: degrees clockwise that it must be turned.
            sequence: its number.
            is_kept: whether it is needed after it was drawn: by other outputs, or once libmpv has closed the file.

        Returns:
            The frame, held once for the caller.

        Raises:
            PoolExhausted: there is no room for it.
            OSError: libmpv refused.
        """

    def mix(self, size: Size, before: Layered, after: Layered, step: Step) -> Frame:
        """A picture on its way from one to another.

        Args:
            size: of the mixture in pixels.
            before: the one that goes.
            after: the one that comes.
            step: how, and how far.

        Returns:
            The mixture, held once for the caller.

        Raises:
            PoolExhausted: there is no room for it.
        """

    def has_room(self, streams: Iterable[Size], mixtures: Iterable[Size]) -> bool:
        """Whether there is memory for streams with pictures, and for buffers with mixtures, of these sizes."""

    def set_mixing(self, streams: int, mixtures: int) -> None:
        """How many streams are left slowly, and buffers needed for mixtures, beside what set_streams() said."""

    def still(self, fd: int, picture: Picture) -> Still:
        """A picture that another process made, as a frame; held once for the caller.

        Args:
            fd: the memory that it is in; stays the caller's.
            picture: its shape.

        Raises:
            OSError: the memory cannot be read.
            ValueError: it is smaller than the picture.
        """

    def close(self) -> None:
        """Give back what it draws with; its contexts, and windows, were closed before. Twice does nothing."""
