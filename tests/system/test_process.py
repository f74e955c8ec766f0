"""A child never outlives its parent, and its end is told in words."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import pytest

from wayvid.system.process import describe_exit

DEADLINE_S = 60.0
GRANDCHILD = """
import os, sys, time
from wayvid.system.process import die_with_parent
die_with_parent(int(sys.argv[1]))
print("alive", os.getpid(), flush=True)
sys.stdin.read()
"""
CHILD = """
import os, subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1], str(os.getpid())])
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV], ids=str)
def test_a_child_dies_with_its_parent(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, GRANDCHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        word, pid = parent.stdout.readline().split()
        assert word == "alive"
        pidfd = os.pidfd_open(int(pid))
        try:
            assert not select.select([pidfd], [], [], 0)[0]
            parent.send_signal(number)
            assert select.select([pidfd], [], [], DEADLINE_S)[0], "the child outlived its parent"
        finally:
            os.close(pidfd)


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    wrong_parent = 1 if os.getpid() != 1 else 2
    done = subprocess.run(
        [sys.executable, "-c", GRANDCHILD, str(wrong_parent)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")


@pytest.mark.parametrize(
    ("end", "words"),
    [
        pytest.param("sys.exit(0)", "exit code 0", id="zero"),
        pytest.param("sys.exit(3)", "exit code 3", id="three"),
        pytest.param("os.kill(os.getpid(), 9)", "signal 9 (Killed)", id="killed"),
        pytest.param("os.kill(os.getpid(), 11)", "signal 11 (Segmentation fault)", id="crashed"),
        pytest.param("os.kill(os.getpid(), 34)", "signal 34 (Real-time signal 0)", id="a nameless signal"),
    ],
)
def test_an_end_is_told_in_words(end: str, words: str) -> None:
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", f"import os, sys; {end}"], os.environ)
    _pid, status = os.waitpid(pid, 0)
    assert describe_exit(status) == words
