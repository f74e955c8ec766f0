"""The player: does what the daemon asks, and tells what became of it."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TYPE_CHECKING, NoReturn

from wayvid._core import CHECK_DUE, STATS_DUE, BufferPool, FrameTicker
from wayvid._core.libc import forget_code
from wayvid.errors import CompositorError, GraphicsError
from wayvid.link.ledger import Ledger, Note
from wayvid.link.messages import (
    AskFigures,
    AtEnd,
    Close,
    Connected,
    Ease,
    Eased,
    Failed,
    Finish,
    Freeze,
    Frozen,
    Graphics,
    GraphicsLost,
    Hide,
    Limits,
    Pace,
    Pause,
    Paused,
    Picture,
    Playing,
    Prepare,
    Rests,
    Show,
    Snapshot,
    Sound,
    Sounds,
    Still,
    StreamSpec,
    Thaw,
    ToDaemon,
    ToPlayer,
)
from wayvid.link.transport import LinkEnd
from wayvid.player.decoder import Decoder
from wayvid.player.easing import Easing
from wayvid.player.environment import Environment
from wayvid.player.fading import settle_all
from wayvid.player.figures import FigureReader
from wayvid.player.graphics import Choice, choose_renderer
from wayvid.player.memories import Memories
from wayvid.player.mixing import MixingRoom
from wayvid.player.renewal import Renewals
from wayvid.player.rounds import Rounds
from wayvid.player.screens import Screens
from wayvid.player.shared_decode import DecoderHandle, SharedDecodeManager
from wayvid.player.soundfade import cross_sound
from wayvid.player.source import CoreMemory, CoreStart, core_memory
from wayvid.system.events import EventLoop
from wayvid.system.pages import release_startup_pages
from wayvid.transition import Change
from wayvid.wayland.scanner import leave_out_scanner

# Loaded by run() while libmpv's threads open the file.
if TYPE_CHECKING:
    from wayvid.player.output import OutputView
    from wayvid.render.renderer import Frame
    from wayvid.wayland.connection import Connection

__all__ = ["Player"]

log = logging.getLogger(__name__)

# What libmpv's libraries read at their start goes before the pictures of a fade come; what the start read, after it.
RELEASE_PAGES_AFTER_S = (0.05, 3.0)


class Player:
    """Plays the prepared streams on the outputs it is told; one per daemon.

    Args:
        link: the player's end of the link; owned.
        ledger: where to note what is shown; owned.
    """

    def __init__(self, link: socket.socket, ledger: Ledger) -> None:
        self._loop = EventLoop()
        self._link: LinkEnd[ToDaemon, ToPlayer] = LinkEnd(link, ToPlayer)
        self._ledger = ledger
        self._limits = Limits()
        self._ticker = FrameTicker(self._limits.stats_every_frames, self._limits.check_every_frames)
        self._memories = Memories(self._link, self._connect, self._views)
        self._pool = BufferPool(self._limits.max_buffers, self._limits.max_pool_bytes, self._memories.forget)
        self._graphics = Graphics()
        self._choice: Choice | None = None
        self._chosen_manager: SharedDecodeManager | None = None
        loop = self._loop
        self._prepared: dict[int, DecoderHandle] = {}
        self._stream_ids: dict[Decoder, int] = {}
        self._screens = Screens(self._prepared, self._memories.of, loop.call_later, self._link.send, self._share_pool)
        self._room: MixingRoom | None = None
        self._rounds: Rounds | None = None
        self._renewals: Renewals | None = None
        self._connection: Connection | None = None
        self._figures = FigureReader(self._pool, self._stream_ids, self._screens.figures, self._link.send)
        self._easing = Easing(
            self._pool,
            loop.call_later,
            self._apply_memory,
            self._apply_rate,
            lambda freed: self._link.send(Eased(freed)),
        )

    def run(self) -> None:
        """Serve until the daemon says Finish, ends, or a signal comes.

        Raises:
            CompositorError: there is no compositor, or it went away.
            PlayerError: libmpv cannot start.
        """
        loop = self._loop
        try:
            loop.watch(self._link.fd, self._on_link)
            loop.on_signals((signal.SIGTERM,), loop.stop)
            self._on_link()  # Prepare is there already: libmpv loads while the outputs are learnt
            connection = self._connect()
            self._link.send(Connected(), connection.fd)
            self._screens.open(connection)
            connection.start()
            connection.watch_in(loop, is_shared=self._choice is not None and self._choice.draws.renderer == "gl")
            loop.before_sleep(self._flush_link)
            loop.run()
        except GraphicsError as exc:
            self._leave_to_daemon(exc)
        finally:
            self._close()

    def _views(self) -> Iterable[OutputView]:
        return self._screens.views.values()

    def _connect(self) -> Connection:
        if self._connection is None:
            leave_out_scanner()
            from wayvid.wayland.connection import Connection

            self._connection = Connection()
        return self._connection

    @property
    def _manager(self) -> SharedDecodeManager:
        """Of the streams; what they are drawn with is chosen when the first one is to be prepared."""
        if self._chosen_manager is None:
            choice = self._choice = choose_renderer(self._graphics, self._pool, self._connect)
            log.debug("draws with %s (%s)", choice.draws.renderer, choice.draws.reason)
            self._link.send(choice.draws)
            loop = self._loop
            environment = Environment(
                choice.renderer,
                choice.core_options(),
                choice.hwdec_reason,
                self,
                loop.watch,
                loop.unwatch,
                loop.call_later,
            )
            manager = self._chosen_manager = SharedDecodeManager(environment)
            self._room = MixingRoom(choice.renderer, self._decoders, loop.call_later)
            self._screens.draw_with(choice, self._room)
            terms = (manager, self._core_memory, loop.call_later, self._has_room_for)
            self._rounds, self._renewals = Rounds(*terms, self._on_round), Renewals(*terms, self._on_renewed)
        return self._chosen_manager

    def _leave_to_daemon(self, exc: GraphicsError) -> NoReturn:
        """End this process; the daemon has another one go on.

        Nothing is given back: libmpv and the driver would be asked to with a context that is lost.
        """
        self._link.send(GraphicsLost(str(exc)))
        os._exit(exc.exit_code)

    def _flush_link(self) -> None:
        self._link.flush()
        if self._link.has_unsent:
            self._loop.watch(self._link.fd, self._on_link, self._on_link_writable)

    def _on_link_writable(self) -> None:
        self._loop.watch(self._link.fd, self._on_link)

    # The daemon's messages.

    def _on_link(self) -> None:
        for message, fd in self._link.receive():
            match message:
                case Prepare():
                    self._prepare(message, fd)
                case Show():
                    self._screens.show(message, fd)
                case Hide():
                    self._screens.hide(message.output)
                case Pace():
                    self._screens.set_pace(message)
                case Limits():
                    self._set_limits(message)
                case Graphics():
                    self._graphics = message
                case AskFigures():
                    self._figures.read("asked")
                case Ease():
                    self._easing.take(message.actions)
                case Pause() | Freeze() | Thaw() | Close() | Snapshot() | Sound():
                    self._steer(message)
                case Finish():
                    self._loop.stop()
        if self._link.hung_up:
            self._loop.stop()

    def _prepare(self, message: Prepare, pipe_fd: int) -> None:
        memory = self._core_memory(message.stream)
        self._manager.retire(message.stream)  # set again, a clip begins anew, perhaps from another file of that name
        start = CoreStart(message.resume_s, pipe_fd=pipe_fd)
        handle = self._manager.acquire(message.stream, memory, start, message.begin_at_s)
        handle.decoder.frame_step = self._easing.frame_step
        self._prepared[message.stream_id] = handle
        self._stream_ids[handle.decoder] = message.stream_id

    def _has_room_for(self, decoder: Decoder) -> bool:
        """Whether the next round of a stream may be opened beside it."""
        is_eased = self._easing.is_cut or self._easing.has_one_thread or self._easing.frame_step > 1
        mixtures = [shape for view in self._screens.showing(decoder) if (shape := view.mixture_shape())]
        return self._room is not None and not is_eased and self._room.has_room_beside(decoder, mixtures)

    def _on_round(self, decoder: Decoder, handle: DecoderHandle, change: Change) -> None:
        """A stream goes over to its next round on all outputs that show it."""
        stream_id = self._stream_ids.pop(decoder)
        before, self._prepared[stream_id] = self._prepared[stream_id], handle
        following = handle.decoder
        self._stream_ids[following] = stream_id
        cross_sound(self._loop.call_later, decoder, following, change.duration_s)
        for view in self._screens.showing(decoder):
            view.go_round(handle.another(), change)
        before.close()
        self._share_pool()

    def _on_renewed(self, decoder: Decoder, handle: DecoderHandle, change: Change) -> None:
        if self._is_gone_over_to(decoder):
            handle.close()
            decoder.thrift.put_off()
        else:
            self._on_round(decoder, handle, change)

    def _is_gone_over_to(self, decoder: Decoder) -> bool:
        """Whether an output is on its way to a stream: with another decoder that would end."""
        return any(view.is_fading for view in self._screens.showing(decoder))

    def _drop_round(self, decoder: Decoder) -> None:
        for followers in (self._rounds, self._renewals):
            if followers is not None:
                followers.drop(decoder)

    def _share_pool(self) -> None:
        """Each stream that is on a screen has its part of the pool; one that is about to go makes no frames."""
        count = sum(decoder.is_viewed for decoder in self._decoders())
        if self._choice is not None and self._choice.renderer.set_streams(count):
            for decoder in self._decoders():
                decoder.forget_size()

    def _steer(self, message: Pause | Freeze | Thaw | Close | Snapshot | Sound) -> None:
        handle = self._prepared.get(message.stream_id)
        if handle is None:
            return
        decoder = handle.decoder
        match message:
            case Pause(is_paused=is_paused):

                def on_done() -> None:
                    self._link.send(Paused(message.stream_id, is_paused, decoder.position_s))

                decoder.set_paused(is_paused, on_done)
            case Freeze():

                def on_frozen() -> None:
                    if decoder.newest is not None:
                        self._note(decoder, is_whole=True)
                    self._link.send(Frozen(message.stream_id, decoder.position_s))

                decoder.freeze(on_frozen)
            case Thaw():
                decoder.thaw()
            case Snapshot():
                self._memories.send_copy(message.stream_id, decoder.newest)
            case Sound(volume=volume):
                decoder.set_volume(volume, lambda: self._link.send(Sounds(message.stream_id)))
            case Close():
                self._drop_round(decoder)
                del self._prepared[message.stream_id], self._stream_ids[decoder]
                handle.close()
                self._pool.trim(0)  # its last picture may be what the daemon shows from now on: nobody draws over it

    # Memory limits.

    def _set_limits(self, limits: Limits) -> None:
        self._limits = limits
        if self._choice is not None:
            self._choice.renderer.set_limits(limits.max_buffers, limits.max_pool_bytes)
        else:
            self._pool.set_limits(limits.max_buffers, limits.max_pool_bytes)
        for decoder in self._decoders():
            decoder.forget_size()
        self._ticker.set_cadence(limits.stats_every_frames, limits.check_every_frames)
        self._apply_memory()

    def _core_memory(self, stream: StreamSpec) -> CoreMemory:
        return core_memory(stream, self._limits, self._easing.is_cut, self._easing.has_one_thread)

    def _decoders(self) -> Iterator[Decoder]:
        return iter(self._chosen_manager or ())

    def _apply_memory(self) -> None:
        for decoder in self._decoders():
            decoder.core.set_memory(self._core_memory(decoder.spec))

    def _apply_rate(self) -> None:
        for decoder in self._decoders():
            decoder.frame_step = self._easing.frame_step

    # The streams' events.

    def on_loaded(self, decoder: Decoder, is_image: bool, duration_s: float) -> None:
        """See DecodeListener."""
        log.debug("%s: loaded, %s", decoder.spec.path, "an image" if is_image else f"{duration_s:.1f} s")

    def _note(self, decoder: Decoder, is_whole: bool) -> Picture:
        """Note what a stream shows and where it is, for the daemon to show it should it have to."""
        frame = decoder.newest
        assert frame is not None
        picture = frame.picture
        stored = frame.in_memory(is_whole)
        if stored is not None:
            picture = stored.picture
            self._memories.of(stored)  # the daemon must have it before it is needed
        note = Note(picture, frame.sequence, decoder.position_s, decoder.position_at_s, decoder.duration_s)
        self._ledger.write(self._stream_ids[decoder], note)
        return picture

    def on_frame(self, decoder: Decoder, frame: Frame) -> None:
        """See DecodeListener."""
        stream_id = self._stream_ids.get(decoder)
        if stream_id is None:
            return  # closed, and an output that is about to leave it still shows it
        picture = self._note(decoder, is_whole=decoder.is_image)
        due = self._ticker.tick()
        if due:
            self._on_due(due)
        if decoder.is_image:
            self._on_image(decoder, frame, picture)
        elif frame.sequence == 1 and not decoder.frames_before:
            self._link.send(Playing(stream_id, picture.video_width_px, picture.video_height_px))
            for after_s in RELEASE_PAGES_AFTER_S:
                self._loop.call_later(after_s, release_startup_pages)

    def _on_image(self, decoder: Decoder, frame: Frame, picture: Picture) -> None:
        """An image goes to the daemon once the outputs have gone over to it."""

        def on_settled() -> None:
            if decoder in self._stream_ids:
                self._link.send(Still(self._stream_ids[decoder], picture, decoder.is_full_size))

        settle_all(self._views(), decoder, frame, on_settled)

    def _on_due(self, due: int) -> None:
        """So many frames were shown: it is time for figures, and to let go of what none of them needed."""
        self._pool.trim_unused()
        if due & CHECK_DUE:
            forget_code()  # such as what a round that begins reads to find out which file it is
        words = [word for bit, word in ((STATS_DUE, "stats"), (CHECK_DUE, "check")) if due & bit]
        self._figures.read("+".join(words))

    def on_rest(self, decoder: Decoder, is_resting: bool) -> None:
        """See DecodeListener."""
        if decoder in self._stream_ids:
            self._link.send(Rests(self._stream_ids[decoder], is_resting))

    def on_thrift(self, decoder: Decoder, is_sparse: bool) -> None:
        """See DecodeListener."""
        if self._renewals is None or decoder not in self._stream_ids:
            return
        if self._is_gone_over_to(decoder):
            decoder.thrift.put_off()
        else:
            self._renewals.renew(decoder, is_sparse)

    def on_position(self, decoder: Decoder) -> None:
        """See DecodeListener."""
        if decoder.spec.loop_fade_s and self._rounds is not None and decoder in self._stream_ids:
            self._rounds.on_position(decoder)

    def on_failed(self, decoder: Decoder, reason: str, code: int) -> None:
        """See DecodeListener."""
        if decoder in self._stream_ids:
            if decoder.newest is not None:
                self._note(decoder, is_whole=True)  # it may stay for long
            self._link.send(Failed(self._stream_ids[decoder], reason, code))

    def on_ended(self, decoder: Decoder) -> None:
        """See DecodeListener."""
        if decoder in self._stream_ids:
            self._link.send(AtEnd(self._stream_ids[decoder]))

    def _close(self) -> None:
        began_s = monotonic()
        self._screens.close()
        try:
            if self._connection is not None:
                self._connection.roundtrip()  # the surfaces are gone before the slow part
        except CompositorError:
            log.debug("the compositor went first")
        for followers in (self._rounds, self._renewals):
            if followers is not None:
                followers.close()
        for handle in self._prepared.values():
            handle.close()
        if self._chosen_manager is not None:
            self._chosen_manager.wait_closed()
        if self._choice is not None:
            self._choice.renderer.close()
        self._pool.close()
        if self._connection is not None:
            self._connection.close()

        self._ledger.close()
        self._loop.close()
        log.debug("player: closed in %.0f ms", (monotonic() - began_s) * 1000)
