"""What ffmpeg says of errors. Its log is the process's, so which stream one is about follows from its words alone."""

from __future__ import annotations

import ctypes
import logging
import os
import re

__all__ = ["FfmpegWords", "plain", "word_about"]

log = logging.getLogger("wayvid.mpv.ffmpeg")

# "[parent @ 0x7f...] [tcp @ 0x7f...] words" as libmpv has it: "tcp: words". Source: libavutil/log.c, format_line.
_PREFIX = re.compile(r"^(?:\[\S+ @ 0x[0-9a-f]+\] )*\[(\S+) @ 0x[0-9a-f]+\] *")
_URL = re.compile(r"\b[a-z0-9+]+://\S+")
# Whose words are about a stream that is being opened over a network, and never about a file.
_PROTOCOLS = frozenset(["tcp", "tls", "udp", "http", "https", "rtsp", "rtp", "rtmp", "srt", "hls", "mms", "ftp"])
# The first ones tell more than what follows from them.
MOST_LINES = 64
READ_BYTES = 64 * 1024


def plain(line: str) -> str:
    """A line without addresses, as libmpv writes it."""
    return _PREFIX.sub(r"\1: ", line).strip()


def word_about(lines: list[str], path: str, others: list[str]) -> str:
    """The first of ffmpeg's lines that is about a stream; empty when there is none.

    Args:
        lines: as plain() makes them, the oldest first.
        path: what the stream plays.
        others: what else is played.
    """
    host = _host(path)
    hosts_beside = [_host(other) for other in others]

    def is_of_another(line: str) -> bool:
        if host and host in line:
            return False
        is_of_network = line.partition(":")[0] in _PROTOCOLS or bool(_URL.search(line))
        if is_of_network:
            return not host or any(beside and beside in line for beside in hosts_beside)
        return bool(host) and bool(others)  # a decoder's or a container's: whose, nobody knows

    own = [line for line in lines if not is_of_another(line)]
    return next((line for line in own if host and host in line), own[0] if own else "")


def _host(path: str) -> str:
    """The server of a URL, with its port; empty for a file."""
    _scheme, _separator, rest = path.partition("://")
    return rest.partition("/")[0].rpartition("@")[2]


class FfmpegWords:
    """Takes ffmpeg's words from libmpv, which would tell them to its first core alone, or write them to stderr."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._rest = b""
        self._fds: tuple[int, int] | None = None
        self._addresses = (0, 0)

    def listen(self) -> None:
        """To be called after each core was made: with the first one libmpv has ffmpeg tell itself."""
        from wayvid._core.avlog import listen

        if self._fds is None:
            self._addresses = _addresses()
            self._fds = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        if all(self._addresses):
            listen(*self._addresses, self._fds[1])

    def forget(self) -> None:
        """What was said until now is about nothing that begins now."""
        self._take()
        self._lines.clear()

    def about(self, path: str, others: list[str]) -> str:
        """See word_about(); what is told is forgotten."""
        self._take()
        line = word_about(self._lines, path, others)
        if line:
            self._lines.remove(line)
        return line

    def _take(self) -> None:
        if self._fds is None:
            return
        try:
            while words := os.read(self._fds[0], READ_BYTES):
                *lines, self._rest = (self._rest + words).split(b"\n")
                for line in filter(bytes.strip, lines):
                    word = plain(line.decode(errors="replace"))
                    log.info("%s", word)
                    if len(self._lines) < MOST_LINES:
                        self._lines.append(word)
        except BlockingIOError:
            pass


def _addresses() -> tuple[int, int]:
    """Of av_log_set_callback and av_log_format_line2 in the libavutil that libmpv has loaded; 0 where it has none."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        path = next((line.split(maxsplit=5)[5].strip() for line in maps if "/libavutil.so" in line), "")
    if not path:  # it is a part of libmpv
        return 0, 0
    library = ctypes.CDLL(path)
    names = ("av_log_set_callback", "av_log_format_line2")
    first, second = (ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0 for name in names)
    return first, second
