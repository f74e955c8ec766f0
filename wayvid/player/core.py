"""One libmpv core with its render context.

Everything after start-up goes to libmpv asynchronously: the thread that draws
must not wait for the core (libmpv render.h, "Threading").
"""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic_ns
from typing import TYPE_CHECKING, ClassVar

import mpv

from wayvid._core.mpvrender import ENTRY_POINTS, UPDATE_FRAME
from wayvid._core.wakeup import Wakeup
from wayvid.errors import PlayerError
from wayvid.link.messages import StreamSpec
from wayvid.player.failures import (
    BROKEN_OFF,
    DETAIL_MODULES,
    FAILURES,
    HWDEC_MODULES,
    LOG_LEVELS,
    in_words,
)
from wayvid.player.ffmpegwords import FfmpegWords
from wayvid.player.owner import CoreOwner
from wayvid.player.properties import ALPHA, SHAPE, VALUES, Property, Reply, VideoShape, moment_ns, shape_of
from wayvid.player.source import (
    CoreMemory,
    CoreStart,
    can_loop_without_seam,
    core_options,
    memory_options,
    seamless_loop,
)

if TYPE_CHECKING:
    from wayvid.render.renderer import Renderer

__all__ = ["MpvCore"]

log = logging.getLogger(__name__)

_api = mpv.backend

# The numbers of what is observed; replies have others.
EOF, STARVED = 1, 2
END_OF_FILE = 0  # client.h, mpv_end_file_reason
END_ERROR = 4
# Options whose values were others in older versions of libmpv, which need none.
OTHER_BEFORE = ("background",)
# A loop that begins so often within a second has no rounds: its file ends at once and cannot be sought in.
MOST_ROUNDS = 100


def _entry_points() -> dict[str, int]:
    addresses = {}
    for name in ENTRY_POINTS:
        addresses[name] = ctypes.cast(getattr(_api, name), ctypes.c_void_p).value or 0
    return addresses


def _argv(*words: str) -> ctypes.Array[ctypes.c_char_p]:
    return (ctypes.c_char_p * (len(words) + 1))(*[word.encode("utf-8", "surrogateescape") for word in words], None)


