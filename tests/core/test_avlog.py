"""ffmpeg's errors come out of a pipe, from any thread, whole, and nowhere else."""

from __future__ import annotations

import re

import pytest

from tests.core.test_processes import run_python
from wayvid._core.avlog import listen

# libavutil, as libmpv has it loaded; av_log() is what ffmpeg calls.
HEAD = """
import ctypes, os, threading
import mpv
from wayvid._core.avlog import listen
from wayvid.player.ffmpegwords import _addresses

with open("/proc/self/maps") as maps:
    path = next(line.split()[5] for line in maps if "/libavutil.so" in line)
av_log = ctypes.CDLL(path).av_log
reader, writer = os.pipe2(os.O_NONBLOCK)
listen(*_addresses(), writer)
"""


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, -1)])
def test_what_cannot_be_an_address_or_a_pipe_is_refused(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="is 0, or fd below 0"):
        listen(*arguments)


def test_errors_are_told_and_other_words_are_not() -> None:
    done = run_python(
        HEAD
        + """
av_log(None, 16, b"an error %d\\n", 7)
av_log(None, 24, b"a warning\\n")
av_log(None, 24, b"HTTP error 404\\n")
av_log(None, 16 | 0x12300, b"in colour\\n")
av_log(None, 16, b"%s\\n", b"long " * 400)
av_log(None, 16, b"no end")
print(os.read(reader, 65536).decode(), end="")
"""
    )
    lines = done.stdout.splitlines()
    assert done.stderr == ""
    assert lines[:3] == ["an error 7", "HTTP error 404", "in colour"]
    assert re.fullmatch("(long )+(lo?n?g?)?", lines[3])
    assert len(lines[3]) == 511 - 1


def test_lines_of_many_threads_are_whole_and_a_full_pipe_holds_nobody_up() -> None:
    done = run_python(
        HEAD
        + """
THREADS, EACH = 8, 2000
def say(number):
    for each in range(EACH):
        av_log(None, 16, b"thread %d says %d\\n", number, each)
threads = [threading.Thread(target=say, args=(number,)) for number in range(THREADS)]
for thread in threads: thread.start()
for thread in threads: thread.join()
said = os.read(reader, 1 << 20).decode().splitlines()
import re
assert all(re.fullmatch(r"thread [0-7] says [0-9]+", line) for line in said), said[:3]
print(len(said) > 1000)
"""
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "True", "")
