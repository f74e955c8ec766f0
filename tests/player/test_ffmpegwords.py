"""Which of ffmpeg's words are about which stream."""

from __future__ import annotations

import pytest

from wayvid.player.ffmpegwords import plain, word_about

REFUSED = "tcp: Connection to tcp://10.0.0.1:80 failed: Connection refused"
OTHER = "tcp: Connection to tcp://10.0.0.2:80 failed: Connection timed out"
MISSING = "http: HTTP error 404 Not Found"
DAMAGED = "mov,mp4,m4a,3gp,3g2,mj2: moov atom not found"
DECODER = "h264: error while decoding MB 3 4"
CLIP, URL = "/home/me/sea.mp4", "http://me:secret@10.0.0.1:80/sea.mp4"
URL_BESIDE = "http://10.0.0.2:80/sky.mp4"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("[tcp @ 0x7f22b80052c0] Connection to tcp://h:1 failed", "tcp: Connection to tcp://h:1 failed"),
        ("[in#0 @ 0x1a] [https @ 0x2b] HTTP error 404 Not Found", "https: HTTP error 404 Not Found"),
        ("no context", "no context"),
    ],
)
def test_lines_are_as_libmpv_has_them(line: str, text: str) -> None:
    assert plain(line) == text


@pytest.mark.parametrize(
    ("lines", "path", "others", "word"),
    [
        pytest.param([], URL, [], "", id="nothing was said"),
        pytest.param([DAMAGED, DECODER], CLIP, [], DAMAGED, id="the first of a file's"),
        pytest.param([MISSING], URL, [CLIP], MISSING, id="a server's beside a file"),
        pytest.param([DECODER, MISSING], URL, [CLIP], MISSING, id="not a file's decoder's"),
        pytest.param([REFUSED, DAMAGED], CLIP, [URL], DAMAGED, id="not a server's of a file"),
        pytest.param([OTHER, REFUSED], URL, [URL_BESIDE], REFUSED, id="of its own server"),
        pytest.param([OTHER], URL, [URL_BESIDE], "", id="never another server's"),
        pytest.param([MISSING, REFUSED], URL, [URL_BESIDE], REFUSED, id="rather one that names it"),
    ],
)
def test_words_are_told_of_the_stream_that_they_are_about(
    lines: list[str], path: str, others: list[str], word: str
) -> None:
    assert word_about(lines, path, others) == word