class MpvCore:
    """Plays one stream and hands its pictures to a renderer.

    Args:
        spec: what to play.
        start: where and how to begin.
        memory: what libmpv may take.
        owner: who is told.
        renderer: makes frames of its pictures.
        graphics: libmpv's options for that.
        watch: adds an fd to the event loop.
        unwatch: removes it.

    Raises:
        PlayerError: libmpv cannot start.
    """

    _living: ClassVar[list[MpvCore]] = []
    _opening: ClassVar[set[MpvCore]] = set()
    _words: ClassVar[FfmpegWords] = FfmpegWords()

    def __init__(
        self,
        spec: StreamSpec,
        start: CoreStart,
        memory: CoreMemory,
        owner: CoreOwner,
        renderer: Renderer,
        graphics: Mapping[str, str],
        watch: Callable[[int, Callable[[], None]], None],
        unwatch: Callable[[int], None],
    ) -> None:
        self._spec = spec
        self._owner = owner
        self._renderer = renderer
        self._unwatch = unwatch
        self._resume_s = start.resume_s  # 0 once it has begun there
        self._is_resumed = bool(start.resume_s)  # in this round
        self._memory = memory
        self._replies: dict[int, Reply] = {}  # by the number that the question went out with
        self._questions = 0
        self._loop_fds: tuple[int, ...] = ()  # of the loop without a seam: the clip, and the list that repeats it
        self._round_s = 0.0  # length of one round while the loop has no seam, else 0
        self._last_round_s = 0.0  # length of the file while it plays once more before such a loop, else 0
        self.hwdec_error = ""  # libmpv's first word on why hardware does not decode
        self.sound_error = ""  # its last one on why nothing is heard
        self._first_error = ""
        self._failures: list[tuple[str, int]] = []  # not yet told
        self._gave_picture = False  # the file that plays
        self._rounds, self._rounds_since_s = 0, 0.0  # how many have begun since then
        self._has_failed = False
        self._handle = _api.mpv_create()
        if not self._handle:
            raise PlayerError("libmpv could not create a player core; see 'wayvid check'")
        MpvCore._words.listen()
        self._handle = mpv.MpvHandle(self._handle) if isinstance(self._handle, int) else self._handle
        try:
            options = core_options(spec, start, memory, graphics)
            self._hwdec = options["hwdec"]
            self._set_options(options)
            _api.mpv_initialize(self._handle)
            _api.mpv_request_log_messages(self._handle, b"v" if log.isEnabledFor(logging.DEBUG) else b"warn")
            _api.mpv_request_event(self._handle, mpv.MpvEventID.PLAYBACK_RESTART, 0)
            self._events = Wakeup()
            self._frames = Wakeup()
            callback = ctypes.cast(self._events.callback_address, mpv.WakeupCallback)
            _api.mpv_set_wakeup_callback(self._handle, callback, self._events.context_address)
            # Before loadfile, or libmpv may drop the video track without a word.
            version = (self.read("mpv-version") or "").removeprefix("mpv ")
            self.render_context = renderer.open_context(self._handle.value, _entry_points(), version)
        except (OSError, ValueError, AttributeError, TypeError, RuntimeError, MemoryError) as exc:
            _api.mpv_terminate_destroy(self._handle)
            raise PlayerError(f"libmpv cannot start: {exc}; see 'wayvid check'") from exc
        # libmpv's clock is the monotonic one, counted from another moment.
        self._clock_offset_ns: int = monotonic_ns() - _api.mpv_get_time_us(self._handle) * 1000
        self.render_context.set_update_callback(self._frames.callback_address, self._frames.context_address)
        observed = [(EOF, b"eof-reached")] if spec.is_pipe or not spec.loop else []
        observed += [(STARVED, b"paused-for-cache")] if spec.is_network else []
        for number, name in observed:
            _api.mpv_observe_property(self._handle, number, name, mpv.MpvFormat(mpv.MpvFormat.FLAG))
        MpvCore._living.append(self)
        watch(self._events.fd, self._on_events)
        watch(self._frames.fd, self._on_frames)
        self._load(f"fdclose://{start.pipe_fd}" if spec.is_pipe else spec.path)

    def _set_options(self, options: dict[str, str]) -> None:
        for name, value in options.items():
            try:
                _api.mpv_set_option_string(self._handle, name.encode(), value.encode())
            except AttributeError:  # options come and go between versions of libmpv
                log.debug("libmpv has no option %s", name)
            except (TypeError, ValueError):
                if name not in OTHER_BEFORE:
                    raise

    def _load(self, path: str) -> None:
        if not MpvCore._opening:
            MpvCore._words.forget()
        MpvCore._opening.add(self)
        _api.mpv_command_async(self._handle, 0, _argv("loadfile", path))

    def loop_without_seam(self, duration_s: float, after_this_round: bool) -> None:
        """Go over, at the file's beginning, to a loop that never ends, if that can be had.

        Args:
            duration_s: the file's length.
            after_this_round: play to the file's end first, as what goes on in its middle must.
        """
        if not can_loop_without_seam(self._spec, duration_s):
            return
        try:
            self._loop_fds = seamless_loop(self._spec.path, duration_s)
        except OSError:
            return  # gone already; what is open plays on
        if after_this_round:
            self._last_round_s = duration_s
            self.set_property("loop-file", "no")
        else:
            self._load_list(duration_s)

    def _load_list(self, duration_s: float) -> None:
        _clip_fd, list_fd = self._loop_fds
        self._round_s = duration_s
        # The list may name any file: it names the user's. And all rounds are alike, so none needs to be converted to
        # fit the one before: that would take a filter for each H.264 round, 1.5 KB, until the list is closed.
        self.set_property("demuxer-lavf-o", "safe=0,auto_convert=0")
        _api.mpv_command_async(self._handle, 0, _argv("loadfile", f"/proc/self/fd/{list_fd}"))

    def _loop_with_seam(self) -> None:
        """Play the file itself again: the loop without a seam failed."""
        log.info("%s: loops with a seam", self._spec.path)
        self._round_s = 0.0
        self._first_error = ""
        self._load(self._spec.path)

    def set_property(self, name: str, value: str) -> None:
        """Change an option or a property; takes effect soon."""
        text = ctypes.c_char_p(value.encode())
        _api.mpv_set_property_async(
            self._handle, 0, name.encode(), mpv.MpvFormat(mpv.MpvFormat.STRING), ctypes.byref(text)
        )

    def read(self, name: str) -> str | None:
        """A property's value as text, None when it has none.

        Waits for the core, which may wait for the render context once there is one: only before that.
        """
        out = ctypes.c_void_p()
        try:
            _api.mpv_get_property(self._handle, name.encode(), mpv.MpvFormat(mpv.MpvFormat.STRING), ctypes.byref(out))
        except (AttributeError, RuntimeError, ValueError, TypeError):
            return None
        try:
            return ctypes.string_at(out.value or 0).decode("utf-8", "replace")
        finally:
            _api.mpv_free(out)

    def ask_shape(self, on_reply: Callable[[VideoShape | None], None]) -> None:
        """Ask for the shape of the pictures that come out now; None before the first is decoded. See ask()."""
        answers: dict[str, int] = {}

        def keep(name: str, value: float | int | str | None) -> None:
            answers[name] = int(value or 0)
            if len(answers) == len(SHAPE):
                on_reply(shape_of(*(answers[each] for each in SHAPE)))

        # Answered first. Left alone, the software renderer shows the colours of what is transparent.
        self.ask(ALPHA, mpv.MpvFormat.STRING, lambda word: setattr(self.render_context, "blends", word == "straight"))
        for name in SHAPE:
            self.ask(name, mpv.MpvFormat.INT64, partial(keep, name))

    def set_paused(self, paused: bool) -> None:
        """Stop or go on; takes effect soon."""
        self.set_property("pause", "yes" if paused else "no")

    def due_ns(self) -> int:
        """When the waiting picture should be shown, CLOCK_MONOTONIC; 0 when libmpv does not say."""
        target, offset_ns = self.render_context.next_frame_target(), self._clock_offset_ns
        return moment_ns(target, monotonic_ns() - offset_ns) + offset_ns if target else 0

    def trim_speed(self, factor: float) -> None:
        """Play so much faster than the stream wants; takes effect soon."""
        self.set_property("speed", f"{self._spec.speed * factor:.6f}")

    def set_memory(self, memory: CoreMemory) -> None:
        """Change what libmpv may take; a new number of decode threads makes it open its decoder anew."""
        before, self._memory = self._memory, memory
        for name, value in memory_options(memory).items():
            self.set_property(name, value)
        if memory.decode_threads != before.decode_threads:
            # The option is read when a decoder is opened, which a changed hwdec has libmpv do (0.35, command.c);
            # "no," names no method, as "no" does, but is another word. Then it seeks to where it is; changed again
            # before it has, it would not know where that was, and go on at the next key frame.
            self._hwdec = self._hwdec[:-1] if self._hwdec.endswith(",") else f"{self._hwdec},"
            self.set_property("hwdec", self._hwdec)

    def ask_position(self, on_reply: Callable[[float | None], None]) -> None:
        """Ask for the position in the source, in seconds; None when it has none. See ask()."""

        def on_position(position_s: float | int | str | None) -> None:
            if position_s is not None:
                position_s = float(position_s)
                if self._round_s:
                    position_s %= self._round_s
            on_reply(position_s)

        self.ask("time-pos", mpv.MpvFormat.DOUBLE, on_position)

    def ask(self, name: str, value_format: int, on_reply: Reply) -> None:
        """Ask for a property without waiting for the core.

        Args:
            name: of the property.
            value_format: MpvFormat.DOUBLE, INT64 or STRING.
            on_reply: called in the loop with the value, None when it has none; not after close(), and not where
                the core has a thousand questions to answer.
        """
        self._questions += 1
        self._replies[self._questions] = on_reply
        try:
            _api.mpv_get_property_async(self._handle, self._questions, name.encode(), mpv.MpvFormat(value_format))
        except MemoryError:  # a thousand are open
            log.debug("libmpv answers no more questions for now: %s", name)
            del self._replies[self._questions]

    # Events.

    def _on_frames(self) -> None:
        self._frames.drain()
        picture_waits = self.render_context.update() & UPDATE_FRAME
        # Asked first and handled last: what was said before the picture (that it is an image, or of another shape)
        # is certainly there by now.
        self._on_events()
        if picture_waits and self._handle is not None:
            self._gave_picture = True
            self._owner.on_frame_waiting()

    def _on_events(self) -> None:
        self._events.drain()
        while self._handle is not None:
            event = _api.mpv_wait_event(self._handle, 0.0).contents
            kind = event.event_id.value
            if kind == mpv.MpvEventID.NONE:
                break
            handler = self._HANDLERS.get(kind)
            if handler is not None:
                handler(self, event)
        if self._rounds >= MOST_ROUNDS and self._handle is not None:
            self._end_rounds()
        failures, self._failures = self._failures, []
        for reason, code in failures:
            # Only now: libmpv hands out what it logged after all other events.
            if not self._has_failed:
                self._has_failed = True
                others = [other._spec.path for other in MpvCore._living if other is not self]
                detail = MpvCore._words.about(self._spec.path, others) or self._first_error
                self._owner.on_failed(in_words(reason, detail), code)
            self._first_error = ""
            MpvCore._opening.discard(self)

    def _on_start_file(self, _event: mpv.MpvEvent) -> None:
        self._gave_picture = False
        if not self._round_s:
            self._owner.on_started()

    def _on_file_loaded(self, _event: mpv.MpvEvent) -> None:
        self._first_error = ""
        MpvCore._opening.discard(self)
        if self._resume_s:  # the loop begins again at the stream's own start
            self._resume_s = 0.0
            self.set_property("start", f"{self._spec.start_s:.6f}" if self._spec.start_s else "none")
        if self._round_s:  # the same file
            return
        words: list[str] = []

        def on_image(word: float | int | str | None) -> None:
            if word == "yes":
                words.append(word)
                self.set_paused(True)  # looped, it would be decoded again 25 times a second

        def on_duration(duration_s: float | int | str | None) -> None:
            # A graph of filters has no end: what it tells is how much it has made so far.
            length_s = 0.0 if self._spec.path.startswith("av:") else float(duration_s or 0.0)
            if 0 < length_s <= self._spec.start_s:
                self._begin_at_beginning(length_s)
            self._owner.on_loaded(bool(words), length_s)

        def on_count(count: float | int | str | None) -> None:
            if count == 1 and not self._spec.is_network and not self._spec.is_pipe:
                on_image("yes")  # a clip of one frame would be begun again as often as the machine can

        # They are answered in this order.
        self.ask("current-tracks/video/image", mpv.MpvFormat.STRING, on_image)
        self.ask("estimated-frame-count", mpv.MpvFormat.INT64, on_count)
        self.ask("duration", mpv.MpvFormat.DOUBLE, on_duration)

    def _begin_at_beginning(self, duration_s: float) -> None:
        """It is to begin behind its end, where libmpv would show its last picture over and over."""
        path, start_s = self._spec.path, self._spec.start_s
        log.warning(
            "%s: is %.3f s long and cannot start at %g s; it starts at its beginning", path, duration_s, start_s
        )
        for name, value in (("start", "none"), ("ab-loop-a", "no"), ("ab-loop-b", "no")):
            self.set_property(name, value)
        _api.mpv_command_async(self._handle, 0, _argv("seek", "0", "absolute"))

    def _on_seek(self, _event: mpv.MpvEvent) -> None:
        now_s = monotonic_ns() / 1e9
        if now_s - self._rounds_since_s > 1:
            self._rounds_since_s, self._rounds = now_s, 0
        self._rounds += 1
        if self._rounds == MOST_ROUNDS and not self._round_s:
            _api.mpv_request_event(self._handle, mpv.MpvEventID.SEEK, 0)  # its queue is full of them

    def _end_rounds(self) -> None:
        """Show the file once: its loop has no rounds."""
        self._rounds = 0
        log.info("%s: ends at once, and is shown without a loop", self._spec.path)
        self.set_property("keep-open", "yes")
        self.set_property("loop-file", "no")
        self._load(self._spec.path)

    def _on_video_reconfig(self, _event: mpv.MpvEvent) -> None:
        self._owner.on_reshaped()

    def _on_end_file(self, event: mpv.MpvEvent) -> None:
        end = ctypes.cast(event._data, ctypes.POINTER(mpv.MpvEventEndFile)).contents
        if self._last_round_s and end.reason == END_OF_FILE:
            duration_s, self._last_round_s = self._last_round_s, 0.0
            self.set_property("loop-file", "inf")
            self._load_list(duration_s)
            return
        if self._round_s:
            if end.reason in (END_ERROR, END_OF_FILE):
                self._loop_with_seam()
            return
        if end.reason == END_ERROR:
            words = _api.mpv_error_string(end.error).decode("utf-8", "replace")
            self._failures.append((FAILURES.get(end.error, words), end.error))
        elif end.reason == END_OF_FILE and self._spec.is_network and (self._gave_picture or self._is_resumed):
            # Resumed behind its last picture, it has none.
            if self._owner.is_at_end() or not self._gave_picture:
                self._is_resumed = False
                self._load(self._spec.path)
            else:
                self._failures.append((BROKEN_OFF, mpv.ErrorCode.LOADING_FAILED))
        elif end.reason == END_OF_FILE and self._spec.loop:
            # A loop ends only when not one picture came out of it, or it was a live stream.
            reason = "it has ended" if self._gave_picture else "no picture in it can be decoded"
            self._failures.append((reason, mpv.ErrorCode.NOTHING_TO_PLAY))

    def _on_log(self, event: mpv.MpvEvent) -> None:
        message = ctypes.cast(event._data, ctypes.POINTER(mpv.MpvEventLogMessage)).contents
        level = LOG_LEVELS.get(message._level.decode(), logging.DEBUG)
        text = message._text.decode("utf-8", "replace").rstrip()
        module = message._prefix.decode()
        if level >= logging.INFO and not self._first_error and module.startswith(DETAIL_MODULES):
            self._first_error = text
        if level >= logging.INFO and not self.hwdec_error and module in HWDEC_MODULES:
            self.hwdec_error = text
        if level >= logging.INFO and module.startswith("ao"):
            self.sound_error = text
        logging.getLogger(f"wayvid.mpv.{module}").log(level, "%s", text)

    def _on_property_reply(self, event: mpv.MpvEvent) -> None:
        on_reply = self._replies.pop(event.reply_userdata, None)
        if on_reply is None:
            return
        value: float | int | str | None = None
        if event.error >= 0:
            reply = ctypes.cast(event._data, ctypes.POINTER(Property)).contents
            read = VALUES.get(reply.format)
            value = read(reply.data) if read is not None and reply.data else None
        on_reply(value)

    def _on_property_change(self, event: mpv.MpvEvent) -> None:
        change = ctypes.cast(event._data, ctypes.POINTER(Property)).contents
        if change.format != mpv.MpvFormat.FLAG or not change.data:
            return
        is_set = bool(ctypes.c_int.from_address(change.data).value)
        if event.reply_userdata == STARVED:
            self._owner.on_starved(is_set)
        elif is_set:
            self._owner.on_ended()

    _HANDLERS: ClassVar[dict[int, Callable[[MpvCore, mpv.MpvEvent], None]]] = {
        mpv.MpvEventID.START_FILE: _on_start_file,
        mpv.MpvEventID.FILE_LOADED: _on_file_loaded,
        mpv.MpvEventID.SEEK: _on_seek,
        mpv.MpvEventID.VIDEO_RECONFIG: _on_video_reconfig,
        mpv.MpvEventID.END_FILE: _on_end_file,
        mpv.MpvEventID.LOG_MESSAGE: _on_log,
        mpv.MpvEventID.GET_PROPERTY_REPLY: _on_property_reply,
        mpv.MpvEventID.PROPERTY_CHANGE: _on_property_change,
    }

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._handle is None

    def close(self) -> threading.Thread | None:
        """Free everything; libmpv's own end, which may take a while, happens on a thread of its own.

        Returns:
            That thread, to be joined before the process ends; None on a second call.
        """
        if self._handle is None:
            return None
        handle, self._handle = self._handle, None
        MpvCore._living.remove(self)
        MpvCore._opening.discard(self)
        for wakeup in (self._events, self._frames):
            self._unwatch(wakeup.fd)
        self._renderer.close_context(self.render_context)

        def destroy() -> None:
            _api.mpv_terminate_destroy(handle)
            MpvCore._words.listen()  # libmpv has ffmpeg write to stderr once the core has gone that it told before
            self._events.close()
            self._frames.close()
            for fd in self._loop_fds:
                os.close(fd)

        thread = threading.Thread(target=destroy, name="libmpv-end")
        thread.start()
        return thread
