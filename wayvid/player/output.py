"""One output's pipeline: shows a stream's frames at the pace of the output's own frame callbacks."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any

from wayvid.geometry import Layout, Placement, Size
from wayvid.player.decoder import HIDDEN_AFTER_S
from wayvid.player.pacing import Pacer
from wayvid.player.shared_decode import DecoderHandle
from wayvid.render.frame import FrameBuffer
from wayvid.wayland.connection import Connection
from wayvid.wayland.outputs import Output
from wayvid.wayland.presentation import PresentationClock
from wayvid.wayland.shm import SharedMemory
from wayvid.wayland.surface import COVERED_AFTER_S, WallpaperSurface

if TYPE_CHECKING:
    from wayvid.render.renderer import Frame

__all__ = ["OutputView"]


class OutputView:
    """A stream on an output; a Viewer of its decoder.

    Args:
        connection: to the compositor.
        clock: the connection's.
        output: the screen.
        handle: this output's share in the decoder; owned.
        layout: how to lay the video out.
        memory_of: finds the wl_shm pool of a frame's memory.
        call_later: the event loop's timer.
        on_shown: called once, when the first frame is on screen.
    """

    def __init__(
        self,
        connection: Connection,
        clock: PresentationClock,
        output: Output,
        handle: DecoderHandle,
        layout: Layout,
        memory_of: Callable[[FrameBuffer], SharedMemory],
        call_later: Callable[[float, Callable[[], None]], object],
        on_shown: Callable[[], None],
    ) -> None:
        self.output = output
        self.presented = 0
        self._connection = connection
        self._handle = handle
        self._layout = layout
        self._memory_of = memory_of
        self._call_later = call_later
        self._on_shown: Callable[[], None] | None = on_shown
        self._shown_sequence = 0
        self._awaits_first = True  # nothing of this stream was presented yet
        self._asked_at_s = 0.0
        self.pacer = Pacer(clock, output, self._steer)
        self._surface = self._open_surface()
        handle.decoder.add_viewer(self)

    def _open_surface(self) -> WallpaperSurface:
        return WallpaperSurface(self._connection, self.output, self._on_ready, self._on_surface_closed)

    def switch(self, handle: DecoderHandle, layout: Layout, on_shown: Callable[[], None]) -> None:
        """Show another stream, or another layout; the picture stays until the first one of that stream.

        Args:
            handle: this output's share in the stream's decoder; owned.
            layout: how to lay it out.
            on_shown: called once, when its first frame is on screen.
        """
        before, self._handle = self._handle, handle
        self._layout = layout
        self._shown_sequence = 0
        self._awaits_first = True
        self._on_shown = on_shown
        self.pacer.restart()
        before.decoder.remove_viewer(self)
        handle.decoder.add_viewer(self)
        before.close()

    def can_present(self) -> bool:
        """See Viewer."""
        return self._surface.size is not None and not self._surface.awaits_frame

    def is_hidden(self, now_s: float) -> bool:
        """See Viewer."""
        return self._surface.awaits_frame and now_s - self._asked_at_s > HIDDEN_AFTER_S

    def placement(self, video: Size) -> tuple[Placement, int] | None:
        """See Viewer."""
        placement = self._surface.placement(video, self._layout)
        return (placement, self._surface.steps) if placement else None

    def present(self, frame: Frame) -> None:
        """See Viewer."""
        if self._surface.size is None:
            return
        self._asked_at_s = monotonic()
        is_new = frame.sequence != self._shown_sequence

        def before_commit(surface: Any) -> None:
            self.pacer.before_commit(surface, frame)

        self._put(frame, before_commit if is_new else None)
        if self._awaits_first:
            self._awaits_first = False
            # Where another surface covers this one no frame callback comes: take
            # the picture for shown once the compositor has had time to draw it.
            self._connection.sync(self._expect_shown)
        if is_new:
            self._shown_sequence = frame.sequence
            self.presented += 1

    def _put(self, frame: Frame, before_commit: Callable[[Any], None] | None) -> None:
        assert isinstance(frame, FrameBuffer)
        memory = self._memory_of(frame)
        frame.hold()
        self._surface.present(memory, frame.picture, self._layout, frame.let_go, self._on_frame, before_commit)

    def _on_frame(self) -> None:
        """The compositor asks for the next frame: the last one is on screen."""
        self.pacer.on_frame(self._surface.frame_time_ms)
        if not self._awaits_first:
            self._tell_shown()
        decoder = self._handle.decoder
        if decoder.has_newer(self._shown_sequence):
            decoder.viewer_ready(self)

    def _steer(self, trim: float) -> None:
        self._handle.decoder.steer(self, trim)

    def _expect_shown(self) -> None:
        self._call_later(COVERED_AFTER_S, self._tell_shown)

    def _tell_shown(self) -> None:
        on_shown, self._on_shown = self._on_shown, None
        if on_shown is not None:
            on_shown()

    def _on_ready(self) -> None:
        self._handle.decoder.viewer_reshaped(self)

    def _on_surface_closed(self) -> None:
        """The compositor took the surface: make another, unless it wants none there."""
        was_wanted = self._surface.size is not None
        self.pacer.restart()
        self._surface.close()
        if was_wanted:
            self._surface = self._open_surface()

    def forget_memory(self, memory: SharedMemory) -> None:
        """Drop the buffers over a memory that goes away."""
        self._surface.forget_memory(memory)

    def close(self) -> None:
        """Take the picture off the output and give the share back."""
        self._on_shown = None
        self._handle.decoder.remove_viewer(self)
        self.pacer.close()
        self._surface.close()
        self._handle.close()
