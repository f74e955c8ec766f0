"""One decode and one conversion per distinct stream, lent to every output that shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import NoReturn

from wayvid.link.messages import StreamSpec
from wayvid.player.decoder import Decoder
from wayvid.player.environment import Environment
from wayvid.player.source import DEFAULT_MEMORY, FROM_START, CoreMemory, CoreStart
from wayvid.render.frame import FrameBuffer

__all__ = ["SharedDecodeManager", "DecoderHandle", "FrameBuffer"]


class DecoderHandle:
    """A share in a decoder; the last one to be closed ends it.

    A handle cannot be copied: who needs another asks the manager, so that the
    count is always right.
    """

    def __init__(self, manager: SharedDecodeManager, decoder: Decoder) -> None:
        self._manager = manager
        self._decoder: Decoder | None = decoder

    @property
    def decoder(self) -> Decoder:
        """The shared decoder.

        Raises:
            ValueError: the handle is closed.
        """
        if self._decoder is None:
            raise ValueError("the decoder handle is closed")
        return self._decoder

    def another(self) -> DecoderHandle:
        """One more share in the same decoder, whatever plays the stream by now.

        Raises:
            ValueError: the handle is closed.
        """
        return self._manager.share(self.decoder)

    def close(self) -> None:
        """Give the share back; twice does nothing."""
        decoder, self._decoder = self._decoder, None
        if decoder is not None:
            self._manager.release(decoder)

    def __copy__(self) -> NoReturn:
        raise TypeError("a DecoderHandle cannot be copied; ask SharedDecodeManager.acquire() for another")

    def __deepcopy__(self, _memo: object) -> NoReturn:
        self.__copy__()

    def __reduce__(self) -> NoReturn:
        self.__copy__()


class SharedDecodeManager:
    """Keeps one decoder per distinct stream, however many outputs show it.

    Threads: the event loop's. Closing a decoder holds no lock: libmpv ends on a
    thread of its own, which wait_closed() joins.
    """

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._decoders: dict[StreamSpec, Decoder] = {}  # those to share
        self._shares: dict[Decoder, int] = {}  # of all that live
        self._ending: list[threading.Thread] = []

    def __iter__(self) -> Iterator[Decoder]:
        """The decoders that live."""
        return iter(tuple(self._shares))

    def acquire(
        self,
        spec: StreamSpec,
        memory: CoreMemory = DEFAULT_MEMORY,
        start: CoreStart = FROM_START,
        begin_at_s: float = 0.0,
    ) -> DecoderHandle:
        """A share in the decoder of a stream; starts it if nobody plays that yet.

        Args:
            spec: the stream; equal specs share.
            memory: what libmpv may take, if it has to be started.
            start: where to begin, if it has to be started.
            begin_at_s: not to show anything before, CLOCK_MONOTONIC; 0: as soon as it can be.

        Raises:
            PlayerError: libmpv cannot start.
        """
        decoder = self._decoders.get(spec)
        if decoder is None:
            decoder = Decoder(spec, self._environment, memory, start, begin_at_s)
            self._decoders[spec] = decoder
            self._shares[decoder] = 0
        return self.share(decoder)

    def share(self, decoder: Decoder) -> DecoderHandle:
        """One more share in a decoder that lives; called by DecoderHandle.another()."""
        self._shares[decoder] += 1
        return DecoderHandle(self, decoder)

    def retire(self, spec: StreamSpec) -> None:
        """Share the decoder of a stream no more: who acquires the stream from now on has it begin anew."""
        self._decoders.pop(spec, None)

    def release(self, decoder: Decoder) -> None:
        """One share less; called by DecoderHandle.close()."""
        self._shares[decoder] -= 1
        if self._shares[decoder] == 0:
            del self._shares[decoder]
            if self._decoders.get(decoder.spec) is decoder:
                del self._decoders[decoder.spec]
            self._ending = [thread for thread in self._ending if thread.is_alive()]
            thread = decoder.close()
            if thread is not None:
                self._ending.append(thread)

    def wait_closed(self) -> None:
        """Wait until every decoder that was closed has really ended."""
        for thread in self._ending:
            thread.join()
        self._ending.clear()
