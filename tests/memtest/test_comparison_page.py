"""The report of a comparison is one well-formed file, with pictures of both."""

from __future__ import annotations

from tests.memtest.canned import comparison, turn
from tests.memtest.test_page import read
from wayvid.memtest.comparison_page import comparison_page
from wayvid.memtest.ratios import pairs

GREY = b"P6\n4 2\n255\n" + bytes([90] * 24)


def test_it_has_pictures_figures_and_words_of_others_as_text() -> None:
    told = comparison(*(turn(number, key, pss_mb=80 + number) for number in range(1, 7) for key in "AB"))
    text = comparison_page(told, pairs(told), {"A": {"DP-1": GREY}, "B": {"$<b>$": GREY}})
    reader = read(text)
    assert reader.pictures == 3  # ratios, parts, turns
    assert len(reader.loaded) == 2
    assert all(address.startswith("data:image/jpeg;base64,") for address in reader.loaded)
    for words in ("<waves>.mp4", "a & b", "<b> & $x$", "$<b>$", "6 of 6 turns of A count", "(96.9 %)", "'a b'"):
        assert words in reader.text


def test_partial_and_failed_are_said_and_one_side_alone_has_a_page() -> None:
    failed = turn(2, "A")
    failed.failed = "stood still"
    told = comparison(turn(1, "A"), failed)
    told.partial = "b ended by itself"
    reader = read(comparison_page(told, pairs(told), {}))
    assert "PARTIAL (b ended by itself): 1 of 2 turns of A counts; 0 of 0 turns of B count" in reader.text
    assert "round 2, A failed: stood still" in reader.text
    assert reader.pictures == 2  # no ratios


def test_two_that_did_not_do_the_same_work_are_not_compared_without_a_word() -> None:
    told = comparison(turn(1, "A", frames=30), turn(1, "B", frames=10))
    assert "CAUTION: B showed 10.0 frames" in read(comparison_page(told, pairs(told), {})).text
