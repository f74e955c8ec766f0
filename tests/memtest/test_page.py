"""The HTML report is one well-formed file."""

from __future__ import annotations

from html.parser import HTMLParser

from tests.memtest.canned import playing_run, sample, some_result
from wayvid.memtest.bounds import Bound, Verdict
from wayvid.memtest.page import page
from wayvid.memtest.result import Run
from wayvid.memtest.summary import summary

VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Checks that tags close in order; keeps the text, and what would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.loaded: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pictures += tag == "svg"
        self.loaded += [
            value or "" for name, value in attrs if name in ("src", "href") and not (value or "").startswith("#")
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def eventful_run() -> Run:
    """Levels, actions, and an output whose name is markup and mathematics."""
    run = playing_run()
    run.samples[5] = sample(5, {"DP-1": 150, "$<b>$": 3}, level="high", actions=("trim $x$ <now>",))
    run.samples[6] = sample(6, {"DP-1": 180, "$<b>$": 9}, level="critical", actions=("hold",))
    return run


def test_it_has_pictures_figures_and_words_of_others_as_text() -> None:
    result = some_result(eventful_run(), playing_run(2))
    verdicts = [Verdict(Bound("at_most", "threads", 3.0), 9.0, is_kept=False)]
    reader = read(page(result, summary(result), verdicts))
    assert reader.pictures == 3  # each run, and all over each other
    assert reader.loaded == []
    for words in ("<waves>.mp4", "a & b", "trim $x$ <now>", "$<b>$", "<why>", "BROKEN", "2 of 2 runs count", "warm-up"):
        assert words in reader.text


def test_partial_and_failed_are_said() -> None:
    failed = playing_run(2)
    failed.failed = "DP-1 showed no new frame"
    result = some_result(playing_run(), failed)
    result.partial = "interrupted by SIGINT"
    text = read(page(result, summary(result), [])).text
    assert "PARTIAL (interrupted by SIGINT): 1 of 2 runs count; run 2 failed: DP-1 showed no new frame" in text


def test_a_run_without_a_player_or_a_second_sample_has_a_picture() -> None:
    result = some_result(Run(1, [sample(0, {})]))
    assert read(page(result, summary(result), [])).pictures == 1
