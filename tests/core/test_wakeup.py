"""A wakeup: an fd that C code can ring from any thread."""

from __future__ import annotations

import ctypes
import os
import select
import subprocess
import sys
import threading

import pytest

import bench.twins.wakeup
import wayvid._core.wakeup
from wayvid._core.wakeup import Wakeup

CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


@pytest.fixture(params=[wayvid._core.wakeup, bench.twins.wakeup], ids=["compiled", "twin"])
def make(request: pytest.FixtureRequest) -> type[Wakeup]:
    """The class of one of the two modules."""
    return request.param.Wakeup


def ring(wakeup: Wakeup) -> None:
    """Call the callback as libmpv does: through its address, without the GIL."""
    CALLBACK(wakeup.callback_address)(wakeup.context_address)


def is_readable(wakeup: Wakeup) -> bool:
    return bool(select.select([wakeup.fd], [], [], 0)[0])


def test_a_new_wakeup_is_silent(make: type[Wakeup]) -> None:
    wakeup = make()
    assert not is_readable(wakeup)
    assert wakeup.drain() is False
    wakeup.close()


def test_a_call_makes_it_readable_until_it_is_drained(make: type[Wakeup]) -> None:
    wakeup = make()
    for _ in range(3):
        ring(wakeup)
    assert is_readable(wakeup)
    assert wakeup.drain() is True
    assert not is_readable(wakeup)
    assert wakeup.drain() is False
    wakeup.close()


def test_two_wakeups_do_not_ring_each_other(make: type[Wakeup]) -> None:
    one, other = make(), Wakeup()
    ring(one)
    assert (is_readable(one), is_readable(other)) == (True, False)
    one.close()
    other.close()


def test_its_fd_is_closed_on_exec_and_does_not_block(make: type[Wakeup]) -> None:
    wakeup = make()
    assert not os.get_inheritable(wakeup.fd)
    assert not os.get_blocking(wakeup.fd)
    wakeup.close()


def test_its_fd_cannot_be_changed(make: type[Wakeup]) -> None:
    wakeup = make()
    with pytest.raises(AttributeError):
        wakeup.fd = 0
    wakeup.close()


def test_close_twice_does_nothing_and_a_late_call_no_harm(make: type[Wakeup]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    wakeup = make()
    address, context = wakeup.callback_address, wakeup.context_address
    wakeup.close()
    wakeup.close()
    assert wakeup.fd == -1
    CALLBACK(address)(context)
    CALLBACK(address)(wakeup.context_address)
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_closed_wakeup_refuses_to_be_drained(make: type[Wakeup]) -> None:
    wakeup = make()
    wakeup.close()
    with pytest.raises(ValueError, match="the wakeup is closed"):
        wakeup.drain()


def test_a_forgotten_wakeup_leaves_no_fd(make: type[Wakeup]) -> None:
    before = len(os.listdir("/proc/self/fd"))
    make()
    assert len(os.listdir("/proc/self/fd")) == before


def test_no_call_of_many_threads_is_lost(make: type[Wakeup]) -> None:
    wakeup = make()
    threads = [threading.Thread(target=lambda: [ring(wakeup) for _ in range(2000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert os.eventfd_read(wakeup.fd) == 8 * 2000
    wakeup.close()


@pytest.mark.parametrize(
    "code", ["w = Wakeup()", "w = Wakeup(); w.close()", "Wakeup.__new__(Wakeup)", "w = [Wakeup()]; w.append(w)"]
)
def test_a_process_ends_silently_with_a_wakeup(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", f"from wayvid._core.wakeup import Wakeup\n{code}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
