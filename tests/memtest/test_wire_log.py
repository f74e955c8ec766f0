"""What is read off a client's messages about its pictures; bench/ has the tests of memory and frames."""

from __future__ import annotations

from tests.bench.test_play_figures import SET_UP, SHOW, request
from wayvid.memtest.wire_log import WireLog

NO_BUFFER, FOREIGN_BUFFER = 0, 99  # 99: an id that no shared memory has, as a graphics buffer's


def test_pictures_are_commits_with_any_buffer() -> None:
    log = WireLog()
    log.feed(SET_UP + SHOW, 10)
    log.feed(request(5, 6), 20)
    log.feed(request(5, 1, FOREIGN_BUFFER, 0, 0) + request(5, 6), 30)
    assert log.pictures == {1: 2}
    assert log.first_pictures_ns == {1: 10}


def test_a_surface_that_is_emptied_shows_no_picture() -> None:
    log = WireLog()
    log.feed(SET_UP + request(5, 1, FOREIGN_BUFFER, 0, 0) + request(5, 1, NO_BUFFER, 0, 0) + request(5, 6), 10)
    assert log.pictures == {}


def test_a_surface_that_ends_takes_its_buffer_with_it() -> None:
    log = WireLog()
    log.feed(SET_UP + request(5, 1, 7, 0, 0) + request(5, 0), 10)  # attach, destroy
    log.feed(request(3, 0, 5) + request(5, 6), 20)  # the same id again, commit without a buffer
    assert log.pictures == {}
