"""How the play bench turns what it sees into figures; nothing here looks at a clock."""

from __future__ import annotations

import struct

import pytest

from bench import clips, presented, procs, report
from wayvid.memtest.wire_log import NO_MEMORY, Commit, WireLog

MS = 1_000_000


def request(target: int, opcode: int, *words: int, tail: bytes = b"") -> bytes:
    """One message as it goes over the socket."""
    body = struct.pack(f"={len(words)}I", *words) + tail
    return struct.pack("=II", target, (8 + len(body)) << 16 | opcode) + body


def bind(name: int, interface: str, new_id: int) -> bytes:
    text = interface.encode() + b"\0"
    padded = text + bytes(-len(text) % 4)
    return request(2, 0, name, tail=struct.pack("=I", len(text)) + padded + struct.pack("=II", 1, new_id))


SET_UP = b"".join(
    [
        request(1, 1, 2),  # get_registry
        bind(7, "wl_compositor", 3),
        bind(8, "wl_shm", 4),
        request(3, 0, 5),  # create_surface
        request(4, 0, 6, 4096),  # create_pool; the fd does not count
        request(6, 0, 7, 0, 1, 1, 4, 1),  # create_buffer
    ]
)
SHOW = request(5, 1, 7, 0, 0) + request(5, 6)  # attach, commit


def test_a_wire_log_knows_which_memory_a_commit_shows() -> None:
    log = WireLog()
    log.feed(SET_UP + SHOW, 10)
    log.feed(request(5, 6), 20)
    assert log.commits == [Commit(10, 1, 1), Commit(20, 1, NO_MEMORY)]


@pytest.mark.parametrize("cut", [1, 7, 8, 11, 40])
def test_a_wire_log_reads_messages_cut_anywhere(cut: int) -> None:
    log = WireLog()
    data = SET_UP + SHOW
    for start in range(0, len(data), cut):
        log.feed(data[start : start + cut], 10)
    assert log.commits == [Commit(10, 1, 1)]


def test_a_wire_log_is_not_misled_by_an_id_used_again() -> None:
    log = WireLog()
    log.feed(SET_UP + SHOW, 10)
    log.feed(request(5, 0) + request(6, 1), 20)  # destroy the surface and the pool
    log.feed(request(3, 0, 6) + request(6, 1, 7, 0, 0) + request(6, 6), 30)  # the pool's id as a surface
    assert log.commits[-1] == Commit(30, 2, 1)


def test_a_wire_log_refuses_what_cannot_be_wayland() -> None:
    with pytest.raises(ValueError, match="a message of 4 bytes"):
        WireLog().feed(struct.pack("=II", 1, 4 << 16), 0)


def commits(*rows: tuple[int, int, int]) -> list[Commit]:
    return [Commit(at_ms * MS, surface, memory) for at_ms, surface, memory in rows]


def test_memory_used_again_is_a_new_frame() -> None:
    log = commits((0, 1, 1), (0, 2, 1), (33, 1, 2), (33, 2, 2), (66, 1, 1), (67, 2, 1))
    assert [frame for _commit, frame in presented.number_frames(log)] == [0, 0, 1, 1, 2, 2]
    figures = presented.measure(log, 0.1)
    assert figures.same_ratio == 1.0
    assert figures.repeats == 0
    assert figures.fps == pytest.approx((30.0, 30.0))
    assert figures.skew_max_ms == 1.0


def test_the_same_memory_twice_in_a_row_is_a_repeat() -> None:
    log = commits((0, 1, 1), (33, 1, 2), (66, 1, 2), (100, 1, 3))
    figures = presented.measure(log, 0.1)
    assert figures.repeats == 1
    assert figures.fps == pytest.approx((30.0,))


def test_a_frame_that_one_output_missed_is_not_shared() -> None:
    log = commits((0, 1, 1), (0, 2, 1), (33, 1, 2), (66, 1, 3), (66, 2, 3), (100, 1, 1), (100, 2, 1))
    figures = presented.measure(log, 0.1)
    assert figures.same_ratio == 0.5
    assert figures.gap_max_ms == 66.0


