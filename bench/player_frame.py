"""The way of one picture through the real player, between libmpv and Wayland.

What is real: Decoder, ShmRenderer, pool, ledger, ticker and Player. What stands in:
libmpv's calls, which do nothing, and the screens, which keep a picture until the
next one as a compositor does.
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from bench.cases import Case, Contender, render_context
from wayvid._core.mpvrender import FRAME_PRESENT
from wayvid.geometry import Crop, Placement, Rect, Size
from wayvid.link.ledger import Ledger
from wayvid.link.messages import Limits, StreamSpec
from wayvid.link.pair import link_pair
from wayvid.player import decoder as decoding
from wayvid.player.loop import Player
from wayvid.player.properties import VideoShape
from wayvid.render.frame import FrameBuffer

OUTPUTS = 3
FIRST_PICTURES = 8  # by then the pool has its buffers
PICTURE = Size(1920, 1080)
PLACED = Placement(Crop(0, 0, *PICTURE), Rect(0, 0, *PICTURE)), 120


class Screen:
    """An output, as far as the decoder sees it (wayvid.player.decoder.Viewer)."""

    def __init__(self) -> None:
        self.is_resting = False
        self.max_fps = 0.0
        self._shown: FrameBuffer | None = None

    def can_present(self) -> bool:
        """It always can."""
        return True

    def is_due(self, _due_ns: int) -> bool:
        """It wants them all."""
        return True

    def is_hidden(self, _now_s: float) -> bool:
        """It never is."""
        return False

    def placement(self, _video: Size) -> tuple[Placement, int]:
        """The whole picture on the whole screen."""
        return PLACED

    def present(self, frame: FrameBuffer) -> None:
        """Keep it and give the one before back."""
        frame.hold()
        before, self._shown = self._shown, frame
        if before is not None:
            before.let_go()


def picture_through_player(side: Contender) -> Case:
    """From "libmpv has a picture" to the note in the ledger; three screens, and no figures due."""
    context = render_context(side)
    core = SimpleNamespace(
        render_context=SimpleNamespace(
            # The libmpv that does nothing has none waiting.
            next_frame_flags=lambda: context.next_frame_flags() or FRAME_PRESENT,
            render=context.render,
            skip=context.skip,
            report_swap=context.report_swap,
        ),
        closed=False,
        ask_shape=lambda on_reply: on_reply(VideoShape(PICTURE, PICTURE, 0)),
        due_ns=lambda: 0,
        ask_position=lambda _on_reply: None,
        loop_without_seam=lambda _duration_s, after_this_round: after_this_round,
    )
    daemon_end, end = link_pair()
    player: Any = Player(end, Ledger(os.memfd_create("wayvid-bench", os.MFD_CLOEXEC)))
    player._set_limits(Limits(stats_every_frames=0, check_every_frames=0))
    player._connection = object()  # no compositor is told of the memory
    memory = SimpleNamespace(SharedMemory=lambda _connection, _fd, _size_bytes: object())
    with (
        patch.dict(sys.modules, {"wayvid.wayland.shm": memory}),
        patch.object(decoding, "MpvCore", lambda *_words: core),
    ):
        handle = player._manager.acquire(StreamSpec("clip"))
        decoder = handle.decoder
        player._stream_ids[decoder] = 0
        decoder.on_loaded(False, 20.0)
        for _ in range(OUTPUTS):
            decoder.add_viewer(Screen())
        for _ in range(FIRST_PICTURES):
            decoder.on_frame_waiting()
    if decoder.frames != FIRST_PICTURES:
        raise SystemExit(f"error: of {FIRST_PICTURES} pictures the player took {decoder.frames}")
    kept = (player, handle, daemon_end)
    return Case(decoder.on_frame_waiting, 200, lambda: kept and None)
