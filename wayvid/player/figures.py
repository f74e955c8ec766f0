"""What the player holds that the kernel does not tell, gathered without waiting for libmpv."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from time import monotonic

import msgspec
from mpv import MpvFormat

from wayvid._core import BufferPool, memory_stats
from wayvid._core.mpvrender import direct_buffers
from wayvid.link.figures import CounterFigures, Figures, OutputFigures, PoolFigures, StreamFigures
from wayvid.player import sound
from wayvid.player.core import MpvCore
from wayvid.player.decoder import Decoder

__all__ = ["FigureReader", "decoded_frames"]

# Property of libmpv -> how to ask for it. The limits are read back, not remembered.
LIMITS = ("demuxer-max-bytes", "demuxer-max-back-bytes", "vd-lavc-threads")
QUESTIONS = dict.fromkeys(LIMITS, MpvFormat.INT64) | {
    "demuxer-cache-state": MpvFormat.STRING,
    "hwdec-current": MpvFormat.STRING,
    "video-format": MpvFormat.STRING,
    "video-dec-params/w": MpvFormat.INT64,
    "video-dec-params/h": MpvFormat.INT64,
    "video-dec-params/average-bpp": MpvFormat.INT64,
    "container-fps": MpvFormat.DOUBLE,
}
# Decoded frames that a decoder refers to or holds back for their order. What a stream
# really asks for is in its headers and not told by libmpv: these are what encoders
# make by default (x264 and x265: 3 or 4 and the reordered; VP9, AV1: 8 by the format).
REFERENCES = {"h264": 5, "hevc": 6, "vp9": 8, "av1": 8, "vp8": 3, "mpeg4": 2, "mpeg2video": 2}
REFERENCES_ELSE = 1
# Behind the decoder: one in its wrapper, one waiting for its time, one kept by the video output.
QUEUED = 3
Answers = Mapping[str, "float | int | str | None"]


class _CacheState(msgspec.Struct, rename="kebab"):
    """The part of libmpv's demuxer-cache-state that is shown."""

    total_bytes: int = 0


def decoded_frames(codec: str, decode_threads: int) -> int:
    """An estimate of the decoded pictures alive at a time.

    Args:
        codec: as libmpv calls it, such as "h264".
        decode_threads: with more than one, each has a frame in the making.
    """
    return REFERENCES.get(codec, REFERENCES_ELSE) + QUEUED + max(1, decode_threads)


def _int(answers: Answers, name: str) -> int:
    value = answers.get(name)
    return int(value) if isinstance(value, (int, float)) else 0


def _picture_s(answers: Answers, speed: float) -> float:
    """How long a picture stays."""
    rate_hz = answers.get("container-fps")
    return 1 / (rate_hz * speed) if isinstance(rate_hz, float) and rate_hz > 0 and speed > 0 else 0.0


def _stream(stream_id: int, decoder: Decoder, answers: Answers) -> StreamFigures:
    state = answers.get("demuxer-cache-state")
    cache = msgspec.json.decode(state, type=_CacheState) if isinstance(state, str) and state else _CacheState()
    frame_bytes = _int(answers, "video-dec-params/w") * _int(answers, "video-dec-params/h")
    frame_bytes = frame_bytes * _int(answers, "video-dec-params/average-bpp") // 8
    hwdec = str(answers.get("hwdec-current") or "")
    alive = (
        decoded_frames(str(answers.get("video-format") or ""), _int(answers, "vd-lavc-threads")) if frame_bytes else 0
    )
    elapsed_s = monotonic() - decoder.position_at_s if decoder.state == "playing" else 0.0
    return StreamFigures(
        stream_id,
        decoder.spec.path,
        decoder.state,
        decoder.position_s + elapsed_s * decoder.spec.speed,
        decoder.duration_s,
        decoder.frames_before + decoder.frames,
        decoder.dropped_before + decoder.dropped,
        cache.total_bytes,
        alive,
        alive * frame_bytes,
        {name: value for name in LIMITS if isinstance(value := answers.get(name), int)},
        "" if hwdec == "no" else hwdec,
        _picture_s(answers, decoder.spec.speed),
        decoder.why_no_hwdec(str(answers.get("video-format") or "")) if hwdec in ("", "no") else "",
        *decoder.sound.device(answers),
    )


class _Inquiry:
    """All questions to all cores, and the answers so far."""

    def __init__(self, decoders: Mapping[Decoder, int], on_done: Callable[[tuple[StreamFigures, ...]], None]) -> None:
        self._decoders = decoders
        self._answers: dict[MpvCore, dict[str, float | int | str | None]] = {each.core: {} for each in decoders}
        self._on_done = on_done
        asked = [
            (each.core, name, value_format)
            for each in decoders
            for name, value_format in (QUESTIONS | (sound.QUESTIONS if each.sound.volume else {})).items()
        ]
        self._open = len(asked)
        for core, name, value_format in asked:
            self._ask(core, name, value_format)
        if not self._open:
            on_done(())

    def _ask(self, core: MpvCore, name: str, value_format: int) -> None:
        def on_reply(value: float | int | str | None) -> None:
            self._answers[core][name] = value
            self._open -= 1
            if not self._open:
                streams = (_stream(number, each, self._answers[each.core]) for each, number in self._decoders.items())
                self._on_done(tuple(streams))

        core.ask(name, value_format, on_reply)


class FigureReader:
    """Makes Figures of a pool, the counters and the streams.

    Args:
        pool: the frame pool.
        decoders: the streams' numbers, by decoder.
        outputs: the figures of the outputs now.
        send: gets them, once libmpv has answered. A core that is closed meanwhile never
            answers, and the figures never come: whoever waits needs a deadline.
    """

    def __init__(
        self,
        pool: BufferPool,
        decoders: Mapping[Decoder, int],
        outputs: Callable[[], Iterable[OutputFigures]],
        send: Callable[[Figures], None],
    ) -> None:
        self._pool = pool
        self._decoders = decoders
        self._outputs = outputs
        self._send = send

    def read(self, due: str) -> None:
        """Gather and send, with `due` as it is given."""

        def on_done(streams: tuple[StreamFigures, ...]) -> None:
            pool, outputs = pool_figures(self._pool), tuple(self._outputs())
            self._send(Figures(due, _counters(), pool, streams, outputs, *direct_buffers()))

        _Inquiry(dict(self._decoders), on_done)


def _counters() -> CounterFigures:
    stats = memory_stats()
    return CounterFigures(
        stats.current_bytes, stats.peak_bytes, stats.allocated_bytes, stats.freed_bytes, stats.active_allocations
    )


def pool_figures(pool: BufferPool) -> PoolFigures:
    """A pool's figures as they cross the link."""
    stats = pool.stats()
    return PoolFigures(**{name: getattr(stats, name) for name in PoolFigures.__struct_fields__})
