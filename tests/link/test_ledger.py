"""The ledger: the newest whole note is what is read, whatever happened to the writer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from wayvid.link.ledger import MAX_STREAMS, Ledger, Note
from wayvid.link.messages import Picture

HALF_BYTES = 80  # serial, picture, frames, two times, duration, serial: wayvid/link/ledger.py
WRITER = """
import sys
from tests.link.test_ledger import note
from wayvid.link.ledger import Ledger
ledger = Ledger(int(sys.argv[1]))
number = 0
print("ready", flush=True)
while True:
    number += 1
    ledger.write(0, note(number))
"""


def note(number: int) -> Note:
    """A note all of whose fields follow from one number."""
    part = number % 2**32
    picture = Picture(number * 3, part, part, part, part, part, number % 4 * 90)
    return Note(picture, number, number / 2, number / 4, number / 8)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """An empty ledger."""
    ledger = Ledger(os.memfd_create("ledger"))
    yield ledger
    ledger.close()


def test_a_stream_that_has_shown_nothing_has_no_note(ledger: Ledger) -> None:
    assert [ledger.read(slot) for slot in range(MAX_STREAMS)] == [None] * MAX_STREAMS


def test_the_newest_note_is_read(ledger: Ledger) -> None:
    for number in range(1, 600):
        ledger.write(3, note(number))
        assert ledger.read(3) == note(number)


def test_each_field_is_kept_to_its_limits(ledger: Ledger) -> None:
    most = 2**32 - 1
    largest = Note(Picture(2**64 - 1, most, most, most, most, most, 270), 2**64 - 1, -1e300, 1e300, 1e300)
    ledger.write(0, largest)
    assert ledger.read(0) == largest


def test_streams_do_not_touch_each_other(ledger: Ledger) -> None:
    for slot in range(MAX_STREAMS):
        ledger.write(slot, note(1000 + slot))
        ledger.write(slot, note(2000 + slot))
    assert [ledger.read(slot) for slot in range(MAX_STREAMS)] == [note(2000 + slot) for slot in range(MAX_STREAMS)]


@pytest.mark.parametrize("slot", [-1, MAX_STREAMS, -MAX_STREAMS, 10**6])
def test_a_slot_that_does_not_exist_is_refused(ledger: Ledger, slot: int) -> None:
    with pytest.raises(ValueError, match=f"stream {slot} is not between 0 and 63"):
        ledger.write(slot, note(1))
    with pytest.raises(ValueError, match=f"stream {slot} is not between 0 and 63"):
        ledger.read(slot)


@pytest.mark.parametrize("written", range(HALF_BYTES))
@pytest.mark.parametrize("number", [2, 256, 257, 65536])
@pytest.mark.parametrize("zeroed", [True, False], ids=["zeroed", "not zeroed"])
def test_a_torn_note_yields_the_one_before(ledger: Ledger, number: int, written: int, zeroed: bool) -> None:
    """A note is written from front to back, in CPython over zeros; SIGKILL may come after any byte."""
    slot = 5
    ledger._serials[slot] = number - 3
    if number > 2:
        ledger.write(slot, note(number - 2))
    ledger._serials[slot] = number - 2
    ledger.write(slot, note(number - 1))
    before = os.pread(ledger.fd, 2 * HALF_BYTES, slot * 2 * HALF_BYTES)
    ledger.write(slot, note(number))
    after = os.pread(ledger.fd, 2 * HALF_BYTES, slot * 2 * HALF_BYTES)
    start = (number & 1) * HALF_BYTES
    whole = after[start : start + HALF_BYTES]
    under = bytes(HALF_BYTES) if zeroed else before[start : start + HALF_BYTES]
    torn = whole[:written] + under[written:]
    os.pwrite(ledger.fd, torn, slot * 2 * HALF_BYTES + start)
    assert ledger.read(slot) == (note(number) if torn == whole else note(number - 1))


def test_a_first_note_that_is_torn_is_no_note(ledger: Ledger) -> None:
    ledger.write(0, note(1))
    os.pwrite(ledger.fd, bytes(8), 2 * HALF_BYTES - 8)
    assert ledger.read(0) is None


def test_two_maps_of_one_fd_share_the_notes(ledger: Ledger) -> None:
    other = Ledger(os.dup(ledger.fd))
    other.write(9, note(77))
    other.close()
    assert ledger.read(9) == note(77)


def test_a_writer_that_is_killed_leaves_a_whole_note() -> None:
    for _ in range(3):
        ledger = Ledger(os.memfd_create("ledger"))
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(ledger.fd)], pass_fds=[ledger.fd], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            while ledger.read(0) is None:
                assert writer.poll() is None
            writer.send_signal(signal.SIGKILL)
        read = ledger.read(0)
        assert read is not None
        assert read == note(read.frames)


def test_close_twice_does_nothing_and_leaves_no_fd(open_fds: Callable[[], int]) -> None:
    before = open_fds()
    ledger = Ledger(os.memfd_create("ledger"))
    assert not os.get_inheritable(ledger.fd)
    ledger.close()
    ledger.close()
    assert open_fds() == before


def test_a_closed_ledger_refuses_work() -> None:
    ledger = Ledger(os.memfd_create("ledger"))
    ledger.close()
    with pytest.raises(ValueError, match="closed"):
        ledger.write(0, note(1))
    with pytest.raises(ValueError, match="closed"):
        ledger.read(0)