def test_commits_without_a_picture_show_nothing() -> None:
    with pytest.raises(ValueError, match="nothing was shown"):
        presented.measure(commits((0, 1, NO_MEMORY)), 1.0)


def test_the_gap_at_the_seam_is_looked_for_where_the_clip_ends() -> None:
    times_ms = [*range(0, 2000, 100), 2150, *range(2250, 5000, 100)]
    log = commits(*((at_ms, 1, at_ms) for at_ms in times_ms))
    assert presented.seam_gap_ms(log, 0, clip_s=2.0, window_s=0.5) == [250.0, 100.0]


def test_a_figure_of_a_status_file_is_found_by_its_whole_name() -> None:
    text = "nonvoluntary_ctxt_switches:\t9\nvoluntary_ctxt_switches:\t5\n"
    assert procs.status_figure(text, "voluntary_ctxt_switches") == 5
    with pytest.raises(ValueError, match="VmHWM"):
        procs.status_figure(text, "VmHWM")


def test_usage_is_a_difference_and_a_sum() -> None:
    first, second = procs.Usage(1.0, 0.5, 10), procs.Usage(3.0, 1.0, 30)
    assert second.since(first) == procs.Usage(2.0, 0.5, 20)
    assert procs.total([first, second]) == procs.Usage(4.0, 1.5, 40)


def number_row(number: int, width: int = 1920) -> bytes:
    bars = [True, *(bool(number >> bit & 1) for bit in range(clips.BITS)), False]
    pixels = (bars[min(int(x * clips.BARS / width), clips.BARS - 1)] for x in range(width))
    return b"".join(b"\xff\xff\xff" if is_white else b"\0\0\0" for is_white in pixels)


@pytest.mark.parametrize("number", [0, 1, 299, 2730, 4095])
def test_a_frame_number_is_read_back(number: int) -> None:
    row = number_row(number)
    assert clips.read_number(clips.read_ppm_row(b"P6\n1920 1\n255\n" + row)) == number


def test_a_row_without_a_number_has_none() -> None:
    assert clips.read_number(bytes(1920 * 3)) is None
    assert clips.read_number(b"\x80" * (1920 * 3)) is None


def test_something_else_than_a_ppm_is_refused() -> None:
    for data in (b"", b"\x89PNG\r\n\x1a\n 1 1 1 1", b"P6 1 1 65535 xx"):
        with pytest.raises(ValueError, match="PPM"):
            clips.read_ppm_row(data)


FIGURES = {
    "slow": report.Figure("how slow", "ms", at_most=10),
    "fast": report.Figure("how fast", "/s", at_least=30),
    "plain": report.Figure("how big", "MB"),
}


def test_the_median_decides_and_a_missed_target_is_named() -> None:
    samples: report.Samples = {}
    for slow, fast in ((9.0, 30.0), (11.0, 30.0), (12.0, 2.0)):
        report.add(samples, {"slow": slow, "fast": fast, "plain": 1.0})
    rows = report.summary(FIGURES, samples)
    assert (rows["slow"]["median"], rows["slow"]["min"], rows["slow"]["max"]) == (11.0, 9.0, 12.0)
    assert [row["verdict"] for row in rows.values()] == ["MISSED", "met", ""]
    assert report.verdict_line(FIGURES, rows) == "1 of 2 targets met; missed: how slow"
    assert "MISSED" in report.lines(FIGURES, rows)[1]


def test_a_figure_without_values_is_left_out() -> None:
    rows = report.summary(FIGURES, {"plain": [1.0]})
    assert list(rows) == ["plain"]
    assert report.verdict_line(FIGURES, rows) == "0 of 0 targets met"


def test_ratios_are_made_round_by_round() -> None:
    assert report.ratios([2.0, 9.0], [1.0, 3.0]) == [2.0, 3.0]
